"""Finds the places a text speaks of, and says what 全市 and 全省 mean beside them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from consumers.extractors.words import Sheet

NATION = "全国"


class Place(NamedTuple):
    """A mention: `region` as 浙江, 杭州, 杭州/滨江, 全国; `relative` for 全省, 全市, 全区."""

    start: int
    end: int
    region: str | None
    relative: str | None = None
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Atlas:
    """The automaton and what its forms mean. A form with region None and relative None is a mask."""

    automaton: AhoCorasick
    meanings: tuple[tuple[str | None, str | None], ...]
    """Of each of the automaton's forms."""
    places: Mapping[str, tuple[str | None, str | None]]
    parents: Mapping[str, str]
    """City → province, district → city."""
    foreign: frozenset[str]
    areas: frozenset[str]


def read_atlas(sheet: Sheet) -> Atlas:
    """From `lexicon/regions.yaml`."""
    places: dict[str, tuple[str | None, str | None]] = {}
    parents: dict[str, str] = {}
    foreign = sheet.words("foreign")
    areas = sheet.words("areas")
    for area in (*areas, *foreign):
        places[area] = (area, None)
    for name in sheet.words("nation"):
        places[name] = (NATION, None)
    for table in ("special", "municipalities"):
        for region, forms in sheet.lists(table).items():
            places |= dict.fromkeys((region, *forms), (region, None))
    for province, cities in sheet.lists("provinces").items():
        places |= dict.fromkeys(_province(province), (province, None))
        for city in cities:
            short = city.removesuffix("市")
            forms = (city,) if city.endswith(("市", "区")) else (city, f"{city}市", f"{city}地区")
            places |= dict.fromkeys(forms, (short, None))
            parents[short] = province
    for city, districts in sheet.lists("districts").items():
        for written in districts:
            name = (
                written.removesuffix("新区")
                if written.endswith("新区")
                else written[:-1]
                if written.endswith(("区", "县", "市")) and len(written) > 2
                else written
            )
            places[written] = (f"{city}/{name}", None)
            parents[f"{city}/{name}"] = city
    for level, words in sheet.lists("relative").items():
        places |= dict.fromkeys(words, (None, level))
    places |= dict.fromkeys(sheet.words("masks"), (None, None))
    sheet.done()
    forms = tuple(sorted(places))
    return Atlas(
        AhoCorasick(forms, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA),
        tuple(places[form] for form in forms),
        places,
        parents,
        frozenset(foreign),
        frozenset(areas),
    )


def _province(name: str) -> tuple[str, ...]:
    full = {
        "内蒙古": "内蒙古自治区",
        "广西": "广西壮族自治区",
        "西藏": "西藏自治区",
        "宁夏": "宁夏回族自治区",
        "新疆": "新疆维吾尔自治区",
    }
    return (name, full.get(name, f"{name}省"))


def scan(text: str, atlas: Atlas) -> list[Place]:
    """All mentions in order; masked names are left out."""
    return places(atlas.automaton.find_matches_as_indexes(text), 0, atlas)


def places(hits: Iterable[tuple[int, int, int]], offset: int, atlas: Atlas) -> list[Place]:
    """What the automaton's hits mention, with spans from `offset` on."""
    found = []
    for index, start, end in hits:
        region, relative = atlas.meanings[index]
        if region or relative:
            found.append(Place(start - offset, end - offset, region, relative, region in atlas.foreign))
    return found


def resolve(place: Place, around: str | None, atlas: Atlas) -> str | None:
    """The region of a mention, where `around` is the place the text is about: 全省 beside 杭州 is 浙江."""
    if place.relative is None or around is None:
        return place.region or around
    province = atlas.parents.get(around)
    if place.relative == "province":
        while province is not None and province in atlas.parents:
            province = atlas.parents[province]
        return province or around
    if place.relative == "city" and "/" in around:
        return atlas.parents[around]
    return around


def district(city: str | None, place: str | None, atlas: Atlas) -> str | None:
    """`place`, written below its city where it is a district of it."""
    return f"{city}/{place}" if city and place and f"{city}/{place}" in atlas.parents else place


def leading(name: str, atlas: Atlas) -> str | None:
    """The place that a name starts with: 杭州日报, 浙江省人民政府."""
    for length in range(min(len(name), 8), 1, -1):
        found = atlas.places.get(name[:length])
        if found is not None:
            return found[0]
    return None
