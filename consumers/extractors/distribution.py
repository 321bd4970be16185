"""Lists that share numbers: A、B分别达到x、y; A、B均超x; 其余均为x."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consumers.extractors.metrics import metric_at_end
from consumers.extractors.nouns import split, trim
from consumers.extractors.quantities import Quantity

if TYPE_CHECKING:
    from consumers.extractors.lexicon import Lexicon
    from consumers.extractors.measures import Draft

Span = tuple[int, int]
_BETWEEN = re.compile(
    r"(?:以上|左右|以内|以下|上下|多)?(?:[、和与及,/]|以及|，和)(?:约|近|超|超过|达|下降|增长|提高)?$"
)
_COUNTED = re.compile(
    r"(?:等?[一二两三四五六七八九十\d]{1,3}(?:家|大|个|项|类|地|省|市)(?:企业|公司|机构|领域|产业|行业)?|等(?:\d+[个家])?(?:行业|领域|产业|地|省份|城市)?)$"
)
LONGEST_MEMBER = 14


@dataclass(frozen=True, slots=True)
class Group:
    """Numbers joined only by marks of a list; mostly one."""

    items: tuple[Quantity, ...]


def groups(text: str, found: Sequence[Quantity]) -> list[Group]:
    """The numbers of a sentence, joined where nothing but a list's mark stands between them."""
    result: list[list[Quantity]] = []
    for q in found:
        last = result[-1][-1] if result else None
        if (
            last is not None
            and q.start - last.end <= 6
            and _BETWEEN.match(text[last.end : q.start])
            and last.kind != "count"
        ):
            result[-1].append(q)
        elif last is not None and q.kind == last.kind == "count" and text[last.end : q.start] in {"、", "和", "与"}:
            result[-1].append(q)
        else:
            result.append([q])
    return [Group(tuple(items)) for items in result]


def members(text: str, subject: Span, group: Group, lexicon: "Lexicon", *, joint: bool, each: bool) -> list[list[Span]]:
    """For each number of the group, whom it is said of."""
    wanted = len(group.items)
    parts = split(text, *subject, lexicon.nouns, wanted if wanted > 1 else 0)
    named = [_member(text, part, lexicon) for part in parts]
    if named and named[0][0] == named[0][1]:
        return [[subject]] * wanted
    named = [span if span[0] < span[1] else named[0] for span in named]
    if wanted > 1:
        return [[span] for span in named] if len(named) == wanted else [[subject] for _ in group.items]
    if len(named) < 2 or joint:
        return [[subject]]
    short = all(end - start <= LONGEST_MEMBER for start, end in named)
    kind = group.items[0].kind
    if each or (short and kind in {"money", "bare", "share"} and not _COUNTED.search(text, *subject)):
        return [named]
    return [[subject]]


def _member(text: str, span: Span, lexicon: "Lexicon") -> Span:
    """A member without the metric's words, and without 等行业 or 三家 at its end."""
    start, end = trim(text, *span, lexicon.nouns)
    found = metric_at_end(text[start:end], lexicon.metrics)
    if found:
        end = start + found[0]
    counted = _COUNTED.search(text, start, end)
    if counted and counted.start() > start:
        end = counted.start()
    return start, end


def others(drafts: Sequence["Draft"], text: str, lexicon: "Lexicon") -> list[Span]:
    """Members named in a list before that no number of this sentence's list was said of: 其余."""
    taken = [draft for draft in drafts[-8:] if draft.kind == "target"] or list(drafts[-8:])
    names = [draft.subject_text for draft in taken]
    if not names:
        return []
    for match in _ENUMERATION.finditer(text[: drafts[-1].sentence[1]]):
        spans = [trim(text, *part, lexicon.nouns) for part in split(text, *match.span(1), lexicon.nouns)]
        rest = [
            span
            for span in spans
            if span[0] < span[1] and not any(_same(text[span[0] : span[1]], name) for name in names)
        ]
        if len(spans) - len(rest) >= 2 and rest:
            return [_cut(text, span) for span in rest]
    return []


_ENUMERATION = re.compile(r"(?:包括|涵盖|即|包含|分为|分别是|为|是|：)([^。；，：]{2,30}(?:、[^。；，：]{2,30}){3,})")


def _cut(text: str, span: Span) -> Span:
    counted = re.search(r"(?:等)?[一二三四五六七八九十]{1,2}大[^、]*$", text[span[0] : span[1]])
    return (span[0], span[0] + counted.start()) if counted and counted.start() else span


def _same(a: str, b: str) -> bool:
    a, b = a.replace("产业链", ""), b.replace("产业链", "")
    short = re.split(r"[（(]", a)[0]
    return a in b or b in a or short in b or b.startswith(short[:4])
