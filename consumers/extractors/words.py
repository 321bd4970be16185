"""Typed reading of the lexicon's YAML, and word lists as one pattern. Every fault names file, line and cure."""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from chainwatch import yamlfile
from chainwatch.problem import Problem, Problems

Path = tuple[str | int, ...]


def alternatives(words: Iterable[str], not_before: Mapping[str, Iterable[str]] | None = None) -> str:
    """A pattern that matches the longest of the words at a place. An empty list matches nothing.

    Words that begin alike are tried together: the pattern is their tree. A word of `not_before` does not match where
    one of its own words follows.
    """
    guards = {word: f"(?!{alternatives(others)})" for word, others in (not_before or {}).items()}
    ends = {word: guards.get(word, "") for word in sorted(set(words))}
    return _branch(ends) if ends else r"(?!)"


def _branch(ends: Mapping[str, str]) -> str:
    """Of words with what stands behind each; the shorter one of two that begin alike comes last."""
    by_first: dict[str, dict[str, str]] = {}
    for word, end in ends.items():
        if word:
            by_first.setdefault(word[0], {})[word[1:]] = end
    branches = [re.escape(first) + (_branch(rest) if any(rest) else rest[""]) for first, rest in by_first.items()]
    if "" in ends:
        branches.append(ends[""])
    return "(?:" + "|".join(branches) + ")"


class Sheet:
    """One lexicon file. Its readers raise Problems; `done` refuses keys that nothing asked for."""

    def __init__(self, name: str, data: bytes) -> None:
        self._document = yamlfile.read(data, name)
        self._asked: set[str] = set()
        if not isinstance(self._document.value, dict):
            raise self._fault((), "a lexicon file is a mapping", "write `key: [words]`")

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words."""
        return self._list(self._get(key), (key,))

    def lists(self, key: str) -> dict[str, tuple[str, ...]]:
        """A mapping of names to lists of words."""
        return {name: self._list(value, (key, name)) for name, value in self._mapping(key).items()}

    def guards(self, key: str, words: Collection[str]) -> dict[str, tuple[str, ...]]:
        """What some of the words must not stand beside. Raises Problems for a word that is none of them."""
        found = self.lists(key)
        for name, others in found.items():
            if name not in words:
                raise self._fault(
                    (key, name), f"{name!r} is guarded but not listed", "add it to the list, or remove it"
                )
            if not others:
                raise self._fault((key, name), f"{name!r} is guarded against nothing", "list words, or remove it")
        return found

    def texts(self, key: str) -> dict[str, str]:
        """A mapping of words to words."""
        found = self._mapping(key)
        for name, value in found.items():
            if not isinstance(value, str):
                raise self._fault((key, name), f"{value!r} is no word", "quote it")
        return {name: str(value) for name, value in found.items()}

    def pairs(self, key: str) -> dict[str, tuple[Any, int]]:
        """A mapping of names to lists of two, the second a whole number."""
        pairs = {}
        for name, value in self._mapping(key).items():
            if not (isinstance(value, list) and len(value) == 2 and isinstance(value[1], int)):
                raise self._fault((key, name), "a list of two, the second a whole number", "write [元, 10000]")
            pairs[name] = (value[0], value[1])
        return pairs

    def numbers(self, key: str) -> dict[str, int]:
        """A mapping of words to whole numbers."""
        found = self._mapping(key)
        for name, value in found.items():
            if not isinstance(value, int):
                raise self._fault((key, name), f"{value!r} is no whole number", "write it without quotes")
        return {name: int(value) for name, value in found.items()}

    def known(self, key: str, names: frozenset[str]) -> None:
        """Raises Problems where a mapping has a name that the wire format lacks."""
        for name in self._mapping(key):
            if name not in names:
                raise self._fault((key, name), f"{name!r} is unknown", f"write one of {'、'.join(sorted(names))}")

    def done(self) -> None:
        """Raises Problems for keys that no reader asked for: a misspelt list is never ignored in silence."""
        unknown = [key for key in self._document.value if key not in self._asked]
        if unknown:
            raise Problems(
                [
                    Problem(f"unknown list {key!r}", place=self._document.at((key,)), cure="remove or rename it")
                    for key in unknown
                ]
            )

    def _get(self, key: str) -> Any:
        self._asked.add(key)
        if key not in self._document.value:
            raise self._fault((), f"the list {key!r} is missing", f"add `{key}: []`")
        return self._document.value[key]

    def _mapping(self, key: str) -> Mapping[str, Any]:
        value = self._get(key)
        if not isinstance(value, dict):
            raise self._fault((key,), f"{key!r} is no mapping", "write `name: …` below it")
        return value

    def _list(self, value: Any, path: Path) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise self._fault(path, f"{path[-1]!r} is no list of words", "write [word, word]")
        for index, word in enumerate(value):
            if not isinstance(word, str) or not word:
                raise self._fault((*path, index), f"{word!r} is no word", "quote it")
        return tuple(value)

    def _fault(self, path: Path, what: str, cure: str) -> Problems:
        return Problems([Problem(what, place=self._document.at(path), cure=cure)])
