"""How each source fares: health, pauses, the back-off of its breaker. What a source is stands in sources.yaml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Connection, Integer, String, Table, Text, select

from chainwatch.store.database import metadata, upsert

sources = Table(
    "crawl_sources",
    metadata,
    Column("name", String, primary_key=True),
    Column("health", Text, nullable=False),
    Column("last_started_ms", BigInteger),
    Column("last_finished_ms", BigInteger),
    Column("last_good_ms", BigInteger),
    Column("not_before_ms", BigInteger),
    Column("trips", Integer, nullable=False),
    Column("paused", Text),
)


class Condition(StrEnum):
    """What is known of a source."""

    UNKNOWN = "unknown"
    HEALTHY = "healthy"
    SILENT = "silent"
    BROKEN = "broken"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Health:
    """What is remembered between runs."""

    condition: Condition = Condition.UNKNOWN
    since_ms: int = 0
    reasons: tuple[str, ...] = ()
    strikes: int = 0
    articles: float = 0
    """Articles that the shares rest on."""
    shares: Mapping[str, float] = field(default_factory=dict)
    """Field → running share of articles that have it; `row.dated` for list rows."""
    rows: float = 0
    """Usual rows of the first list pages."""
    last_new_ms: int | None = None
    """When something new was last seen."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """What the store knows of one source."""

    name: str
    health: Health = field(default_factory=Health)
    last_started_ms: int | None = None
    last_finished_ms: int | None = None
    last_good_ms: int | None = None
    not_before_ms: int | None = None
    """The breaker keeps it shut until then."""
    trips: int = 0
    """Runs in a row that the breaker ended."""
    paused: str | None = None
    """Why somebody paused it; None where it runs."""


def status(connection: Connection, name: str) -> SourceStatus:
    """The source's row, or a fresh one."""
    row = connection.execute(select(sources).where(sources.c.name == name)).one_or_none()
    return SourceStatus(name) if row is None else _status(row)


def statuses(connection: Connection) -> dict[str, SourceStatus]:
    """Every source that was ever crawled or paused."""
    return {row.name: _status(row) for row in connection.execute(select(sources))}


def put(connection: Connection, one: SourceStatus) -> None:
    """Write the source's row."""
    names = [column.name for column in sources.columns]
    upsert(connection, sources, {name: getattr(one, name) for name in names} | {"health": _dump(one.health)})


def _status(row: Any) -> SourceStatus:
    return SourceStatus(**{**dict(row._mapping), "health": _load(row.health)})  # noqa: SLF001  the documented name


def _dump(health: Health) -> str:
    return orjson.dumps(health, option=orjson.OPT_SORT_KEYS).decode()


def _load(text: str) -> Health:
    values = orjson.loads(text)
    reasons = tuple(values.pop("reasons"))
    return Health(**{**values, "condition": Condition(values["condition"]), "reasons": reasons})
