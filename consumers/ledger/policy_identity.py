"""Which mentions are one policy. A card is one way of naming it; `grouped` decides from a set of cards, in no order.

One number is one policy, one page is one policy. Within one title (without years, tail and place) cards without a
number join the one numbered policy that fits them, by years, region, issuer and time. What is only alike never joins.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chainwatch.models import Article, PolicyFinding
from chainwatch.models.ledger import Card
from consumers.ledger.key import hashed, region_key

_NUMBER = re.compile(r"^(.*?)[〔\[（(【](\d{4})[〕\]）)】](?:第)?0*(\d+)号$")
_WRAP = re.compile(r"^.{0,40}?关于(?:印发|发布|公布|下发|转发|批转)(.+?)的(?:通知|公告|通告|批复|决定)$")
_YEARS = re.compile(r"[(]?((?:19|20)\d{2})(?:年?\s*[-—–~至到]+\s*((?:19|20)\d{2}))?年?(?:度)?[)]?")
_TAIL = re.compile(
    r"[(](?:征求意见稿|公开征求意见稿|草案|送审稿|讨论稿|试行|暂行|修订|修订版|修订稿|修正|审议稿|节选|全文|摘要)[)]"
)
_BARE_TAIL = re.compile(r"(?:征求意见稿|\(?草案\)?|送审稿|讨论稿)$")
_SHORT = re.compile(r"[\s“”\"‘’'《》〈〉、,，.。·:：;；!！_-]")
_PLACE = re.compile(r"^(中华人民共和国|国家|全国|(?:[一-鿿]{2,3}?省)?[一-鿿]{2,4}?(?:市|省|自治区|区|县))(?=.{3})")
_NO_PLACE = re.compile(r"^(?:超大城市|大城市|小城市|城市|都市|全市|全省|园区|社区|地区|灾区|山区|省|市|区|县)")
_ISSUER_PLACE = re.compile(r"^(浙江|杭州|[一-鿿]{2,3}?(?=省|市|自治区))")
_NATIONAL = re.compile(r"^(?:国务院|国家|中共中央|中央|工业和信息化部|工信部|财政部|科技部|商务部|国发|国办|工信部)")
_NUMBER_PLACE = re.compile(r"^(?:中共)?(浙|杭|甬|国)")
_PLACES = {"浙": "浙江", "杭": "杭州", "甬": "宁波", "国": "全国"}
_GENERIC = re.compile(
    r"^(?:\d{4}年?)?(?:工作)?(?:要点|部门预算|部门决算|预算|决算|实施方案|实施意见|实施细则|行动计划|行动方案|工作方案|工作计划|工作总结|工作报告|政府工作报告|通知|公告|方案|意见|规划|规划纲要|办法|条例|计划|目录|规定)+$"
)


@dataclass(frozen=True, slots=True)
class Title:
    """A policy title taken apart."""

    core: str
    years: str
    place: str


def title_of(text: str) -> Title:
    """《杭州市X规划（2021—2035年）》（草案） → X规划, 2021-2035, 杭州; a wrapping 关于印发…的通知 is taken off."""
    title = unicodedata.normalize("NFKC", text).strip("《》 ")
    place = _place(title)
    if wrapped := _WRAP.match(title):
        title = wrapped[1].strip("《》 ")
        place = _place(title) or place
    title = _SHORT.sub("", _BARE_TAIL.sub("", _TAIL.sub("", title.replace("〔", "(").replace("〕", ")"))))
    if not _NO_PLACE.match(title) and (found := _PLACE.match(title)):
        title = title[found.end() :]
    years = _YEARS.search(unicodedata.normalize("NFKC", text))
    if years is not None:
        title = _SHORT.sub("", _YEARS.sub("", title))
    span = "" if years is None else years[1] + (f"-{years[2]}" if years[2] else "")
    return Title(title.replace("()", "").removeprefix("关于") or title, span, place)


def _place(title: str) -> str:
    if _NO_PLACE.match(title):
        return ""
    found = _PLACE.match(title)
    if found is None:
        return ""
    name = found[1]
    if name in {"中华人民共和国", "国家", "全国"}:
        return "全国"
    name = name.split("省", 1)[1] if "省" in name[:-1] else name
    return region_key(name.removesuffix("自治区"))


def number_key(number: str | None) -> str:
    """文号 with 〔〕 brackets, no spaces, no leading zeros, no 第; empty where there is none."""
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", number or ""))
    match = _NUMBER.match(plain)
    return f"{match[1]}〔{match[2]}〕{int(match[3])}号" if match else plain


def card_of(article: Article, finding: PolicyFinding, year: int) -> Card:
    """The card of one mention, with nothing told of it yet. `year` is the article's year of publication, 0 unknown."""
    title = title_of(finding.title)
    document = article.document if finding.itself else None
    number = number_key(finding.doc_number or (document.number if document else None))
    issuer = (finding.issuer or (document.issuer if document else None) or "").strip()
    stated = title.place or _number_place(number) or _issuer_place(issuer)
    region = stated or region_key(finding.region)
    address = ""
    if finding.itself:
        address = (
            (document.index if document and document.index else None) or article.canonical_url or article.url or ""
        )
    matched = _NUMBER.match(number)
    year = int(matched[2]) if matched else year
    generic = not finding.programme and (bool(_GENERIC.match(title.core)) or len(title.core) < 5)
    bucket = hashed("title", title.core, issuer if generic else "")
    identity = (title.core, title.years, region, "stated" if stated else "", issuer, number, address, str(year))
    return Card(
        key=hashed("policy", *identity),
        bucket=bucket,
        title=finding.title,
        years=title.years,
        region=region,
        stated_region=bool(stated),
        issuer=issuer,
        number=number,
        address=address,
        year=year,
        generic=generic,
        programme=finding.programme,
        apart="",
        together="",
        policy="",
        born="",
        steps=(),
        mentions=0,
    )


def _number_place(number: str) -> str:
    found = _NUMBER_PLACE.match(number)
    return _PLACES[found[1]] if found else ""


def _issuer_place(issuer: str) -> str:
    if _NATIONAL.match(issuer):
        return "全国"
    found = _ISSUER_PLACE.match(issuer)
    return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class _Unit:
    """Cards that are one for sure, with what they say together."""

    cards: tuple[Card, ...]
    numbers: frozenset[str]
    years: str
    region: str
    stated_region: bool
    issuers: frozenset[str]
    year: int
    early: bool
    """Only planned or draft so far: looks forward to the issued text."""
    begun: bool
    """Some card tells a first step: planned, draft or issued. The others mean what was begun before."""
    generic: bool
    apart: str


def grouped(cards: Iterable[Card]) -> list[list[Card]]:
    """The policies that a set of cards makes. Depends on the set alone."""
    ordered = sorted(cards, key=lambda card: card.key)
    units = _certain(ordered)
    buckets: dict[str, list[int]] = {}
    for place, unit in enumerate(units):
        for bucket in sorted({card.bucket for card in unit.cards}):
            buckets.setdefault(bucket, []).append(place)
    parent = list(range(len(units)))
    for bucket in sorted(buckets):
        for child, into in _joins(units, buckets[bucket]):
            parent[_root(parent, child)] = _root(parent, into)
    groups: dict[int, list[Card]] = {}
    for place, unit in enumerate(units):
        groups.setdefault(_root(parent, place), []).extend(unit.cards)
    return [sorted(group, key=lambda card: (card.born, card.key)) for group in groups.values()]


def _root(parent: list[int], place: int) -> int:
    while parent[place] != place:
        place = parent[place]
    return place


def _certain(cards: Sequence[Card]) -> list[_Unit]:
    """Cards joined by number, page, an editor's word, or by saying the very same."""
    parent = list(range(len(cards)))
    seen: dict[tuple[str, ...], int] = {}
    for place, card in enumerate(cards):
        for mark in _marks(card):
            other = seen.setdefault(mark, place)
            a, b = _root(parent, place), _root(parent, other)
            if a != b:
                parent[max(a, b)] = min(a, b)
    groups: dict[int, list[Card]] = {}
    for place, card in enumerate(cards):
        groups.setdefault(_root(parent, place), []).append(card)
    return [_unit(group) for group in groups.values()]


def _marks(card: Card) -> list[tuple[str, ...]]:
    marks: list[tuple[str, ...]] = [("editor", card.together)] if card.together else []
    if card.number:
        marks.append(("number", card.number, card.apart))
    elif card.address:
        marks.append(("page", card.address, card.apart))
    if not card.number:
        issuer = card.issuer if card.generic else ""
        marks.append(
            ("words", card.bucket, card.years, card.region, str(card.stated_region), issuer, str(card.year), card.apart)
        )
    return marks


def _unit(cards: list[Card]) -> _Unit:
    stated = sorted({card.region for card in cards if card.stated_region})
    regions = stated or sorted({card.region for card in cards if card.region})
    years = sorted({card.years for card in cards if card.years})
    numbered = [card.year for card in cards if card.number]
    statuses = {status for card in cards for status, _, _ in card.steps}
    return _Unit(
        cards=tuple(cards),
        numbers=frozenset(card.number for card in cards if card.number),
        years=years[0] if years else "",
        region=regions[0] if regions else "",
        stated_region=bool(stated),
        issuers=frozenset(card.issuer for card in cards if card.issuer),
        year=min(numbered or [card.year for card in cards if card.year] or [0]),
        early=bool(statuses) and statuses <= {"planned", "draft"},
        begun=bool(statuses & {"planned", "draft", "issued"}),
        generic=all(card.generic for card in cards),
        apart=next((card.apart for card in cards if card.apart), ""),
    )


def _joins(units: Sequence[_Unit], places: Sequence[int]) -> list[tuple[int, int]]:
    """(unit, unit it joins) within one title."""
    numbered = [place for place in places if units[place].numbers]
    loose = [place for place in places if not units[place].numbers]
    joins: list[tuple[int, int]] = []
    left: list[int] = []
    for place in loose:
        fitting = [other for other in numbered if _fits(units[place], units[other])]
        if fitting:
            joins.append((place, _nearest(units, place, fitting)))
        else:
            left.append(place)
    return joins + _loose_joins(units, left)


def _loose_joins(units: Sequence[_Unit], left: Sequence[int]) -> list[tuple[int, int]]:
    """Among cards without number: the vaguer joins the more exact one it fits, and years nearby are one."""
    exact = sorted(
        left,
        key=lambda place: (
            not units[place].begun,
            -_exactness(units[place]),
            units[place].year,
            units[place].cards[0].key,
        ),
    )
    joins: list[tuple[int, int]] = []
    kept: list[int] = []
    for place in exact:
        fitting = [other for other in kept if _fits(units[place], units[other]) and _near(units[place], units[other])]
        regions = {units[other].region for other in fitting}
        if fitting and len(regions) == 1:
            joins.append((place, _nearest(units, place, fitting)))
        else:
            kept.append(place)
    return joins


def _exactness(unit: _Unit) -> int:
    return 4 * bool(unit.years) + 2 * unit.stated_region + bool(unit.region)


def _fits(one: _Unit, other: _Unit) -> bool:
    if one.apart != other.apart:
        return False
    if one.years and other.years and one.years != other.years:
        return False
    if one.region and other.region and one.region != other.region and one.stated_region and other.stated_region:
        return False
    if one.region and other.region and one.region != other.region and not (one.stated_region or other.stated_region):
        return False
    if one.generic or other.generic:
        return bool(one.issuers & other.issuers) and (one.years == other.years or not (one.years and other.years))
    return True


def _near(one: _Unit, other: _Unit) -> bool:
    """Not two issues of one title in different years. A title with its years in it says so itself."""
    same_years = bool(one.years) and one.years == other.years
    twice = one.begun and other.begun and bool(one.year and other.year)
    return same_years or not twice or abs(one.year - other.year) <= 1


def _nearest(units: Sequence[_Unit], place: int, fitting: Sequence[int]) -> int:
    """A mention means the last issue before it, a draft the first one after it."""
    one = units[place]
    if one.early:
        after = [other for other in fitting if units[other].year >= one.year]
        return min(after or fitting, key=lambda other: (units[other].year, sorted(units[other].numbers)))
    before = [other for other in fitting if units[other].year <= one.year or not one.year]
    return max(before or fitting, key=lambda other: (units[other].year, sorted(units[other].numbers)))


def assigned(cards: Iterable[Card]) -> list[Card]:
    """The cards with their policy: the group's earliest card names it."""
    return [card._replace(policy=group[0].key) for group in grouped(cards) for card in group]


def alike(one: str, other: str) -> bool:
    """Whether two titles are like each other: proposed to an editor, never joined for it."""
    a, b = ({title[place : place + 2] for place in range(len(title) - 1)} for title in map(_core, (one, other)))
    return bool(a and b) and len(a & b) / len(a | b) >= 0.6


def _core(title: str) -> str:
    return title_of(title).core
