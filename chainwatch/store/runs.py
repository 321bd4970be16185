"""Runs of crawls and imports, with the count that must close.

discovered = published + duplicate + filtered (why) + failed + quarantined, exactly.
"""

import json
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Table, Text, insert, update

from chainwatch.store.database import metadata

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("begun_ms", BigInteger, nullable=False, index=True),
    Column("ended_ms", BigInteger),
    Column("outcome", Text),
    Column("discovered", Integer, nullable=False, default=0),
    Column("published", Integer, nullable=False, default=0),
    Column("duplicate", Integer, nullable=False, default=0),
    Column("filtered", Text, nullable=False, default="{}"),
    Column("failed", Integer, nullable=False, default=0),
    Column("quarantined", Integer, nullable=False, default=0),
    Index("ix_runs_source", "source", "begun_ms"),
)
"""`kind` is crawl or import; `outcome` ok, failed or stopped, None while it runs; `filtered` JSON reason → count."""


@dataclass(slots=True)
class Counts:
    """What became of everything a run discovered. `filtered` says why."""

    published: int = 0
    duplicate: int = 0
    failed: int = 0
    quarantined: int = 0
    filtered: Counter[str] = field(default_factory=Counter)

    @property
    def discovered(self) -> int:
        """The sum of all fates: nothing disappears."""
        return self.published + self.duplicate + self.filtered.total() + self.failed + self.quarantined

    def as_row(self) -> dict[str, Any]:
        """For `--json` and the store."""
        return {
            "discovered": self.discovered,
            "published": self.published,
            "duplicate": self.duplicate,
            "filtered": dict(sorted(self.filtered.items())),
            "failed": self.failed,
            "quarantined": self.quarantined,
        }


def begin(connection: Connection, kind: str, source: str, now_ms: int, id_: str | None = None) -> str:
    """Record that a run began; its id."""
    chosen = id_ or uuid.uuid4().hex
    connection.execute(insert(runs).values(id=chosen, kind=kind, source=source, begun_ms=now_ms, filtered="{}"))
    return chosen


def end(connection: Connection, id_: str, counts: Counts, outcome: str, now_ms: int) -> None:
    """Record a run's end: ok, failed or stopped."""
    connection.execute(
        update(runs).where(runs.c.id == id_).values(ended_ms=now_ms, outcome=outcome, **_columns(counts))
    )


def _columns(counts: Counts) -> dict[str, Any]:
    row = counts.as_row()
    return {**row, "filtered": json.dumps(row["filtered"], ensure_ascii=False, sort_keys=True)}
