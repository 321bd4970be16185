"""Words of a text as PostgreSQL's index takes them, each with its places.

PostgreSQL keeps 255 places of a word, 16,383 in all, and a megabyte: long texts go in pieces. Pairs of neighbours that
would answer a query of two characters from the index alone cost twenty times the index and seven times the work.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

WORD = re.compile(r"[^\W_]{1,200}")
"""Longer ones are cut: PostgreSQL refuses a word of more than 2,046 bytes."""
PLACES, OF_ONE, BYTES = 8_000, 250, 400_000
"""Limits of a piece: words, places of one word, and bytes of words."""
OVERLAP = 32
"""Words that a piece repeats of the one before it: so much of a phrase is found across their border."""


def words_in(text: str) -> list[str]:
    """Letters and digits, each run a word; Han characters stand apart already."""
    return WORD.findall(text.casefold())


def vectors(text: str) -> Iterator[str]:
    """The pieces of a text, each as PostgreSQL reads a tsvector."""
    words = words_in(text)
    start = 0
    while start < len(words):
        end = _end(words, start)
        yield _vector(words[start:end])
        if end == len(words):
            return
        start = end - OVERLAP


def _end(words: Sequence[str], start: int) -> int:
    """Where the piece that begins at `start` ends."""
    seen: Counter[str] = Counter()
    size = 0
    for at in range(start, min(len(words), start + PLACES)):
        word = words[at]
        seen[word] += 1
        size += len(word.encode())
        if (seen[word] > OF_ONE or size > BYTES) and at - start > 2 * OVERLAP:
            return at
    return min(len(words), start + PLACES)


def _vector(words: Sequence[str]) -> str:
    places: dict[str, list[str]] = {}
    for place, word in enumerate(words, 1):
        places.setdefault(word, []).append(str(place))
    return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())


def queries(text: str) -> Iterator[str]:
    """What a text must fulfil to hold this phrase, each as PostgreSQL reads a tsquery; nothing for no words."""
    words = words_in(text)
    for start in range(0, len(words), OVERLAP):
        yield " <-> ".join(f"'{word}'" for word in words[start : start + OVERLAP])
