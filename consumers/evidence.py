"""Evidence: which words speak for which node, where, and how much each place counts."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from chainwatch.matching.automaton import Scan
from chainwatch.matching.vocabulary import EVERY_NODE, Grade, Sense, Vocabulary
from consumers.passages import Passages
from consumers.sectors import Word, listed_words

TITLE = -1
"""Number of the sentence that is the title."""


@dataclass(slots=True)
class Evidence:
    """What speaks for one node."""

    sector: bool
    """Of a chain or an ecosystem; topics and programmes are no sectors."""
    weights: dict[int, int] = field(default_factory=dict)
    """Sentence (or TITLE) → thousandths of a strong word."""
    places: list[tuple[int, int, int]] = field(default_factory=list)
    """(weight, start, end) of every word, in reading order."""


def collect(
    scan: Scan, passages: Passages, senses: Sequence[tuple[Sense, ...]], vocabulary: Vocabulary
) -> dict[str, Evidence]:
    """Node → evidence, for every node that is named at all."""
    found: dict[str, Evidence] = {}
    by_sentence = _by_sentence(_longest(scan, senses), passages)
    firms = _firms(by_sentence, passages)
    named = {sense.node for word in by_sentence.get(TITLE, ()) for sense in word.senses if sense.grade is Grade.STRONG}
    needs = _Needs(scan.text, vocabulary)
    scoring = vocabulary.scoring
    for sentence, words in by_sentence.items():
        bounds = (0, passages.title_end) if sentence == TITLE else passages.sentences[sentence]
        listed = listed_words(words, bounds, passages.text, scoring, named)
        for word, sense, weight in _weigh(words, listed, firms.get(sentence, frozenset()), scoring.weak):
            node = sense.node
            if needs.met(node):
                evidence = found.get(node)
                if evidence is None:
                    evidence = found[node] = Evidence(sense.sector)
                evidence.weights[sentence] = max(weight, evidence.weights.get(sentence, 0))
                evidence.places.append((weight, word.start, word.end))
    return found


def _by_sentence(words: list[Word], passages: Passages) -> dict[int, list[Word]]:
    """Number of the sentence (or TITLE) → its words. The words come in reading order."""
    found: dict[int, list[Word]] = {}
    end = -1
    for word in words:
        if word.start >= end:
            number = passages.sentence_at(word.start)
            end = passages.title_end if number == TITLE else passages.sentences[number][1]
            row = found.setdefault(number, [])
        row.append(word)
    return found


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


def _longest(scan: Scan, senses: Sequence[tuple[Sense, ...]]) -> list[Word]:
    """Words in reading order, without those that lie inside a longer one; sectors and topics do not hide each other."""
    spans = sorted((start, -end, number) for number, start, end in scan.found if senses[number])
    words: list[Word] = []
    last = {True: 0, False: 0}
    for start, minus_end, number in spans:
        sector = senses[number][0].sector
        if -minus_end > last[sector]:
            last[sector] = -minus_end
            words.append(Word(start, -minus_end, senses[number]))
    return words


def _firms(by_sentence: dict[int, list[Word]], passages: Passages) -> dict[int, frozenset[str]]:
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


def _weigh(words: list[Word], listed: set[int], firms: frozenset[str], weak: int) -> Iterator[tuple[Word, Sense, int]]:
    """(word, what it means, weight) of one sentence."""
    demoted: set[str] = set()
    strong: set[str] = set()
    for word in words:
        for sense in word.senses:
            if sense.grade is Grade.DEMOTE:
                demoted.add(sense.node)
            elif sense.grade is Grade.STRONG and sense.sector:
                strong.add(sense.node)
    nothing = EVERY_NODE in demoted
    for word in words:
        for sense in word.senses:
            node, grade = sense.node, sense.grade
            if grade is Grade.DEMOTE:
                continue
            if nothing or node in demoted or word.start in listed or grade <= Grade.FIRM:
                yield word, sense, 0
            elif grade is Grade.STRONG or node in firms:
                yield word, sense, 1000
            else:
                yield word, sense, 0 if any(rivals(node, other) for other in strong) else weak


def rivals(node: str, other: str) -> bool:
    """Nodes of one scheme compete for a passage, nodes of several schemes share it."""
    return node != other and node.partition("/")[0] == other.partition("/")[0]
