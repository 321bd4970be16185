"""The page of promises names only tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")


def test_every_test_named_on_the_page_exists() -> None:
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    files = set(re.findall(r"`(tests/[\w/]+\.py)`", PAGE))
    assert len(named) > 60
    assert named - defined == set()
    assert {name for name in files if not (ROOT / name).is_file()} == set()


def test_every_fault_has_a_test_or_a_word_why_not() -> None:
    rows = [line for line in PAGE.splitlines() if re.match(r"\| F\d", line)]
    numbers = {int(number) for line in rows for number in re.findall(r"\bF(\d+)\b", line.split("|")[1])}
    assert numbers == set(range(1, 41))
    assert [line for line in rows if "test_" not in line and "none:" not in line] == []
