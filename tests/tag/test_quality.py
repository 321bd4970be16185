"""Quality on the labelled articles beside the project; the bench prints the same figures with their interval."""

from pathlib import Path

from bench.tag import quality
from chainwatch import resources
from chainwatch.rulebook import read_bundle


def test_chains_reach_the_asked_precision_and_recall(shared: Path) -> None:
    found = quality(shared / "data" / "gold" / "tags-dev.jsonl", read_bundle(resources.rules_dir()))
    assert found.precision >= 0.95
    assert found.recall >= 0.95
