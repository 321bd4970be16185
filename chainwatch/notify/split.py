"""Split: a text longer than a channel takes becomes numbered parts, cut at the best border. Nothing is lost.

Joined again without their marks the parts equal the text; in HTML a part closes the tags that are open at the cut and
the next one opens them again.
"""

import re
from collections.abc import Callable, Sequence

from chainwatch.notify.services import Limit

_ATOM = re.compile(r"<[^<>]*>|&#?\w{1,10};|\\.|https?://[!-~]+|[^\\<&h]+|.", re.DOTALL)
"""Pieces of marked-up text that are not cut through, and runs of ordinary characters."""
_BORDERS: tuple[str, ...] = ("\n\n", "\n", "。！？；!?;", "，、, ", "")
"""Where to cut, the best first: between events, lines, sentences, phrases, characters."""
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^<>]*?(/?)>")
_VOID = frozenset({"br", "hr", "img"})


def measure(limit: Limit) -> Callable[[str], int]:
    """How the service counts: bytes of UTF-8, or UTF-16 code units."""
    if limit.unit == "bytes":
        return lambda text: len(text.encode())
    return lambda text: len(text.encode("utf-16-le")) // 2


def split(text: str, limit: Limit, *, html: bool = False) -> list[str]:
    """The parts, each within the limit, each but a single one marked (1/3) in front.

    Raises ValueError where the limit is below 64: marks would fill it.
    """
    size = measure(limit)
    if limit.size < 64:
        raise ValueError(f"a limit of {limit.size} {limit.unit} is too small for a message")
    if size(text) <= limit.size:
        return [text]
    digits = 1
    while True:
        room = limit.size - size(f"({'9' * digits}/{'9' * digits})\n")
        pieces = _html_pieces(text, room, size) if html else _pieces(text, room, size)
        if len(str(len(pieces))) <= digits:
            return [f"({number}/{len(pieces)})\n{piece}" for number, piece in enumerate(pieces, 1)]
        digits += 1


def joined(parts: Sequence[str]) -> str:
    """The text that `split` cut (plain and Markdown)."""
    if len(parts) == 1:
        return parts[0]
    return "".join(part.partition("\n")[2] for part in parts)


def _pieces(text: str, room: int, size: Callable[[str], int]) -> list[str]:
    pieces: list[str] = []
    start = 0
    while start < len(text):
        end = _furthest(text, start, room, size)
        if end < len(text):
            end = _border(text, start, end)
        pieces.append(text[start:end])
        start = end
    return pieces


def _furthest(text: str, start: int, room: int, size: Callable[[str], int]) -> int:
    """Greatest end for which text[start:end] fits, by halving; at least one character on."""
    low, high = start + 1, min(len(text), start + room)
    while low < high:
        middle = (low + high + 1) // 2
        if size(text[start:middle]) <= room:
            low = middle
        else:
            high = middle - 1
    return low


def _border(text: str, start: int, end: int) -> int:
    """The best place to cut in the later half of text[start:end]; never inside a link, entity or escape."""
    safe = _before_atom(text, start, end)
    earliest = start + (safe - start) // 2
    for border in _BORDERS:
        if border in {"\n\n", "\n"}:
            place = text.rfind(border, earliest, safe)
            place = place + len(border) if place >= 0 else -1
        else:
            place = max((text.rfind(sign, earliest, safe) + 1 for sign in border), default=-1)
        if place > earliest:
            return place
    return safe


def _before_atom(text: str, start: int, end: int) -> int:
    """`end`, or the beginning of the link, entity, tag or escape that it would cut through."""
    window = max(start, end - 3_000)
    for match in _ATOM.finditer(text, window):
        if match.start() >= end:
            break
        indivisible = match.end() - match.start() > 1 and match[0][0] in "<&\\h"
        if indivisible and match.start() > start and match.end() > end:
            return match.start()
    return end


def _html_pieces(text: str, room: int, size: Callable[[str], int]) -> list[str]:
    pieces: list[str] = []
    rest, opened = text, ""
    while rest:
        reserve = size(opened) + size(_closing(opened)) + 64
        cut = _furthest(rest, 0, max(room - reserve, 1), size)
        if cut < len(rest):
            cut = _border(rest, 0, cut)
        piece = opened + rest[:cut]
        opened = _open_tags(piece)
        pieces.append(piece + _closing(opened))
        rest = rest[cut:]
    return pieces


def _open_tags(html: str) -> str:
    """The opening tags that are still open at the end, as written."""
    stack: list[tuple[str, str]] = []
    for match in _TAG.finditer(html):
        closing, name, alone = match[1], match[2].lower(), match[3]
        if closing:
            for place in range(len(stack) - 1, -1, -1):
                if stack[place][0] == name:
                    del stack[place:]
                    break
        elif not alone and name not in _VOID:
            stack.append((name, match[0]))
    return "".join(tag for _name, tag in stack)


def _closing(opened: str) -> str:
    return "".join(f"</{match[2]}>" for match in reversed(list(_TAG.finditer(opened))))
