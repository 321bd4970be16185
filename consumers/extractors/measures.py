"""Walks the lines of one part: what headings, lists and sentences before lend to the numbers of a sentence."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from consumers.extractors import locality, regions, sentences, times
from consumers.extractors.cues import Cue
from consumers.extractors.drafts import Draft, Setting, Span
from consumers.extractors.flaws import flaw
from consumers.extractors.locality import Mention
from consumers.extractors.part import Part
from consumers.extractors.predicate import GAP
from consumers.extractors.quantities import Quantity
from consumers.extractors.regions import Place
from consumers.extractors.sentence import Sentence
from consumers.extractors.statements import Reader
from consumers.extractors.times import Time
from consumers.extractors.trace import Refusal

if TYPE_CHECKING:
    from consumers.extractors.lexicon import Lexicon

_ANAPHORA = (
    "其中",
    "方案",
    "意见",
    "规划",
    "该",
    "《方案》",
    "《意见》",
    "《规划》",
    "《纲要》",
    "《通知》",
    "文件",
    "上述",
)
_SILENT = frozenset({"no unit", "duration", "no measure of the field"})
"""Reasons for which a number is passed over by the words around it; other refused numbers belong to names."""
_AIMS = ("目标", "任务", "指标")


_BY = re.compile(
    r"之前|以前|前(?![列端沿后期瞻半述景卫缀\d])|间(?![接隔歇谍距])|(?<=年)内(?![销地需贸涵部容外存资陆蒙])"
)
"""What a time may end with: 在2017年3月[前]完成."""
_CLOSES = frozenset("之以前间内")


@dataclass(slots=True)
class Carry:
    """What is in force from before. Line-wise reset, but for lists under a line that ends with a colon."""

    time: Time | None = None
    target: bool = False
    region: str | None = None
    year: int | None = None
    heading: Time | None = None
    heading_region: str | None = None
    heads: list[Span] = field(default_factory=list)
    outsider: bool = False
    open: bool = False
    section: Time | None = None
    """The term of the plan whose aims the heading above announces."""


class Line(NamedTuple):
    """A line with everything found in it; spans are into the line, which starts at `offset` of the part."""

    text: str
    masked: str
    """The text with its times blanked."""
    offset: int
    heading: bool
    times: Sequence[Time]
    named: Sequence[Place]
    """All places."""
    places: Sequence[Mention]
    """Those that can govern a number."""
    cues: Sequence[Cue]


def find_measures(part: Part, found: Sequence[Quantity], setting: Setting, lexicon: "Lexicon") -> list[Draft]:
    """All measures of a part, in order; `found` are those of its numbers that may be any."""
    if not found:
        return []
    walker = _Walker(part, setting, lexicon)
    starts = [quantity.start for quantity in found]
    for start, end in sentences.lines(part.text):
        walker.line(start, end, found[bisect_left(starts, start) : bisect_left(starts, end)])
    return walker.drafts


def blank(text: str, spans: Sequence[Span]) -> str:
    """The text with GAP in the spans, so that the words around them meet. Spans are in order and may touch."""
    pieces, at = [], 0
    for start, end in spans:
        pieces.append(text[at : max(at, start)])
        pieces.append(GAP * (end - max(at, start)))
        at = max(at, end)
    return "".join((*pieces, text[at:]))


class _Raw:
    """A line before anything in it is read; its cues are taken when first asked for."""

    __slots__ = ("_cues", "_part", "heading", "offset", "text", "year")

    def __init__(self, part: Part, start: int, end: int, *, heading: bool) -> None:
        self.text, self.offset, self._part, self.heading = part.text[start:end], start, part, heading
        self._cues: list[Cue] | None = None
        self.year: int | None = None
        """The year named before it in its line."""

    def cues(self) -> list[Cue]:
        """All cues of the line."""
        if self._cues is None:
            self._cues = self._part.cues(self.offset, self.offset + len(self.text))
        return self._cues

    def places(self) -> list[Place]:
        """All places of the line."""
        return self._part.places(self.offset, self.offset + len(self.text))

    def halves(self, end: int) -> "tuple[_Raw, _Raw | None]":
        """The line up to a sentence's end, and the rest, which matters only if the next line looks back."""
        if end >= len(self.text):
            return self, None
        middle, last = self.offset + end, self.offset + len(self.text)
        read = _Raw(self._part, self.offset, middle, heading=self.heading)
        return read, _Raw(self._part, middle, last, heading=False)


def _year_of(named: Sequence[Time]) -> int | None:
    """The year that a month without one takes behind these times."""
    years = (time.year for time in reversed(named) if time.year and not (time.baseline or time.document or time.now))
    return next(years, None)


def _until(text: str, time: Time) -> int:
    """Where a time ends, with the word that closes it."""
    by = _BY.match(text, time.end) if text[time.end : time.end + 1] in _CLOSES else None
    return by.end() if by else time.end


def _labels(text: str, place: Place, span: Span) -> bool:
    """印度：…: a place that opens its sentence as a label."""
    return place.start == span[0] and text[place.end : place.end + 1] == "："


class _Walker:
    def __init__(self, part: Part, setting: Setting, lexicon: "Lexicon") -> None:
        self.part, self.setting, self.lexicon = part, setting, lexicon
        self.carry = Carry()
        self.passed: _Raw | None = None
        """The line before, where it has no number and so was not read; the next one may look back to it."""
        self.drafts: list[Draft] = []

    def line(self, start: int, end: int, found: Sequence[Quantity]) -> None:
        """Read one line; one without numbers only sets the scene for the next."""
        text = self.part.text[start:end]
        heading, item = sentences.is_heading(text), sentences.is_item(text)
        if not (found or heading or "《" in text or text.rstrip().endswith(("：", ":"))):
            self._enter(text, item=item)
            self.carry.open = self.carry.open and item
            return
        raw = _Raw(self.part, start, end, heading=heading)
        colon = text.rstrip().endswith(("：", ":"))
        self._enter(text, item=item)
        before = len(self.drafts)
        good, silent = self._sort(raw, found)
        goes_on = colon or (self.carry.open and item)
        telling = colon or bool(found) or "《" in text
        if good and not heading and not goes_on:
            raw, self.passed = raw.halves(sentences.sentence_end(text, good[-1].end))
            line = self._line(raw, [span for span in silent if span[1] <= len(raw.text)])
            if self.passed is not None:
                self.passed.year = _year_of(line.times)
            self._read(line, good)
        elif good or heading or (telling and goes_on):
            self._read(self._line(raw, silent), good)
        elif telling:
            self.passed = raw
        announces = heading and self.carry.target and any(word in text for word in _AIMS)
        self.carry.open = goes_on or (announces and len(self.drafts) == before)

    def _enter(self, text: str, *, item: bool) -> None:
        carry = self.carry
        points_back = text.lstrip("“ 　").startswith(_ANAPHORA)
        if self.passed is not None and (item or points_back):
            self._read(self._line(self.passed, ()), ())
        self.passed = None
        if not (carry.open or item or text.startswith("其中")):
            carry.time, carry.target = carry.section, carry.section is not None
        if not points_back:
            carry.region = carry.heading_region
        carry.outsider = False
        carry.heads = []

    def _line(self, raw: "_Raw", silent: Sequence[Span]) -> Line:
        text = raw.text
        found = times.scan(text, self.lexicon.clock, self.setting.published, raw.year or self.carry.year)
        masked = blank(text, [(time.start + (0 if time.asof else time.lead), _until(text, time)) for time in found])
        masked = blank(masked, silent) if silent else masked
        spans = [(time.start, time.end) for time in found]
        named = raw.places()
        places = locality.mentions(text, named, spans, self.lexicon.atlas) if named else []
        return Line(text, masked, raw.offset, raw.heading, found, named, places, raw.cues())

    def _sort(self, raw: "_Raw", found: Sequence[Quantity]) -> tuple[list[Quantity], list[Span]]:
        """The numbers that may be findings, placed in their line, and the spans of those to be passed over."""
        good: list[Quantity] = []
        silent: list[Span] = []
        offset = raw.offset
        for number in found:
            q = Quantity(number[0] - offset, number[1] - offset, *number[2:]) if offset else number
            reason = flaw(raw.text, q, raw.cues, self.lexicon)
            if not reason:
                good.append(q)
                continue
            if reason in _SILENT:
                silent.append((q.start, q.end))
            if self.setting.observe:
                self.setting.observe(Refusal(self.setting.part, number.start, number.end, "number", reason))
        return good, silent

    def _read(self, line: Line, local: Sequence[Quantity]) -> None:
        for span in sentences.sentences(line.text) if local else [(0, len(line.text))]:
            inside = [q for q in local if span[0] <= q.start < span[1]]
            if inside:
                sentence = Sentence(line, span, self.carry, self.setting, self.lexicon)
                self.drafts += Reader(sentence, self.drafts, self.part).read(inside)
            else:
                self._pass(line, span)
        if line.heading:
            self._head(line)

    def _pass(self, line: Line, span: Span) -> None:
        """A sentence without numbers may still set the time, the place and the speaker."""
        carry = self.carry
        for time in line.times:
            if not (span[0] <= time.start < span[1] and time.year) or time.baseline or time.document:
                continue
            coming = time.relation == "future"
            if not coming or time.until or time.month is None:
                carry.time, carry.target = time, coming
        around = carry.region or self.setting.region
        for mention in line.places:
            if (
                span[0] <= mention.place.start < span[1]
                and (not mention.place.foreign or _labels(line.text, mention.place, span))
                and (
                    mention.lead
                    or line.text.rfind("《", 0, mention.place.start) > line.text.rfind("》", 0, mention.place.start)
                )
            ):
                carry.region = regions.resolve(mention.place, around, self.lexicon.atlas)
        if any("outsider" in cue.kinds for cue in line.cues if span[0] <= cue.start < span[1]):
            carry.outsider = True

    def _head(self, line: Line) -> None:
        """A heading lends its deadline, its year and its place to all lines below."""
        carry = self.carry
        named = [time for time in line.times if time.year and not (time.baseline or time.document)]
        carry.heading = next((time for time in named if time.relation == "future"), None)
        carry.year = next((time.year for time in reversed(named) if time.relation != "future"), carry.year)
        carry.section = self.setting.time if any(word in line.text for word in _AIMS) and not named else None
        lent = carry.heading or carry.section
        if lent:
            carry.time, carry.target = lent, True
        leading = [mention for mention in line.places if not mention.area]
        if leading and leading[0].place.foreign and not leading[0].opens:
            leading = [mention for mention in leading if not mention.place.foreign]
        around = self.setting.region
        carry.heading_region = regions.resolve(leading[0].place, around, self.lexicon.atlas) if leading else None
        carry.region = carry.heading_region
