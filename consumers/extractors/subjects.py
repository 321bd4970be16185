"""Whom the numbers of a group are said of: the words before them, the noun behind them, or what was named before."""

import re
from typing import NamedTuple

from consumers.extractors import lookback
from consumers.extractors.distribution import Group, Member, members
from consumers.extractors.drafts import Span
from consumers.extractors.flaws import CROWD
from consumers.extractors.metrics import metric_at_end
from consumers.extractors.nouns import after
from consumers.extractors.predicate import Predicate, read
from consumers.extractors.quantities import Quantity
from consumers.extractors.sentence import Sentence

TRAILING = ("以上", "以下", "左右", "以内", "上下", "之间")
"""Words that belong to the number before them."""
_RATE = re.compile(r"[/／](?:年|月|日|天|小时|吨|亩|平方米|千瓦时|公斤|斤|台|套|股|人)")
_AIM_ALONE = frozenset({"目标", "目标任务", "发展目标", "任务", "总目标"})
_NO_THING = frozenset(
    {"目标", "规模", "水平", "大关", "目标任务", "发展目标", "关口", "门槛", "投资", "产能", "任务", "高位"}
)
_AIMED = re.compile(r"的?(?:发展|总体|年度|预期|规划)?(?:目标任务|目标)$")
_JOINS_NEXT = re.compile(r"(?<=..)[和与及][一-鿿]{2,}等?$")
"""3个甲和乙等4个丙: what stands behind 和 belongs to the next number."""
_AND = re.compile(r"(?:、|和|与|及|以及|，)")
"""18亿亩甲和15亿亩乙: between two numbers that each have their noun behind them."""
_OF = re.compile(r"(?:以上|左右|以内|以下)?的")
_MADE = re.compile(
    r"(?:完成|新增|新建|建成|淘汰|压减|化解|改造|建设|建造|铺设|架设|形成)了?(?:全年|今年|年度|首批)?(?:约|近|超|超过)?$"
)
_BUILT = re.compile(r"(?:打造|建设|新建|改造|新增|种植|修建|铺设|架设|建)(?:了|约|近|超过?)?$")
_BULK = frozenset({"mass", "volume", "energy", "area"})
_HANDLED = re.compile(
    r"(?:(?:购买|采购|进口|出口|销售|收购|投放|运输|处理|种植|收获|储备|供应|调运|加工|交付)了|已经?有|共有)(?:约|近|超过?)?$"
)
"""从海外购买了60万吨[食糖]: the thing stands behind its amount."""
_FOR = re.compile(
    r"(?:以上|左右)?(?:资金)?，?(?:用于|进行|实施|建设|新建|修建|改造|扩大|扩建|打造|发展|推进|开展)(?:\d+[个项座条家])?(?=[一-鿿])"
)
_NOUN = re.compile(r"[一-鿿A-Za-z“‘\"0-9（]")
_BEFORE_NOUN = frozenset("，。；：、,;于比到")


class Spot(NamedTuple):
    """Where a group stands: its clause, where the words before it begin, and where the next number begins."""

    group: Group
    clause: Span
    left: int
    limit: int
    predicate: Predicate


def locate(s: Sentence, group: Group, clause: Span, used: int, limit: int) -> Spot:
    """Read the words before a group; `used` is where the words of the number before it end."""
    left = max(clause[0], used)
    rate = _RATE.match(s.text, left) if left == used else None
    left = rate.end() if rate else left
    for mark in TRAILING:
        if left == used and s.text.startswith(mark, left):
            left += len(mark)
            break
    return Spot(group, clause, left, limit, _predicate(s, group.items[0], clause, left))


def _predicate(s: Sentence, q: Quantity, clause: Span, left: int) -> Predicate:
    """Read what follows the last time of the clause; where that names nothing, read on past it."""
    masked, lexicon = s.line.masked, s.lexicon
    begin = left
    for time in s.times:
        if left <= time.start and begin < time.end <= q.start and not time.baseline:
            begin = time.end
    if begin > left and left <= masked.find("占", left, q.start) < begin:
        begin = left
    predicate = read(masked, begin, q.start, q.kind, lexicon)
    if any((size.start, size.end) == predicate.subject for size in s.sizes):
        predicate = predicate._replace(subject=(q.start, q.start))
    empty = predicate.subject[0] == predicate.subject[1]
    if begin > left and empty:
        predicate = read(masked, left, q.start, q.kind, lexicon)
        empty = predicate.subject[0] == predicate.subject[1]
    if empty and left == clause[0] > s.start and s.text[left - 1] in "（(":
        around = read(masked, _noun_before(s, left - 1), left - 1, q.kind, lexicon)
        return predicate._replace(subject=around.subject) if s.text[left : q.start].strip() else around
    return predicate


def _noun_before(s: Sentence, bracket: int) -> int:
    begin = bracket
    while begin > s.start and s.text[begin - 1] not in _BEFORE_NOUN:
        begin -= 1
    return begin


def whom(s: Sentence, spot: Spot, heads: list[Span], *, goes_on: bool) -> tuple[list[list[Member]], int]:
    """For each number the members it is said of, empty where it inherits; and where the noun behind ends.

    `goes_on`: the number before was said of the noun behind it.
    """
    items, predicate = spot.group.items, spot.predicate
    first, last = items[0], items[-1]
    empty = predicate.subject[0] == predicate.subject[1] or s.text[slice(*predicate.subject)] in _AIM_ALONE
    spent = predicate.metric == "投资" and _spent_on(s, last) if first.kind == "money" else None
    if spent and (empty or any((place.start, place.end) == predicate.subject for place in s.line.named)):
        return [[Member(spent)] for _ in items], spent[1]
    if _counts(s, spot, heads, empty=empty, goes_on=goes_on):
        noun = _noun_after(s, last, spot.limit) or _noun_behind_count(s, last, spot.limit)
        if noun and (
            empty or not s.says("each", spot.left, first.start) or predicate.subject[1] - predicate.subject[0] < 2
        ):
            return [[Member(noun)] for _ in items], noun[1]
    wide = bool(heads) and first.kind != "count" and s.text[slice(*predicate.subject)] in s.lexicon.nouns.wide
    if not (empty or wide):
        spread = _spread(s, spot)
        listed = lookback.listed_before(s, spot) if len(items) > 1 and spread[0] == spread[-1] else None
        return listed or spread, last.end
    return _elsewhere(s, spot, heads, empty=empty), last.end


def _elsewhere(s: Sentence, spot: Spot, heads: list[Span], *, empty: bool) -> list[list[Member]]:
    """What the clause before names, else the things named last in order, else nothing: then it inherits."""
    items = spot.group.items
    if empty and len(items) > 1 and (listed := lookback.listed_before(s, spot)):
        return listed
    if empty and (said := lookback.clause_before(s, spot)):
        return said
    if len(items) > 1 and len(heads) == len(items):
        return [[Member(head)] for head in heads]
    return [[] for _ in items]


def _counts(s: Sentence, spot: Spot, heads: list[Span], *, empty: bool, goes_on: bool) -> bool:
    """Whether the noun behind the number may be what it is said of: 培育90家[绿色工厂], 30亿元的[基金]."""
    first, last = spot.group.items[0], spot.group.items[-1]
    if first.kind == "count" and len(spot.group.items) == 1:
        return True
    if first.kind in _BULK and _HANDLED.search(s.text, spot.left, first.start):
        return True
    if first.kind in {"area", "length"} and _BUILT.search(s.text, spot.left, first.start):
        return True
    if empty:
        made = _MADE.search(s.text, spot.left, first.start)
        parallel = goes_on and _AND.fullmatch(s.text, spot.left, first.start)
        return bool(made or parallel or not heads or _OF.match(s.text, last.end))
    return any((place.start, place.end) == spot.predicate.subject for place in s.line.named)


def _spread(s: Sentence, spot: Spot) -> list[list[Member]]:
    group, masked = spot.group, s.line.masked
    joint = s.says("joint", spot.left, group.items[-1].end)
    each = s.says("each", spot.left, group.items[0].start)
    named = members(masked, spot.predicate, group, s.lexicon, joint=joint, each=each)
    if len(group.items) > 1 and named[0] == named[1]:
        subject = spot.predicate.subject[0]
        before = min((time.start for time in s.times if spot.left < time.start < subject), default=spot.left)
        wider = read(masked, spot.left, before, group.items[0].kind, s.lexicon)
        again = members(masked, wider, group, s.lexicon, joint=joint, each=each)
        return again if again[0] != again[1] else named
    return named


def _noun_after(s: Sentence, q: Quantity, limit: int) -> Span | None:
    end = q.end
    for mark in TRAILING:
        if s.text.startswith(mark, end):
            end += len(mark)
    crowd = CROWD.match(s.text, q.end) if q.unit == "人" and s.text[q.end - 1] in "万亿多余" else None
    if crowd:
        return q.end, crowd.end()
    inner = next((size.end for size in s.sizes if end <= size.start <= end + 14), 0)
    rate = _RATE.match(s.text, inner) if inner else None
    inner = rate.end() if rate else inner
    start, stop = after(s.text, end, min(limit, s.end), s.lexicon.nouns, inner)
    aim = _AIMED.search(s.text, start, stop)
    stop = aim.start() if aim else stop
    noun = s.text[start:stop]
    if noun in _NO_THING or (aim and not noun):
        return None
    metric = metric_at_end(noun, s.lexicon.metrics)
    if aim and metric and metric[0] == 0:
        return None
    if metric and metric[0] > 1:
        stop = start + metric[0]
    joined = _JOINS_NEXT.search(s.text, start, stop) if stop >= limit and not aim else None
    stop = joined.start() if joined else stop
    while stop > start + 1 and s.text[stop - 1] == "的":
        stop -= 1
    return (start, stop) if stop > start and _NOUN.match(noun) else None


def _spent_on(s: Sentence, q: Quantity) -> Span | None:
    """投资6亿元实施30个[生态项目]: what the money is for."""
    verb = _FOR.match(s.text, q.end, s.end)
    if verb is None:
        return None
    start, stop = after(s.text, verb.end(), s.end, s.lexicon.nouns)
    return (start, stop) if stop - start > 1 and _NOUN.match(s.text, start) else None


def _noun_behind_count(s: Sentence, q: Quantity, limit: int) -> Span | None:
    """总投资1200亿元的158个[重大项目]: the sum is theirs. 新开通10条、983公里[高速公路]: both are."""
    between = s.text[q.end : limit]
    if between not in {"的", "、"}:
        return None
    following = next((other for other in s.found if other.start == limit), None)
    if following is None or (following.kind != "count" and (between == "的" or following.kind != "length")):
        return None
    return _noun_after(s, following, s.end)
