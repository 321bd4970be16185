"""Finds the words that decide tense, modality and attribution: 力争, 已, 预计, 专家, 奖励. One pass for all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from consumers.extractors.words import Sheet

KINDS = (
    "aim_strong", "aim", "future", "past", "past_weak", "forecast", "outsider", "authority", "quoting", "condition",
    "condition_before", "commit", "commit_past", "firm", "joint", "each", "rest", "recap",
)  # fmt: skip


class Cue(NamedTuple):
    """A cue word in its place."""

    start: int
    end: int
    word: str
    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cues:
    """The automaton, which finds the longest word at a place, and what each of its words says."""

    automaton: AhoCorasick
    words: tuple[str, ...]
    kinds: tuple[frozenset[str], ...]


def read_cues(sheet: Sheet) -> Cues:
    """From `lexicon/cues.yaml`; `verbs` and `noun_end` are read by the noun grammar."""
    kinds: dict[str, set[str]] = {}
    for kind in KINDS:
        for word in sheet.words(kind):
            kinds.setdefault(word, set()).add(kind)
    for word in sheet.words("neutral"):
        kinds.setdefault(word, set())
    words = tuple(sorted(kinds))
    automaton = AhoCorasick(words, matchkind=MatchKind.LeftmostLongest, implementation=Implementation.DFA)
    return Cues(automaton, words, tuple(frozenset(kinds[word]) for word in words))


def said(hits: Iterable[tuple[int, int, int]], offset: int, cues: Cues) -> list[Cue]:
    """What the automaton's hits say, in order, without those that say nothing; spans from `offset` on."""
    return [
        Cue(start - offset, end - offset, cues.words[index], kinds)
        for index, start, end in hits
        if (kinds := cues.kinds[index])
    ]
