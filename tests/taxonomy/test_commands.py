"""The taxonomy commands: what they print, and with which exit code they end."""

import json
from pathlib import Path
from shutil import copytree

import pytest

from chainwatch import resources
from chainwatch.cli.main import main

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHAINWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    return tmp_path / "home"


def test_list_shows_the_nodes_of_a_day(capsys: Capture) -> None:
    assert main(["taxonomy", "list", "--scheme", "hz9", "--at", "2021-06-30", "--kind", "chain", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 9
    assert {"id": "hz9/智能家居", "successor": "none"}.items() <= rows[6].items()
    assert main(["taxonomy", "list", "--scheme", "hz9", "--at", "2023-01-01", "--fail-on-empty", "--json"]) == 3


def test_show_resolves_a_name_for_a_day_and_a_place(capsys: Capture) -> None:
    assert main(["taxonomy", "show", "绿色低碳产业生态圈", "--at", "2022-06-01", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["id"], shown["former"]) == ("hz5/绿色能源", ["绿色低碳 (2022-05-01–2022-11-01)"])
    assert main(["taxonomy", "show", "hz5/智能物联/视觉智能", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert "海康威视 (stated)" in shown["companies"]
    assert "hz9/视觉智能" in shown["mapped_from"]
    assert shown["words"] > 50


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", "不存在"], "nothing is called 不存在"),
        (["list", "--scheme", "hz7"], "no scheme hz7"),
        (["list", "--at", "gestern"], "gestern is no day"),
        (["list", "--kind", "Kette"], "no kind Kette"),
        (["show", "视觉智能", "--region", "火星"], "no region 火星"),
        (["check", "--rules", "nowhere"], "no such folder"),
    ],
)
def test_a_wrong_call_is_told_with_its_cure(capsys: Capture, arguments: list[str], told: str) -> None:
    assert main(["taxonomy", *arguments]) == 1
    talk = capsys.readouterr().err
    assert told in talk
    assert "Cure: " in talk


def test_check_names_every_fault_and_every_broken_case(capsys: Capture, tmp_path: Path) -> None:
    assert main(["taxonomy", "check"]) == 0
    capsys.readouterr()
    rules = tmp_path / "rules"
    copytree(resources.rules_dir(), rules)
    words = rules / "ecosystems" / "wind-power.yaml"
    words.write_text(
        words.read_text(encoding="utf-8").replace("  misses:", "  misses:\n    - 海上风电场并网。"), encoding="utf-8"
    )
    assert main(["taxonomy", "check", "--rules", str(rules), "--json"]) == 1
    (fault,) = json.loads(capsys.readouterr().out)
    assert fault["problem"] == "海上风电场并网。 is about hz5/绿色能源/风电"
    assert fault["place"] == f"{words}:1:7"
    assert fault["cure"]


def test_diff_names_what_changed_and_says_where_no_articles_are(capsys: Capture, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    copytree(resources.rules_dir(), rules)
    scheme = rules / "taxonomy" / "hz9.yaml"
    scheme.write_text(
        scheme.read_text(encoding="utf-8").replace("name: 智能家居,", "name: 智能家居, aliases: [智慧家居],"),
        encoding="utf-8",
    )
    assert main(["taxonomy", "diff", str(resources.rules_dir()), str(rules), "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {
        "changes": [{"node": "hz9/智能家居", "change": "name added", "detail": "智慧家居"}],
        "effects": [],
    }
    assert "no installation here" in printed.err


def test_diff_says_that_nothing_differs(capsys: Capture, tmp_path: Path) -> None:
    """A folder of own files joins the shipped ones."""
    assert main(["taxonomy", "diff", str(resources.rules_dir()), str(tmp_path)]) == 0
    talk = capsys.readouterr().err
    assert "no node and no name differs" in talk
    assert "no stored article would change its tags" in talk
