"""The real pages beside the project: bodies the generic way, on each half of them, and with every class and id renamed."""

import hashlib
import importlib.util
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from crawlers.encoding import decode
from crawlers.templates import Refused, parse

pytestmark = pytest.mark.slow
FETCHED = datetime(2026, 10, 1, tzinfo=UTC)
SHORT = 400
"""Characters below which a body counts as short."""


@pytest.fixture(scope="module")
def scorer(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_pages", shared / "tools" / "score_pages.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def news(shared: Path, scorer: ModuleType) -> list[dict[str, Any]]:
    """News articles with a labelled body."""
    folder = shared / "data" / "pages"
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_bytes().splitlines()]
    found = [
        row
        for row in rows
        if row["kind"] != "list" and (row["gold"] or {}).get("content") and scorer.family(row) in {"news", "sina"}
    ]
    for row in found:
        row["html"] = (folder / f"{row['id']}.html").read_bytes().decode(row["encoding"])
    return found


def renamed(html: str) -> str:
    """The page with every class and id name replaced."""

    def other(match: re.Match[str]) -> str:
        names = (f"x{hashlib.sha256(name.encode()).hexdigest()[:6]}" for name in match[2][1:-1].split())
        return f'{match[1]}="{" ".join(names)}"'

    return re.sub(r"""\b(class|id)=("[^"]*"|'[^']*')""", other, html)


def body_scores(rows: list[dict[str, Any]], scorer: ModuleType, change: Callable[[str], str] = str) -> dict[str, float]:
    scores = {}
    for row in rows:
        try:
            text = parse(change(row["html"]), row["url"], fetched=FETCHED, use_templates=False).text
        except Refused:
            text = ""
        scores[row["id"]] = scorer.prf(row["gold"]["content"], text)[2]
    return scores


@pytest.mark.parametrize("half", [0, 1])
def test_bodies_the_generic_way_on_each_half(news: list[dict[str, Any]], scorer: ModuleType, half: int) -> None:
    rows = news[half::2]
    scores = body_scores(rows, scorer)
    assert sum(scores.values()) / len(scores) >= 0.98
    assert {page for page, score in scores.items() if score < 0.5} == set()


def test_short_bodies_the_generic_way(news: list[dict[str, Any]], scorer: ModuleType) -> None:
    scores = body_scores([row for row in news if len(row["gold"]["content"]) < SHORT], scorer)
    assert scores
    assert min(scores.values()) >= 0.95


def test_bodies_without_any_known_name_of_class_or_id(news: list[dict[str, Any]], scorer: ModuleType) -> None:
    scores = body_scores(news, scorer, renamed)
    assert sum(scores.values()) / len(scores) >= 0.97
    assert {page for page, score in scores.items() if score < 0.5} == set()


def test_gb18030_behind_gb2312_gives_the_same_article(news: list[dict[str, Any]]) -> None:
    for row in news:
        declared = re.sub(r"(?i)(charset\s*=\s*[\"']?\s*)(utf-?8|gbk|gb2312)", r"\1gb2312", row["html"])
        assert decode(declared.encode("gb18030")).text == declared
