"""One finding for each statement: a figure repeated in an article keeps its best place."""

import re
from collections.abc import Iterable, Sequence

from consumers.extractors.drafts import Draft, Statement

_NOISE = re.compile(r"[\s“”\"'‘’「」《》（）()、,，·的]|产业链|产业|行业|企业|全市|全省|全国|我国|中国")

_GENERIC = frozenset({"企业", "项目", "产业", "行业", "产业链", "机构", "单位", "公司", ""})


def merge(drafts: Iterable[Draft]) -> list[Draft]:
    """Drafts without their repetitions, in the order of their best places."""
    kept: list[Draft] = []
    index: dict[tuple[object, ...], list[int]] = {}
    for draft in drafts:
        q = draft.told.quantity
        key = (draft.told.kind, q.value, q.high, q.unit)
        for i in index.get(key, ()):
            if _same(kept[i], draft):
                kept[i] = _better(kept[i], draft)
                break
        else:
            index.setdefault(key, []).append(len(kept))
            kept.append(draft)
    kept = [draft for draft in kept if not _headline_of_aim(draft, kept)]
    return sorted(kept, key=lambda d: (d.told.part, d.told.quantity.start, d.subject or (0, 0)))


def _same(a: Draft, b: Draft) -> bool:
    one, other = a.told, b.told
    if one.part == other.part and one.quantity.start == other.quantity.start:
        return a.subject == b.subject
    if one.kind == "target" and _year(one) != _year(other) and not (_rough(one) or _rough(other)):
        return False
    if one.kind == "actual" and _year(one) and _year(other) and _year(one) != _year(other):
        return False
    if a.metric == "增速" and one.grown and other.grown and one.grown != other.grown:
        return False
    if one.heading or other.heading:
        return a.metric == b.metric or _alike(a.subject_text, b.subject_text)
    return a.metric == b.metric and _alike(a.subject_text, b.subject_text)


def _headline_of_aim(draft: Draft, kept: Sequence[Draft]) -> bool:
    """A heading's figure without a time (自给率提高到70%) whose body tells it as an aim."""
    told = draft.told
    if not told.heading or told.pattern != "actual.bare":
        return False
    figure = (told.quantity.value, told.quantity.unit)
    return any(o.told.kind == "target" and (o.told.quantity.value, o.told.quantity.unit) == figure for o in kept)


def _rough(told: Statement) -> bool:
    """A headline's 五年内 or 未来五年, which the body tells as a year."""
    return told.heading and told.time is not None and (told.time.loose or told.time.ahead)


def _year(told: Statement) -> int | None:
    return told.time.year if told.time else None


def _alike(a: str, b: str) -> bool:
    a, b = _NOISE.sub("", a) or a, _NOISE.sub("", b) or b
    if a in _GENERIC or b in _GENERIC:
        return True
    return a == b or (len(min(a, b, key=len)) >= 2 and (a in b or b in a))


def _better(a: Draft, b: Draft) -> Draft:
    """A body sentence before a heading, own words before inherited ones, the earlier before the later."""
    return min(a, b, key=lambda d: (d.told.heading, d.inherited, d.told.quantity.start))
