"""The build of an article as its reader sees it: title, items of a digest, paragraphs, sentences, lists."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise

_SENTENCE = re.compile(r"[^。!?;！？；\n\x00]+")
_LINE = re.compile(r"[^\n\x00]+")
_END_OF_LINE = re.compile(r"[\n\x00]")
_BREAK = re.compile(r"[,，。:：;；!！?？()（）\"“”\n\x00]")
_CLOSED = tuple("。!！?？;；:：…)）")
_LONGEST_HEADLINE = 40
_AND_SO_ON = re.compile(r"等.{0,8}?(产业|领域|行业|赛道|方面|集群|方向|前沿|民生)")
_JOIN = re.compile(r"、|和|与|及|以及|或")


@dataclass(frozen=True, slots=True)
class Unit:
    """What is judged as one: the whole text, or one item of a digest with its own headline."""

    head: tuple[int, int] | None
    """Span of the headline; None: the article's title is the headline."""
    start: int
    end: int
    """Span of what stands below the headline."""


class Passages:
    """Spans over the joined, folded text of a scan."""

    __slots__ = ("_breaks", "_starts", "sentences", "text", "title_end", "units")

    def __init__(self, text: str, title_end: int, *, as_digest: bool) -> None:
        self.text, self.title_end = text, title_end
        self.sentences = [match.span() for match in _SENTENCE.finditer(text, title_end)]
        self._starts = [start for start, _ in self.sentences]
        self._breaks: list[int] | None = None
        self.units = _items(text, title_end) if as_digest else [Unit(None, title_end, len(text))]

    def sentence_at(self, place: int) -> int:
        """Number of the sentence that holds the place; -1 in the title."""
        return bisect_right(self._starts, place) - 1 if place >= self.title_end else -1

    def sentences_in(self, start: int, end: int) -> range:
        """Numbers of the sentences that begin in the span."""
        return range(bisect_left(self._starts, start), bisect_left(self._starts, end))

    def line_at(self, place: int) -> int:
        """Number of the line that holds the place."""
        if self._breaks is None:
            self._breaks = [0, *(match.end() for match in _END_OF_LINE.finditer(self.text))]
        return bisect_right(self._breaks, place)


def _items(text: str, start: int) -> list[Unit]:
    """Lines without an ending and followed by text are headlines. What stands before the first is left out."""
    lines = [match.span() for match in _LINE.finditer(text, start)]
    heads = [
        number
        for number, (begin, end) in enumerate(lines[:-1])
        if end - begin <= _LONGEST_HEADLINE and not text[begin:end].rstrip().endswith(_CLOSED)
    ]
    units = []
    for number, following in pairwise([*heads, len(lines)]):
        below = lines[number + 1 : following]
        if below:
            units.append(Unit(lines[number], below[0][0], below[-1][1]))
    return units or [Unit(None, start, len(text))]


def clause(text: str, place: int, bounds: tuple[int, int]) -> tuple[int, int]:
    """Span of the clause around the place: between commas, colons, brackets and quotes, within the bounds."""
    start = bounds[0]
    for match in _BREAK.finditer(text, bounds[0], bounds[1]):
        if match.end() <= place:
            start = match.end()
        elif match.start() >= place:
            return start, match.start()
    return start, bounds[1]


def items_of(text: str, span: tuple[int, int]) -> list[tuple[int, int]]:
    """Spans of the things that a clause lists with 、 (the last one also with 和, 与, 及); empty without a list."""
    if text.find("、", *span) < 0:
        return []
    items: list[tuple[int, int]] = []
    start = span[0]
    for match in _JOIN.finditer(text, *span):
        items.append((start, match.start()))
        start = match.end()
    items.append((start, span[1]))
    return items


def goes_on(text: str, span: tuple[int, int]) -> bool:
    """Whether what the clause lists are examples of fields: 储能、氢能等新兴产业."""
    return _AND_SO_ON.search(text, *span) is not None
