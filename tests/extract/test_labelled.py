"""The labelled articles beside the project: the scores that must hold, by the project's own command and its scorer."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def scores(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    gold = shared / "data" / "gold" / "dev.jsonl"
    found = tmp_path_factory.mktemp("labelled") / "found.jsonl"
    with found.open("wb") as out:
        subprocess.run([sys.executable, "-m", "chainwatch.cli", "analyse", str(gold)], stdout=out, check=True)
    scorer = [sys.executable, str(shared / "tools" / "score_findings.py"), str(gold), str(found), "--json"]
    return dict(json.loads(subprocess.run(scorer, capture_output=True, check=True, text=True).stdout))


def test_targets_are_found(scores: dict[str, Any]) -> None:
    assert scores["target"]["f1"] >= 0.92
    assert scores["target"]["exact_of_found"] >= 0.85


def test_actuals_are_found(scores: dict[str, Any]) -> None:
    assert scores["actual"]["f1"] >= 0.88


def test_policies_are_found(scores: dict[str, Any]) -> None:
    assert scores["policy"]["f1"] >= 0.93
    assert scores["policy"]["exact_of_found"] >= 0.8


def test_targets_and_actuals_are_told_apart(scores: dict[str, Any]) -> None:
    taken = scores["target"]["taken_for_the_other"] + scores["actual"]["taken_for_the_other"]
    assert taken <= 0.03 * (scores["target"]["gold"] + scores["actual"]["gold"])


def test_every_span_is_exact(scores: dict[str, Any]) -> None:
    assert {kind: row["bad_span"] for kind, row in scores.items()} == dict.fromkeys(scores, 0)
