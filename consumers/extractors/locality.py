"""Chooses the place that a number is about: the nearest mention that governs it, else what was said before."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from consumers.extractors import regions
from consumers.extractors.regions import Atlas, Place

Span = tuple[int, int]
_BOUNDARY = frozenset("，。；：！？“ 　\n,;:是在据而当使让为对")
_NOT_AFTER = (
    "占",
    "占全",
    "跻身",
    "占到",
    "占据",
    "占了",
    "低于",
    "高于",
    "列",
    "居",
    "除",
    "至",
    "比",
    "较",
    "超过",
    "回",
    "距",
    "仅次于",
    "与",
    "冠",
)
_NAMED_AFTER = ("区域科技", "国际科技", "综合性国家", "都市圈建", "会议精神", "谈话")
"""A place that only names a thing: 西安区域科技创新中心."""
_NATION_RANK = frozenset("首第前唯最一领百统人两政劳各有")
_RANK = re.compile(r"[一-鿿]{0,3}第|[一-鿿]{0,2}首")
_TOPS = re.compile(r"[一-鿿]{1,6}[最首]")
"""国内高海拔地区容量[最]大的: a rank."""
_BODY = re.compile(
    r"[一-鿿]{0,6}?(?:集团|公司|银行|大学|学院|证券|日报|商会|研究院|实验室|交易所|报社|协会|联合会|工商|海关总署)"
)


_SEVERAL = re.compile(r"(?:、[^，。；、]{1,10}){1,12}?等\d")
"""通化、长白山等4个地区: one of several."""


_SEAT = "总部"
"""在南京[总部]: where somebody sits, not what is spoken of."""
_ACTS = frozenset("将今计提已持还要力拟，正积加")


class Mention(NamedTuple):
    """A place that may govern numbers. `lead`: it opens its clause."""

    place: Place
    lead: bool
    local: bool
    """It holds for its own clause only: 总部在上海，…"""
    area: bool
    body: bool
    """It is part of a body's name: 陕西钢铁集团."""
    opens: bool
    """It opens its sentence, but for a time: 今年，美国…"""
    acts: bool
    """What follows is done there or by it: 今年，江西将…"""


def mentions(text: str, places: Sequence[Place], times: Sequence[Span], atlas: Atlas) -> list[Mention]:
    """The mentions of a line that can govern a number, in order."""
    ends = {end for _, end in times}
    found: list[Mention] = []
    for i, place in enumerate(places):
        before, after = text[max(0, place.start - 3) : place.start], text[place.end : place.end + 12]
        if before.endswith(_NOT_AFTER) or after.startswith(_NAMED_AFTER):
            continue
        if (
            place.region == regions.NATION
            and text[place.start : place.end] in {"全国", "国内"}
            and (after[:1] in _NATION_RANK or _TOPS.match(after))
        ):
            continue
        if after[:1] in {"（", "("} and place.region == regions.NATION:
            continue
        if text[place.start : place.end] == "全国" and _RANK.match(after):
            continue
        if place.foreign and not (place.start == 0 or before[-1:] in _BOUNDARY or place.start in ends):
            continue
        if place.relative and i > 0 and places[i - 1].end == place.start:
            continue
        listed = after[:1] == "、" and i + 1 < len(places) and places[i + 1].start == place.end + 1
        listed = listed or (before[-1:] == "、" and i > 0 and places[i - 1].end == place.start - 1)
        listed = listed or (
            i > 0 and places[i - 1].end == place.start and text[places[i - 1].start - 1 : places[i - 1].start] == "、"
        )
        paired = i + 1 < len(places) and places[i + 1].start == place.end
        behind = places[i + 1].end if paired else place.end
        listed = listed or (before[-1:] == "、" and text[behind : behind + 1] in {"、", "等"})
        listed = listed or (after[:1] == "、" and bool(_SEVERAL.match(text, place.end)))
        if listed or after[:1] == "至":
            continue
        lead = place.start == 0 or before[-1:] in _BOUNDARY or place.start in ends
        lead = lead or (bool(found) and found[-1].lead and found[-1].place.end == place.start and not found[-1].area)
        area = place.region is not None and place.region not in atlas.parents and place.region in atlas.areas
        if (
            area
            and not after.startswith(("地区", "区域", "各", "的", "三", "一体化", "沿线"))
            and not (lead and not before.endswith(("是", "为")))
        ):
            continue
        local = before[-1:] in {"在", "于", "自"} and after[:1] in {"，", "。", "；", ","}
        local = local and not (before[-1:] == "在" and _starts(text, place.start - 1, ends))
        local = local or (before[-1:] in {"在", "于"} and after.startswith(_SEAT))
        opens = lead and _starts(text, place.start, ends)
        body = bool(_BODY.match(after))
        found.append(Mention(place, lead, local, area, body, opens, after[:1] in _ACTS))
    return found


def _starts(text: str, at: int, ends: set[int]) -> bool:
    """Whether a sentence starts at a place of the line, or a time that a sentence starts with ends there."""
    return at == 0 or text[at - 1] in "。！？；\n 　" or at in ends or (text[at - 1] == "，" and at - 1 in ends)


class Reach(NamedTuple):
    """What a number can take its place from."""

    clause: int
    """Where its clause starts."""
    segment: int
    """Where its part between semicolons starts; a place in passing holds no longer."""
    limit: int
    """Mentions must end before this."""
    counted: bool
    """It counts things, which often carry a higher place's honour: 浙江省隐形冠军企业 in 杭州."""


def choose(near: Sequence[Mention], reach: Reach, around: str | None, atlas: Atlas) -> tuple[str | None, bool]:
    """The region of a number, and whether its sentence says it; `around` is in force from before."""
    governing = [m for m in near if not m.body] or near
    usable = [
        m
        for m in governing
        if m.place.end <= reach.limit
        and (m.lead or m.place.end > reach.segment)
        and not (m.local and m.place.end < reach.clause)
        and not (m.place.foreign and m.place.start < reach.clause and not m.opens)
    ]
    if not usable:
        return around, False
    last = usable[-1]
    if last.place.region == regions.NATION and not last.lead:
        last = next(
            (m for m in reversed(usable) if m.lead and not m.place.foreign and m.place.region != regions.NATION), last
        )
    region = regions.resolve(last.place, around, atlas)
    if (reach.counted and not (last.opens and last.acts)) or not last.lead:
        for other in (*(m.place.region for m in reversed(usable[:-1])), around):
            if other is not None and region is not None and _below(other, region, atlas):
                return other, True
    return region, True


def opens(mention: Mention, text: str) -> bool:
    """Whether the place holds for the sentences that follow too."""
    passing = mention.place.foreign or mention.local or mention.area or mention.body
    if passing:
        return False
    at = mention.place.start
    before = text[at - 1 : at]
    return before == "《" or (mention.lead and (before != "在" or not text[: at - 1].strip()))


def _below(place: str, above: str, atlas: Atlas) -> bool:
    parent = atlas.parents.get(place)
    while parent is not None and parent != above:
        parent = atlas.parents.get(parent)
    return parent == above
