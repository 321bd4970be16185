"""Rule: one rule as a value, ready to be compiled, whoever wrote it and in whatever form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

import orjson

from chainwatch.matching.expression import Expression, from_wire, to_wire
from chainwatch.models import digest


class Status(StrEnum):
    """How far a rule is trusted."""

    STABLE = "stable"
    TEST = "test"
    DRAFT = "draft"
    """Counts and explains itself; nobody but its owner is told."""
    OFF = "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule, ready to be compiled. `place` is where it was written, for errors; it does not count as content."""

    id: str
    match: Expression
    status: Status = Status.STABLE
    min_score: Decimal | None = None
    boost: Mapping[str, Decimal] = field(default_factory=dict)
    """Field (`title`, `first`) → factor on the weight of what is found there."""
    tags: tuple[str, ...] = ()
    title: Mapping[str, str] = field(default_factory=dict)
    """Language → title."""
    why: str = ""
    level: str = "medium"
    owner: str | None = None
    quick: bool = False
    regions: tuple[str, ...] = ()
    """Region hints an article must have one of: 浙江, 杭州."""
    sources: tuple[str, ...] = ()
    """Media or sites an article must come from one of."""
    place: str = ""

    @property
    def version(self) -> str:
        """Digest of everything that decides what the rule does, 12 hex digits."""
        return version_of(orjson.dumps(rule_to_wire(self), option=orjson.OPT_SORT_KEYS))


def version_of(wire: bytes) -> str:
    """The version of a rule, from its canonical JSON."""
    return digest(wire)[:12]


def rule_to_wire(rule: Rule) -> dict[str, Any]:
    """The rule as JSON values, without its place."""
    return {
        "id": rule.id,
        "match": to_wire(rule.match),
        "status": rule.status.value,
        "min_score": None if rule.min_score is None else str(rule.min_score),
        "boost": {name: str(factor) for name, factor in rule.boost.items()},
        "tags": rule.tags,
        "title": dict(rule.title),
        "why": rule.why,
        "level": rule.level,
        "owner": rule.owner,
        "quick": rule.quick,
        "regions": rule.regions,
        "sources": rule.sources,
    }


def rule_from_wire(data: dict[str, Any], place: str = "") -> Rule:
    """Read what `rule_to_wire` wrote."""
    least = data["min_score"]
    return Rule(
        id=data["id"],
        match=from_wire(data["match"]),
        status=Status(data["status"]),
        min_score=None if least is None else Decimal(least),
        boost={name: Decimal(factor) for name, factor in data["boost"].items()},
        tags=tuple(data["tags"]),
        title=data["title"],
        why=data["why"],
        level=data["level"],
        owner=data["owner"],
        quick=data["quick"],
        regions=tuple(data["regions"]),
        sources=tuple(data["sources"]),
        place=place,
    )
