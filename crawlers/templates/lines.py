"""Pieces of text → lines: paragraphs by newline, blanks folded, source line breaks forgotten."""

import re

BREAK = "\ue000"
"""A private character that stands for a paragraph's border while markup is taken off."""

_HAN = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…·"
_SOURCE_BREAK = re.compile(rf"(?<=[{_HAN}])[ \xa0]*\x1e[ \xa0\x1e]*(?=[{_HAN}])")
_BLANKS = re.compile(r"[ \r\n\f\v\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1f\x7f]")


def tidy(text: str) -> str:
    r"""One paragraph a line, blanks folded, no invisible characters, no empty lines.

    >>> tidy("  第一段 \x00 a\n\n　　第二段")
    '第一段 a\n第二段'
    """
    lines = (_BLANKS.sub(" ", _INVISIBLE.sub("", line)).strip() for line in re.split(r"[\n\u2029]", text))
    return "\n".join(line for line in lines if line)


def inline(text: str) -> str:
    """One line: every run of blanks is one space."""
    return " ".join(_INVISIBLE.sub("", text).split())


def marked(text: str) -> str:
    """Text of one node with the line breaks of the source marked, since they are no paragraphs."""
    return text.replace("\r", "").replace("\n", "\x1e").replace("\t", " ").replace(BREAK, "\n")


def joined(text: str) -> str:
    """Source line breaks are a blank, and between Chinese characters, whatever markup stood there, nothing at all."""
    return _SOURCE_BREAK.sub("", text).replace("\x1e", " ")
