"""Finds the words that decide tense, modality and attribution: 力争, 已, 预计, 专家, 奖励. One pass for all of them."""

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
    """The automaton, and what each of its words says."""

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


def scan(text: str, cues: Cues) -> list[Cue]:
    """All cues of the text that say anything, in order, never overlapping; the longest word at a place."""
    return [
        Cue(start, end, cues.words[index], cues.kinds[index])
        for index, start, end in cues.automaton.find_matches_as_indexes(text)
        if cues.kinds[index]
    ]
