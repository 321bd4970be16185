"""Words at the end of a text, matched from its last character: one attempt instead of one for each beginning."""

import re
from collections.abc import Iterable, Mapping

from consumers.extractors.words import alternatives


def reversed_words(words: Iterable[str], guards: Mapping[str, tuple[str, ...]] | None = None) -> str:
    """A pattern over reversed text for the longest of the words; a guarded word stands only behind other characters."""
    return alternatives((word[::-1] for word in words), {word[::-1]: others for word, others in (guards or {}).items()})


class Ending:
    """A pattern, given over reversed text, looked for at the end of a span."""

    __slots__ = ("_lasts", "_pattern", "_reach")

    def __init__(self, pattern: str, reach: int, lasts: frozenset[str]) -> None:
        """`lasts`: the characters that what is looked for can end with; at any other nothing is tried."""
        self._pattern, self._reach, self._lasts = re.compile(pattern), reach, lasts

    def match(self, text: str, start: int, end: int) -> re.Match[str] | None:
        """The match in the reversed last characters of `text[start:end]`; its `end()` counts from `end` backwards."""
        if end <= start or text[end - 1] not in self._lasts:
            return None
        low = end - self._reach
        return self._pattern.match(text[max(start, low) : end][::-1])

    def cut(self, text: str, start: int, end: int) -> int:
        """Where the words at the end of `text[start:end]` begin; `end` where there are none."""
        found = self.match(text, start, end)
        return end - found.end() if found else end
