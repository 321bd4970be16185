"""Numbers → targets, actuals and commitments: goes through the sentences of one part and reads every number in its scope."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from chainwatch.models import Comparator
from consumers.extractors import commitments, cues, modality, regions, sentences, times
from consumers.extractors.comparators import compare
from consumers.extractors.distribution import Group, groups, members, others
from consumers.extractors.metrics import fitting
from consumers.extractors.modality import Scene, Verdict
from consumers.extractors.nouns import after, trim
from consumers.extractors.predicate import Predicate, read
from consumers.extractors.quantities import Quantity, scan
from consumers.extractors.regions import Place
from consumers.extractors.times import Relation, Time
from consumers.extractors.trace import Observer, Refusal

if TYPE_CHECKING:
    from consumers.extractors.lexicon import Lexicon

Span = tuple[int, int]
_SIZE_NOUN = re.compile(r"(?:以上|以下|及以上|以内|左右)?的?[一-鿿“”（）、]{1,18}$")
_SIZE_AFTER = re.compile(
    r"(?:及?以上|以下|以内|级)的?(?:[一-鿿]{0,8})?(?:企业|项目|机组|单位|人群|家庭|产品|工程|客户|店|城市|园区|地区|纳税人|设备|投资项目|人员)"
)
_PROJECT = re.compile(r"[一-鿿A-Za-z0-9（）]{0,12}?(?:项目|工程|技改)")
_CHILD = re.compile(r"(?:其余|其他|其它|另外)[^，。]{0,12}$")
_CLUB = re.compile(r"俱乐部|时代|大关口|赛道|梦")
_DURATION = re.compile(r"(?:时间|时限|周期|时长|寿命|期限|时效|天数)[^，。]{0,8}$")
_CONDITION_AFTER = re.compile(r"[^，。；]{0,24}的[，,](?:给予|奖励|予以|可|按|由|一次性|再|最高|补|将给予|分别给予)")
_INDICATOR = re.compile(r"每(?:年|月|日|吨|千瓦时|平方米|立方米|亩|人|台|件|斤|公斤|瓦|张|桶|度)[^，。]{0,3}$")
_FROM = re.compile(r"(?:由|从)[^，。；]{0,24}$")
_PER_YEAR = re.compile(r"每年|年均|年平均|平均每年|逐年|两年平均|三年平均|连续\d+年|全年平均")


@dataclass(frozen=True, slots=True)
class Draft:
    """A measure before it becomes a finding. Spans are into the part's text."""

    part: str
    kind: str
    quantity: Quantity
    subject: Span | None
    subject_text: str
    metric: str
    metric_text: str
    comparator: Comparator
    time: Time | None
    region: str | None
    sentence: Span
    base: str | None = None
    per_year: bool = False
    baseline: str | None = None
    recap: bool = False
    pattern: str = ""
    heading: bool = False
    inherited: int = 0
    """How many of subject, time and region were inherited; feeds the confidence."""
    payer: str | None = None
    beneficiary: str | None = None
    cap: bool = False
    scope: str | None = None
    flow: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What the article as a whole lends to its numbers."""

    part: str
    published: date | None
    region: str | None
    """Where nothing nearer says it."""
    document: bool
    """The article is a policy's own text."""
    time: Time | None
    """A deadline that the title names."""
    observe: Observer | None


@dataclass(slots=True)
class _Carry:
    """What a sentence leaves to the next one."""

    time: Time | None = None
    target: bool = False
    subjects: tuple[Span, ...] = ()
    metric: str | None = None
    region: str | None = None
    year: int | None = None
    heading: Time | None = None
    heading_region: str | None = None
    heading_subject: Span | None = None
    outsider: bool = False
    open: bool = False
    """The last line ended with a colon or was an item: the next line belongs to it."""


def find_measures(text: str, setting: Setting, lexicon: "Lexicon") -> list[Draft]:
    """All measures of a part. `text` is `numerals.plain`."""
    found = list(scan(text, lexicon.numbers))
    if not found:
        return []
    reader = _Reader(text, setting, lexicon)
    starts = [quantity.start for quantity in found]
    for start, end in sentences.lines(text):
        low, high = bisect_left(starts, start), bisect_left(starts, end)
        reader.line(start, end, found[low:high])
    return reader.drafts


class _Reader:
    """Walks the lines of one part, with what was said before at hand."""

    def __init__(self, text: str, setting: Setting, lexicon: "Lexicon") -> None:
        self.text, self.setting, self.lexicon = text, setting, lexicon
        self.carry = _Carry()
        self.drafts: list[Draft] = []

    def refuse(self, quantity: Quantity, reason: str) -> None:
        if self.setting.observe:
            self.setting.observe(Refusal(self.setting.part, quantity.start, quantity.end, "number", reason))

    def line(self, start: int, end: int, found: Sequence[Quantity]) -> None:
        """Read one line; a line without numbers only sets the scene for the next."""
        line = self.text[start:end]
        heading = sentences.is_heading(line)
        carry = self.carry
        if not (carry.open and (sentences.is_item(line) or carry.open)) and not sentences.is_item(line):
            carry.time, carry.target = None, False
        carry.outsider = False
        carry.subjects, carry.metric = (), None
        if found or heading or line.rstrip().endswith(("：", ":")):
            _Line(self, line, start, heading=heading).read(found)
        elif not sentences.is_item(line):
            carry.region = carry.heading_region
        carry.open = (
            line.rstrip().endswith(("：", ":"))
            or (carry.open and sentences.is_item(line))
            or (heading and carry.target)
        )


class _Line:
    """One line with its times, places and cues."""

    def __init__(self, reader: _Reader, line: str, offset: int, *, heading: bool) -> None:
        self.reader, self.text, self.offset, self.heading = reader, line, offset, heading
        lexicon, setting = reader.lexicon, reader.setting
        self.times = times.scan(line, lexicon.clock, setting.published, reader.carry.year)
        self.places = [p for p in regions.scan(line, lexicon.atlas) if not _is_name(line, p)]
        self.cues = cues.scan(line, lexicon.cues)

    def read(self, found: Sequence[Quantity]) -> None:
        carry = self.reader.carry
        local = [replace(q, start=q.start - self.offset, end=q.end - self.offset) for q in found]
        local = [q for q in local if not self._flawed(q)]
        if self.heading and not local:
            self._set_heading()
            return
        for span in sentences.sentences(self.text):
            inside = [q for q in local if span[0] <= q.start < span[1]]
            if inside:
                _Sentence(self, span).read(inside)
            else:
                self._pass(span)
        if self.heading:
            self._set_heading()
        years = [t.year for t in self.times if t.year and not t.baseline and not t.document]
        carry.year = years[-1] if years and self.heading else carry.year

    def _set_heading(self) -> None:
        carry = self.reader.carry
        carry.heading = next((t for t in self.times if t.relation is Relation.FUTURE and t.year), None)
        if self.places:
            place = self.places[0]
            carry.heading_region = regions.resolve(place, self.reader.setting.region, self.reader.lexicon.atlas)
            carry.region = carry.heading_region
        elif self.offset:
            carry.region = carry.heading_region
        if self.text.rstrip().endswith(("：", ":")) and carry.heading:
            carry.time, carry.target = carry.heading, True

    def _pass(self, span: Span) -> None:
        """A sentence without numbers may still set the time, the place and the speaker."""
        carry = self.reader.carry
        for time in self.times:
            if span[0] <= time.start < span[1] and time.year and not time.baseline and not time.document:
                carry.time = time
                carry.target = time.relation is Relation.FUTURE
        for place in self.places:
            if span[0] <= place.start < span[1] and not place.foreign:
                carry.region = regions.resolve(
                    place, carry.region or self.reader.setting.region, self.reader.lexicon.atlas
                )
        if any("outsider" in cue.kinds for cue in self.cues if span[0] <= cue.start < span[1]):
            carry.outsider = True

    def _flawed(self, quantity: Quantity) -> bool:
        reason = self._flaw(quantity)
        if reason:
            self.reader.refuse(
                replace(quantity, start=quantity.start + self.offset, end=quantity.end + self.offset), reason
            )
        return bool(reason)

    def _flaw(self, q: Quantity) -> str:
        text, lexicon = self.text, self.reader.lexicon
        if q.flaw:
            return {"vague": "vague number", "phrase": "fixed phrase", "rank": "rank", "size": "size class"}[q.flaw]
        follows = text[q.end : q.end + 14]
        if lexicon.counted.match(follows):
            return "count of measures or parts of a text"
        if _in_title(text, q.start):
            return "inside a title or name"
        if (
            q.kind == "time"
            and not _DURATION.search(text[max(0, q.start - 14) : q.start])
            and not commitments.near(self.cues, q)
        ):
            return "duration"
        if q.kind == "length" and q.unit == "米":
            return "length in metres"
        if q.kind == "bare" and not _means_something(text, q):
            return "no unit"
        if q.small and q.kind == "count" and not _created(text, q):
            return "small count in words"
        if q.bare and q.kind == "count" and text[q.start - 1 : q.start] not in set("超破达近逾过到满有"):
            return "vague number"
        if q.bare and q.kind == "money" and not q.level and re.match(r"以[上下]", follows):
            return "size class"
        if _CLUB.match(follows):
            return "fixed phrase"
        return ""


def _is_name(line: str, place: Place) -> bool:
    follows = line[place.end : place.end + 5]
    if place.region == regions.NATION and line[place.start : place.end] == "全国":
        return follows[:1] in set("首第前唯最一领百统人两政劳各") or line[place.start - 1 : place.start] in set(
            "居占在列冠"
        )
    return follows.startswith(("大学", "银行", "证券", "日报", "商会", "路"))


def _in_title(text: str, at: int) -> bool:
    opened = text.rfind("《", 0, at)
    if opened >= 0 and text.find("》", opened) > at:
        return True
    opened = text.rfind("“", max(0, at - 24), at)
    closed = text.find("”", at, at + 24)
    return (
        opened >= 0
        and closed > at
        and text.rfind("”", opened, at) < 0
        and closed - opened < 16
        and "，" not in text[opened:closed]
    )


def _means_something(text: str, q: Quantity) -> bool:
    """A bare 2万亿, 超万亿 stands for money; 500万无电人口 for people."""
    follows = text[q.end : q.end + 10]
    if re.match(r"[一-鿿]{0,6}人口", follows):
        return True
    if q.bare:
        return text[q.start - 1 : q.start] in set("超破达近逾过到上")
    written = text[q.start : q.end]
    return written.rstrip("多余").endswith("亿") or text[q.start - 1 : q.start] in set("超破达近逾过到")


def _created(text: str, q: Quantity) -> bool:
    """两家 counts where something is made or reached, not in 这两家 or 一家企业的."""
    if text[q.start : q.start + 1] == "一":
        return False
    before = text[max(0, q.start - 6) : q.start]
    return bool(
        re.search(r"(?:新增|建成|引进|培育|打造|形成|累计|建设|共|达到?|拥有|认定|和|、|及|与)$", before)
    ) and bool(
        re.match(
            r"[^，。]{0,4}(?:千亿|百亿|万亿|国家级|世界级|省级|企业|基地|园区|集群|中心|项目)", text[q.end : q.end + 10]
        )
    )


class _Sentence:
    """One sentence: its numbers are grouped, read, judged and drafted."""

    def __init__(self, line: _Line, span: Span) -> None:
        self.line, self.span, self.text = line, span, line.text
        self.reader, self.lexicon = line.reader, line.reader.lexicon
        self.cues = [c for c in line.cues if span[0] <= c.start < span[1]]
        self.times = [t for t in line.times if span[0] <= t.start < span[1]]
        self.places = [p for p in line.places if span[0] <= p.start < span[1]]
        self.previous: Predicate | None = None
        self.subjects: list[Span] = []
        self.heads: tuple[Span, ...] = self.reader.carry.subjects
        self.metric: str | None = self.reader.carry.metric
        self.metric_text = ""

    def read(self, found: list[Quantity]) -> None:
        kept = self._without_sizes(found)
        end_of_last = self.span[0]
        for group in groups(self.text, kept):
            self._group(group, end_of_last)
            end_of_last = group.items[-1].end
        carry = self.reader.carry
        if any("outsider" in cue.kinds for cue in self.cues):
            carry.outsider = True

    def _without_sizes(self, found: list[Quantity]) -> list[Quantity]:
        """Drops numbers that belong to the name of what another number counts: 总投资超10亿元的项目500个."""
        kept = []
        for i, q in enumerate(found):
            nxt = found[i + 1] if i + 1 < len(found) else None
            prev = found[i - 1] if i else None
            if self._is_size(q, nxt, prev):
                self.line.reader.refuse(self._absolute(q), "size of what is counted")
            else:
                kept.append(q)
        return kept

    def _is_size(self, q: Quantity, nxt: Quantity | None, prev: Quantity | None) -> bool:
        text = self.text
        follows = text[q.end : q.end + 24]
        if (
            _SIZE_AFTER.match(follows)
            and q.kind not in {"count", "share", "times", "points"}
            and not commitments.promised(self.cues, q, text)
        ):
            return True
        if q.kind in {"money", "mass", "power", "area", "volume", "energy", "bare", "length"}:
            if (
                nxt
                and nxt.kind == "count"
                and _SIZE_NOUN.match(text[q.end : nxt.start])
                and not re.match(r"[一-鿿]", text[nxt.end : nxt.end + 1] or "，")
            ):
                return True
            if (
                nxt
                and nxt.kind == "count"
                and _SIZE_NOUN.match(text[q.end : nxt.start])
                and text[nxt.end : nxt.end + 2] in {"以上", "左右", "以内"}
            ):
                return True
            between = text[prev.end : q.start] if prev and prev.kind == "count" else None
            if (
                between is not None
                and len(between) <= 14
                and not re.search(r"[，。；、：和共计合]", between)
                and re.match(r"的?[一-鿿A-Za-z（(]", follows)
                and not between.endswith(("达", "达到", "投资"))
            ):
                return True
            if q.kind != "money" and _PROJECT.match(follows):
                return True
        return False

    def _absolute(self, q: Quantity) -> Quantity:
        return replace(q, start=q.start + self.line.offset, end=q.end + self.line.offset)

    def _group(self, group: Group, last: int) -> None:
        first = group.items[0]
        clause = sentences.clause(self.text, first.start, group.items[-1].end, self.span)
        left = max(clause[0], last)
        for mark in ("以上", "以下", "左右", "以内", "上下"):
            if last == left and self.text.startswith(mark, left):
                left += len(mark)
        begin = self._after_time(left, first.start)
        predicate = read(self.text, begin, first.start, first.kind, self.lexicon.metrics, self.lexicon.nouns)
        spans = self._subjects(group, predicate, clause, left)
        for i, q in enumerate(group.items):
            self._judge(q, group, i, predicate, spans, clause, left)
        self.previous = predicate

    def _after_time(self, left: int, right: int) -> int:
        """Where the noun phrase can begin: after the last time that is no part of a share's base."""
        share = self.text.find("占", left, right)
        stop = share if share > left else right
        begin = left
        for time in self.times:
            if (
                left <= time.start
                and time.end <= stop
                and not time.baseline
                and self.text[time.end : stop].strip("的约近达到为：: ")
            ):
                begin = time.end
        return begin

    def _subjects(self, group: Group, predicate: Predicate, clause: Span, left: int) -> list[list[Span]]:
        """For each number of the group the spans it speaks of: one, or several that share it. Empty lists inherit."""
        first, last = group.items[0], group.items[-1]
        start, end = predicate.subject
        if first.kind == "count" and len(group.items) == 1 or self._attributive(first, predicate):
            noun = self._noun_after(first)
            if noun:
                return [[noun]]
        if start == end and clause[0] > 0 and self.text[clause[0] - 1] in "（(" and left == clause[0]:
            start, end = trim(self.text, *_before_bracket(self.text, clause[0] - 1, self.span[0]), self.lexicon.nouns)
        if start == end:
            if len(group.items) > 1 and len(self.heads) == len(group.items):
                return [[head] for head in self.heads]
            return [[] for _ in group.items]
        spans = members(
            self.text,
            (start, end),
            group,
            self.lexicon,
            joint=self._has("joint", left, last.end),
            each=self._has("each", left, first.start),
        )
        del first
        if all(spans):
            self.heads = tuple(span for each in spans for span in each)
        return spans

    def _has(self, kind: str, start: int, end: int) -> bool:
        return any(kind in cue.kinds for cue in self.cues if start <= cue.start < end)

    def _attributive(self, q: Quantity, predicate: Predicate) -> bool:
        return predicate.subject[0] == predicate.subject[1] and self.text[q.end : q.end + 1] not in "，。；、,;）)"

    def _noun_after(self, q: Quantity) -> Span | None:
        end = q.end
        for mark in ("以上", "左右", "以内", "上下"):
            if self.text.startswith(mark, end):
                end += len(mark)
        start, stop = after(self.text, end, self.span[1], self.lexicon.nouns)
        if stop - start < 1 or not re.match(r"[一-鿿A-Za-z“‘\"0-9（]", self.text[start]):
            return None
        return start, stop

    def _judge(
        self, q: Quantity, group: Group, i: int, predicate: Predicate, spans: list[list[Span]], clause: Span, left: int
    ) -> None:
        q = _implied(q, self.text, group)
        scene = self._scene(q, clause)
        verdict = modality.decide(scene, q.start, q.end)
        promise = commitments.read(self.text, self.span, clause, q, self.cues, verdict.kind)
        kind = promise.kind if promise else verdict.kind
        reason = verdict.reason if not promise else promise.reason
        if kind and _CONDITION_AFTER.match(self.text, q.end):
            kind, reason = "", "condition"
        if (
            kind == "actual"
            and _FROM.search(self.text[left : q.start])
            and not self._time_in(left, q.start)
            and "历史" not in self.text[left : q.start]
        ):
            kind, reason = "", "start of a change without its time"
        if not kind:
            self.reader.refuse(self._absolute(q), reason)
            return
        targets = spans[i] if i < len(spans) else []
        if _CHILD.search(self.text[left : q.start]):
            rest = others(self.reader.drafts, self.reader.text, self.lexicon)
            targets = []
            for span in rest:
                self._draft(
                    kind,
                    q,
                    verdict,
                    predicate,
                    (span[0] - self.line.offset, span[1] - self.line.offset),
                    clause,
                    left,
                    group,
                    promise,
                )
            if rest:
                return
        inherited = not targets
        for span in targets or self._inherit(predicate):
            self._draft(kind, q, verdict, predicate, span, clause, left, group, promise, inherited=inherited)
        if not (targets or self._inherit(predicate)):
            self._draft(kind, q, verdict, predicate, None, clause, left, group, promise, inherited=True)

    def _inherit(self, predicate: Predicate) -> list[Span]:
        return list(self.heads[:1]) if len(self.heads) <= 1 or not predicate.change else list(self.heads[:1])

    def _time_in(self, start: int, end: int) -> bool:
        return any(start <= t.start and t.end <= end and t.year for t in self.times)

    def _scene(self, q: Quantity, clause: Span) -> Scene:
        carry, setting = self.reader.carry, self.reader.setting
        usable = [t for t in self.times if not t.baseline and not t.document]
        before = next((t for t in reversed(usable) if t.end <= q.start), None)
        later = next((t for t in usable if t.start >= q.end and t.relation is not Relation.PAST), None)
        return Scene(
            self.text, self.span[0], self.span[1], clause, self.cues, before, later, carry.time, carry.target,
            carry.heading or setting.time, setting.document, carry.outsider,
        )  # fmt: skip

    def _draft(
        self,
        kind: str,
        q: Quantity,
        verdict: Verdict,
        predicate: Predicate,
        span: Span | None,
        clause: Span,
        left: int,
        group: Group,
        promise: "commitments.Promise | None",
        *,
        inherited: bool = False,
    ) -> None:
        carry, lexicon, offset = self.reader.carry, self.lexicon, self.line.offset
        metric, words = self._metric(q, predicate, inherited=inherited)
        comparator = self._comparator(q, group, left)
        region, near = self._region(q, span)
        time = verdict.time
        if kind == "actual" and time is not None and time.relation is Relation.FUTURE and not time.until:
            time = None
        text = self.text[span[0] : span[1]] if span else (words or self._fallback())
        years = [t.iso for t in self.times if t.baseline and left <= t.start < q.start and t.year]
        self.reader.drafts.append(
            Draft(
                self.reader.setting.part, kind, self._absolute(q), (span[0] + offset, span[1] + offset) if span else None, text,
                metric, words, comparator, time if kind != "commitment" or (time and time.year) else None, region,
                (self.span[0] + offset, self.span[1] + offset), predicate.base,
                per_year=bool(_PER_YEAR.search(self.text[max(clause[0], left) : q.start])), baseline=years[-1] if years else None,
                recap=self._has("recap", self.span[0], q.start), pattern=f"{kind}.{verdict.because if kind != 'commitment' else 'promise'}",
                heading=self.line.heading, inherited=int(inherited) + int(not near),
                payer=promise.payer if promise else None, beneficiary=promise.beneficiary if promise else None, cap=bool(promise and promise.cap),
            )
        )  # fmt: skip
        if kind in {"target", "actual"}:
            carry.time, carry.target = verdict.time or carry.time, kind == "target"
        carry.region = region or carry.region
        if span and not inherited:
            self.heads = self.heads or (span,)
        self.metric, self.metric_text = metric, words
        carry.subjects, carry.metric = self.heads, metric

    def _fallback(self) -> str:
        return self.metric_text

    def _metric(self, q: Quantity, predicate: Predicate, *, inherited: bool) -> tuple[str, str]:
        metric = predicate.metric
        if metric is None and inherited and not predicate.change:
            metric = self.metric
        if metric is None and q.kind in {"money", "bare", "mass", "power", "energy"}:
            metric = self._metric_after(q)
        if predicate.change and metric == "增速":
            return "增速", predicate.metric_text
        return fitting(metric, q.kind, self.lexicon.metrics), predicate.metric_text

    def _metric_after(self, q: Quantity) -> str | None:
        follows = self.text[q.end : q.end + 12]
        for word in ("装机规模", "装机", "产能", "规模", "投资", "产值", "营收"):
            at = follows.find(word)
            if 0 <= at <= 8 and not re.search(r"[，。；、]", follows[:at]):
                return {
                    "装机规模": "装机",
                    "装机": "装机",
                    "产能": "产能",
                    "规模": "规模",
                    "投资": "投资",
                    "产值": "产值",
                    "营收": "营收",
                }[word]
        return None

    def _comparator(self, q: Quantity, group: Group, left: int) -> Comparator:
        own = compare(self.text[left : q.start], self.text[q.end : q.end + 6], self.lexicon.bounds)
        if own is None and group.items[0] is not q and q.start > group.items[0].start:
            own = compare(self.text[left : group.items[0].start], self.text[q.end : q.end + 6], self.lexicon.bounds)
        if q.half:
            return Comparator.GT
        if own in {None, Comparator.EQ, Comparator.GE} and q.more:
            return Comparator.GT
        if own is None and q.level:
            return Comparator.GE
        return own or Comparator.EQ

    def _region(self, q: Quantity, span: Span | None) -> tuple[str | None, bool]:
        """The place nearest before the number in its sentence, else the one carried, and whether it was near."""
        carry, setting, atlas = self.reader.carry, self.reader.setting, self.lexicon.atlas
        around = carry.region or carry.heading_region or setting.region
        limit = max(q.start, span[1] if span and span[0] >= q.end else 0)
        for place in reversed(self.places):
            if (
                place.end > limit
                or place.foreign
                or self.text[max(0, place.start - 3) : place.start].endswith(
                    ("占", "占到", "占据", "占了", "低于", "高于", "列", "超过", "回")
                )
            ):
                continue
            return regions.resolve(place, around, atlas), True
        return around, False


def _before_bracket(text: str, bracket: int, start: int) -> Span:
    begin = bracket
    while begin > start and text[begin - 1] not in "，。；：、,;于比":
        begin -= 1
    return begin, bracket


def _implied(q: Quantity, text: str, group: Group) -> Quantity:
    """Fills in a unit that is not written: 超万亿 is money, 500万无电人口 are people, a list shares its last unit."""
    if q.kind != "bare":
        return q
    for other in group.items:
        if other.kind != "bare":
            return replace(q, unit=other.unit, kind=other.kind)
    if re.match(r"[一-鿿]{0,6}人口", text[q.end : q.end + 10]):
        return replace(q, unit="人", kind="count")
    return replace(q, unit="元", kind="money")


def period(draft: Draft) -> str | None:
    """The deadline or the day described, as the models want it."""
    return draft.time.iso if draft.time is not None else None


def amount(value: Decimal) -> Decimal:
    """The canonical number."""
    return value.normalize() if value else Decimal(0)
