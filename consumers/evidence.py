"""Evidence: which words speak for which node, where, and how much each place counts."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from chainwatch.matching.automaton import Scan
from chainwatch.matching.vocabulary import Grade, Sense, Vocabulary
from consumers.passages import Passages, clause, items_of

TITLE = -1
"""Number of the sentence that is the title."""


@dataclass(slots=True)
class Evidence:
    """What speaks for one node."""

    weights: dict[int, int] = field(default_factory=dict)
    """Sentence (or TITLE) → thousandths of a strong word."""
    places: list[tuple[int, int, int]] = field(default_factory=list)
    """(weight, start, end) of every word, in reading order."""


@dataclass(frozen=True, slots=True)
class _Word:
    start: int
    end: int
    senses: tuple[Sense, ...]


def collect(
    scan: Scan, passages: Passages, senses: Sequence[tuple[Sense, ...]], vocabulary: Vocabulary
) -> dict[str, Evidence]:
    """Node → evidence, for every node that is named at all."""
    found: defaultdict[str, Evidence] = defaultdict(Evidence)
    by_sentence: defaultdict[int, list[_Word]] = defaultdict(list)
    for word in _longest(scan, senses):
        by_sentence[passages.sentence_at(word.start)].append(word)
    firms = _firms(by_sentence, passages)
    needless = _Needs(scan.text, vocabulary)
    for sentence, words in by_sentence.items():
        bounds = (0, passages.title_end) if sentence == TITLE else passages.sentences[sentence]
        for word, node, weight in _weigh(words, bounds, passages.text, vocabulary, firms.get(sentence, frozenset())):
            if needless.met(node):
                evidence = found[node]
                evidence.weights[sentence] = max(weight, evidence.weights.get(sentence, 0))
                evidence.places.append((weight, word.start, word.end))
    return dict(found)


class _Needs:
    """Whether a node's list finds in the article what it asks for."""

    def __init__(self, text: str, vocabulary: Vocabulary) -> None:
        self._text, self._vocabulary = text, vocabulary
        self._known: dict[str, bool] = {}

    def met(self, node: str) -> bool:
        if node not in self._known:
            needs = self._vocabulary.words[node].needs
            self._known[node] = not needs or any(need in self._text for need in needs)
        return self._known[node]


def _longest(scan: Scan, senses: Sequence[tuple[Sense, ...]]) -> list[_Word]:
    """Words in reading order, without those that lie inside a longer one."""
    spans = sorted((start, -end, number) for number, start, end in scan.found if senses[number])
    words: list[_Word] = []
    last = 0
    for start, minus_end, number in spans:
        if -minus_end > last:
            last = -minus_end
            words.append(_Word(start, last, senses[number]))
    return words


def _firms(by_sentence: dict[int, list[_Word]], passages: Passages) -> dict[int, frozenset[str]]:
    """Sentence → nodes of which a firm is named in its paragraph."""
    lines: defaultdict[int, set[str]] = defaultdict(set)
    for words in by_sentence.values():
        for word in words:
            for sense in word.senses:
                if sense.grade is Grade.FIRM:
                    lines[passages.line_at(word.start)].add(sense.node)
    if not lines:
        return {}
    return {
        sentence: frozenset(lines.get(passages.line_at(words[0].start), ())) for sentence, words in by_sentence.items()
    }


def _weigh(
    words: list[_Word], bounds: tuple[int, int], text: str, vocabulary: Vocabulary, firms: frozenset[str]
) -> list[tuple[_Word, str, int]]:
    """(word, node, weight) of one sentence."""
    scoring = vocabulary.scoring
    demoted = {sense.node for word in words for sense in word.senses if sense.grade is Grade.DEMOTE}
    strong = {sense.node for word in words for sense in word.senses if sense.grade is Grade.STRONG}
    listed = _listed(words, bounds, text, scoring.list_of)
    weighed: list[tuple[_Word, str, int]] = []
    for word in words:
        for node, grade in ((sense.node, sense.grade) for sense in word.senses):
            if grade is Grade.DEMOTE:
                continue
            if node in demoted or word.start in listed or grade <= Grade.FIRM:
                weight = 0
            elif grade is Grade.STRONG or node in firms:
                weight = 1000
            else:
                weight = scoring.weak if strong <= {node} else 0
            weighed.append((word, node, weight))
    return weighed


def _listed(words: list[_Word], bounds: tuple[int, int], text: str, list_of: int) -> set[int]:
    """Starts of the words that only stand in a list of sectors."""
    sectors = {frozenset(s.node for s in word.senses if s.grade >= Grade.WEAK) for word in words} - {frozenset()}
    if len(sectors) >= list_of and len(frozenset[str]().union(*sectors)) >= list_of:
        return {word.start for word in words}
    if text.find("、", *bounds) < 0:
        return set()
    listed: set[int] = set()
    for word in words:
        span = clause(text, word.start, bounds)
        items = items_of(text, span)
        if len(items) >= list_of and _is_list_of_sectors(items, words, span, text):
            listed.add(word.start)
    return listed


_AND_SO_ON = (
    "等领域",
    "等产业",
    "等行业",
    "等方面",
    "等新兴",
    "等未来",
    "等战略",
    "等重点",
    "等高",
    "等新",
    "等先进",
    "等前沿",
    "等多个",
    "领域",
    "产业",
)


def _is_list_of_sectors(items: list[tuple[int, int]], words: list[_Word], span: tuple[int, int], text: str) -> bool:
    """Several nodes stand in the items, or one among other things that are called fields or industries."""
    named = {
        frozenset(sense.node for sense in word.senses)
        for word in words
        for start, end in items
        if start <= word.start < end and any(sense.grade >= Grade.WEAK for sense in word.senses)
    }
    if len(named) >= 2:
        return True
    inside = sum(1 for start, end in items if any(start <= word.start < end for word in words))
    return inside < len(items) - 1 and any(text.find(mark, *span) >= 0 for mark in _AND_SO_ON)
