"""Judges the numbers of one sentence and drafts the measures they make."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, NamedTuple

from consumers.extractors import commitments, locality, modality, opinion, regions, sentences, wording
from consumers.extractors.commitments import Promise
from consumers.extractors.distribution import Group, Member, groups, others
from consumers.extractors.drafts import Draft, Span, Statement
from consumers.extractors.flaws import ENTERED
from consumers.extractors.metrics import metric_at_end
from consumers.extractors.modality import Scene, Verdict
from consumers.extractors.part import Part
from consumers.extractors.predicate import GAP, Predicate
from consumers.extractors.quantities import Quantity
from consumers.extractors.sentence import Sentence
from consumers.extractors.sizes import is_size, measured_on
from consumers.extractors.subjects import Spot, locate, whom
from consumers.extractors.times import Time

_REST = re.compile(r"(?:其余[^，。]{0,12}|(?:其他|其它|另外)[^，。]{0,10}[均都各也为达][^，。]{0,2})$")
_CONDITION = re.compile(
    r"[^。；]{0,60}的(?:企业|单位|项目|个人|机构|人员|平台|团队)?，(?:[^，。；]{0,8})?"
    r"(?:给予|奖励|予以|可|按|由|一次性|再|最高|补|将给予|分别给予)"
)
_FROM = re.compile(r"(?:由|从)[^，。；]{0,24}$")
_ON = re.compile(
    r"(?:左右|以上|以下)?(?:的[一-鿿]{0,6}?)?，?(?:大幅|快速|迅速|逐步|稳步|进一步|一路|直接)*"
    r"[增升降提扩减跃调变压缩回攀涨跌到至发上下]"
)
_PER_YEAR = re.compile(r"每年|年均|年平均|平均每年|逐年|[两三]年平均|连续\d+年")
_ELLIPTIC = re.compile(r"[“\s]*(?:\s+(?:份|当月|单月|来看|看|，)*)?(?:其中|其|该|实现|完成|同比|累计|占|增速|较|比|这)")
_NEW = re.compile(r"新增|净增|新认定|新建|新设|新引进|新签|新开工")
_TOTAL = re.compile(r"累计|总|共|保有|拥有|现有|存量")
_REQUIRED = re.compile(
    r"(?:不超过|不得超过|不高于|不得高于|不低于|不得低于|不少于|不得少于|不小于|不大于|上限[为是]?|下限[为是]?)[^，。；]{0,3}$"
)
"""A number that is asked for or capped; without a time of its own it is no result."""
_APPLIED = re.compile(r"(?:减按|(?:^|[，；、])按(?:照|每[一-鿿]{1,6})?)$")
_OR = re.compile(r"[增减升降涨跌][一-鿿]{0,3}[\d.]+[万亿]?[一-鿿/]{1,4}，?(?:或|即|约合|合)约?$")
"""减少6.2万吨或[36%]: the same change told as a rate."""
_EXISTING = ("现有", "原有", "现有的", "原有的", "原来的", "现在的")
_WIDENED = re.compile(r"[一-鿿]{0,4}(?:扩展|扩大|提高|提升|增加|扩充)(?:至|到|为)")
"""现有的[100家]规模扩展至5000家."""
_OPENS = frozenset({"(", "（"})
_FORMER = ("此前", "此前的", "之前的")
_MEANS = ("依托", "围绕", "借助", "聚焦", "立足")
"""依托144个平台，力争…: what an aim is built on."""
_TASK = frozenset("总任规目")
_MEASURED = _TASK | {"的"}
_SHARE_OF = re.compile(r"(?:规划)?(?:总|目标)?(?:任务|目标)(?:数|量|总数|总量)?的?(?=\d)")
"""超“十四五”[总任务数的]80%: the plan is what the share is measured on."""
_CLAUSE_END = re.compile("[，；。]")
_FLOWS = re.compile("[新净累总共有存]")
_FROM_ALONE = "start of a change without its time"


LOOK_BACK = 600
"""Characters above 当地 in which the place it means is looked for."""


@dataclass(slots=True)
class _Said:
    """What the last number of the sentence was said of."""

    heads: list[Span]
    metric: str | None = None
    kind: str = ""
    behind: bool = False
    """It was the noun behind the number."""
    grown: str | None = None
    """Metric whose change it told: [产值]增长8%，达到300亿元."""
    weak: bool = False
    """The head is only a metric's own words: 出口1329亿元；进口…"""


class _Judged(NamedTuple):
    """What a number turned out to be."""

    kind: str
    reason: str
    verdict: Verdict
    promise: Promise | None


def _flow(words: str) -> Literal["new", "total"] | None:
    """What the words before a number say of its flow: 新增, 累计."""
    if not _FLOWS.search(words):
        return None
    return "new" if _NEW.search(words) else "total" if _TOTAL.search(words) else None


def _month_ahead(time: Time) -> bool:
    """力争6月底完成甲；改造乙: a month inside a part of the sentence holds for that part."""
    return bool(time.month) and time.relation == "future" and not (time.until or time.asof)


class Reader:
    """Reads one sentence.

    Args:
        sentence: the sentence.
        before: drafts of the part so far, for 其余.
        part: the part it stands in.
    """

    def __init__(self, sentence: Sentence, before: Sequence[Draft], part: Part) -> None:
        self.s, self.before, self.part = sentence, before, part
        elliptic = bool(_ELLIPTIC.match(sentence.line.masked, sentence.start))
        if sentence.carry.region is None and (at := sentence.text.find("当地", sentence.start, sentence.end)) >= 0:
            sentence.carry.region = self._there(at)
        self.said = _Said(list(sentence.carry.heads) if elliptic else [])
        self.drafts: list[Draft] = []
        self.doubtful = modality.doubtful(sentence.text, sentence.start, sentence.end)

    def read(self, found: Sequence[Quantity]) -> list[Draft]:
        """The measures of the sentence. Leaves its subjects, time and place to the next one."""
        s = self.s
        s.found = [wording.as_people(q, s.text) if q.kind == "bare" else q for q in found]
        listed = groups(s.text, self._counted())
        used = s.start
        for i, group in enumerate(listed):
            limit = listed[i + 1].items[0].start if i + 1 < len(listed) else s.end
            clause = sentences.clause(s.text, group.items[0].start, group.items[-1].end, s.span)
            spot = locate(s, group, clause, used, limit)
            named, behind = whom(s, spot, self.said.heads, goes_on=self.said.behind)
            if not any(named) and not self.said.heads and i + 1 < len(listed):
                named = self._shared(group, listed[i + 1], clause)
            for q, members in zip(group.items, named, strict=True):
                self._statement(wording.with_unit(s, q, group, spot.predicate), spot, members)
            self.said.behind = behind > group.items[-1].end
            heads = [member.span for members in named for member in members]
            if heads:
                goes_on = used > s.start and s.text[used : spot.left + 1][:1] in {"、", "和"}
                self.said.heads = [*self.said.heads, *heads] if goes_on else heads
                self.said.weak = False
            used = max(behind, group.items[-1].end)
        self._leave(found[0].start if found else s.end)
        return self.drafts

    def _shared(self, group: Group, following: Group, clause: Span) -> list[list[Member]]:
        """新建40万亩、改造30万亩高标准农田: the noun behind the next number of the same unit, named once."""
        last = group.items[-1]
        if self.s.text[last.end : last.end + 1] != "、" or following.items[0].unit != last.unit:
            return [[] for _ in group.items]
        spot = locate(self.s, following, clause, last.end, self.s.end)
        named, _ = whom(self.s, spot, [], goes_on=False)
        return [named[0] for _ in group.items]

    def _there(self, at: int) -> str | None:
        """当地: the last place named before, in the sentence or above it."""
        end = self.s.line.offset + at
        named = self.part.places(max(0, end - LOOK_BACK), end)
        near = [place for place in named if place.region and place.region != regions.NATION]
        return near[-1].region if near else None

    def _leave(self, first: int) -> None:
        s, carry = self.s, self.s.carry
        carry.heads = self.said.heads
        opening = [mention for mention in s.places if mention.place.end <= first and locality.opens(mention, s.text)]
        if opening:
            reach = locality.Reach(s.start, s.start, s.end, counted=False)
            carry.region, _ = locality.choose(opening, reach, carry.region or s.setting.region, s.lexicon.atlas)
        carry.outsider = carry.outsider or "outsider" in s.kinds

    def _counted(self) -> list[Quantity]:
        """The numbers without those that only tell which things another one counts."""
        s, kept = self.s, []
        for i, q in enumerate(s.found):
            following = s.found[i + 1] if i + 1 < len(s.found) else None
            last = s.found[i - 1] if i else None
            if (
                last is not None
                and s.text[last.end : q.start] in _OPENS
                and (q.value, q.unit) == (last.value, last.unit)
            ):
                s.refuse(q, "restated in another unit")
                continue
            if following is not None and measured_on(s.text, q, following):
                s.refuse(q, "count of what a share is measured on")
            elif is_size(s.text, q, following, s.found[i - 1] if i else None, s.cues):
                s.refuse(q, "size of what is counted")
                s.sizes.append(q)
            else:
                kept.append(q)
        return kept

    def _statement(self, q: Quantity, spot: Spot, members: list[Member]) -> None:
        s, predicate = self.s, spot.predicate
        judged = self._judge(q, spot, members)
        if not judged.kind:
            s.refuse(q, judged.reason)
            if judged.reason == _FROM_ALONE:
                metric = wording.metric_of(s, q, predicate, None, "")
                self.said.metric, self.said.kind = wording.fit(s, metric, q), q.kind
            return
        told = self._told(q, spot, judged)
        if _REST.search(s.text, spot.left, q.start):
            rest = others([*self.before, *self.drafts], self.part.text, s.lexicon)
            if rest:
                self._add_rest(told, q, spot, rest)
                return
        if judged.promise and judged.promise.subject:
            members = [Member(judged.promise.subject)]
        inherited = not members
        stands_alone = (
            (self.said.weak or q.kind == "compute") and predicate.metric and not (predicate.change or predicate.base)
        )
        heads = [] if stands_alone else self.said.heads[-1:]
        holders: list[Member | None] = [*members] or [Member(head) for head in heads] or [None]
        for member in holders:
            self._add(told, member, q, spot, inherited=inherited)
        if judged.kind in {"target", "actual"}:
            s.carry.time, s.carry.target = judged.verdict.time or s.carry.time, judged.kind == "target"

    def _judge(self, q: Quantity, spot: Spot, members: list[Member]) -> _Judged:
        s = self.s
        verdict = modality.decide(self._scene(q, spot), q.start, q.end)
        promise = None
        promised = any(draft.told.kind == "commitment" for draft in self.drafts)
        if (
            promised
            or "commit" in s.kinds
            or (q.kind == "money" and commitments.allots(s.text, spot.clause[0], q.start))
        ):
            time = verdict.time
            spent = bool(time and time in s.times and time.relation == "past" and time.month and not time.now)
            promise = commitments.read(s, spot.clause, q, verdict.kind, promised=promised, spent=spent)
        kind = "commitment" if promise else verdict.kind
        reason = self._against(kind, q, spot, members, verdict) if kind else verdict.reason
        return _Judged("" if reason else kind, reason, verdict, promise)

    def _against(self, kind: str, q: Quantity, spot: Spot, members: list[Member], verdict: Verdict) -> str:
        """What speaks against a number that its tense would allow; empty where nothing does."""
        s = self.s
        if _CONDITION.match(s.text, q.end):
            return "condition"
        words = s.text[spot.left : q.start]
        origin = _FROM.search(words) if kind != "commitment" and ("从" in words or "由" in words) else None
        spans = verdict.time is not None and verdict.time.first is not None
        if (
            origin
            and _ON.match(s.text, q.end)
            and not spans
            and not s.timed(spot.left + origin.start(), q.start)
            and "历史" not in words
        ):
            return _FROM_ALONE
        if s.text.startswith("的", q.end) and any(t.baseline and 0 <= q.start - t.end <= 2 for t in s.times):
            return "what is compared with"
        if words.endswith(_EXISTING) and _WIDENED.match(s.text, q.end):
            return _FROM_ALONE
        nameless = not (members or self.said.heads) and spot.predicate.metric_span[0] >= spot.predicate.metric_span[1]
        if s.line.heading and nameless:
            return "headline figure without a subject"
        return self._untold(kind, q, words, verdict)

    def _untold(self, kind: str, q: Quantity, words: str, verdict: Verdict) -> str:
        """What its own words say against an aim or a result."""
        if kind == "target":
            return self._unaimed(q, words)
        if kind != "actual":
            return ""
        if verdict.because == "bare":
            if q.kind in {"share", "money"} and "按" in words and _APPLIED.search(words):
                return "rate that is applied"
            if _REQUIRED.search(words):
                return "cap or requirement"
        doubted = q.level and verdict.because != "past"
        return "size class" if doubted and not ENTERED.search(self.s.text, self.s.start, q.start) else ""

    def _unaimed(self, q: Quantity, words: str) -> str:
        """What its own words say against an aim."""
        if words.endswith(_FORMER):
            return "a figure of the past"
        if q.kind == "count" and words.endswith(_MEANS):
            return "means to an end"
        return "outsider's forecast" if opinion.outside(self.s, self.part, q, words) else ""

    def _left_behind(self, time: Time, q: Quantity) -> bool:
        """由一季度的3.5%提高到5.2%: the time belongs to the first number only."""
        text = self.s.text
        origin = text[time.start] in "从由" or text[time.start - 1 : time.start] in {"从", "由"}
        return origin and any(time.end <= other.start < q.start for other in self.s.found)

    def _listed(self, q: Quantity, spot: Spot, times: Sequence[Time]) -> Time | None:
        """2025年、2030年分别达到50%、80%: each number has its own time."""
        items = spot.group.items
        listed = [time for time in times if time.end <= items[0].start][-len(items) :]
        if len(items) < 2 or len(listed) != len(items):
            return None
        between = (self.s.text[a.end : b.start] for a, b in pairwise(listed))
        if not all(marks in {"、", "和", "与", "及"} for marks in between):
            return None
        return next((time for time, item in zip(listed, items, strict=True) if item.start == q.start), None)

    def _times(self, q: Quantity, spot: Spot) -> tuple[Time | None, Time | None]:
        """The time in force before the number, and the first one behind it that is not past."""
        s = self.s
        usable = [t for t in s.times if not (t.baseline or t.document or self._left_behind(t, q))]
        if any(s.text[t.end : t.end + 1] in _MEASURED for t in usable):
            usable = [t for t in usable if not self._names(t)]
        segment = s.text.rfind("；", s.start, q.start)
        if segment >= 0:
            usable = [t for t in usable if not (t.end <= segment and t.start > s.start and _month_ahead(t))]
        before = self._listed(q, spot, usable) or next((t for t in reversed(usable) if t.end <= q.start), None)
        stop = s.text.find("；", q.end, s.end)
        stop = s.end if stop < 0 else stop
        coming = (t for t in usable if q.end <= t.start < stop and t.year and t.relation != "past")
        later = next(coming, None)
        if later is None or later.month is None:
            return before, later
        ends = next((t for t in usable if t.start == later.end and t.lead and t.year), None)
        return before, ends._replace(start=later.start) if ends else later

    def _names(self, time: Time) -> bool:
        """Whether a time only says what is measured on: 是2020年的[2倍], 超“十四五”总任务数的80%."""
        text, follows = self.s.text, self.s.text[time.end : time.end + 1]
        if follows == "的":
            return any(other.kind == "times" and other.start == time.end + 1 for other in self.s.found)
        return follows in _TASK and bool(_SHARE_OF.match(text, time.end))

    def _scene(self, q: Quantity, spot: Spot) -> Scene:
        s, carry = self.s, self.s.carry
        before, later = self._times(q, spot) if s.times else (None, None)
        return Scene(
            text=s.text,
            start=s.start,
            end=s.end,
            clause=spot.clause,
            cues=s.cues,
            kinds=s.kinds,
            doubtful=self.doubtful,
            before=before,
            later=later,
            announced=later is not None and not any(other.start > later.start for other in s.found),
            taken=later is not None and self._taken(later),
            carried=carry.time,
            carried_target=carry.target,
            heading=carry.heading,
            headline=s.setting.time,
            document=s.setting.document,
            investment=spot.predicate.metric == "投资" and q.kind == "money" and not s.text.startswith("其中"),
            outsider=carry.outsider,
            plan=self._plan(q),
            goes_on=self._aimed(q),
            listed=carry.open,
        )

    def _taken(self, later: Time) -> bool:
        stop = _CLAUSE_END.search(self.s.text, later.end, self.s.end)
        end = stop.start() if stop else self.s.end
        return any(later.end <= other.start < end for other in self.s.found)

    def _plan(self, q: Quantity) -> Time | None:
        """“十四五”规划提出300万千瓦的目标: the plan's own last year, where it is still to come."""
        if not any(t.document for t in self.s.times):
            return None
        named = [t for t in self.s.times if t.document and t.end <= q.start and t.relation != "past"]
        between = named and any(named[-1].end <= t.start < q.start for t in self.s.times)
        return named[-1] if named and not between else None

    def _aimed(self, q: Quantity) -> Time | None:
        """The time of the aim before, where this number goes on with it."""
        s, last = self.s, self.drafts[-1].told if self.drafts else None
        if last is None or last.kind != "target" or last.time is None:
            return None
        since = last.quantity.end - s.line.offset
        return None if any(since <= t.start < q.start and not t.baseline for t in s.times) else last.time

    def _told(self, q: Quantity, spot: Spot, judged: _Judged) -> Statement:
        s, predicate, promise = self.s, spot.predicate, judged.promise
        time = judged.verdict.time
        if judged.kind == "actual" and time is not None and time.relation == "future" and not time.until:
            time = None
        leading = s.text[spot.left : q.start]
        if time is not None and time.first and _FROM.search(leading) and _ON.match(s.text, q.end):
            time = time._replace(year=time.first, month=None, day=None)
        baselines = [t.iso for t in s.times if t.baseline and t.year and spot.left <= t.start < q.start]
        offset = s.line.offset
        return Statement(
            part=s.setting.part,
            kind=judged.kind,
            quantity=Quantity(q.start + offset, q.end + offset, *q[2:]),
            metric_text=s.text[slice(*predicate.metric_span)].strip("的 ，、"),
            comparator=wording.comparator_of(s, q, spot),
            time=time,
            sentence=(s.start + offset, s.end + offset),
            base=s.text[slice(*predicate.base)].strip("的 ") if predicate.base else None,
            grown=self.said.metric if predicate.change and self.said.metric != "增速" else self.said.grown,
            per_year="年" in s.text[spot.clause[0] : q.start]
            and bool(_PER_YEAR.search(s.text, spot.clause[0], q.start)),
            baseline=baselines[-1] if baselines else None,
            recap=s.says("recap", s.start, q.start),
            pattern=f"{judged.kind}.{'promise' if promise else judged.verdict.because}",
            heading=s.line.heading,
            flow=_flow(leading),
            payer=promise.payer if promise else None,
            beneficiary=promise.beneficiary if promise else None,
            cap=bool(promise and promise.cap),
        )

    def _add_rest(self, told: Statement, q: Quantity, spot: Spot, rest: Sequence[Span]) -> None:
        """One draft for each member named before: 其余产业链均为1000亿元."""
        region, near, _ = wording.place_of(self.s, q, None, spot.clause[0], [])
        metric = self._metric(q, spot, None, "", told.kind)
        for span in rest:
            text = self.part.text[slice(*span)]
            self.drafts.append(Draft(told, span, text, metric, region, None, 1 + int(not near)))

    def _add(self, told: Statement, member: Member | None, q: Quantity, spot: Spot, *, inherited: bool) -> None:
        s, predicate, offset = self.s, spot.predicate, self.s.line.offset
        region, near, span = wording.place_of(s, q, member.span if member else None, spot.clause[0], self.drafts)
        text = s.text[slice(*span)] if span else ""
        metric = self._metric(q, spot, member.metric if member else None, text, told.kind)
        if not span and told.metric_text:
            span = self._trimmed(predicate.base if predicate.change and predicate.base else predicate.metric_span)
            text = s.text[slice(*span)] if span else ""
            if span and not predicate.change:
                self.said.heads, self.said.weak = [span], True
        words = f"{text}{told.metric_text}"
        self.drafts.append(
            Draft(
                told,
                (span[0] + offset, span[1] + offset) if span else None,
                text,
                metric,
                region,
                "核心" if "核心" in words else "总体" if "总体" in words else None,
                int(inherited) + int(not near) + int(told.pattern.endswith("inherited")),
            )
        )
        self.said.metric, self.said.kind = metric, q.kind
        self.said.grown = self._grown(predicate) if metric == "增速" else None

    def _grown(self, predicate: Predicate) -> str | None:
        """The metric that a change is one of."""
        if predicate.base is None:
            return self.said.grown if predicate.metric in {None, "增速"} else predicate.metric
        found = metric_at_end(self.s.text[slice(*predicate.base)], self.s.lexicon.metrics)
        return found[1] if found else None

    def _metric(self, q: Quantity, spot: Spot, own: str | None, noun: str, kind: str) -> str:
        if kind == "commitment":
            return wording.promised_metric(q)
        metric = wording.metric_of(self.s, q, spot.predicate, own, noun)
        if metric is None and q.kind == "share" and _OR.search(self.s.text, spot.clause[0], q.start):
            return "增速"
        if metric is None and self.said.kind == q.kind and (self.said.metric != "增速" or spot.predicate.level):
            metric = self.said.metric
        if metric is None and spot.predicate.subject[0] == spot.predicate.subject[1]:
            metric = self.said.grown
        return wording.fit(self.s, metric, q)

    def _trimmed(self, span: Span) -> Span | None:
        """The metric's words as a subject: without the note behind them and what leads up to the number."""
        text, (start, end) = self.s.text, span
        while start < end and text[start] in f"的 ，、{GAP}":
            start += 1
        note = text.find("（", start, end)
        end = note if note > start else end
        cut = self.s.lexicon.nouns.tail.cut(text, start, end)
        end = cut if cut > start else end
        return (start, end) if start < end else None
