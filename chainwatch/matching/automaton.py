"""Automaton: one pass over an article finds every occurrence of every literal of every rule."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation

from chainwatch.matching.folding import common_in, fold
from chainwatch.models import Article

BORDER = "\x00"
"""Stands between the parts of an article in the joined text; no literal holds it."""
_FEW = 5_000
"""Up to so many literals the faster and larger kind of automaton is built."""
_ALNUM = frozenset("0123456789abcdefghijklmnopqrstuvwxyz")


class Place(NamedTuple):
    """An occurrence: `part[start:end]` of the article."""

    part: str
    start: int
    end: int


Found = list[tuple[int, int, int]]
"""(literal number, start, end) in the joined text, in order of end."""


class Scan:
    """What one pass found in one article.

    Args:
        article: what was looked at.
        names: its parts with text.
        offsets: where each part begins in the joined text.
        raw: the parts as written, joined by BORDER.
        text: the same, folded as far as any literal asks.
        found: every occurrence that counts.
        in_source: numbers of the literals in the name of the medium.
    """

    __slots__ = ("_bounds", "_found", "_starts", "article", "in_source", "names", "offsets", "present", "raw", "text")

    def __init__(
        self,
        article: Article,
        *,
        names: Sequence[str],
        offsets: Sequence[int],
        raw: str,
        text: str,
        found: Found,
        in_source: frozenset[int],
    ) -> None:
        self.article, self.names, self.offsets = article, names, offsets
        self.raw, self.text, self.in_source = raw, text, in_source
        self.present = {hit[0] for hit in found}
        """Numbers of the literals that occur."""
        self._found = found
        self._starts: dict[int, list[int]] | None = None
        self._bounds: dict[tuple[str, ...], list[tuple[int, int]]] = {}

    @property
    def found(self) -> Found:
        """Every occurrence that counts, in order of end."""
        return self._found

    @property
    def starts(self) -> dict[int, list[int]]:
        """Literal number → where it begins in the joined text, ascending. Sorted out when first asked for."""
        if self._starts is None:
            self._starts = {}
            for number, start, _ in self._found:
                self._starts.setdefault(number, []).append(start)
        return self._starts

    def place(self, start: int, end: int) -> Place:
        """The part and the positions in it of a span of the joined text."""
        part = bisect_right(self.offsets, start) - 1
        return Place(self.names[part], start - self.offsets[part], end - self.offsets[part])

    def bounds(self, fields: tuple[str, ...]) -> list[tuple[int, int]]:
        """Spans of the joined text that the fields cover, ascending."""
        if fields not in self._bounds:
            self._bounds[fields] = list(self._find_bounds(fields))
        return self._bounds[fields]

    def _find_bounds(self, fields: tuple[str, ...]) -> Iterator[tuple[int, int]]:
        ends = [*(offset - 1 for offset in self.offsets[1:]), len(self.text)]
        for name, start, end in zip(self.names, self.offsets, ends, strict=True):
            kind = {"title": "title", "text": "body"}.get(name, "attachment")
            if kind in fields:
                yield start, end
            elif kind == "body" and "first" in fields:
                yield start, self._end_of_first(start, end)

    def _end_of_first(self, start: int, end: int) -> int:
        while start < end and self.text[start] in "\n\r ":
            start += 1
        line = self.text.find("\n", start, end)
        return end if line < 0 else line


class Automaton:
    """All literals, numbered by their order. Immutable, safe to share between threads.

    Args:
        literals: folded, distinct, not empty.
        masks: literal → longer folded words inside which it never counts (储能 in 存储能力).
        compared: further folded words that scans are compared with.
    """

    def __init__(
        self, literals: Sequence[str], masks: Mapping[str, Sequence[str]], compared: Iterable[str] = ()
    ) -> None:
        self.literals = literals
        guards = ((number, _guard(literal, masks.get(literal, ()))) for number, literal in enumerate(literals))
        self._guards = {number: guard for number, guard in guards if guard}
        kind = Implementation.DFA if len(literals) <= _FEW else Implementation.ContiguousNFA
        self._common = common_in(chain.from_iterable(chain(literals, compared, *masks.values())))
        self._find = AhoCorasick(literals, implementation=kind, store_patterns=False).find_matches_as_indexes

    def scan(self, article: Article, *, source: bool) -> Scan:
        """Every occurrence that counts. `source`: whether the name of the medium is looked at too."""
        names, texts = zip(*article.parts(), strict=True)
        offsets = [0]
        for part in texts[:-1]:
            offsets.append(offsets[-1] + len(part) + 1)
        raw = BORDER.join(texts)
        text = fold(raw, self._common)
        named = self._occurrences(fold(article.source)) if source and article.source else []
        return Scan(
            article,
            names=names,
            offsets=offsets,
            raw=raw,
            text=text,
            found=self._occurrences(text),
            in_source=frozenset(hit[0] for hit in named),
        )

    def _occurrences(self, text: str) -> Found:
        found: Found = self._find(text, overlapping=True)
        guards = self._guards
        if not guards:
            return found
        return [hit for hit in found if (guard := guards.get(hit[0])) is None or guard.admits(text, hit[1], hit[2])]


class _Guard:
    """Says whether an occurrence of one literal counts."""

    __slots__ = ("_left", "_masks", "_right")

    def __init__(self, left: bool, right: bool, masks: Sequence[tuple[int, str]]) -> None:
        self._left, self._right, self._masks = left, right, masks

    def admits(self, text: str, start: int, end: int) -> bool:
        if self._left and start and text[start - 1] in _ALNUM:
            return False
        if self._right and end < len(text) and text[end] in _ALNUM:
            return False
        return not covered(text, start, self._masks)


def _guard(literal: str, masks: Sequence[str]) -> _Guard | None:
    left, right, shifts = literal[0] in _ALNUM, literal[-1] in _ALNUM, mask_shifts(literal, masks)
    return _Guard(left, right, shifts) if left or right or shifts else None


def mask_shifts(literal: str, masks: Sequence[str]) -> list[tuple[int, str]]:
    """(how far into the mask the literal begins, mask) for every way the literal sits in a mask."""
    return [
        (shift, mask)
        for mask in masks
        if mask != literal
        for shift in range(len(mask) - len(literal) + 1)
        if mask.startswith(literal, shift)
    ]


def covered(text: str, start: int, shifts: Sequence[tuple[int, str]]) -> bool:
    """Whether the occurrence at `start` lies inside one of the masks."""
    return any(shift <= start and text.startswith(mask, start - shift) for shift, mask in shifts)
