"""What an article may share with others, so that what is told of the one may hang on the other; as hashes of keys.

Says no more than the findings do: neither what is known nor what would be told.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

from chainwatch.models import Article, Measure, PolicyFinding, State
from chainwatch.models.finding import Finding
from chainwatch.models.ledger import ACTUAL, BAND_BITS, COMMITMENT
from consumers.ledger import claim, policy, reprint, role
from consumers.ledger.policy_identity import card_of

Keys: TypeAlias = "array[int]"
"""Hashes of keys, 64 bits each. Two keys of one hash make strangers kin: that costs only time."""

_ANY_TIME = (1 << BAND_BITS) - 1


@dataclass(frozen=True, slots=True)
class Ties:
    """The ties of one revision."""

    page: int
    """Of its revisions."""
    told: Keys
    """What it tells of: facts but for their region, as one told with and without it is told once, and the lines of its
    results, as a result tells of the aims of its line."""
    cards: tuple[Keys, ...]
    """For each policy it names whatever that shares with its other names."""
    rows: Keys
    """What else it looks at: lines of aims and results, roles, bands of text."""


def ties(article: Article, findings: Sequence[Finding]) -> Ties:
    """The ties of an article, of the words that `compare` makes its keys of. A withdrawn one shares its page alone."""
    if article.state is State.WITHDRAWN:
        findings = ()
    told, rows = _facts(article, findings)
    rows += [one.role.key for one in role.named(article, findings)]
    if article.state is State.LIVE:
        rows += [f"band {band}" for band in _bands(article)]
    year = policy.year_of(article)
    cards = [card_of(article, finding, year) for finding in findings if isinstance(finding, PolicyFinding)]
    marks = {tuple(card.marks) for card in cards}
    (page,) = _keys((article.id,))
    return Ties(
        page,
        _keys(told),
        tuple(_keys(f"{column} {value}" for column, value in one) for one in sorted(marks)),
        _keys(rows),
    )


def _facts(article: Article, findings: Sequence[Finding]) -> tuple[list[str], list[str]]:
    """What it tells of, and lines. Words that run together by chance make strangers kin, as hashes do."""
    told, lines = [], []
    for finding in findings:
        if isinstance(finding, Measure):
            region, *words = claim.words_of(finding)
            aspect = "|".join(map(str, words))
            line = f"{'pledge' if finding.kind == COMMITMENT else 'line'}|{region}|{aspect}"
            told += [
                f"{finding.kind}|{claim.when(article, finding)}|{aspect}",
                *([line] if finding.kind == ACTUAL else []),
            ]
            lines.append(line)
    return told, lines


def _bands(article: Article) -> Iterator[int]:
    """Without their time: it is not asked how far apart two texts are."""
    return (band & _ANY_TIME for band in reprint.bands(article))


def _keys(names: Iterable[str]) -> Keys:
    return array("q", (_hashed(name) for name in sorted(set(names))))


def _hashed(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)
