"""Figures of the store for metrics: counts by kind and state, one short query each, over indexed columns."""

from collections.abc import Iterable

from sqlalchemy import Column, Connection, Table, func, select

from chainwatch.store.attempts import attempts
from chainwatch.store.events import events
from chainwatch.store.journal import journal
from chainwatch.store.messages import messages
from chainwatch.store.positions import positions
from chainwatch.store.quarantine import quarantine


def by(connection: Connection, table: Table, *columns: Column[str]) -> Iterable[tuple[tuple[str, ...], int]]:
    """Values of the columns → rows that have them."""
    rows = connection.execute(select(*columns, func.count()).select_from(table).group_by(*columns))
    return [(tuple(str(value) for value in row[:-1]), int(row[-1])) for row in rows]


def of_events(connection: Connection) -> dict[tuple[str, str], int]:
    """(kind, silent or told) → events."""
    told = {"0": "told", "False": "told", "false": "told"}
    found: dict[tuple[str, str], int] = {}
    for (kind, silent), count in by(connection, events, events.c.kind, events.c.silent):
        found[kind, told.get(silent, "silent")] = count
    return found


def of_attempts(connection: Connection) -> dict[str, tuple[int, float]]:
    """Outcome → (sends, seconds that they took together)."""
    took = func.coalesce(func.sum(attempts.c.took_ms), 0)
    rows = connection.execute(select(attempts.c.outcome, func.count(), took).group_by(attempts.c.outcome))
    return {row[0]: (int(row[1]), int(row[2]) / 1000) for row in rows}


def of_quarantine(connection: Connection) -> dict[str, int]:
    """State → records that were set aside."""
    return {state: count for (state,), count in by(connection, quarantine, quarantine.c.state)}


def of_positions(connection: Connection) -> list[tuple[str, str, int, int]]:
    """(topic, group, partition, next offset)."""
    rows = connection.execute(select(positions).order_by(positions.c.topic, positions.c.group, positions.c.partition))
    return [(row.topic, row.group, row.partition, row.offset) for row in rows]


def of_journal(connection: Connection) -> int:
    """Number of the newest entry."""
    return int(connection.execute(select(func.coalesce(func.max(journal.c.seq), 0))).scalar_one())


def oldest_pending_ms(connection: Connection) -> int | None:
    """When the message that waits longest was due (Unix milliseconds); None where nothing waits."""
    waiting = messages.c.state.in_(("pending", "leased", "unknown"))
    found = connection.execute(select(func.min(messages.c.due_ms)).where(waiting)).scalar()
    return None if found is None else int(found)
