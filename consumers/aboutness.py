"""Aboutness: from evidence to points. A node with `about` points or more is what the article is about."""

from collections.abc import Mapping

from chainwatch.matching.words_file import Genre, Scoring
from consumers.evidence import TITLE, Evidence, rivals
from consumers.passages import Passages, Unit

_CLOSE = 8
"""Characters behind a word in which a project of it is told: 光伏组件(生产线二期)项目."""


def is_digest(title: str, scoring: Scoring) -> bool:
    """Whether each item of the text has a headline of its own."""
    return any(word in title for word in scoring.digest_titles)


def points(found: Mapping[str, Evidence], passages: Passages, title: str, scoring: Scoring) -> dict[str, int]:
    """Node → points in thousandths, the best of all units of the article. The title comes folded."""
    best = dict.fromkeys(found, 0)
    for unit in passages.units:
        for node, sum_ in _of_unit(unit, found, passages, title, scoring).items():
            best[node] = max(best[node], sum_)
    return best


def _of_unit(
    unit: Unit, found: Mapping[str, Evidence], passages: Passages, title: str, scoring: Scoring
) -> dict[str, int]:
    numbers = passages.sentences_in(unit.start, unit.end)
    whole = sum(end - start for start, end in passages.sentences[numbers.start : numbers.stop]) or 1
    headline = title if unit.head is None else passages.text[unit.head[0] : unit.head[1]]
    opening = passages.text[unit.start : unit.start + 120]
    genre = _genre(headline, opening, scoring)
    in_digest = unit.head is not None
    heads = passages.sentences_in(*unit.head) if unit.head else range(TITLE, 0)
    sums: dict[str, int] = {}
    weight = scoring.heading if in_digest else scoring.title
    named = {
        node: max([evidence.weights.get(number, 0) for number in heads], default=0) for node, evidence in found.items()
    }
    subjects = [node for node, head in named.items() if head == 1000 and found[node].sector]
    for node, evidence in found.items():
        head = named[node]
        if not _sure(evidence, numbers, heads, scoring.weak_sentences):
            sums[node] = head * weight * genre.head // 1_000_000
            continue
        share = sum(_length(passages, n) * w for n, w in evidence.weights.items() if n in numbers) // whole
        if not head and _by_chance(evidence, unit, passages.text, scoring):
            share = share * scoring.once // 1000
        lead = 0 if in_digest else evidence.weights.get(numbers.start, 0) if numbers else 0
        body = lead * scoring.lead // 1000 + share * 1000 // (scoring.item if in_digest else scoring.passage)
        if not head and any(_of_another(node, subject) for subject in subjects):
            body = body * scoring.beside // 1000
        sums[node] = (head * weight * genre.head // 1000 + body * genre.body) // 1000
    return sums


def _sure(evidence: Evidence, numbers: range, heads: range, enough: int) -> bool:
    """Whether a strong word, or weak ones in several sentences, speak for the node in the unit."""
    weights = [weight for n, weight in evidence.weights.items() if weight and (n in numbers or n in heads)]
    return len(weights) >= enough or 1000 in weights


def _of_another(node: str, subject: str) -> bool:
    """Whether the title's subject is another chain; an ecosystem does not rival its own chains."""
    return rivals(node, subject) and not node.startswith(subject + "/")


def _by_chance(evidence: Evidence, unit: Unit, text: str, scoring: Scoring) -> bool:
    """Whether one word is all that names the node in the unit, and no project of it follows."""
    ends = [end for _, start, end in evidence.places if unit.start <= start < unit.end]
    return len(ends) == 1 and not any(word in text[ends[0] : ends[0] + _CLOSE] for word in scoring.works)


def _length(passages: Passages, number: int) -> int:
    start, end = passages.sentences[number]
    return end - start


_PLAIN = Genre(name="", why="", body=1000)


def _genre(headline: str, opening: str, scoring: Scoring) -> Genre:
    titled = scoring.of_a_genre.search(headline) is not None
    for genre in scoring.genres:
        if titled and any(word in headline for word in genre.title):
            return genre
        if genre.opening and any(word in opening for word in genre.opening):
            return genre
    return _PLAIN
