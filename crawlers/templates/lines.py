"""Pieces of text → lines: paragraphs by newline, blanks folded, source line breaks forgotten."""

import re

BREAK = "\ue000"
"""A private character that stands for a paragraph's border while markup is taken off."""

_HAN = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…·"
_SOURCE_BREAK = re.compile(rf"(?<=[{_HAN}])[ \xa0]*\x1e[ \xa0\x1e]*(?=[{_HAN}])")
_FOLDED: dict[int, str | None] = {
    **dict.fromkeys([*range(0x9), *range(0xE, 0x20), 0x7F, 0xAD, *range(0x200B, 0x2010), *range(0x2028, 0x202F)], None),
    **dict.fromkeys([*range(0x2060, 0x2065), 0xFEFF], None),
    **dict.fromkeys([0xA, 0xB, 0xC, 0xD, 0x20, 0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000], " "),
}
"""Blanks become spaces, invisible characters nothing; a table, since patterns take ten times a long line's size."""


def tidy(text: str) -> str:
    r"""One paragraph a line, blanks folded, no invisible characters, no empty lines.

    >>> tidy("  第一段 \x00 a\n\n　　第二段")
    '第一段 a\n第二段'
    """
    lines = (_fold(line) for line in text.replace("\u2029", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def inline(text: str) -> str:
    """One line: every run of blanks is one space."""
    return _fold(text.replace("\t", " "))


def _fold(text: str) -> str:
    text = text.translate(_FOLDED)
    while "  " in text:
        text = text.replace("  ", " ")
    return text.strip()


def marked(text: str) -> str:
    """Text of one node with the line breaks of the source marked, since they are no paragraphs."""
    return text.replace("\r", "").replace("\n", "\x1e").replace("\t", " ").replace(BREAK, "\n")


def joined(text: str) -> str:
    """Source line breaks are a blank, and between Chinese characters, whatever markup stood there, nothing at all."""
    return _SOURCE_BREAK.sub("", text).replace("\x1e", " ")
