"""Sectors in a row: which words of a sentence only stand in a list of fields, and so are mentions."""

from dataclasses import dataclass

from chainwatch.matching.vocabulary import Grade, Sense
from chainwatch.matching.words_file import Scoring
from consumers.passages import clause, goes_on, items_of


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the vocabulary at a place of the joined text."""

    start: int
    end: int
    senses: tuple[Sense, ...]


def listed_words(words: list[Word], bounds: tuple[int, int], text: str, scoring: Scoring, named: set[str]) -> set[int]:
    """Starts of the words that only stand in a list of sectors, with 、 or clause by clause."""
    listed: set[int] = set()
    if text.find("、", *bounds) >= 0:
        listed = _enumerated(words, bounds, text, scoring, named)
    if len(words) < scoring.list_of:
        return listed
    rest = [word for word in words if word.start not in listed]
    if _many(rest, Grade.STRONG, scoring.list_of) or _many(words, Grade.WEAK, scoring.list_of + 1):
        return {word.start for word in words}
    return listed


def _enumerated(words: list[Word], bounds: tuple[int, int], text: str, scoring: Scoring, named: set[str]) -> set[int]:
    """Starts of the words whose clause joins sectors, or other things, with 、."""
    listed: set[int] = set()
    span, is_list = (0, 0), False
    for word in words:
        if word.start >= span[1]:
            span = clause(text, word.start, bounds)
            items = items_of(text, span)
            more = len(items) > 1 and goes_on(text, span)
            others = 1 if more else scoring.others
            is_list = len(items) + more >= scoring.list_of and _is_list_of_sectors(items, words, named, others)
        if is_list:
            listed.add(word.start)
    return listed


def _many(words: list[Word], grade: Grade, most: int) -> bool:
    """Whether the words speak for so many fields, of several ecosystems."""
    if len(words) < most:
        return False
    fields = _fields(words, grade)
    return len(fields) >= most and len({_above(node) for field in fields for node in field}) > 1


def _fields(words: list[Word], grade: Grade) -> list[set[str]]:
    """The nodes that the words of a sentence speak for; words that share a node are of one field."""
    fields: list[set[str]] = []
    for word in words:
        nodes = {sense.node for sense in word.senses if sense.sector and sense.grade >= grade}
        if nodes:
            shared = [field for field in fields if field & nodes]
            fields = [field for field in fields if not field & nodes]
            fields.append(nodes.union(*shared))
    return fields


def _above(node: str) -> str:
    """The ecosystem of a chain, or the ecosystem itself."""
    return "/".join(node.split("/", 2)[:2])


def _is_list_of_sectors(items: list[tuple[int, int]], words: list[Word], named: set[str], others: int) -> bool:
    """Several fields stand in the items, or one among other things.

    Chains of one ecosystem that the title names are its parts, no list.
    """
    inside = [
        frozenset(
            sense.node
            for word in words
            if start <= word.start < end
            for sense in word.senses
            if sense.sector and sense.grade >= Grade.WEAK
        )
        for start, end in items
    ]
    several = {nodes for nodes in inside if nodes}
    if len(several) >= 2 and not frozenset.intersection(*several):
        above = {_above(node) for nodes in several for node in nodes}
        return not (len(above) == 1 and above <= named)
    return bool(several) and inside.count(frozenset()) >= others
