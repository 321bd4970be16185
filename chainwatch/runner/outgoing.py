"""Carries the store's events to the stream "events", for other programs.

At least once: after a crash between append and note an event goes again under its id, and readers drop known ids.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from chainwatch.crash import crash_point
from chainwatch.problem import Problem
from chainwatch.store import events, positions
from chainwatch.store.database import Database
from chainwatch.store.positions import FencedError, Position
from chainwatch.stream.envelope import event_draft
from chainwatch.stream.protocol import EVENTS, Stream

log = structlog.get_logger(__name__)

GROUP = "chainwatch.outgoing"
BATCH = 500
IDLE_S = 0.2
AWAY_S = 5.0


def relay_events(database: Database, stream: Stream, stopping: Callable[[], bool], *, drain: bool = False) -> int:
    """Append what is new until told to stop (or, with `drain`, until nothing is); how many events went."""
    position = _take(database)
    moved = 0
    while not stopping():
        with database.read() as connection:
            found = events.after(connection, position.offset, BATCH)
        if not found:
            if drain:
                break
            time.sleep(IDLE_S)
            continue
        try:
            stream.append(EVENTS, [event_draft(one.event, datetime.now(UTC)) for one in found])
        except Problem as problem:
            if not problem.retry:
                raise
            log.warning("the stream is away, events wait in the store", problem=str(problem))
            time.sleep(AWAY_S)
            continue
        crash_point("after_outgoing")
        position = Position(found[-1].seq, position.epoch)
        try:
            with database.write() as connection:
                positions.advance(connection, EVENTS, GROUP, {0: position})
        except FencedError:
            log.info("another relay carries the events")
            position = _take(database)
        moved += len(found)
    return moved


def _take(database: Database) -> Position:
    with database.write() as connection:
        return positions.take(connection, EVENTS, GROUP, [0])[0]
