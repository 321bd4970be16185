import gzip
import hashlib
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chainwatch.archive import Archive
from chainwatch.problem import Problem
from chainwatch.warc import Capture, read_warc, write_warc


def test_bytes_come_back_by_their_digest_and_are_kept_once(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    page = "<p>产业链</p>".encode("gb18030") + b"\0\xff"
    digest = archive.put(page)
    assert digest == hashlib.sha256(page).hexdigest() == archive.put(page)
    assert archive.get(digest) == page
    assert list(archive.digests()) == [digest]
    assert digest in archive
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [f"{digest}.gz"]


@pytest.mark.parametrize("harm", ["absent", "cut", "changed"])
def test_a_page_that_is_not_what_its_name_says_is_refused(tmp_path: Path, harm: str) -> None:
    archive = Archive(tmp_path)
    digest = archive.put(b"a page " * 50)
    path = archive.path(digest)
    if harm == "absent":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-9] if harm == "cut" else gzip.compress(b"another page"))
    with pytest.raises(Problem) as caught:
        archive.get(digest)
    assert caught.value.cure


def test_a_name_that_leaves_the_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="no SHA-256"):
        Archive(tmp_path).get("../../etc/passwd")


def test_an_unwritable_folder_is_told_with_place_and_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Problem, match="cannot keep a page") as caught:
        Archive(tmp_path / "file").put(b"x")
    assert caught.value.cure
    assert caught.value.retry


@pytest.mark.parametrize("name", ["pages.warc", "pages.warc.gz"])
def test_pages_survive_the_way_through_a_warc_file(tmp_path: Path, name: str) -> None:
    captures = [
        Capture("http://a.example/1", datetime(2026, 3, 1, 2, 3, 4, tzinfo=UTC), 200, b"ETag: x\r\n", b"\xb2\xfa\0"),
        Capture("http://a.example/2", datetime(2026, 3, 2, tzinfo=UTC), 404, b"Content-Type: text/html\r\n", b""),
    ]
    assert write_warc(tmp_path / name, captures) == 2
    assert list(read_warc(tmp_path / name)) == captures


@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz"])
@pytest.mark.parametrize(
    "data",
    [
        b"not a record at all\r\n\r\n",
        b"cut",
        b"\x1f\x8b\x08\x00cut",
        gzip.compress(b"WARC/1.1\r\nWARC-Type: x\r\n\r\n"),
    ],
    ids=["text", "no more", "half a gzip header", "a half record"],  # the bytes themselves hold the time of day
)
def test_a_file_that_is_no_warc_is_refused_with_its_place(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(Problem, match="no WARC record") as caught:
        list(read_warc(tmp_path / name))
    assert str(caught.value.place).startswith(str(tmp_path / name))


@pytest.mark.parametrize("name", ["x.warc", "x.warc.gz"])
def test_a_file_cut_anywhere_is_told_and_gives_no_half_page(tmp_path: Path, name: str) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    bodies = [bytes(range(number, number + 90)) for number in range(3)]
    write_warc(tmp_path / name, [Capture(f"http://a.example/{body[0]}", at, 200, b"", body) for body in bodies])
    data = (tmp_path / name).read_bytes()
    begins = [match.start() for match in re.finditer(rb"WARC/1\.1|\x1f\x8b\x08", data)]
    for cut in range(1, len(data), 7):
        (tmp_path / name).write_bytes(data[:cut])
        found: list[bytes] = []
        with suppress(Problem):
            for capture in read_warc(tmp_path / name):
                found.append(capture.body)  # noqa: PERF401  what came before the problem counts
            begun = sum(begin < cut - 4 for begin in begins)
            assert len(found) == max(begun, 1), "a file read without a complaint gave every record that it begins"
        assert found == bodies[: len(found)]
