"""What a number says of its subject: metric, comparator, unit where none is written, and the place it is about."""

import re
from collections.abc import Sequence

from chainwatch.models import Comparator
from consumers.extractors import locality
from consumers.extractors.comparators import compare
from consumers.extractors.distribution import Group
from consumers.extractors.drafts import Draft, Span
from consumers.extractors.flaws import CROWD
from consumers.extractors.metrics import fitting
from consumers.extractors.nouns import trim
from consumers.extractors.predicate import Predicate
from consumers.extractors.quantities import Quantity
from consumers.extractors.regions import NATION
from consumers.extractors.sentence import Sentence
from consumers.extractors.subjects import Spot

_CHANGING = frozenset({"share", "times", "points"})
_GROWTH_BEHIND = re.compile(r"(?:以上|左右)?的?(?:[一-鿿]{0,4})(?:增长(?![到至])|增速|增幅|速度)")
_WEAK = frozenset({None, Comparator.EQ, Comparator.GE})
"""What 多 and 余 are stronger than."""
_PER_UNIT = re.compile(r"每(?:千瓦时|吨|公斤|斤|平方米|立方米|度|升|桶|瓦|亩|股|张|台|套|人)[^，。]{0,3}$")
_PER_BEHIND = re.compile(
    r"[/／](?:吨|公斤|斤|千克|克|平方米|立方米|千瓦时|度|瓦|升|桶|盎司|蒲式耳|磅|亩|台|套|股|千升|TEU|标箱)"
)
_BEHIND = re.compile(r"[^，。；、]{0,14}")
_BEHIND_METRICS = ("装机", "产能", "规模", "产值", "营收", "投资")
_REACH = 18
"""Characters behind a count in which the capacity it tells is named."""
_ABLE = re.compile(r"[^，。；、]{0,12}?的?(?:生产能力|产能)(?=[，。；])")
"""100万辆新能源汽车的[生产能力]."""
_PROMISED = {"share": "占比", "time": "时间", "area": "面积"}
_COUNTED_IN = (
    ("用户", "户"), ("人数", "人"), ("人次", "人次"), ("人口", "人"), ("客流", "人次"), ("销量", "辆"), ("粉丝", "人"),
    ("会员", "人"), ("订单量", "单"), ("件量", "件"),
)  # fmt: skip


def metric_of(s: Sentence, q: Quantity, predicate: Predicate, own: str | None, noun: str) -> str | None:
    """The metric that words tell, `own` being the member's; None where only the unit can tell."""
    if q.kind in _CHANGING and (predicate.change or _GROWTH_BEHIND.match(s.text, q.end)):
        return predicate.metric if predicate.metric in s.lexicon.metrics.keep_under_growth else "增速"
    metric = own or predicate.metric
    if q.kind == "money":
        for_each = _PER_UNIT.search(s.text[max(s.start, q.start - 8) : q.start]) or _PER_BEHIND.match(s.text, q.end)
        if for_each and metric in {None, "金额", "价格"}:
            return "价格"
    if q.kind == "count" and metric in {None, "数量"}:
        able = s.text.find("能", q.end, q.end + _REACH) >= 0 and _ABLE.match(s.text, q.end)
        return "产能" if able else _counted(noun)
    return metric or _metric_behind(s, q)


def promised_metric(q: Quantity) -> str:
    """What a commitment's number measures."""
    return _PROMISED.get(q.kind, "金额")


def fit(s: Sentence, metric: str | None, q: Quantity) -> str:
    """The metric where the unit can measure it, else the unit's own."""
    if q.kind == "power" and metric == "规模":
        return "装机"
    return metric if metric in {"增速", "价格"} and metric else fitting(metric, q.kind, s.lexicon.metrics)


def _counted(noun: str) -> str:
    if noun.endswith(("岗位", "就业")) or "从业人员" in noun:
        return "就业"
    return "人口" if noun.endswith("人口") else "数量"


def _metric_behind(s: Sentence, q: Quantity) -> str | None:
    """形成500万吨钢的综合[产能]: the metric follows the number."""
    if q.kind not in {"money", "bare", "mass", "power", "energy"}:
        return None
    follows = _BEHIND.match(s.text, q.end)
    text = follows[0] if follows else ""
    return next((metric for metric in _BEHIND_METRICS if metric in text), None)


def comparator_of(s: Sentence, q: Quantity, spot: Spot) -> Comparator:
    """The number's own word; in a list, the word before the first number where it has none."""
    behind, first = s.text[q.end : q.end + 6], spot.group.items[0].start
    own = compare(s.text[spot.left : q.start], behind, s.lexicon.bounds)
    if own is None and q.start > first:
        own = compare(s.text[spot.left : first], behind, s.lexicon.bounds)
    if own is Comparator.LE and spot.predicate.change and s.text.endswith(("最高达到", "最高达"), 0, q.start):
        return Comparator.GE
    if q.half or (q.more and own in _WEAK):
        return Comparator.GT
    return own or (Comparator.GE if q.level else Comparator.EQ)


def with_unit(s: Sentence, q: Quantity, group: Group, predicate: Predicate) -> Quantity:
    """Fills in a unit that is not written: a list's own, else what the words before are counted in, else 元."""
    if q.kind != "bare":
        return q
    for other in group.items:
        if other.kind != "bare":
            return q._replace(unit=other.unit, kind=other.kind)
    words = s.text[predicate.subject[0] : max(predicate.subject[1], predicate.metric_span[1])]
    unit = next((unit for word, unit in _COUNTED_IN if word in words), None)
    return q._replace(unit=unit, kind="count") if unit else q._replace(unit="元", kind="money")


def as_people(q: Quantity, text: str) -> Quantity:
    """500万无电人口: people are counted without a unit."""
    people = q.kind == "bare" and CROWD.match(text, q.end)
    return q._replace(unit="人", kind="count") if people else q


def place_of(
    s: Sentence, q: Quantity, subject: Span | None, clause: int, before: Sequence[Draft]
) -> tuple[str | None, bool, Span | None]:
    """Region, whether the sentence names it, and the subject without the place that leads it.

    A subject that is a place alone (京津冀下降27.4%) gives way to what the drafts `before` were said of.
    """
    if subject is not None:
        for place in s.line.named:
            if place.start != subject[0] or not place.region:
                continue
            if place.end == subject[1]:
                return place.region, True, _head_before(s, place.start, before) or subject
            start = place.end + (s.text[place.end : place.end + 1] == "的")
            left = s.text[start : subject[1]]
            if len(left) >= 2 and left not in s.lexicon.nouns.wide and any(m.place is place for m in s.line.places):
                trimmed = trim(s.text, start, subject[1], s.lexicon.nouns)
                subject = trimmed if trimmed[0] < trimmed[1] else (place.start, place.end)
    carry = s.carry
    around = carry.region or carry.heading_region or s.setting.region
    limit = max(q.start, subject[1] if subject and subject[0] >= q.end else 0)
    segment = max(s.start, s.text.rfind("；", s.start, q.start) + 1)
    near = locality.Reach(clause, segment, limit, counted=q.kind == "count")
    if around == NATION and s.setting.region and any(m.place.relative for m in s.places):
        around = s.setting.region
    region, named = locality.choose(s.places, near, around, s.lexicon.atlas)
    return region, named, subject


def _head_before(s: Sentence, at: int, before: Sequence[Draft]) -> Span | None:
    """The subject of the last draft whose subject stands before a place of the line; a span into the line."""
    offset = s.line.offset
    named = (draft.subject for draft in reversed(before) if draft.subject is not None)
    return next(((a - offset, b - offset) for a, b in named if a - offset < at), None)
