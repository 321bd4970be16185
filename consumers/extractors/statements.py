"""Reads the numbers of one sentence: groups them, finds whom they are said of, judges them, and drafts the measures."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chainwatch.models import Comparator
from consumers.extractors import commitments, locality, modality, sentences
from consumers.extractors.comparators import compare
from consumers.extractors.distribution import Group, Member, groups, members, others
from consumers.extractors.drafts import Draft, Setting, Span
from consumers.extractors.metrics import fitting, metric_at_end
from consumers.extractors.modality import Scene, Verdict
from consumers.extractors.nouns import after, trim
from consumers.extractors.predicate import GAP, Predicate, read
from consumers.extractors.quantities import Quantity
from consumers.extractors.sizes import is_size
from consumers.extractors.times import Relation, Time
from consumers.extractors.trace import Refusal

if TYPE_CHECKING:
    from consumers.extractors.lexicon import Lexicon
    from consumers.extractors.measures import Carry, Line

_TRAILING = ("以上", "以下", "左右", "以内", "上下", "之间")
_REST = re.compile(r"(?:其余|其他|其它|另外)[^，。]{0,12}$")
_CONDITION = re.compile(
    r"[^。；]{0,60}的(?:企业|单位|项目|个人|机构|人员|平台|团队)?[，,](?:[^，。；]{0,8})?(?:给予|奖励|予以|可|按|由|一次性|再|最高|补|将给予|分别给予)"
)
_FROM = re.compile(r"(?:由|从)[^，。；]{0,24}$")
_ON = re.compile(
    r"(?:左右|以上|以下)?(?:的[一-鿿]{0,6}?)?[，]?(?:大幅|快速|迅速|逐步|稳步|进一步|一路|直接)*(?:[增升降提扩减跃调变压缩回攀涨跌到至发上下])"
)
_PER_YEAR = re.compile(r"每年|年均|年平均|平均每年|逐年|[两三]年平均|连续\d+年")
_GROWTH_BEHIND = re.compile(r"(?:以上|左右)?的?(?:[一-鿿]{0,4})(?:增长(?![到至])|增速|增幅|速度)")
_ELLIPTIC = re.compile(r"[“\s]*(?:其中|其|该|实现|完成|同比|累计|占|增速|较|比|这)")
_PEOPLE = re.compile(r"[一-鿿]{0,6}人口")
_PER_UNIT = re.compile(r"每(?:千瓦时|吨|公斤|斤|平方米|立方米|度|升|桶|瓦|亩|股|张|台|套|人)[^，。]{0,3}$")
_NO_THING = frozenset(
    {"目标", "规模", "水平", "大关", "目标任务", "发展目标", "关口", "门槛", "投资", "产能", "任务", "高位"}
)
_PER_BEHIND = re.compile(
    r"[/／](?:吨|公斤|斤|千克|克|平方米|立方米|千瓦时|度|瓦|升|桶|盎司|蒲式耳|磅|亩|台|套|股|千升|TEU|标箱)"
)
_MADE = re.compile(r"(?:完成|新增|新建|建成|淘汰|压减|化解|改造|建设|形成)了?(?:约|近|超|超过)?$")
_NEW = re.compile(r"新增|净增|新认定|新建|新设|新引进|新签|新开工")
_TOTAL = re.compile(r"累计|总|共|保有|拥有|现有|存量")
_COUNTED_IN = (
    ("用户", "户"), ("人数", "人"), ("人次", "人次"), ("人口", "人"), ("客流", "人次"), ("销量", "辆"), ("粉丝", "人"), ("会员", "人"), ("订单量", "单"), ("件量", "件"),
)  # fmt: skip
_AFTER_METRICS = (
    ("装机规模", "装机"), ("装机", "装机"), ("产能", "产能"), ("规模", "规模"), ("产值", "产值"), ("营收", "营收"), ("投资", "投资"),
)  # fmt: skip


@dataclass(slots=True)
class _Said:
    """What the last number of the sentence was said of."""

    heads: list[Span]
    metric: str | None = None
    kind: str = ""
    words: str = ""


class Reader:
    """One sentence of a line."""

    def __init__(
        self,
        line: "Line",
        span: Span,
        carry: "Carry",
        setting: Setting,
        lexicon: "Lexicon",
        before: Sequence[Draft],
        text: str,
    ) -> None:
        self.line, self.span, self.carry, self.setting, self.lexicon = line, span, carry, setting, lexicon
        self.before, self.whole = before, text
        self.text = line.text
        self.cues = [cue for cue in line.cues if span[0] <= cue.start < span[1]]
        self.kinds = frozenset[str]().union(*(cue.kinds for cue in self.cues))
        self.times = [time for time in line.times if span[0] <= time.start < span[1]]
        self.places = [mention for mention in line.places if span[0] <= mention.place.start < span[1]]
        elliptic = bool(_ELLIPTIC.match(self.text, span[0]))
        self.said = _Said(list(carry.heads) if elliptic else [])
        self.drafts: list[Draft] = []
        self.sizes: list[Quantity] = []
        self.found: Sequence[Quantity] = ()
        self.used = span[0]
        """Where the last number's words end."""

    def read(self, found: Sequence[Quantity]) -> list[Draft]:
        """The measures of the sentence. Leaves its subjects, time and place to the next one."""
        self.found = found
        kept = self._counted(found)
        for i, group in enumerate(kept):
            nxt = kept[i + 1].items[0].start if i + 1 < len(kept) else self.span[1]
            self._group(group, nxt)
        carry = self.carry
        carry.heads = self.said.heads
        first = found[0].start if found else self.span[1]
        leading = [m for m in self.places if _opens(m, self.text) and m.place.end <= first]
        if leading:
            around = carry.region or self.setting.region
            carry.region = locality.choose(
                leading, self.span[0], self.span[0], self.span[1], around, self.lexicon.atlas, counted=False
            )[0]
        carry.outsider = carry.outsider or "outsider" in self.kinds
        return self.drafts

    def refuse(self, q: Quantity, reason: str) -> None:
        """Tell the observer, if there is one."""
        if self.setting.observe:
            start = self.line.offset
            self.setting.observe(Refusal(self.setting.part, q.start + start, q.end + start, "number", reason))

    def _counted(self, found: Sequence[Quantity]) -> list[Group]:
        kept = []
        found = [_people(q, self.text) for q in found]
        for i, q in enumerate(found):
            following = found[i + 1] if i + 1 < len(found) else None
            if following is not None and _scopes(self.text, q, following):
                self.refuse(q, "count of what a share is measured on")
            elif is_size(self.text, q, following, found[i - 1] if i else None, self.cues):
                self.refuse(q, "size of what is counted")
                self.sizes.append(q)
            else:
                kept.append(q)
        return groups(self.text, kept)

    def _group(self, group: Group, limit: int) -> None:
        first, last = group.items[0], group.items[-1]
        clause = sentences.clause(self.text, first.start, last.end, self.span)
        left = self._left(clause[0])
        predicate = self._predicate(first, clause, left)
        named = self._members(group, predicate, clause, left, limit)
        for q, whom in zip(group.items, named, strict=True):
            self._judge(_implied(q, group, self._unwritten(predicate)), group, predicate, whom, clause, left)
        heads = [member.span for whom in named for member in whom]
        if heads:
            self.said.heads = heads
        self.used = max(self.used, last.end)

    def _unwritten(self, predicate: Predicate) -> tuple[str, str]:
        """Unit and kind of a number without unit: 用户突破7000万 are 户, 规模超万亿 is money."""
        words = self.text[predicate.subject[0] : max(predicate.subject[1], predicate.metric_span[1])]
        for word, unit in _COUNTED_IN:
            if word in words:
                return unit, "count"
        return "元", "money"

    def _left(self, clause: int) -> int:
        left = max(clause, self.used)
        for mark in _TRAILING:
            if left == self.used and self.text.startswith(mark, left):
                return left + len(mark)
        return left

    def _predicate(self, q: Quantity, clause: Span, left: int) -> Predicate:
        """Read what follows the last time of the clause; where that names nothing, read on past it."""
        masked = self.line.masked
        begin = max(
            (time.end for time in self.times if left <= time.start and time.end <= q.start and not time.baseline),
            default=left,
        )
        share = masked.find("占", left, q.start)
        if left <= share < begin:
            begin = left
        predicate = read(masked, begin, q.start, q.kind, self.lexicon)
        if begin > left and predicate.subject[0] == predicate.subject[1]:
            predicate = read(masked, left, q.start, q.kind, self.lexicon)
        if left == clause[0] > self.span[0] and self.text[left - 1] in "（(" and not self.text[left : q.start].strip():
            opened = self._noun_before(left - 1)
            predicate = read(masked, opened, left - 1, q.kind, self.lexicon)
        elif (
            predicate.subject[0] == predicate.subject[1]
            and left == clause[0]
            and left > self.span[0]
            and self.text[left - 1] in "（("
        ):
            around = read(masked, self._noun_before(left - 1), left - 1, q.kind, self.lexicon)
            predicate = predicate._replace(subject=around.subject)
        return predicate

    def _noun_before(self, bracket: int) -> int:
        begin = bracket
        while begin > self.span[0] and self.text[begin - 1] not in "，。；：、,;于比到":
            begin -= 1
        return begin

    def _members(self, group: Group, predicate: Predicate, clause: Span, left: int, limit: int) -> list[list[Member]]:
        """For each number whom it is said of; an empty list inherits."""
        first, last = group.items[0], group.items[-1]
        empty = predicate.subject[0] == predicate.subject[1]
        counted = first.kind == "count" and len(group.items) == 1
        whole = not empty and any((place.start, place.end) == predicate.subject for place in self.line.named)
        made = empty and bool(_MADE.search(self.text[left : first.start]))
        if counted or whole or made or (empty and (not self.said.heads or self.text.startswith("的", last.end))):
            noun = self._noun_after(last, limit) or self._noun_behind_count(last, limit)
            if noun and self._spares(predicate, left, first, empty=empty):
                self.used = noun[1]
                return [[Member(noun)] for _ in group.items]
        wide = self.text[slice(*predicate.subject)] in self.lexicon.nouns.wide and bool(self.said.heads)
        if empty or wide:
            heads = self.said.heads
            if len(group.items) > 1 and len(heads) == len(group.items):
                return [[Member(head)] for head in heads]
            return [[] for _ in group.items]
        return self._spread(group, predicate, left)

    def _spares(self, predicate: Predicate, left: int, q: Quantity, *, empty: bool) -> bool:
        """Whether the noun behind is what is counted: not in A、B各有2家进入."""
        return empty or not self._cue("each", left, q.start) or predicate.subject[1] - predicate.subject[0] < 2

    def _spread(self, group: Group, predicate: Predicate, left: int) -> list[list[Member]]:
        joint = self._cue("joint", left, group.items[-1].end)
        each = self._cue("each", left, group.items[0].start)
        named = members(self.line.masked, predicate, group, self.lexicon, joint=joint, each=each)
        before = min((time.start for time in self.times if left < time.start < predicate.subject[0]), default=left)
        if len(group.items) > 1 and named[0] == named[1] and before > left:
            wider = read(self.line.masked, left, before, group.items[0].kind, self.lexicon)
            again = members(self.line.masked, wider, group, self.lexicon, joint=joint, each=each)
            named = again if again[0] != again[1] else named
        return named

    def _cue(self, kind: str, start: int, end: int) -> bool:
        return kind in self.kinds and any(kind in cue.kinds for cue in self.cues if start <= cue.start < end)

    def _noun_after(self, q: Quantity, limit: int) -> Span | None:
        end = q.end
        for mark in _TRAILING:
            if self.text.startswith(mark, end):
                end += len(mark)
        inner = next((size.end for size in self.sizes if end <= size.start <= end + 14), 0)
        start, stop = after(self.text, end, min(limit, self.span[1]), self.lexicon.nouns, inner)
        if self.text[start:stop] in _NO_THING:
            return None
        found = metric_at_end(self.text[start:stop], self.lexicon.metrics)
        if found and found[0] > 1:
            stop = start + found[0]
        if stop <= start or not re.match(r"[一-鿿A-Za-z“‘\"0-9（]", self.text[start]):
            return None
        return start, stop

    def _noun_behind_count(self, q: Quantity, limit: int) -> Span | None:
        """总投资1200亿元的158个[重大项目]: the sum is theirs."""
        counted = next((other for other in self.found if other.start == limit and other.kind == "count"), None)
        if counted is None or self.text[q.end : limit] != "的":
            return None
        return self._noun_after(counted, self.span[1])

    def _judge(
        self, q: Quantity, group: Group, predicate: Predicate, whom: list[Member], clause: Span, left: int
    ) -> None:
        verdict = modality.decide(self._scene(q, predicate, clause), q.start, q.end)
        promised = any(draft.kind == "commitment" for draft in self.drafts)
        promise = None
        if promised or "commit" in self.kinds:
            promise = commitments.read(self.text, self.span, clause, q, self.cues, verdict.kind, promised=promised)
        kind, reason = (promise.kind, promise.reason) if promise else (verdict.kind, verdict.reason)
        if kind and _CONDITION.match(self.text, q.end):
            kind, reason = "", "condition"
        words = self.text[left : q.start]
        if (
            kind == "actual"
            and _FROM.search(words)
            and _ON.match(self.text, q.end)
            and not self._timed(left, q.start)
            and "历史" not in words
        ):
            kind, reason = "", "start of a change without its time"
        if (
            kind
            and self.line.heading
            and not whom
            and not self.said.heads
            and predicate.metric_span[0] >= predicate.metric_span[1]
        ):
            kind, reason = "", "headline figure without a subject"
        if kind == "actual" and q.level and verdict.because != "past":
            kind, reason = "", "size class"
        if not kind:
            self.refuse(q, reason)
            if reason.startswith("start of a change"):
                self.said.metric, self.said.kind = self._metric(q, predicate, None, "", kind="actual"), q.kind
            return
        if _REST.search(words) and (rest := others([*self.before, *self.drafts], self.whole, self.lexicon)):
            draft = self._draft(kind, verdict, promise, q, group, predicate, clause, left)
            self._add_rest(draft, q, predicate, rest, clause)
            return
        draft = self._draft(kind, verdict, promise, q, group, predicate, clause, left)
        if promise and promise.subject:
            whom = [Member(promise.subject)]
        for member in whom or [Member(head) for head in self._inherited(predicate, q)]:
            self._add(draft, member, q, predicate, clause, inherited=not whom)
        if not whom and not self._inherited(predicate, q):
            self._add(draft, None, q, predicate, clause, inherited=True)
        if kind in {"target", "actual"}:
            self.carry.time, self.carry.target = verdict.time or self.carry.time, kind == "target"

    def _add_rest(self, draft: Draft, q: Quantity, predicate: Predicate, rest: Sequence[Span], clause: Span) -> None:
        """One draft for each member named before: 其余产业链均为1000亿元."""
        region, near, _ = self._place(q, None, clause[0])
        metric = self._metric(q, predicate, None, "", kind=draft.kind)
        for span in rest:
            named = draft._replace(subject=span, subject_text=self.whole[slice(*span)], metric=metric, region=region)
            self.drafts.append(named._replace(inherited=1 + int(not near)))

    def _inherited(self, predicate: Predicate, q: Quantity) -> list[Span]:
        del predicate, q
        return self.said.heads[-1:]

    def _timed(self, start: int, end: int) -> bool:
        return bool(self.times) and any(start <= t.start and t.end <= end and t.year for t in self.times)

    def _left_behind(self, time: Time, q: Quantity) -> bool:
        """由一季度的3.5%提高到5.2%: the time belongs to the first number only."""
        origin = self.text[time.start : time.start + 1] in {"从", "由"} or self.text[time.start - 1 : time.start] in {
            "从",
            "由",
        }
        return origin and any(time.end <= other.start < q.start for other in self.found)

    def _scene(self, q: Quantity, predicate: Predicate, clause: Span) -> Scene:
        carry, setting = self.carry, self.setting
        usable = [
            time for time in self.times if not (time.baseline or time.document) and not self._left_behind(time, q)
        ]
        if q.kind == "times":
            usable = [time for time in usable if self.text[time.end : q.start] != "的"]
        before = next((time for time in reversed(usable) if time.end <= q.start), None)
        later = next(
            (time for time in usable if time.start >= q.end and time.year and time.relation is not Relation.PAST), None
        )
        return Scene(
            self.text, self.span[0], self.span[1], clause, self.cues, self.kinds, before, later, carry.time, carry.target,
            carry.heading,
            setting.time, setting.document, predicate.metric == "投资" and q.kind == "money", carry.outsider,
        )  # fmt: skip

    def _draft(
        self, kind: str, verdict: Verdict, promise: "commitments.Promise | None", q: Quantity, group: Group,
        predicate: Predicate, clause: Span, left: int,
    ) -> Draft:  # fmt: skip
        """Everything but subject, metric and place."""
        time = verdict.time
        if kind == "actual" and time is not None and time.relation is Relation.FUTURE and not time.until:
            time = None
        words = self.text[slice(*predicate.metric_span)].strip("的 ，、")
        leading = self.text[left : q.start]
        baselines = [t.iso for t in self.times if t.baseline and left <= t.start < q.start and t.year]
        offset = self.line.offset
        return Draft(
            part=self.setting.part,
            kind=kind,
            quantity=q._replace(start=q.start + offset, end=q.end + offset),
            subject=None,
            subject_text="",
            metric="",
            metric_text=words,
            comparator=self._comparator(q, group, left),
            time=time,
            region=None,
            sentence=(self.span[0] + offset, self.span[1] + offset),
            base=self.text[slice(*predicate.base)].strip("的 ") if predicate.base else None,
            per_year=bool(_PER_YEAR.search(self.text[clause[0] : q.start])),
            baseline=baselines[-1] if baselines else None,
            recap=self._cue("recap", self.span[0], q.start),
            pattern=f"{kind}.{'promise' if promise else verdict.because}",
            heading=self.line.heading,
            inherited=0,
            payer=promise.payer if promise else None,
            beneficiary=promise.beneficiary if promise else None,
            cap=bool(promise and promise.cap),
            flow="new" if _NEW.search(leading) else "total" if _TOTAL.search(leading) else None,
        )

    def _add(
        self, draft: Draft, member: Member | None, q: Quantity, predicate: Predicate, clause: Span, *, inherited: bool
    ) -> None:
        span = member.span if member else None
        region, near, span = self._place(q, span, clause[0])
        own = member.metric if member else None
        text = self.text[slice(*span)] if span else ""
        metric = self._metric(q, predicate, own, text, kind=draft.kind)
        if not span and draft.metric_text:
            span = self._trimmed(predicate.base if predicate.change and predicate.base else predicate.metric_span)
            text = self.text[slice(*span)]
            if not predicate.change:
                self.said.heads = [span]
        words = f"{text}{draft.metric_text}"
        offset = self.line.offset
        self.drafts.append(
            draft._replace(
                subject=(span[0] + offset, span[1] + offset) if span else None,
                subject_text=text,
                metric=metric,
                region=region,
                inherited=int(inherited) + int(not near) + int(draft.pattern.endswith("inherited")),
                scope="核心" if "核心" in words else "总体" if "总体" in words else None,
            )
        )
        self.said.metric, self.said.kind, self.said.words = metric, q.kind, draft.metric_text

    def _trimmed(self, span: Span) -> Span:
        start, end = span
        while start < end and self.text[start] in f"的 ，、{GAP}":
            start += 1
        note = self.text.find("（", start, end)
        end = note if note > start else end
        cut = self.lexicon.nouns.tail.cut(self.text, start, end)
        return start, cut if cut > start else end

    def _place(self, q: Quantity, span: Span | None, clause: int) -> tuple[str | None, bool, Span | None]:
        """Region, whether the sentence names it, and the subject without the place that leads it."""
        atlas = self.lexicon.atlas
        around = self.carry.region or self.carry.heading_region or self.setting.region
        for mention in self.line.places:
            place = mention.place
            if span is None or place.start != span[0]:
                continue
            if place.end == span[1]:
                return place.region, True, self._other_head(span)
            start = place.end + (self.text[place.end : place.end + 1] == "的")
            if span[1] - start >= 2:
                span = trim(self.text, start, span[1], self.lexicon.nouns)
        exact = next((p for p in self.line.named if p.region and (p.start, p.end) == span), None)
        if exact:
            return exact.region, True, self._other_head(span)
        limit = max(q.start, span[1] if span and span[0] >= q.end else 0)
        segment = max(self.text.rfind(mark, self.span[0], q.start) for mark in "；;") + 1
        region, near = locality.choose(
            self.places, clause, max(segment, self.span[0]), limit, around, atlas, counted=q.kind == "count"
        )
        return region, near, span

    def _other_head(self, span: Span | None) -> Span | None:
        """The subject of a number that is said of places alone: what the numbers before were said of."""
        heads = [draft.subject for draft in self.drafts if draft.subject]
        heads = [(start - self.line.offset, end - self.line.offset) for start, end in heads]
        return next((head for head in reversed(heads) if head[0] < (span or head)[0]), span)

    def _metric(self, q: Quantity, predicate: Predicate, own: str | None, noun: str, *, kind: str) -> str:
        metrics = self.lexicon.metrics
        if kind == "commitment":
            return {"share": "占比", "time": "时间", "area": "面积"}.get(q.kind, "金额")
        if (predicate.change or _GROWTH_BEHIND.match(self.text, q.end)) and q.kind in {"share", "times", "points"}:
            return predicate.metric if predicate.metric in metrics.keep_under_growth else "增速"
        metric = own or predicate.metric
        if (
            metric is None
            and _PER_UNIT.search(self.text[max(self.span[0], q.start - 8) : q.start])
            and q.kind == "money"
        ):
            return "价格"
        if q.kind == "money" and _PER_BEHIND.match(self.text, q.end):
            return "价格"
        if q.kind == "count" and metric in {None, "数量"}:
            return (
                "就业"
                if noun.endswith(("岗位", "就业")) or "从业人员" in noun
                else "人口"
                if noun.endswith("人口")
                else "数量"
            )
        if metric is None:
            metric = self._metric_behind(q)
        if metric is None and self.said.kind == q.kind and (self.said.metric != "增速" or predicate.level):
            metric = self.said.metric
        return fitting(metric, q.kind, metrics)

    def _metric_behind(self, q: Quantity) -> str | None:
        if q.kind not in {"money", "bare", "mass", "power", "energy"}:
            return None
        follows = re.match(r"[^，。；、]{0,14}", self.text[q.end : q.end + 14])
        text = follows[0] if follows else ""
        return next((metric for word, metric in _AFTER_METRICS if word in text), None)

    def _comparator(self, q: Quantity, group: Group, left: int) -> Comparator:
        behind = self.text[q.end : q.end + 6]
        own = compare(self.text[left : q.start], behind, self.lexicon.bounds)
        if own is None and q.start > group.items[0].start:
            own = compare(self.text[left : group.items[0].start], behind, self.lexicon.bounds)
        if q.half or (q.more and own in {None, Comparator.EQ, Comparator.GE}):
            return Comparator.GT
        return own or (Comparator.GE if q.level else Comparator.EQ)


def _scopes(text: str, q: Quantity, following: Quantity) -> bool:
    """338个城市细颗粒物年均浓度为50微克: the count only says what the other number was measured on."""
    measured = following.kind in {"share", "concentration"} and q.kind == "count"
    return (
        measured
        and not re.search(r"[，。；、：]", text[q.end : following.start])
        and len(text[q.end : following.start]) > 4
    )


def _opens(mention: locality.Mention, text: str) -> bool:
    """Whether the place holds for the sentences that follow too."""
    passing = mention.place.foreign or mention.local or mention.area or mention.body
    return mention.lead and not passing and text[mention.place.start - 1 : mention.place.start] != "在"


def _implied(q: Quantity, group: Group, unwritten: tuple[str, str]) -> Quantity:
    """Fills in a unit that is not written: a list shares its last unit, else what the words before measure in."""
    if q.kind != "bare":
        return q
    for other in group.items:
        if other.kind != "bare":
            return q._replace(unit=other.unit, kind=other.kind)
    unit, kind = unwritten
    return q._replace(unit=unit, kind=kind)


def _people(q: Quantity, text: str) -> Quantity:
    """500万无电人口: people are counted without a unit."""
    people = q.kind == "bare" and _PEOPLE.match(text, q.end)
    return q._replace(unit="人", kind="count") if people else q
