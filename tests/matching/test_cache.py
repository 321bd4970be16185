"""Compiled sets on disk: the same set comes back, whatever happened to the file."""

from pathlib import Path

from chainwatch.matching.bundle import Bundle
from chainwatch.matching.lowering import case_article
from chainwatch.matching.rules import compile_rules
from chainwatch.rulecache import KEEP, DiskCache

BUNDLE = Bundle(
    {"own/a.yaml": "id: a\nmatch: {any: [储能], near: [{a: 储能, b: 资金, within: 9}], none: [招聘]}".encode()}
)
ARTICLE = case_article("", "储能资金")


def test_a_kept_set_is_the_same_set(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "new")
    fresh = compile_rules(BUNDLE, keep=cache)
    kept = compile_rules(BUNDLE, keep=cache)
    assert kept.digest == fresh.digest
    assert [(h.rule, h.version, h.score, h.hits) for h in kept.match(ARTICLE)] == [
        (h.rule, h.version, h.score, h.hits) for h in fresh.match(ARTICLE)
    ]
    assert len(list((tmp_path / "new").iterdir())) == 1


def test_a_torn_or_altered_file_is_not_believed(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path)
    digest = compile_rules(BUNDLE, keep=cache).digest
    [path] = tmp_path.iterdir()
    whole = path.read_bytes()
    for spoilt in (b"", whole[:-20], whole.replace("储能".encode(), "光伏".encode())):
        path.write_bytes(spoilt)
        assert compile_rules(BUNDLE, keep=cache).digest == digest
        assert path.read_bytes() == whole


def test_the_folder_does_not_grow(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path)
    for number in range(KEEP + 3):
        cache.put(str(number), b"x")
    assert len(list(tmp_path.iterdir())) == KEEP
    assert cache.get(str(KEEP + 2)) == b"x"


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert compile_rules(BUNDLE, keep=DiskCache(tmp_path / "file" / "below")).match(ARTICLE)
