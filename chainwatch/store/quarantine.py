"""Records that could not be consumed: how often each was tried, and those set aside so that the rest goes on."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, Connection, Integer, LargeBinary, Table, Text, delete, select, update

from chainwatch.store.database import SERIAL, insert_new, metadata

ATTEMPTS = 3
"""A record that failed so often is set aside."""


record_attempts = Table(
    "record_attempts",
    metadata,
    Column("group", Text, primary_key=True),
    Column("place", Text, primary_key=True),
    Column("attempts", Integer, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
)
"""Written before the attempt, so that an attempt which kills the process counts too."""

quarantine = Table(
    "quarantine",
    metadata,
    Column("number", SERIAL, primary_key=True),
    Column("place", Text, nullable=False, unique=True),
    Column("key", Text, nullable=False),
    Column("value", LargeBinary, nullable=False),
    Column("headers", Text, nullable=False),
    Column("timestamp_ms", BigInteger, nullable=False),
    Column("error", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("bundle", Text),
    Column("at_ms", BigInteger, nullable=False, index=True),
    Column("state", Text, nullable=False),
)
"""`place` is topic/partition@offset; `error` the class of the failure; `state` held, retried or dropped."""


def attempt(connection: Connection, group: str, place: str, now_ms: int) -> int:
    """Record that the record at a place (topic/partition@offset) is about to be tried; which attempt it is, from 1."""
    insert_new(connection, record_attempts, [{"group": group, "place": place, "attempts": 0, "last_ms": now_ms}])
    where = (record_attempts.c.group == group) & (record_attempts.c.place == place)
    more = record_attempts.c.attempts + 1
    connection.execute(update(record_attempts).where(where).values(attempts=more, last_ms=now_ms))
    number: int = connection.execute(select(record_attempts.c.attempts).where(where)).scalar_one()
    return number


def tried(connection: Connection, group: str, places: Collection[str]) -> dict[str, int]:
    """Place → attempts begun and not yet forgotten, of those that have any."""
    rows = connection.execute(
        select(record_attempts.c.place, record_attempts.c.attempts).where(
            record_attempts.c.group == group, record_attempts.c.place.in_(set(places))
        )
    )
    return {row.place: row.attempts for row in rows}


def forget_attempts(connection: Connection, group: str, places: Collection[str]) -> None:
    """The records were consumed, or set aside: their attempts need not be remembered."""
    connection.execute(
        delete(record_attempts).where(record_attempts.c.group == group, record_attempts.c.place.in_(set(places)))
    )


@dataclass(frozen=True, slots=True)
class Held:
    """A record set aside: its bytes, and why. `error` is the class of the failure, `bundle` the rules in force."""

    place: str
    key: str
    value: bytes
    headers: Mapping[str, bytes]
    timestamp_ms: int
    error: str
    reason: str
    bundle: str | None = None


def put(connection: Connection, held: Held, now_ms: int) -> None:
    """Set a record aside; a place that is held already keeps its first row."""
    row = {
        "place": held.place,
        "key": held.key,
        "value": held.value,
        "headers": json.dumps({name: value.decode("latin-1") for name, value in held.headers.items()}),
        "timestamp_ms": held.timestamp_ms,
        "error": held.error,
        "reason": held.reason[:2_000],
        "bundle": held.bundle,
        "at_ms": now_ms,
        "state": "held",
    }
    insert_new(connection, quarantine, [row])


def listed(connection: Connection, limit: int, state: str | None = None) -> list[Mapping[str, Any]]:
    """Newest first, without the bytes."""
    columns = [column for column in quarantine.c if column.name != "value"]
    statement = select(*columns).order_by(quarantine.c.number.desc()).limit(limit)
    if state is not None:
        statement = statement.where(quarantine.c.state == state)
    return [dict(row) for row in connection.execute(statement).mappings()]


def get(connection: Connection, number: int) -> Mapping[str, Any] | None:
    """One of them, with its bytes."""
    row = connection.execute(select(quarantine).where(quarantine.c.number == number)).mappings().first()
    return dict(row) if row else None


def mark(connection: Connection, number: int, state: str) -> bool:
    """Say that a held record was `retried` or `dropped`; False where it is not held."""
    where = (quarantine.c.number == number) & (quarantine.c.state == "held")
    return bool(connection.execute(update(quarantine).where(where).values(state=state)).rowcount)
