"""Folding: one character in, one character out, so that a position in the folded text is one in the original.

Full width to half width, upper case to lower, traditional to simplified (OpenCC's table of single characters), one
kind of quotation mark, dash and middle dot. What would change the length (㎡, ß) stays as it is.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

import opencc

_SIMPLER = {
    **dict.fromkeys("“”„‟〝〞", '"'),
    **dict.fromkeys("‘’‚‛", "'"),
    **dict.fromkeys("‐‑‒–—―－", "-"),
    **dict.fromkeys("•‧∙⋅・･", "·"),
    **dict.fromkeys("\u00a0\u2002\u2003\u2009\u202f\u3000\t", " "),
}
"""Variants that no reader tells apart."""
_COMMON = "，：；！？（）％“”‘’—－～＋／\u3000"
"""Folded by `str.replace` in the fast path: characters of nearly every Chinese page."""
SIGNS = ",:;!?()%\"'-~/+ "
"""What the common signs fold to: for those who split the folded text at them."""
_BLOCKS = ((0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x323B0))
"""Where Han characters stand."""


def common_in(alphabet: Iterable[str]) -> str:
    """Those of the common signs that a text must have folded to be compared with words of these characters."""
    wanted = set(alphabet)
    return "".join(sign for sign in _COMMON if _fold_one(sign) in wanted)


def fold(text: str, common: str = _COMMON) -> str:
    """The text as it is matched. `len(fold(text)) == len(text)`, and folding twice changes nothing.

    Of the `common` signs (，：；…) those left out may stay as they are: no word that is looked for holds them.

    >>> fold("５Ｇ芯片，儲能ＡＩ")
    '5g芯片,储能ai'
    """
    if _rare().search(text):
        return text.translate(_table())  # a list is indexed like a mapping
    for character in common:
        if character in text:
            text = text.replace(character, _fold_one(character))
    return text.lower()


@cache
def _fold_one(character: str) -> str:
    return chr(_table()[ord(character)])


@cache
def _table() -> list[int]:
    """Code point → folded code point. A list, because `str.translate` reads one three times as fast as a dict."""
    table = list(range(0x110000))
    for code in range(0x10000):
        table[code] = ord(_lower(_half_width(chr(code))))
    han = [chr(code) for block in _BLOCKS for code in range(*block)]
    simplified = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    for character, simple in zip(han, simplified, strict=True):
        if len(simple) == 1:
            table[ord(character)] = ord(simple)
    for code in {ord(character) for character in han}:
        while table[table[code]] != table[code]:
            table[code] = table[table[code]]
    return table


def _half_width(character: str) -> str:
    if character in _SIMPLER:
        return _SIMPLER[character]
    if "\uff01" <= character <= "\uffee":
        half = unicodedata.normalize("NFKC", character)
        return _SIMPLER.get(half, half) if len(half) == 1 else character
    return character


def _lower(character: str) -> str:
    for lower in (character.casefold(), character.lower()):
        if len(lower) == 1:
            return lower
    return character


@cache
def _rare() -> re.Pattern[str]:
    """Characters that the fast path of `fold` would get wrong; few pages hold one."""
    table = _table()
    wrong = [
        code
        for code in range(0x80, 0x10000)
        if chr(code) not in _COMMON and (chr(code).lower() != chr(table[code]) or chr(code) == "Σ")
    ]
    return re.compile(f"[\t{''.join(map(_ranges, _runs(wrong)))}\U00010000-\U0010ffff]")


def _runs(codes: list[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for code in codes:
        if runs and runs[-1][1] == code - 1:
            runs[-1] = (runs[-1][0], code)
        else:
            runs.append((code, code))
    return runs


def _ranges(run: tuple[int, int]) -> str:
    return f"\\u{run[0]:04x}-\\u{run[1]:04x}"
