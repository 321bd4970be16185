"""Events: each id once, in the order they were recorded. The one insert of events from hops, crawler and dispatcher."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Select,
    Table,
    Text,
    select,
)

from chainwatch.models import Event, EventKind, to_timestamp_ms
from chainwatch.store.database import SERIAL, insert_all, insert_new, ledger_lock, metadata
from chainwatch.store.rows import below

events = Table(
    "events",
    metadata,
    Column("seq", SERIAL, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("region", Text),
    Column("article", Text, index=True),
    Column("published_ms", BigInteger),
    Column("found_ms", BigInteger, nullable=False, index=True),
    Column("silent", Boolean, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_events_kind", "kind", "seq"),
)
"""`article` is the id of the article that brought it; `found_ms` when it was recorded."""

event_nodes = Table(
    "event_nodes",
    metadata,
    Column("node", Text, primary_key=True),
    Column("seq", ForeignKey("events.seq"), primary_key=True),
)


@dataclass(frozen=True, slots=True)
class Stored:
    """An event, its place in the order, and when it was recorded (Unix milliseconds)."""

    seq: int
    found_ms: int
    event: Event


@dataclass(frozen=True, slots=True)
class Filter:
    """Which events to list; None asks nothing. A node stands for itself and everything below it.

    Times are [since, until) of recording. `regions` match themselves and places within: 杭州 finds 杭州/滨江.
    """

    kinds: frozenset[EventKind] | None = None
    nodes: frozenset[str] | None = None
    regions: frozenset[str] | None = None
    subject: str | None = None
    article: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    silent: bool | None = None


def put(connection: Connection, made: Sequence[Event], now_ms: int) -> list[Event]:
    """Record those events whose id is not known yet, and give them back in order; of several with one id the first."""
    unique: dict[str, Event] = {}
    for event in made:
        unique.setdefault(event.id, event)
    if not unique:
        return []
    ledger_lock(connection)  # so that numbers become visible in their order, for whoever reads `after` one
    known = set(connection.execute(select(events.c.id).where(events.c.id.in_(unique))).scalars())
    fresh = [event for id_, event in unique.items() if id_ not in known]
    if not fresh:
        return []
    insert_all(connection, events, [_row(event, now_ms) for event in fresh])
    ids = [event.id for event in fresh]
    numbers = {
        row.id: row.seq for row in connection.execute(select(events.c.id, events.c.seq).where(events.c.id.in_(ids)))
    }
    nodes = [{"node": node, "seq": numbers[event.id]} for event in fresh for node in dict.fromkeys(event.nodes)]
    insert_new(connection, event_nodes, nodes)
    return fresh


def _row(event: Event, now_ms: int) -> dict[str, Any]:
    first = event.evidence[0] if event.evidence else None
    return {
        "id": event.id,
        "kind": event.kind.value,
        "subject": event.subject,
        "region": event.region,
        "article": first.article if first else None,
        "published_ms": to_timestamp_ms(first.published) if first and first.published else None,
        "found_ms": now_ms,
        "silent": event.silent,
        "body": event.to_json().decode(),
    }


def get(connection: Connection, id_: str) -> Stored | None:
    """One event by its id."""
    row = connection.execute(_columns().where(events.c.id == id_)).first()
    return _stored(row) if row else None


def among(connection: Connection, ids: Collection[str]) -> list[Stored]:
    """Those of the events that are recorded, in order."""
    rows = connection.execute(_columns().where(events.c.id.in_(set(ids))).order_by(events.c.seq))
    return [_stored(row) for row in rows]


def listed(connection: Connection, wanted: Filter, limit: int, before: int | None = None) -> list[Stored]:
    """Newest first, below the number `before`; page by the last one's `seq`."""
    statement = _filtered(wanted).order_by(events.c.seq.desc()).limit(limit)
    if before is not None:
        statement = statement.where(events.c.seq < before)
    return [_stored(row) for row in connection.execute(statement)]


def after(connection: Connection, seq: int, limit: int, wanted: Filter | None = None) -> list[Stored]:
    """Oldest first, above the number `seq`: for relays and feeds."""
    statement = _filtered(wanted or Filter()).where(events.c.seq > seq).order_by(events.c.seq).limit(limit)
    return [_stored(row) for row in connection.execute(statement)]


def _columns() -> Select[tuple[int, int, str]]:
    return select(events.c.seq, events.c.found_ms, events.c.body)


def _filtered(wanted: Filter) -> Select[tuple[int, int, str]]:
    statement = _columns()
    if wanted.kinds is not None:
        statement = statement.where(events.c.kind.in_(sorted(wanted.kinds)))
    if wanted.subject is not None:
        statement = statement.where(events.c.subject == wanted.subject)
    if wanted.article is not None:
        statement = statement.where(events.c.article == wanted.article)
    if wanted.since_ms is not None:
        statement = statement.where(events.c.found_ms >= wanted.since_ms)
    if wanted.until_ms is not None:
        statement = statement.where(events.c.found_ms < wanted.until_ms)
    if wanted.silent is not None:
        statement = statement.where(events.c.silent == wanted.silent)
    if wanted.regions is not None:
        statement = statement.where(below(events.c.region, wanted.regions))
    if wanted.nodes is not None:
        met = select(event_nodes.c.seq).where(below(event_nodes.c.node, wanted.nodes))
        statement = statement.where(events.c.seq.in_(met))
    return statement


def _stored(row: Any) -> Stored:
    return Stored(row.seq, row.found_ms, Event.from_json(row.body))
