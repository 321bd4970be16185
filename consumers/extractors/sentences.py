"""Splits text into lines, sentences and clauses, as spans. A heading is a short line without a full stop."""

import re
from collections.abc import Iterator

_SENTENCE = re.compile(r"[^。！？!?]*[。！？!?]*[”’」』）)]?", re.DOTALL)
_SENTENCE_END = re.compile(r"[。！？!?]+[”’」』）)]?")
_CLAUSE = re.compile(r"[，；;：:。！？!?（）()\n]|(?<!\d),|,(?!\d{3}(?!\d))")
_BULLET = re.compile(
    r"\s*(?:[—－–-]{1,2}|[●•·▷◆■□○▲★]|\d{1,2}[.．、]|[（(]?[一二三四五六七八九十]{1,3}[)）、]|[①-⑳]|[一二三四五六七八九]是)"
)
_BACK = re.compile(r"(?<!及以)，|[；;：:。！？!?（(）)\n]|,(?!\d)|(?<!\d\d\d),")
"""A clause's first mark before a place, over reversed text; ，以及 goes on with a list."""
LONGEST_LINE = 4000
LONGEST_SENTENCE = 800
"""Longer ones are read in pieces: what one number costs does not grow with the article."""
HEADING = 45
"""Longest heading, in characters."""


def lines(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the lines that hold anything, without their newline; one beyond LONGEST_LINE comes in pieces."""
    start = 0
    while start <= len(text):
        end = text.find("\n", start)
        while end > start and text[end - 1] in "，、" and end + 1 < len(text) and text[end + 1] != "\n":
            end = text.find("\n", end + 1)
        end = len(text) if end < 0 else end
        while end - start > LONGEST_LINE:
            cut = text.rfind("。", start, start + LONGEST_LINE) + 1
            cut = cut if cut > start else start + LONGEST_LINE
            yield start, cut
            start = cut
        if end > start:
            yield start, end
        start = end + 1


def sentences(line: str) -> list[tuple[int, int]]:
    """Spans of the sentences of a line, each with its end mark and a closing quote behind it; long ones in pieces."""
    found: list[tuple[int, int]] = []
    for match in _SENTENCE.finditer(line):
        start, end = match.span()
        while end - start > LONGEST_SENTENCE:
            cut = max(line.rfind(mark, start, start + LONGEST_SENTENCE) for mark in "；，、") + 1
            cut = cut if cut > start else start + LONGEST_SENTENCE
            found.append((start, cut))
            start = cut
        if end > start:
            found.append((start, end))
    return found


def sentence_end(line: str, at: int) -> int:
    """Where the sentence around a place ends, with its end mark and a closing quote behind it."""
    stop = _SENTENCE_END.search(line, at)
    return stop.end() if stop else len(line)


def clause(line: str, start: int, end: int, sentence: tuple[int, int]) -> tuple[int, int]:
    """The clause of a sentence around `line[start:end]`, between its commas, colons and brackets."""
    begin, before = start, line[sentence[0] : start][::-1]
    while mark := _BACK.search(before, start - begin):
        begin = start - mark.start()
        if mark[0] not in "）)":
            break
        opened = max(line.rfind("（", sentence[0], begin), line.rfind("(", sentence[0], begin))
        if opened < 0:
            break
        begin = opened
    else:
        begin = sentence[0]
    follows = _CLAUSE.search(line, end, sentence[1])
    return begin, follows.start() if follows else sentence[1]


def is_heading(line: str) -> bool:
    """Short, and no full stop at its end."""
    return len(line) <= HEADING and not line.rstrip().endswith(("。", "！", "；", "，", "：", "”"))


def is_item(line: str) -> bool:
    """Starts like an item of a list."""
    return bool(_BULLET.match(line))
