"""Clock ticks of the live store: aims whose deadline has passed unmet are told, each once. A tick is journalled."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

import orjson
from sqlalchemy import Connection

from chainwatch.models import Event, Message, to_timestamp_ms
from chainwatch.store import events, journal, ledgerview
from chainwatch.store.database import Database, ledger_lock
from consumers.compare import tick

EVERY = timedelta(hours=1)
"""Between two ticks; deadlines are days."""
LOOK_SECONDS = 60.0
KIND = "tick"


class Addressing(Protocol):
    """Turns events into messages for whoever asked."""

    def address(self, connection: Connection, made: Sequence[Event], now: datetime) -> Sequence[Message]:
        """The messages, stored in the outbox."""


def is_due(connection: Connection, now: datetime) -> bool:
    """Whether the last tick, of whichever worker, is an hour old."""
    return to_timestamp_ms(now) - _last_ms(connection) >= EVERY // timedelta(milliseconds=1)


def strike(
    connection: Connection,
    addressing: Addressing,
    now: datetime,
    window: timedelta,
    aims: Connection | None = None,
) -> list[Event]:
    """Tick, inside a write transaction: the deadlines since the last tick, judged, told and journalled.

    A deadline that passed longer ago than `window` is recorded silently: the first tick of a store looks back at all.
    `aims`: the store with the ledger, where that is another one.
    """
    ledger_lock(connection)
    if not is_due(connection, now):
        return []
    now_ms = to_timestamp_ms(now)
    known, evidence = ledgerview.due(aims or connection, _last_ms(connection), now_ms)
    recorded = events.put(connection, tick(known, evidence, now, window), now_ms)
    loud = [event for event in recorded if not event.silent]
    messages = addressing.address(connection, loud, now) if loud else []
    body = {"until_ms": now_ms, "events": [one.id for one in recorded], "messages": [one.id for one in messages]}
    journal.append(connection, [(KIND, body)], now_ms)
    return recorded


class Clock:
    """Strikes for one worker in its idle moments. Looks at the store once a minute at most.

    Args:
        database: the live store.
        addressing: gives what turns events into messages now.
        window: as for `strike`.
    """

    def __init__(self, database: Database, addressing: Callable[[], Addressing], window: timedelta) -> None:
        self._database, self._addressing, self._window = database, addressing, window
        self._next_look = 0.0

    def look(self, now: datetime) -> None:
        """Strike where a tick is due."""
        if time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + LOOK_SECONDS
        with self._database.read() as connection:
            due = is_due(connection, now)
        if due:
            addressing = self._addressing()
            with self._database.write() as connection:
                strike(connection, addressing, now, self._window)


def _last_ms(connection: Connection) -> int:
    seq = journal.newest(connection, (KIND,))
    if not seq:
        return 0
    (entry,) = journal.after(connection, seq - 1, 1)
    return int(orjson.loads(entry.body)["until_ms"])
