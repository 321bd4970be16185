"""Every text that a command speaks has its Chinese, with the same places to fill in."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from chainwatch.locale import catalogue, catalogue_files, from_environment, text

ROOT = Path(__file__).parents[2]
SPEAKERS = {"tr": 0, "say": 0, "progress": 0, "confirmed": 0}
"""Functions that translate their first argument."""
TABLES = {"emit": 1, "emit_one": 1}
"""Functions whose second argument maps keys to headings that are translated."""


def spoken(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id in SPEAKERS and node.args:
            yield from (
                one.value
                for one in ast.walk(node.args[0])
                if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )
        if node.func.id in TABLES and len(node.args) > 1 and isinstance(node.args[1], ast.Dict):
            yield from (
                one.value for one in node.args[1].values if isinstance(one, ast.Constant) and isinstance(one.value, str)
            )


FILES = sorted((ROOT / "chainwatch/cli").glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_text_of_a_command_has_its_chinese(path: Path) -> None:
    known = catalogue("zh")
    assert sorted({one for one in spoken(path) if one not in known and re.search("[a-z]{2}", one)}) == []


@pytest.mark.parametrize(("english", "chinese"), sorted(catalogue("zh").items()))
def test_a_translation_fills_the_same_places(english: str, chinese: str) -> None:
    places = re.compile(r"\{([a-z_]+)[^}]*\}")
    assert sorted(places.findall(english)) == sorted(places.findall(chinese))


def test_no_text_is_translated_in_two_ways() -> None:
    found: dict[str, set[str]] = {}
    for path in catalogue_files("zh"):
        for english, chinese in tomllib.loads(path.read_text(encoding="utf-8")).items():
            found.setdefault(english, set()).add(chinese)
    assert {english: chinese for english, chinese in found.items() if len(chinese) > 1} == {}


def test_the_language_follows_the_locale() -> None:
    assert from_environment({"LANG": "zh_CN.UTF-8"}) == "zh"
    assert from_environment({"LANG": "zh_CN.UTF-8", "LC_ALL": "en_US.UTF-8"}) == "en"
    assert from_environment({}) == "en"


def test_an_unknown_text_stays_english() -> None:
    assert text("zh", "no such text {n}", n=3) == "no such text 3"
