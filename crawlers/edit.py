"""Edits the user's sources file, its comments kept. What comes in is judged before anything is written."""

import io
import os
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from chainwatch.problem import Problem, Problems
from crawlers.sources import read_sources


def add_source(file: Path, own: Path) -> list[str]:
    """Join the file's sources to the user's; their names. Raises Problems for every fault, and writes nothing then."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise Problem(f"cannot read: {error.strerror}", place=str(file), cure="name a YAML file") from error
    found, problems = read_sources(data, str(file))
    if problems:
        raise Problems(problems)
    if not found:
        raise Problem("no source in it", place=str(file), cure="see docs/reference/sources.md")
    document = _document(own)
    there = {row.get("name") for row in document["sources"]}
    clash = [source.name for source in found if source.name in there]
    if clash:
        cure = f"chainwatch sources remove {clash[0]}, or rename it"
        raise Problem(f"there is a source {', '.join(clash)} already", place=str(own), cure=cure)
    document["sources"].extend(YAML().load(data)["sources"])
    _write(document, own)
    return [source.name for source in found]


def remove_source(name: str, own: Path) -> None:
    """Take a source out of the user's file."""
    document = _document(own)
    document["sources"] = [row for row in document["sources"] if row.get("name") != name]
    _write(document, own)


def _document(own: Path) -> Any:
    if not own.exists():
        return {"version": 1, "sources": []}
    _, problems = read_sources(own.read_bytes(), str(own))
    if problems:
        raise Problems(problems)
    document = YAML().load(own.read_bytes()) or {"version": 1, "sources": []}
    document.setdefault("sources", [])
    return document


def _write(document: Any, own: Path) -> None:
    """Whole or not at all, and only what would be read back without a fault."""
    text = io.StringIO()
    yaml = YAML()
    yaml.width = 120
    yaml.dump(document, text)
    data = text.getvalue().encode()
    _, problems = read_sources(data, str(own))
    if problems:
        raise Problems(problems)
    part = own.with_name(f".{own.name}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(own)
    except OSError as error:
        raise Problem(f"cannot write: {error.strerror}", place=str(own), cure="make the folder writable") from error
