"""Docs are true: every setting, metric and command stands in them, and every link leads somewhere."""

import re
from pathlib import Path

import pytest

from chainwatch.settings import Settings
from tools import commands

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - {"home"}))
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs/reference/settings.md").read_text(encoding="utf-8")


def test_the_page_of_commands_is_that_of_the_commands() -> None:
    assert commands.PAGE.read_text(encoding="utf-8") == commands.page()


def test_every_metric_is_documented() -> None:
    told = set(re.findall(r'"(chainwatch_[a-z_]+)"', (ROOT / "chainwatch/metrics.py").read_text(encoding="utf-8")))
    page = (ROOT / "docs/reference/metrics.md").read_text(encoding="utf-8")
    assert {name for name in told if name not in page} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    lost = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert lost == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs/adr").glob("*.md")), ids=lambda page: page.name)
def test_a_decision_record_is_short_and_whole(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 40
    for part in ("Question", "Options", "Choice", "Price"):
        assert f"**{part}" in text
