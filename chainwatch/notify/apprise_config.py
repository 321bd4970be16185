"""Apprise configuration files, TEXT and YAML, taken unchanged: addresses with their tags. Reads no other file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chainwatch import yamlfile
from chainwatch.problem import Problem

_TEXT = re.compile(r"\s*(?:(?P<tags>[\w\s,;:-]+?)\s*=\s*)?(?P<url>[A-Za-z0-9]{2,32}://\S.*?)\s*")
_GROUP = re.compile(r"\s*[\w\s,;-]+?\s*=\s*[\w\s,;-]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One address of a file."""

    place: str
    url: str = field(repr=False)
    tags: tuple[str, ...] = ()


def entries(path: Path) -> list[Entry]:
    """Every address of the file. Raises Problem where it cannot be read, or wants to include others."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Problem(f"cannot read: {error.strerror}", place=str(path)) from error
    if path.suffix.lower() in {".yaml", ".yml"} or re.match(rb"\s*(?:#[^\n]*\n\s*)*(?:version|urls|tag)\s*:", data):
        return list(_from_yaml(data, str(path)))
    return list(_from_text(data.decode("utf-8-sig"), str(path)))


def _from_text(text: str, place: str) -> Iterator[Entry]:
    for number, line in enumerate(text.splitlines(), 1):
        where = f"{place}:{number}"
        stripped = line.strip()
        if not stripped or stripped[0] in "#;":
            continue
        if stripped.lower().startswith("include"):
            raise _included(where)
        match = _TEXT.fullmatch(line)
        if match:
            yield Entry(where, match["url"], _tags(match["tags"] or ""))
        elif not _GROUP.fullmatch(line):
            raise Problem("neither an address nor tags", place=where, cure="tag1,tag2 = service://…")


def _from_yaml(data: bytes, place: str) -> Iterator[Entry]:
    document = yamlfile.read(data, place)
    content = document.value if isinstance(document.value, dict) else {}
    if content.get("include"):
        raise _included(document.at(("include",)))
    common = _listed(content.get("tag") or content.get("tags"))
    for number, item in enumerate(content.get("urls") or ()):
        where = document.at(("urls", number))
        if isinstance(item, str):
            yield Entry(where, item, common)
        elif isinstance(item, dict):
            for url, options in item.items():
                for one in options if isinstance(options, list) else [options]:
                    yield _with_options(where, str(url), one, common)
        else:
            raise Problem("no address", place=where, cure="- service://…")


def _with_options(place: str, url: str, options: Any, common: tuple[str, ...]) -> Entry:
    values = options if isinstance(options, dict) else {}
    tags = _listed(values.get("tag") or values.get("tags"))
    further = {name: value for name, value in values.items() if name not in {"tag", "tags"}}
    if further:
        what = f"options beside an address are not read: {', '.join(map(str, further))}"
        raise Problem(what, place=place, cure="write them into the address: service://…?name=value")
    return Entry(place, url, tuple(dict.fromkeys((*common, *tags))))


def _listed(value: Any) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(one).strip() for one in value)
    return _tags(str(value)) if value else ()


def _tags(text: str) -> tuple[str, ...]:
    """Words between commas, blanks or semicolons; a priority in front (`2:ops`) is Apprise's and is left off."""
    return tuple(dict.fromkeys(tag.rpartition(":")[2] for tag in re.split(r"[\s,;]+", text) if tag))


def _included(place: str) -> Problem:
    return Problem("the file includes another one", place=place, cure="import each file by itself")
