"""One part of an article, scanned once for numbers, places and cues; its lines take what stands in them."""

import re
from bisect import bisect_left
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick

from consumers.extractors import cues, quantities, regions
from consumers.extractors.cues import Cue
from consumers.extractors.regions import Place

if TYPE_CHECKING:
    from consumers.extractors.lexicon import Lexicon

Hit = tuple[int, int, int]
"""Index of a word, and the span where it stands."""
OPENING = 250
"""Characters in which a text says whose study it reports."""
_STUDY = re.compile(
    r"(?:研究|调研|调查|咨询|顾问|分析|评级)(?:公司|机构|集团)|(?<!工作)报告》?(?:中)?(?:称|显示|指出|预计|预测|认为)|研究报告|"
    r"研究员[一-鿿]{2,3}(?:[^，。]{0,4})(?:表示|指出|认为|说|称|分析|预计)|"
    r"[A-Z][A-Za-z]{3,}[^，。；\n]{0,12}?(?:报告|预测|调查|预计)"
)
"""Somebody who counts and foresees, but sets no aims."""


class Hits:
    """All that an automaton finds in a text, in order."""

    __slots__ = ("_all", "_starts")

    def __init__(self, automaton: AhoCorasick, text: str) -> None:
        self._all: list[Hit] = automaton.find_matches_as_indexes(text)
        self._starts = [start for _, start, _ in self._all]

    def between(self, start: int, end: int) -> list[Hit]:
        """Those that start in the span."""
        low = bisect_left(self._starts, start)
        return self._all[low : bisect_left(self._starts, end, low)]


class Part:
    """`text` is `numerals.plain`. Places and cues are looked for when a line first asks for its own."""

    __slots__ = ("_cues", "_lexicon", "_places", "_study", "name", "numbers", "text")

    def __init__(self, name: str, text: str, lexicon: "Lexicon") -> None:
        self.name, self.text, self._lexicon = name, text, lexicon
        self.numbers = list(quantities.scan(text, lexicon.numbers))
        self._places: Hits | None = None
        self._cues: Hits | None = None
        self._study: bool | None = None

    def told_by_study(self) -> bool:
        """Whether the opening names a study or its makers: what the text foresees is theirs."""
        if self._study is None:
            self._study = _STUDY.search(self.text, 0, OPENING) is not None
        return self._study

    def places(self, start: int, end: int) -> list[Place]:
        """Of `text[start:end]`, with spans into it."""
        if self._places is None:
            self._places = Hits(self._lexicon.atlas.automaton, self.text)
        return regions.places(self._places.between(start, end), start, self._lexicon.atlas)

    def cues(self, start: int, end: int) -> list[Cue]:
        """Of `text[start:end]`, with spans into it."""
        if self._cues is None:
            self._cues = Hits(self._lexicon.cues.automaton, self.text)
        return cues.said(self._cues.between(start, end), start, self._lexicon.cues)
