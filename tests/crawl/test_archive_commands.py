"""`chainwatch archive`: pages go out as WARC and come back as they were, header lines and all."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chainwatch.archive import Archive
from chainwatch.cli.main import main
from chainwatch.models import Article, Attachment, content_digest
from chainwatch.store.articles import Arrival, put
from chainwatch.warc import Capture, read_warc, write_warc
from crawlers.saved import Terms, load
from tests.sites.home import Home

HEADERS = b"Content-Encoding: gzip\r\nContent-Type: text/html; charset=gbk\r\n"
PAGE = (
    "<html><body><h1>某地发布产业链行动方案</h1><div id='zoom'><p>到2027年，智能物联产业链规模达到八千亿元。</p>"
    "<p>各单位按职责分工抓好落实，按季度报送进展情况。</p></div></body></html>"
)
TABLE = "任务,单位\n".encode()


@pytest.fixture
def stocked(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """An installation with one article: its page, its headers, a file."""
    for name, value in home.environment.items():
        if name.startswith("CHAINWATCH_"):
            monkeypatch.setenv(name, value)
    archive = Archive(home.settings.archive_dir)
    files = (Attachment(name="表.csv", url="http://a.test/1.csv", digest=archive.put(TABLE), media_type="text/csv"),)
    article = Article(
        id="one", url="http://a.test/1.html", site="zj-jxt", title="某地发布产业链行动方案", text="正文",
        fetched=datetime(2026, 11, 20, 1, 2, 3, tzinfo=UTC), attachments=files, http_status=200,
        raw_digest=archive.put(PAGE.encode("gbk")), headers_digest=archive.put(HEADERS),
        content_digest=content_digest("某地发布产业链行动方案", "正文", attachments=files),
    )  # fmt: skip
    with home.database.write() as connection:
        put(connection, [Arrival(article)], 1)
    return home


def counts(capfd: pytest.CaptureFixture[str]) -> dict[str, int]:
    found = json.loads(capfd.readouterr().out)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("name", ["pages.warc", "pages.warc.gz"])
def test_pages_go_out_and_come_back_with_the_digests_they_had(
    stocked: Home, tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    file = tmp_path / name
    assert main(["archive", "export", str(file), "--json"]) == 0
    assert counts(capfd) == {"pages": 2, "missing": 0}
    page, table = read_warc(file)
    assert (page.url, page.status, page.headers, page.body) == (
        "http://a.test/1.html",
        200,
        HEADERS,
        PAGE.encode("gbk"),
    )
    assert (table.url, table.body) == ("http://a.test/1.csv", TABLE)

    before = list(Archive(stocked.settings.archive_dir).digests())
    for digest in before:
        Archive(stocked.settings.archive_dir).path(digest).unlink()
    assert main(["archive", "import", str(file), "--json"]) == 0
    assert counts(capfd) == {"pages": 2, "new": 2, "known": 0}
    assert set(before) <= set(Archive(stocked.settings.archive_dir).digests())
    assert main(["archive", "import", str(file), "--json"]) == 0
    assert counts(capfd) == {"pages": 2, "new": 0, "known": 2}


@pytest.mark.parametrize(
    ("options", "pages"),
    [
        (["--site", "zj-jxt"], 2),
        (["--site", "other"], 0),
        (["--since", "2026-11-21"], 0),
        (["--until", "2026-11-21"], 2),
    ],
)
@pytest.mark.usefixtures("stocked")
def test_an_export_may_be_narrowed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], options: list[str], pages: int
) -> None:
    assert main(["archive", "export", str(tmp_path / "x.warc"), "--json", *options]) == 0
    assert counts(capfd)["pages"] == pages


def test_a_missing_page_is_told_and_the_others_are_written(
    stocked: Home, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    archive = Archive(stocked.settings.archive_dir)
    lost = next(capture for capture in archive.digests() if archive.get(capture) == TABLE)
    archive.path(lost).unlink()
    assert main(["archive", "export", str(tmp_path / "x.warc"), "--json"]) == 1
    told = capfd.readouterr()
    assert json.loads(told.out) == {"pages": 1, "missing": 1}
    assert lost in told.err.replace("\n", "")


def test_a_damaged_page_is_found(stocked: Home, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["archive", "check", "--json"]) == 0
    assert counts(capfd) == {"pages": 3, "damaged": 0}
    archive = Archive(stocked.settings.archive_dir)
    path = archive.path(next(archive.digests()))
    path.write_bytes(path.read_bytes()[:-9])
    assert main(["archive", "check", "--json"]) == 1
    assert counts(capfd) == {"pages": 3, "damaged": 1}


@pytest.mark.usefixtures("stocked")
def test_wrong_calls_and_files_are_told_with_a_cure(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    whole = tmp_path / "whole.warc"
    write_warc(whole, [Capture("http://a.test/", datetime(2026, 3, 1, tzinfo=UTC), 200, b"", b"<p>0123456789</p>")])
    changed = tmp_path / "changed.warc"
    changed.write_bytes(whole.read_bytes().replace(b"0123456789", b"0123456780"))
    calls = [
        (["export", str(tmp_path / "pages.zip")], "not the name of a WARC file"),
        (["export", str(tmp_path / "no" / "x.warc")], "cannot write"),
        (["import"], "no file given"),
        (["import", str(tmp_path / "missing.warc")], "no such file"),
        (["import", str(changed)], "no WARC record"),
    ]
    for arguments, words in calls:
        assert main(["archive", *arguments]) == 1
        told = " ".join(capfd.readouterr().err.split())
        assert words in told, arguments
        assert "Cure:" in told
    assert not list(tmp_path.glob(".*part*"))


def test_pages_of_a_warc_file_become_articles(tmp_path: Path) -> None:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    page = b"Content-Type: text/html; charset=gbk\r\n"
    file = tmp_path / "x.warc.gz"
    captures = [
        Capture("https://jxt.zj.gov.cn/art/2026/3/1/art_1_7.html", at, 200, page, PAGE.encode("gbk")),
        Capture("https://jxt.zj.gov.cn/gone.html", at, 404, page, b"gone"),
        Capture("https://jxt.zj.gov.cn/1.png", at, 200, b"Content-Type: image/png\r\n", b"\x89PNG"),
        Capture("https://jxt.zj.gov.cn/x.json", at, 200, b"Content-Type: application/json\r\n", b'{"a":1}'),
    ]
    write_warc(file, captures)
    kept = Archive(tmp_path / "archive")
    whole, gone, picture, other = load(file, Terms(at, live=False, run="r", archive=kept.put))
    assert whole.article is not None
    assert (whole.article.id, whole.article.title) == ("jcms:jxt.zj.gov.cn:7", "某地发布产业链行动方案")
    assert kept.get(str(whole.article.raw_digest)) == PAGE.encode("gbk")
    assert [one.filtered for one in (gone, picture, other)] == ["HTTP 404", "no page", "no page"]
    assert whole.place == f"{file}#1 https://jxt.zj.gov.cn/art/2026/3/1/art_1_7.html"

    file.write_bytes(b"no record at all")
    (broken,) = load(file, Terms(at, live=False, run="r", archive=kept.put))
    assert broken.problem is not None
    assert broken.problem.cure
