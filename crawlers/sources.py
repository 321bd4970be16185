"""Reads `sources.yaml`: the shipped file and the user's, with the place of every fault. Fetches nothing."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from chainwatch import yamlfile
from chainwatch.problem import Problem, Problems
from crawlers.source import KINDS, Source


@dataclass(frozen=True, slots=True)
class Sources:
    """All sources in force, and what is wrong with the files they come from."""

    by_name: dict[str, Source]
    problems: tuple[Problem, ...] = ()
    own: frozenset[str] = frozenset()
    """Names that the user's file gives."""

    def named(self, names: Iterable[str]) -> list[Source]:
        """The sources of these names. Raises Problems for unknown ones, with names near them."""
        wanted = list(names)
        problems = [
            Problem(f"no source {name!r}", cure=self._near(name)) for name in wanted if name not in self.by_name
        ]
        if problems:
            raise Problems(problems)
        return [self.by_name[name] for name in wanted]

    def _near(self, name: str) -> str:
        near = [known for known in self.by_name if known.split("-", 1)[0] == name.split("-", 1)[0]]
        return f"sources there are: {', '.join(near or self.by_name)}"


_SOURCE = TypeAdapter(Source)


def read_sources(data: bytes, place: str) -> tuple[list[Source], list[Problem]]:
    """The good sources of one file, and a Problem with `file:line:column` for each fault of the others."""
    try:
        document = yamlfile.read(data, place)
    except Problems as error:
        return [], error.problems
    top = document.value
    if top is None:
        return [], []
    cure = "version: 1, then sources: with a list; see docs/reference/sources.md"
    if (
        not isinstance(top, dict)
        or not isinstance(top.get("sources"), list)
        or set(top) - {"version", "shipped", "sources"}
    ):
        return [], [
            Problem("a sources file has the keys version, sources and shipped", place=document.at(()), cure=cure)
        ]
    if top.get("version") != 1:
        return [], [Problem("version must be 1", place=document.at(("version",)), cure=cure)]
    good: dict[str, Source] = {}
    problems: list[Problem] = []
    if not isinstance(top.get("shipped", True), bool):
        problems.append(Problem("shipped must be true or false", place=document.at(("shipped",)), cure=cure))
    for index, row in enumerate(top["sources"]):
        try:
            source = _SOURCE.validate_python(row)
        except ValidationError as error:
            problems += _faults(error, document, index)
            continue
        if source.name in good:
            where = document.at(("sources", index, "name"))
            problems.append(Problem(f"the name {source.name!r} stands here twice", place=where, cure="rename one"))
        good.setdefault(source.name, source)
    return list(good.values()), problems


def _faults(error: ValidationError, document: yamlfile.Document, index: int) -> list[Problem]:
    problems = []
    items = error.errors(include_input=False, include_url=False)
    for item in items:
        below = any(other["loc"][: len(item["loc"])] == item["loc"] and other is not item for other in items)
        if item["type"] == "too_short" and below:  # said again because the wrong item was left out
            continue
        path = tuple(part for part in item["loc"] if part not in KINDS)
        field = ".".join(map(str, path))
        what = item["msg"].removeprefix("Value error, ")
        place = document.at(("sources", index, *path))
        cure = f"keys of a source are listed in docs/reference/sources.md{_known(item)}"
        problems.append(Problem(f"{field}: {what}" if field else what, place=place, cure=cure))
    return problems


def _known(item: Any) -> str:
    if item["type"] != "extra_forbidden":
        return ""
    return f"; here: {', '.join(sorted(field.alias or name for name, field in Source.model_fields.items()))}" * (
        len(item["loc"]) == 1
    )


def load_sources(shipped: Path, own: Path | None = None) -> Sources:
    """The shipped sources, joined and overridden by the user's. Faults are in `problems`, never raised.

    Where the user's file has a fault, the last version of it that had none stays in force; see `remember_good`.
    """
    by_name: dict[str, Source] = {}
    sources, problems = _read(shipped)
    by_name.update((source.name, source) for source in sources)
    names: set[str] = set()
    if own is not None and own.exists():
        mine, faults = _read(own)
        kept = last_good(own)
        if faults and kept.exists():
            before, _ = _read(kept)
            mine = [*before, *(source for source in mine if source.name not in {one.name for one in before})]
        if not _joins_shipped(own):
            by_name.clear()
        by_name.update((source.name, source) for source in mine)
        names = {source.name for source in mine}
        problems += faults
    return Sources(by_name, tuple(problems), frozenset(names))


def _joins_shipped(own: Path) -> bool:
    """Whether the user's file leaves the shipped sources in force: all but `shipped: false`."""
    try:
        top = yamlfile.read(own.read_bytes(), str(own)).value
    except (OSError, Problems):
        return True
    return not isinstance(top, dict) or top.get("shipped", True) is not False


def _read(path: Path) -> tuple[list[Source], list[Problem]]:
    try:
        return read_sources(path.read_bytes(), str(path))
    except OSError as error:
        return [], [Problem(f"cannot read: {error.strerror}", place=str(path), retry=True)]


def last_good(own: Path) -> Path:
    """Where the last faultless version of the user's file is kept."""
    return own.with_name(f".{own.name}.good")


def remember_good(own: Path) -> None:
    """Keep the user's file as the last good one, where it has no fault."""
    if own.exists() and not _read(own)[1]:
        kept = last_good(own)
        part = kept.with_suffix(".part")
        part.write_bytes(own.read_bytes())
        part.replace(kept)


def json_schema() -> dict[str, Any]:
    """JSON Schema of a sources file, for editors."""
    schema = _SOURCE.json_schema(by_alias=True)
    definitions = schema.pop("$defs", {})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "chainwatch sources",
        "type": "object",
        "additionalProperties": False,
        "required": ["version", "sources"],
        "properties": {
            "version": {"const": 1},
            "shipped": {"type": "boolean", "default": True},
            "sources": {"type": "array", "items": {"$ref": "#/$defs/Source"}},
        },
        "$defs": {**definitions, "Source": schema},
    }


def write_schema(path: Path) -> None:
    """Write the JSON Schema that editors use."""
    path.write_text(json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_schema(Path(__file__).with_name("sources.schema.json"))
