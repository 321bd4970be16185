"""Reads the YAML that users write (rules, taxonomy, lexicon, sources): strict, bounded, every value with its place.

Strict: duplicate keys, aliases, tags, tabs and other encodings than UTF-8 are errors; `no`, `on` and `12:30` are
words. Bounded: 256 kB and 20 levels, refused before anything is built. Editing with comments kept is ruamel's
work, in `chainwatch/matching/edit.py`; reading is done here by the parser in C, 20 times faster.
"""

import re
from decimal import Decimal
from typing import Any

import yaml

from chainwatch.problem import Problem, Problems

LARGEST = 256_000
"""Bytes a file may have."""
DEEPEST = 20

Path = tuple[str | int, ...]
"""Keys and indexes from the top of the document down to a value."""


class Document:
    """A parsed file: `value` (dict, list, str, int, Decimal, bool, None) and where each value stands."""

    def __init__(self, place: str, value: Any, positions: dict[Path, tuple[int, int]]) -> None:
        self.place, self.value, self._positions = place, value, positions

    def at(self, path: Path) -> str:
        """`file:line:column` of the value at the path, or of the nearest value above it."""
        while path and path not in self._positions:
            path = path[:-1]
        line, column = self._positions.get(path, (1, 1))
        return f"{self.place}:{line}:{column}"


def read(data: bytes, place: str) -> Document:
    """Parse one document. Raises Problems with every fault found, each with `file:line:column` and cure."""
    text = _decode(data, place)
    builder = _Builder(place)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{place}:{mark.line + 1}:{mark.column + 1}" if mark else place
        what = str(error.problem or error.context)
        raise Problems([*builder.problems, Problem(what, place=where, cure="correct the YAML there")]) from error
    except yaml.YAMLError as error:
        raise Problems([Problem(" ".join(str(error).split()), place=place, cure="correct the YAML")]) from error
    if builder.problems:
        raise Problems(builder.problems)
    return Document(place, builder.value, builder.positions)


def _decode(data: bytes, place: str) -> str:
    if len(data) > LARGEST:
        what = f"{len(data):,} bytes; a file may have {LARGEST:,}"
        raise Problems([Problem(what, place=place, cure="split it into several files")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Problems([Problem("not UTF-8", place=f"{place}:{line}", cure="save the file as UTF-8")]) from error


class _Builder:
    """Builds the value from the parser's events in one pass; stops at once at what could make it large."""

    def __init__(self, place: str) -> None:
        self.place = place
        self.value: Any = None
        self.positions: dict[Path, tuple[int, int]] = {}
        self.problems: list[Problem] = []
        self.documents = 0
        self._open: list[tuple[dict[str, Any] | list[Any], Path]] = []
        self._key: list[str | None] = []
        """For each open collection the key whose value comes next; None where a key, or an item of a list, does."""

    def take(self, event: Any) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._refuse(event)
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._refuse(event)
            collection: dict[str, Any] | list[Any] = [] if isinstance(event, yaml.SequenceStartEvent) else {}
            path = self._put(event, collection)
            self._open.append((collection, path))
            self._key.append(None)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._open.pop()
            self._key.pop()
        elif isinstance(event, yaml.AliasEvent):
            raise self._problem(event, "aliases and anchors are not allowed", "write the value out")
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self._problem(event, "a second document begins here", "keep one document in a file")

    def _refuse(self, event: Any) -> None:
        if event.anchor:
            raise self._problem(event, "aliases and anchors are not allowed", "write the value out")
        if event.tag:
            raise self._problem(event, f"the tag {event.tag} is not allowed", "remove it")
        if len(self._open) >= DEEPEST and not isinstance(event, yaml.ScalarEvent):
            raise self._problem(event, f"nested deeper than {DEEPEST} levels", "flatten it")

    def _problem(self, event: Any, what: str, cure: str) -> Problems:
        return Problems([*self.problems, Problem(what, place=self._where(event), cure=cure)])

    def _where(self, event: Any) -> str:
        return f"{self.place}:{event.start_mark.line + 1}:{event.start_mark.column + 1}"

    def _scalar(self, event: Any) -> None:
        if not (self._open and isinstance(self._open[-1][0], dict) and self._key[-1] is None):
            self._put(event, _scalar(event))
            return
        name = event.value
        if name in self._open[-1][0]:
            self.problems.append(
                Problem(f"{name!r} stands here twice", place=self._where(event), cure="keep one of them")
            )
        self._key[-1] = name

    def _put(self, event: Any, value: Any) -> Path:
        """Puts the value into the collection that is open; its path."""
        path: Path = ()
        if not self._open:
            self.value = value
        else:
            parent, above = self._open[-1]
            if isinstance(parent, list):
                path = (*above, len(parent))
                parent.append(value)
            elif (key := self._key[-1]) is None:
                raise self._problem(event, "a key must be a word", "quote the key")
            else:
                path = (*above, key)
                parent.setdefault(key, value)
                self._key[-1] = None
        self.positions[path] = (event.start_mark.line + 1, event.start_mark.column + 1)
        return path


_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,17})\.\d{1,18}")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


def _scalar(node: yaml.ScalarNode) -> Any:
    value: str = node.value
    if node.style:  # quoted or block: a word, whatever it looks like
        return value
    if value in _WORDS:
        return _WORDS[value]
    if _INTEGER.fullmatch(value):
        return int(value)
    return Decimal(value) if _DECIMAL.fullmatch(value) else value
