"""Carries the store's events to the stream "events", for other programs.

At least once: after a crash between append and note an event goes again under its id, and readers drop known ids.
One relay carries at a time: the one started last. Another stands by, and takes over when events wait and none moves.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

import structlog
from sqlalchemy.exc import DBAPIError

from chainwatch.crash import crash_point
from chainwatch.problem import Problem
from chainwatch.store import events, positions
from chainwatch.store.database import Database, is_outage
from chainwatch.store.events import Stored
from chainwatch.store.positions import FencedError, Position
from chainwatch.stream.envelope import event_draft
from chainwatch.stream.protocol import EVENTS, Stream
from chainwatch.waiting import wait

log = structlog.get_logger(__name__)

GROUP = "chainwatch.outgoing"
BATCH = 500
IDLE_S = 0.2
AWAY_S = 5.0
STANDBY_S = 10.0


def relay_events(database: Database, stream: Stream, stopping: Callable[[], bool], *, drain: bool = False) -> int:
    """Append what is new until told to stop (or, with `drain`, until nothing is); how many events went.

    A stream or a store that is away is waited for.
    """
    position: Position | None = None
    fenced, moved = False, 0
    while not stopping():
        try:
            if fenced:
                _stand_by(database, stopping)
                fenced = False
                continue
            position = position or _take(database)
            found = _waiting(database, position)
            if found:
                stream.append(EVENTS, [event_draft(one.event, datetime.now(UTC)) for one in found])
                crash_point("after_outgoing")
                position = _advance(database, Position(found[-1].seq, position.epoch))
                moved += len(found)
            elif drain:
                break
            else:
                time.sleep(IDLE_S)
        except FencedError:
            log.info("another relay carries the events")
            position, fenced = None, True
        except (Problem, DBAPIError) as error:
            if not (error.retry if isinstance(error, Problem) else is_outage(error)):
                raise
            log.warning("stream or store is away, events wait in the store", why=str(error).splitlines()[0])
            wait(AWAY_S, stopping)
    return moved


def _waiting(database: Database, position: Position) -> list[Stored]:
    with database.read() as connection:
        positions.check(connection, EVENTS, GROUP, {0: position})
        return events.after(connection, position.offset, BATCH)


def _take(database: Database) -> Position:
    with database.write() as connection:
        return positions.take(connection, EVENTS, GROUP, [0])[0]


def _advance(database: Database, position: Position) -> Position:
    with database.write() as connection:
        positions.advance(connection, EVENTS, GROUP, {0: position})
    return position


def _stand_by(database: Database, stopping: Callable[[], bool]) -> None:
    """Until events wait that the other relay did not move for so long."""
    seen: int | None = None
    since = time.monotonic()
    while not stopping() and time.monotonic() - since < STANDBY_S:
        with database.read() as connection:
            there = positions.listed(connection, EVENTS, GROUP)[0]
            waits = bool(events.after(connection, there, 1))
        if there != seen or not waits:
            seen, since = there, time.monotonic()
        wait(1.0, stopping)
