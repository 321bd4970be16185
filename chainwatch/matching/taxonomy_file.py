"""The shape of taxonomy files: schemes with their nodes, companies, regions. Judges nothing across files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from chainwatch import yamlfile
from chainwatch.problem import Problem, Problems

_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def _first_day(value: Any) -> Any:
    """`2022`, `2022-05` and `2022-05-31` as the first day of that year, month or day."""
    match = _DATE.fullmatch(str(value)) if isinstance(value, str | int) else None
    if match is None:
        raise ValueError("a year, month or day is expected: 2022, 2022-05 or 2022-05-31")
    year, month, day = (int(part or 1) for part in match.groups())
    return date(year, month, day)


Day = Annotated[date, BeforeValidator(_first_day)]
Name = Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^/\s][^/\n]*$")]
"""A node's name is the last part of its id, so it holds no slash."""
Basis = Literal["stated", "inferred"]
Rank = Literal["world", "nation", "area", "province", "city", "district"]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class FormerName(_Entry):
    """A name that a node had for a time: [from, until)."""

    name: Name
    valid_from: Day | None = Field(default=None, alias="from")
    valid_until: Day | None = Field(default=None, alias="until")


class NodeEntry(_Entry):
    """A node and the nodes below it."""

    name: Name
    title: str = ""
    """In English."""
    aliases: list[Name] = Field(default_factory=list)
    former: list[FormerName] = Field(default_factory=list)
    valid_from: Day | None = Field(default=None, alias="from")
    valid_until: Day | None = Field(default=None, alias="until")
    """The first day on which it no longer holds."""
    successor: str | None = None
    """Id of the node that took its place, or `none` where nothing did."""
    maps: list[str] = Field(default_factory=list)
    """Ids of further nodes of other schemes that cover the same field."""
    region: str | None = None
    within: bool = False
    """Its names are plain words: they count only in an article that also names the node above."""
    source: str = ""
    note: str = ""
    nodes: list["NodeEntry"] = Field(default_factory=list)


class SchemeFile(NodeEntry):
    """A scheme is the root of its nodes; `kinds` names what stands at each depth below it."""

    scheme: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*$")]
    kinds: list[str] = Field(min_length=1)
    by_name: bool = False
    """Articles are tagged with the nodes below by their names, where no word list says otherwise."""
    precedence: int = 0
    """Of nodes with one name, the one of the scheme with the higher precedence is meant."""


class Link(_Entry):
    """A chain that a company stands for, and whether a source says so."""

    node: str
    basis: Basis


class CompanyEntry(_Entry):
    """A firm whose name is evidence for a chain."""

    name: Name
    full: str = ""
    aliases: list[Name] = Field(default_factory=list)
    codes: list[Annotated[str, Field(pattern=r"^(sh|sz|bj|hk|us)[0-9A-Z]{2,6}$")]] = Field(default_factory=list)
    """Stock codes with their exchange: sz002415."""
    region: str | None = None
    chains: list[Link] = Field(default_factory=list)


class CompaniesFile(_Entry):
    """All firms."""

    companies: list[CompanyEntry]


class RegionEntry(_Entry):
    """A place and the places in it. `cities` is the short form for places with nothing but a name."""

    name: Name
    rank: Rank
    aliases: list[Name] = Field(default_factory=list)
    regions: list["RegionEntry"] = Field(default_factory=list)
    cities: list[Name] = Field(default_factory=list)


class RegionsFile(_Entry):
    """All places."""

    regions: list[RegionEntry]


@dataclass(frozen=True, slots=True)
class Read:
    """One file that has the right shape, and the places of its values."""

    document: yamlfile.Document
    content: SchemeFile | CompaniesFile | RegionsFile


_SHAPES: dict[str, type[SchemeFile] | type[CompaniesFile] | type[RegionsFile]] = {
    "scheme": SchemeFile,
    "companies": CompaniesFile,
    "regions": RegionsFile,
}


def read(data: bytes, place: str) -> Read:
    """One taxonomy file. Raises Problems with every value that is missing, unknown or of the wrong kind."""
    document = yamlfile.read(data, place)
    keys = document.value if isinstance(document.value, dict) else {}
    shape = next((shape for key, shape in _SHAPES.items() if key in keys), None)
    if shape is None:
        what = "neither a scheme nor companies nor regions"
        raise Problems([Problem(what, place=document.at(()), cure=f"start it with one of: {', '.join(_SHAPES)}")])
    try:
        return Read(document, shape.model_validate(document.value))
    except ValidationError as error:
        raise Problems(list(faults(document, error))) from error


def faults(document: yamlfile.Document, error: ValidationError) -> Iterator[Problem]:
    """What pydantic found wrong, in our words, with place and cure."""
    for item in error.errors(include_input=False, include_url=False):
        where = item["loc"]
        last = where[-1] if where else "the file"
        if item["type"] == "extra_forbidden":
            what, cure = f"unknown key {last!r}", "correct its spelling or remove it"
        elif item["type"] == "missing":
            what, cure = f"{last!r} is missing", "add it"
        else:
            what, cure = f"{last}: {item['msg'].removeprefix('Value error, ')}", "see docs/reference/taxonomy.md"
        yield Problem(what, place=document.at(where), cure=cure)
