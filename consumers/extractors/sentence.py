"""One sentence with everything found in it: its words, times, places and numbers, and what is in force from before."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from consumers.extractors.drafts import Setting, Span
from consumers.extractors.quantities import Quantity
from consumers.extractors.trace import Refusal

if TYPE_CHECKING:
    from consumers.extractors.lexicon import Lexicon
    from consumers.extractors.measures import Carry, Line

_NOTHING: frozenset[str] = frozenset()


class Sentence:
    """Spans are into the text of its line."""

    __slots__ = (
        "carry",
        "cues",
        "end",
        "found",
        "kinds",
        "lexicon",
        "line",
        "places",
        "setting",
        "sizes",
        "start",
        "text",
        "times",
    )

    def __init__(self, line: "Line", span: Span, carry: "Carry", setting: Setting, lexicon: "Lexicon") -> None:
        start, end = span
        self.line, self.carry, self.setting, self.lexicon = line, carry, setting, lexicon
        self.text, self.start, self.end = line.text, start, end
        self.cues = [cue for cue in line.cues if start <= cue.start < end]
        self.kinds = _NOTHING.union(*[cue.kinds for cue in self.cues])
        """All that the cues say."""
        self.times = [time for time in line.times if start <= time.start < end]
        self.places = [mention for mention in line.places if start <= mention.place.start < end]
        self.found: Sequence[Quantity] = ()
        """All numbers that were not refused at sight."""
        self.sizes: list[Quantity] = []
        """Those that only tell which things are counted."""

    @property
    def span(self) -> Span:
        """Into the line."""
        return self.start, self.end

    def says(self, kind: str, start: int, end: int) -> bool:
        """Whether a cue of this kind begins in the span."""
        return kind in self.kinds and any(kind in cue.kinds for cue in self.cues if start <= cue.start < end)

    def timed(self, start: int, end: int) -> bool:
        """Whether a resolved time stands in the span."""
        return bool(self.times) and any(start <= t.start and t.end <= end and t.year for t in self.times)

    def refuse(self, q: Quantity, reason: str) -> None:
        """Tell the observer, if there is one."""
        if self.setting.observe:
            at = self.line.offset
            self.setting.observe(Refusal(self.setting.part, q.start + at, q.end + at, "number", reason))
