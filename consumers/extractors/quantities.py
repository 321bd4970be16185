"""Finds numbers with units: 1.2万亿元, 8%–10%, 三成, 翻一番, 超万亿, 三分之一. Knows nothing of what they mean."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

from consumers.extractors.numerals import CHINESE, NUMBER, parse
from consumers.extractors.units import Unit, Units
from consumers.extractors.words import Sheet, alternatives

Flaw = Literal["", "vague", "phrase", "rank", "size"]
"""Why a number can be no finding, seen from its own characters: 数百家, 一带一路, 第12, 千万吨级."""

_BETWEEN = r" ?(?:[-—–－~～至到]|——) ?"
_RANGES = r"(?=[^-—–－~～至到，。；、\n]{1,80}+[-—–－~～至到])"
"""Something joins two numbers before the clause ends: without it no range is tried."""
_NO_TENTH = "[为长立员功本果分年套绩都就因品]"
_SMALL = re.compile(r"[一二两三四五六七八九十]")
_BARE = re.compile(r"[十百千万亿]+")
_FROM = frozenset("从由自")
_CHANGED = re.compile(r"(?:增加|减少|增|减|上升|下降|上涨|下跌|升|降|涨|跌|扩大|缩小)了?$")
"""库存增加2240至18783吨: a change and the level it came to, no range."""
_LOOSE = re.compile(r"[一二三四五六七八九]{2}[十百千万亿]")
_REPEATED = re.compile(r"[一二三四五六七八九两]{2,}(?![十百千万亿])")
_FRONT = re.compile(r"(?<![目此之以提])前$")
_PERCENT = Unit("%", Decimal(1), "share")
_TIMES = Unit("倍", Decimal(1), "times")
_LEVEL = Unit("元", Decimal(1), "money")
_NONE = Unit("", Decimal(1), "bare")
_POINTS = Unit("个百分点", Decimal(1), "points")
_ARABIC = frozenset("0123456789")


class Quantity(NamedTuple):
    """`text[start:end]` is the number with its unit. Values are in the base unit."""

    start: int
    end: int
    value: Decimal
    high: Decimal | None
    unit: str
    kind: str
    """A kind of `units.KINDS`; `bare` where no unit is written (超万亿)."""
    bare: bool = False
    """Only a scale word: 万亿, 千亿元."""
    small: bool = False
    """A single Chinese digit: 两家."""
    more: bool = False
    """余 or 多 inside: 40多个."""
    level: bool = False
    """万亿级, 千亿级."""
    half: bool = False
    """过半, 超半数: the comparator is part of the word."""
    flaw: Flaw = ""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The compiled grammar."""

    pattern: re.Pattern[str]
    first: re.Pattern[str]
    """Where a number may start; `date` is a year, month or day, which is none."""
    phrases: re.Pattern[str]
    rank_before: re.Pattern[str]
    rank_after: re.Pattern[str]
    units: Units


def read_numbers(units: Units, sheet: Sheet) -> Numbers:
    """From the units and `lexicon/nonnumbers.yaml`; `counted_words` is left to the caller."""
    unit = units.pattern
    low = rf"(?:{_RANGES}(?P<low>(?>{NUMBER}))(?P<lowunit>%|{unit})?{_BETWEEN})?"
    ends = (
        rf"(?P<tenth>成[半多]?)(?!{_NO_TENTH})|(?P<level>元?级)| ?(?P<unit>{unit})|"
        r"(?P<listed>(?=(?:、\d+(?:\.\d+)?){1,9}个?百分点))|"
        r"(?<=[万亿])(?![\dA-Za-z])|(?<=[万亿][多余])"
    )
    pattern = "|".join(
        [
            rf"(?P<per>百分之)(?P<pernum>(?>{NUMBER}))",
            rf"(?P<parts>(?>{CHINESE}|\d+))分之(?P<part>(?>{CHINESE}|\d+))",
            r"(?<!\d )(?P<num1>\d{1,2})/(?P<num2>\d{1,2})(?![\d/月])",
            r"(?P<half>过半数?(?![个年天月程晌夜百小])|超半数|近半数?|一半|半数)",
            r"翻了?(?P<fold>[一二两三四五六]|\d)番",
            r"(?P<double>翻了?倍|翻了?番)",
            low + rf"(?P<num>(?>{NUMBER}))(?P<more>[余多来])?(?:{ends})",
        ]
    )
    return Numbers(
        re.compile(pattern),
        re.compile(
            r"[0-9〇零一二两三四五六七八九十百千万亿半过超近翻]"
            r"(?:(?<=[0-9])[0-9]{0,3}(?:[年月]|日(?![内元]))(?P<date>)|"
            r"(?<![0-9A-Za-z.].)(?:(?<![过超近翻])|(?<=[过超近])(?=半)|(?<=翻)(?=[了番倍一二两三四五六\d])))"
        ),
        re.compile(alternatives(sheet.words("phrases"))),
        re.compile(alternatives(sheet.words("rank_before")) + r"$"),
        re.compile(alternatives(sheet.words("rank_after"))),
        units,
    )


def scan(text: str, numbers: Numbers) -> Iterator[Quantity]:
    """All quantities, in order. `text` must be `numerals.plain`. Time is linear in its length."""
    phrases = [match.span() for match in numbers.phrases.finditer(text)]
    for match in _matches(text, numbers):
        quantity = _read(match, numbers)
        flaw = _flaw(text, quantity, phrases, numbers)
        yield Quantity(*quantity[:-1], flaw) if flaw else quantity


def _matches(text: str, numbers: Numbers) -> Iterator[re.Match[str]]:
    """Every number's match, in order, never overlapping; tried only where a number may start."""
    done, begins = 0, numbers.pattern.match
    for first in numbers.first.finditer(text):
        at = first.start()
        if at >= done and first["date"] is None and (match := begins(text, at)):
            done = match.end()
            yield match


def _read(match: re.Match[str], numbers: Numbers) -> Quantity:
    start, end = match.span()
    written, more, tenth, level, low, form = match.group("num", "more", "tenth", "level", "low", "unit")
    if written is None:
        value, unit = _special(match)
        return Quantity(
            start,
            end,
            value * unit.factor,
            None,
            unit.base,
            unit.kind,
            half=(match["half"] or "一半") not in {"一半", "半数"},
        )
    value = parse(written)
    unit = numbers.units.forms[form] if form else _PERCENT if tenth else _LEVEL if level else _NONE
    if match["listed"] is not None:
        unit = _POINTS
    if tenth:
        value = (value + (Decimal("0.5") if tenth == "成半" else 0)) * 10
    high = None
    if low:
        value, high = _range(parse(low), value, match, unit, numbers)
        if high is None:
            start = match.start("num")
    words = not written[0].isdecimal()
    return Quantity(
        start,
        end,
        value if unit.factor == 1 else value * unit.factor,
        None if high is None else high * unit.factor,
        unit.base,
        unit.kind,
        words and written != "十" and bool(_BARE.fullmatch(written)),
        words and bool(_SMALL.fullmatch(written)),
        bool(more) or tenth == "成多" or "多" in written or "余" in written,
        bool(level),
    )


def _special(match: re.Match[str]) -> tuple[Decimal, Unit]:
    if match["per"]:
        return parse(match["pernum"]), _PERCENT
    if match["half"]:
        return Decimal(50), _PERCENT
    if match["parts"] or match["num1"]:
        part = parse(match["part"] or match["num1"])
        whole = parse(match["parts"] or match["num2"])
        share = part * 100 / whole if whole else Decimal(0)
        return share.quantize(Decimal("0.01")), _PERCENT
    fold = match["fold"]
    return Decimal(2) ** int(parse(fold)) if fold else Decimal(2), _TIMES


def _range(
    low: Decimal, high: Decimal, match: re.Match[str], unit: Unit, numbers: Numbers
) -> tuple[Decimal, Decimal | None]:
    """Both ends of 5至8家, 3-5亿元, 8%–10%; only the upper one where the two cannot be one range."""
    written = match["lowunit"]
    at = match.start()
    if match.string[at - 1 : at] in _FROM:
        return high, None
    if written and numbers.units.forms[written].base != unit.base:
        return high, None
    scale = _last_scale(match["num"])
    if scale > 1 and low * scale < high:
        low *= scale if low < 10**4 and match["low"][-1:] not in "万亿千百" else 1
    if low * 4 < high and _CHANGED.search(match.string, max(0, at - 4), at):
        return high, None
    return (low, high) if low < high else (high, None)


def _last_scale(written: str) -> int:
    if written.endswith("万亿"):
        return 10**12
    return {"万": 10**4, "亿": 10**8}.get(written[-1:], 1)


def _flaw(text: str, quantity: Quantity, phrases: list[tuple[int, int]], numbers: Numbers) -> Flaw:  # noqa: PLR0911  a list of reasons, one return for each
    start, end = quantity.start, quantity.end
    before, first = text[start - 1 : start], text[start]
    if before and ((before in "数几好" and first in "十百千万亿") or (before == "上" and quantity.bare)):
        return "vague"
    if first not in _ARABIC and (_LOOSE.search(text, start, end) or (not quantity.value and first in "零〇")):
        return "vague"
    for left, right in phrases:
        if left < end and start < right:
            return "phrase"
    if quantity.level and quantity.value < 10**8:
        return "size"
    if first not in _ARABIC and _REPEATED.match(text, start):
        return "phrase"
    if (
        before == "第"
        or (before == "前" and _FRONT.search(text[max(0, start - 3) : start]))
        or (quantity.kind == "bare" and numbers.rank_before.search(text[max(0, start - 4) : start]))
    ):
        return "rank"
    if text[end : end + 1] == "级" and not quantity.level:
        return "size"
    return ""
