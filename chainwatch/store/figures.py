"""Figures of the store for metrics: counts by kind and state, one short query each, over indexed columns."""

from collections.abc import Iterable

from sqlalchemy import Column, Connection, Table, func, select

from chainwatch.store.articles import revisions
from chainwatch.store.attempts import attempts
from chainwatch.store.crawl import counts, runs
from chainwatch.store.events import events
from chainwatch.store.journal import journal
from chainwatch.store.messages import DELIVERED, messages
from chainwatch.store.positions import positions
from chainwatch.store.quarantine import quarantine

NEWEST = 500
"""Rows that a delay is told of."""


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


def of_pages(connection: Connection) -> dict[tuple[str, str], int]:
    """(source, outcome) → pages that runs of the crawler discovered."""
    of_run = counts.c.run == runs.c.id
    rows = connection.execute(
        select(runs.c.source, counts.c.outcome, func.sum(counts.c.count))
        .join_from(counts, runs, of_run)
        .group_by(runs.c.source, counts.c.outcome)
    )
    return {(source, outcome): int(count) for source, outcome, count in rows}


def delays_of_articles(connection: Connection) -> list[int]:
    """Milliseconds from fetched to stored of the revisions stored last, backfills left out."""
    newest = select(revisions).order_by(revisions.c.number.desc()).limit(NEWEST).subquery()
    rows = connection.execute(select(newest.c.stored_ms - newest.c.fetched_ms).where(~newest.c.backfill))
    return list(rows.scalars())


def delays_of_messages(connection: Connection) -> list[int]:
    """Milliseconds from due to delivered of the messages tried last that arrived."""
    tried = select(attempts.c.message).order_by(attempts.c.number.desc()).limit(NEWEST)
    arrived = messages.c.id.in_(tried) & (messages.c.state == DELIVERED)
    rows = connection.execute(select(messages.c.done_ms - messages.c.due_ms).where(arrived))
    return list(rows.scalars())


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
