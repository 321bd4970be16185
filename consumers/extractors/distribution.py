"""Lists that share numbers: A、B分别达到x、y; A、B均超x; 其余均为x."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from consumers.extractors.drafts import Draft
from consumers.extractors.metrics import metric_at_end
from consumers.extractors.nouns import split, trim
from consumers.extractors.predicate import Predicate
from consumers.extractors.quantities import Quantity

if TYPE_CHECKING:
    from consumers.extractors.lexicon import Lexicon

Span = tuple[int, int]
_BETWEEN = re.compile(
    r"(?:以上|左右|以内|以下|上下|多)?(?:[、和与及,/]|以及|，和)(?:约|近|超|超过|达|下降|增长|提高)?$"
)
_COUNTED = re.compile(
    r"(?:等?[一二两三四五六七八九十\d]{1,3}(?:家|大|个|项|类|地|省|市|种)[一-鿿]{0,6}|等(?:\d+[个家])?(?:重点)?(?:行业|领域|产业|地|省份|城市|产品)?)$"
)
_RATE_TAIL = re.compile(r"等?的?(?:年均|平均|累计)?(?:增速|增幅|增长率)$|等$|(?:同比|环比)?分别[^、]{0,12}$")
_APPOSITION = re.compile(r"[一二两三四五六七八九十\d]{1,3}(?:种|类|大|项|个|地|省|市)(?![业型])")
_PLAIN = re.compile(r"[^的在了于]{2,14}")
_ENUMERATION = re.compile(r"(?:包括|涵盖|即|包含|分为|分别是|为|是|：)([^。；，：]{2,30}(?:、[^。；，：]{2,30}){3,40})")
_RANKS = re.compile(r"产业生态圈|产业集群|产业链|产业|行业")
_SPREADS = frozenset({"产值", "规模", "增加值", "营收", "增速", "装机", "产能"})


_JOINS = frozenset({"和", "与", "及", "以及", "、"})
"""销售收入[和]出口额均翻一番: two measures of one thing."""


class Group(NamedTuple):
    """Numbers joined only by marks of a list; mostly one."""

    items: tuple[Quantity, ...]


class Member(NamedTuple):
    """Whom a number is said of; its own metric where the list names one for each."""

    span: Span
    metric: str | None = None


def groups(text: str, found: Sequence[Quantity]) -> list[Group]:
    """The numbers of a sentence, joined where nothing but a list's mark stands between them."""
    result: list[list[Quantity]] = []
    for q in found:
        last = result[-1][-1] if result else None
        if last is not None and last.unit == "个" and q.kind == "points" and q.start - last.end <= 1:
            last = last._replace(unit=q.unit, kind=q.kind)
            result[-1][-1] = last
        joined = last is not None and q.start - last.end <= 6 and bool(_BETWEEN.match(text[last.end : q.start]))
        if joined and last is not None and (last.kind != "count" or q.kind == "count"):
            result[-1].append(q)
        else:
            result.append([q])
    return [Group(tuple(items)) for items in result]


def members(
    text: str, predicate: Predicate, group: Group, lexicon: "Lexicon", *, joint: bool, each: bool
) -> list[list[Member]]:
    """For each number of the group, whom it is said of: one member, or several that share it."""
    subject, wanted = predicate.subject, len(group.items)
    alone = Member(subject)
    span = (subject[0], max(subject[1], predicate.metric_span[0] if not predicate.change else subject[1]))
    if wanted > 1:
        widest = (subject[0], max(subject[1], predicate.metric_span[1]))
        for whole in (span, widest):
            parts = split(text, *whole, lexicon.nouns, wanted)
            if len(parts) == wanted:
                return [[member] for member in _named(text, parts, lexicon)]
        return [[alone] for _ in group.items]
    second = predicate.base or predicate.metric_span
    if each and text[subject[1] : second[0]] in _JOINS and metric_at_end(text[slice(*subject)], lexicon.metrics):
        return [[alone, Member(second)]]
    parts = split(text, *subject, lexicon.nouns)
    if len(parts) < 2 or joint or (_APPOSITION.search(text, *parts[-1]) and not each):
        return [[alone]]
    named = _named(text, parts, lexicon)
    plain = all(_PLAIN.fullmatch(text, *member.span) for member in named)
    spreads = predicate.metric in _SPREADS and group.items[0].kind in {"money", "bare", "share", "power", "mass"}
    if each or (plain and spreads and not _COUNTED.search(text, *subject)):
        return [[Member(member.span) for member in named]]
    return [[alone]]


def _named(text: str, parts: Sequence[Span], lexicon: "Lexicon") -> list[Member]:
    """Members without their metric's words; one that is nothing else borrows the first member's name."""
    named: list[Member] = []
    for listed in parts:
        rate = _RATE_TAIL.search(text, *listed)
        part = (listed[0], rate.start()) if rate and rate.start() > listed[0] else listed
        start, end = trim(text, *part, lexicon.nouns)
        if start < end and part[0] < start and metric_at_end(text[slice(*part)], lexicon.metrics):
            start = part[0]
        found = metric_at_end(text[start:end], lexicon.metrics)
        if found:
            end = start + found[0]
        if start == end:
            rest = metric_at_end(text[slice(*part)], lexicon.metrics)
            start, end = part[0], part[0] + rest[0] if rest else part[1]
        counted = _COUNTED.search(text, start, end)
        if counted and counted.start() > start:
            end = counted.start()
        if start == end and named and part == listed:
            start, end = named[0].span
        named.append(Member((start, end) if start < end else part, found[1] if found else None))
    return named


def others(drafts: Sequence[Draft], text: str, lexicon: "Lexicon") -> list[Span]:
    """Members of a list named before, of which the drafts of the last sentence say nothing: 其余. Spans into `text`."""
    sentence = drafts[-1].told.sentence if drafts else (0, 0)
    names = [draft.subject_text for draft in drafts if draft.told.sentence == sentence]
    for match in _ENUMERATION.finditer(text, 0, sentence[1]):
        spans = [_member_of(text, part, lexicon) for part in split(text, *match.span(1), lexicon.nouns)]
        left = [
            span
            for span in spans
            if span[0] < span[1] and not any(_same(text[span[0] : span[1]], name) for name in names)
        ]
        if len(names) >= 2 and len(spans) - len(left) >= 2 and left:
            return left
    return []


def _member_of(text: str, part: Span, lexicon: "Lexicon") -> Span:
    start, end = trim(text, *part, lexicon.nouns)
    counted = re.search(r"等?[一二三四五六七八九十]{1,2}大|等", text[start:end])
    return (start, start + counted.start()) if counted and counted.start() else (start, end)


def _same(a: str, b: str) -> bool:
    a, b = _RANKS.sub("", a), _RANKS.sub("", b)
    return bool(a) and bool(b) and (a in b or b in a)
