"""Tagging: articles a second beside the bare scan of its words; precision and recall with their interval."""

import gzip
import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ahocorasick_rs import AhoCorasick

from chainwatch import resources
from chainwatch.matching.bundle import Bundle
from chainwatch.matching.rules import compile_rules
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.models import Article, content_digest
from chainwatch.rulebook import read_bundle
from consumers.tag import about, tag

SHARED = Path(__file__).parents[2] / "shared" / "data"
ARTICLES = 4_000
ROUNDS = 3
RESAMPLES = 2_000


@dataclass(frozen=True, slots=True)
class Counts:
    """Chains found, predicted and labelled, over some articles; mentions left out."""

    hit: int
    predicted: int
    labelled: int

    @property
    def precision(self) -> float:
        return self.hit / max(self.predicted, 1)

    @property
    def recall(self) -> float:
        return self.hit / max(self.labelled, 1)


def main() -> None:
    bundle = read_bundle(resources.rules_dir())
    if not SHARED.is_dir():
        print("the data folder beside the project is absent")
        return
    speed(bundle, read_articles(SHARED / "stream" / "articles.jsonl.gz")[:ARTICLES])
    show_quality(SHARED / "gold" / "tags-dev.jsonl", bundle)


def speed(bundle: Bundle, articles: Sequence[Article]) -> None:
    rules, taxonomy = compile_rules(bundle), load_taxonomy(bundle)
    bare = AhoCorasick(sorted(rules.numbers))
    scan = best(lambda: [bare.find_matches_as_indexes(a.title + a.text, overlapping=True) for a in articles])
    full = best(lambda: [tag(a, rules, taxonomy) for a in articles])
    characters = sum(len(a.text) for a in articles) / len(articles)
    print(
        f"{len(articles)} articles of {characters:.0f} characters, {len(rules.numbers)} words,"
        f" one core, processor time, best of {ROUNDS}"
    )
    print(f"  bare scan of the words  {len(articles) / scan:9,.0f} articles/s")
    print(f"  tag                     {len(articles) / full:9,.0f} articles/s")


def best(work: Callable[[], object]) -> float:
    """Shortest of some runs, in seconds of processor time: other work on the machine does not count."""
    times = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def quality(gold: Path, bundle: Bundle) -> Counts:
    return _sum(count(gold, bundle))


def count(gold: Path, bundle: Bundle) -> list[Counts]:
    """One entry for each labelled article."""
    rules, taxonomy = compile_rules(bundle), load_taxonomy(bundle)
    chains = {taxonomy.nodes[one].name for one in taxonomy.descendants("hz5") if one.count("/") == 2}
    counts = []
    for line in gold.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        names = {one.name for one in about(tag(as_article(row), rules, taxonomy)) if one.node.count("/") == 2}
        labelled, loose = set(row["about"]), set(row["mentions"])
        predicted = (names & chains) - (loose - labelled)
        counts.append(Counts(len(predicted & labelled), len(predicted), len(labelled)))
    return counts


def show_quality(gold: Path, bundle: Bundle) -> None:
    counts = count(gold, bundle)
    draw = random.Random(1)
    resampled = [_sum(draw.choices(counts, k=len(counts))) for _ in range(RESAMPLES)]
    whole = _sum(counts)
    print(
        f"{len(counts)} labelled articles, chains: {whole.labelled} labelled,"
        f" {whole.predicted} predicted, {whole.hit} right"
    )
    for name in ("precision", "recall"):
        values = sorted(getattr(one, name) for one in resampled)
        low, high = values[RESAMPLES // 40], values[-RESAMPLES // 40]
        print(f"  {name:9} {getattr(whole, name):.3f}  (95 % of {RESAMPLES} resamples: {low:.3f} to {high:.3f})")
    for half in (0, 1):
        part = _sum(counts[half::2])
        print(f"  {'odd' if half else 'even'} articles alone: precision {part.precision:.3f}, recall {part.recall:.3f}")


def _sum(counts: Sequence[Counts]) -> Counts:
    return Counts(sum(c.hit for c in counts), sum(c.predicted for c in counts), sum(c.labelled for c in counts))


def read_articles(path: Path) -> list[Article]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [as_article(json.loads(line)) for line in lines]


def as_article(row: dict[str, str]) -> Article:
    title, text = row.get("title") or "", row["text"]
    return Article(
        id=row.get("id") or "bench",
        title=title,
        text=text,
        source=row.get("source"),
        fetched=datetime(2026, 11, 2, tzinfo=UTC),
        content_digest=content_digest(title, text),
    )


if __name__ == "__main__":
    main()
