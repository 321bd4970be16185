"""Reads the YAML that users write (rules, taxonomy, lexicon, sources): strict, bounded, every value with its place.

Strict: duplicate keys, aliases, tags, tabs and other encodings than UTF-8 are errors; `no`, `on` and `12:30` are
words. Bounded: 256 kB and 20 levels, refused before anything is built. Editing with comments kept is ruamel's
work, in `chainwatch/matching/edit.py`; reading is done here by the parser in C, 20 times faster.
"""

import re
from collections.abc import Iterator
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
    positions: dict[Path, tuple[int, int]] = {}
    problems: list[Problem] = []
    try:
        _check_bounds(text, place)
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        value = None if node is None else _build(node, (), positions, place, problems)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{place}:{mark.line + 1}:{mark.column + 1}" if mark else place
        what = str(error.problem or error.context)
        raise Problems([Problem(what, place=where, cure="correct the YAML at that place")]) from error
    except yaml.YAMLError as error:
        raise Problems([Problem(" ".join(str(error).split()), place=place, cure="correct the YAML")]) from error
    if problems:
        raise Problems(problems)
    return Document(place, value, positions)


def _decode(data: bytes, place: str) -> str:
    if len(data) > LARGEST:
        what = f"{len(data):,} bytes; a file may have {LARGEST:,}"
        raise Problems([Problem(what, place=place, cure="split it into several files")])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Problems([Problem("not UTF-8", place=f"{place}:{line}", cure="save the file as UTF-8")]) from error


def _check_bounds(text: str, place: str) -> None:
    depth = 0
    events: Iterator[Any] = yaml.parse(text, Loader=yaml.CSafeLoader)
    for event in events:
        where = f"{place}:{event.start_mark.line + 1}:{event.start_mark.column + 1}"
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Problems([Problem("aliases and anchors are not allowed", place=where, cure="write the value out")])
        if getattr(event, "tag", None):
            raise Problems([Problem(f"the tag {event.tag} is not allowed", place=where, cure="remove it")])
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise Problems([Problem(f"nested deeper than {DEEPEST} levels", place=where, cure="flatten it")])


def _build(node: Any, path: Path, positions: dict[Path, tuple[int, int]], place: str, problems: list[Problem]) -> Any:
    positions[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*path, i), positions, place, problems) for i, child in enumerate(node.value)]
    mapping: dict[str, Any] = {}
    for key_node, child in node.value:
        where = f"{place}:{key_node.start_mark.line + 1}:{key_node.start_mark.column + 1}"
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(Problem("a key must be a word", place=where, cure="quote the key"))
        elif key_node.value in mapping:
            problems.append(Problem(f"{key_node.value!r} stands here twice", place=where, cure="keep one of them"))
        else:
            mapping[key_node.value] = _build(child, (*path, key_node.value), positions, place, problems)
    return mapping


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
