"""Chinese and Arabic numerals → exact Decimals: 1.2万亿, 3,000, 三千五百, 两百, 一点五, 十, 3千万."""

import re
from decimal import Decimal

DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
SMALL = {"十": 10, "百": 100, "千": 1000}
SCALES = {"万": 10**4, "亿": 10**8, "万亿": 10**12}

CHINESE = (
    r"(?:[〇零一二两三四五六七八九十万亿]|百(?!分)|千(?![瓦克米伏升])){1,40}(?:点[〇零一二三四五六七八九]{1,12}(?:万亿|"
    r"亿|万)?)?"
)
"""A Chinese numeral; the character of a unit that looks like a scale (千瓦, 百分点) is left to the unit."""
ARABIC = r"(?:\d{1,3}(?:,\d{3}){1,6}(?:\.\d{1,12})?|\d{1,3}(?: \d{3}){1,6}(?!\d)|\d{1,18}(?!\d)(?: ?\. ?\d{1,12})?)"
SCALE = r"(?: ?[余多]?(?:[十百千]?万亿|[十百千]?亿|[十百千]?万(?!亿)|千(?![瓦克米伏升])|百(?!分)))"
NUMBER = rf"(?:{ARABIC}{SCALE}?|{CHINESE})"
"""One number as written, scale word included. Digits are ASCII: see `plain`."""

_FULL = re.compile(r"[０-９％．]")
_FULL_COMMA = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．％", "0123456789.%")
_ASCII = re.compile(r"[,:;()?!]")
_ASCII_BETWEEN = re.compile(r"(?<!\d)[,:]|[,:](?!\d)")
_MARKS = ((";", "；"), ("(", "（"), (")", "）"), ("?", "？"), ("!", "！"))
_PLAIN = str.maketrans("", "", ", 余多")
_DIGITS = re.compile(r"([0-9]+(?:\.[0-9]+)?)(万亿|亿|万)?$")
"""Nearly every number in Arabic digits."""


def plain(text: str) -> str:
    """The text with full-width digits and per-cent signs as ASCII, ASCII marks between words as Chinese ones.

    Every offset stays. A comma or colon between digits is part of the number: `3,000`, `３，０００`, `8:30`.
    """
    if _FULL.search(text):
        text = _FULL_COMMA.sub(",", text).translate(_FULL_WIDTH)
    if _ASCII.search(text):
        if "," in text or ":" in text:
            text = _ASCII_BETWEEN.sub(_mark, text)
        for mark, wide in _MARKS:
            text = text.replace(mark, wide)
    return text


def _mark(match: re.Match[str]) -> str:
    return "，" if match[0] == "," else "："


def parse(text: str) -> Decimal:
    """Value of a text that `NUMBER` matched.

    >>> parse("1.2万亿"), parse("三千五百"), parse("3千万")
    (Decimal('1200000000000'), Decimal('3500'), Decimal('30000000'))
    """
    if text[0].isdecimal():
        plainly = _DIGITS.match(text)
        if plainly:
            number, scale = plainly.groups()
            return Decimal(number) * SCALES[scale] if scale else Decimal(number)
        text = text.translate(_PLAIN)
        number = text.rstrip("十百千万亿")
        return Decimal(number) * _scale(text[len(number) :])
    text = text.translate(_PLAIN)
    whole, point, rest = text.partition("点")
    if not point:
        return Decimal(_chinese(text))
    digits = rest.rstrip("万亿")
    fraction = Decimal("0." + "".join(str(DIGITS[char]) for char in digits))
    return (Decimal(_chinese(whole)) + fraction) * _scale(rest[len(digits) :])


def _scale(words: str) -> Decimal:
    value = 1
    for char in words:
        value *= SMALL.get(char) or SCALES[char]
    return Decimal(value)


def _chinese(text: str) -> int:
    """Sections of 亿 and 万: 三万五千亿 = 35000 亿. Digits in a row are read as digits: 二〇二五."""
    if all(char in DIGITS for char in text):
        return int("".join(str(DIGITS[char]) for char in text))
    total = section = number = 0
    unit = 1
    for char in text:
        if char in DIGITS:
            number = DIGITS[char]
            if number == 0:
                unit = 1
        elif char in SMALL:
            unit = SMALL[char]
            section += (number or (1 if unit == 10 or not section else 0)) * unit
            number = 0
        elif char == "万":
            unit = 10**4
            section = (section + number or (0 if total else 1)) * unit
            number = 0
        else:
            total = (total + section + number or 1) * 10**8
            section = number = 0
            unit = 10**8
    if number and unit > 10:
        number *= unit // 10
    return total + section + number
