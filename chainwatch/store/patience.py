"""Patience: work that waits while the store is away or cannot be written, and goes on when it is back."""

import time
from collections.abc import Callable
from typing import TypeVar

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from chainwatch.store.database import Database, is_outage

log = structlog.get_logger(__name__)

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
"""Seconds between two tries to use a store that is away."""
SLICE = 0.1
"""Seconds after which a pause looks whether to stop."""


class Patience:
    """Runs work on the store, again after a pause for as long as it is out of reach; logs when it goes and comes back.

    The work must be one that may be done twice: when the store goes away at the end of a transaction, nobody knows
    whether that was kept.

    Args:
        database: the store.
        stopping: whether to stop: then an outage is raised as a Problem, at once.
        patient: False: raise at the first outage.
        longest: seconds of the longest pause.
        clock: seconds, for measuring.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        database: Database,
        stopping: Callable[[], bool],
        *,
        patient: bool = True,
        longest: float = LONGEST_PAUSE,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._database, self._stopping, self._patient, self._longest = database, stopping, patient, longest
        self._clock, self._sleep = clock, sleep

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run the work in one write transaction."""

        def whole() -> T:
            with self._database.write() as connection:
                return work(connection)

        return self(whole)

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run the work in one read transaction."""

        def whole() -> T:
            with self._database.read() as connection:
                return work(connection)

        return self(whole)

    def __call__(self, work: Callable[[], T]) -> T:
        """What the work returns. Raises Problem where the store is away and nobody is to wait for it."""
        pause, since = FIRST_PAUSE, 0.0
        while True:
            try:
                done = work()
            except (DBAPIError, OSError) as error:
                if isinstance(error, DBAPIError) and not is_outage(error):
                    raise
                if not self._patient or self._stopping():
                    raise self._database.problem(error) from error
                if not since:
                    since = self._clock()
                    log.error("the store cannot be used, waiting for it", why=said(error))  # noqa: TRY400  the reason is enough
            else:
                if since:
                    log.warning("the store can be used again", seconds=round(self._clock() - since, 1))
                return done
            self._wait(pause)
            pause = min(pause * 2, self._longest)

    def _wait(self, seconds: float) -> None:
        until = self._clock() + seconds
        while self._clock() < until and not self._stopping():
            self._sleep(SLICE)


def said(error: Exception) -> str:
    """The first line of an error, without SQL and its parameters."""
    lines = (str(getattr(error, "orig", None) or error) or type(error).__name__).splitlines()
    return f"{type(error).__name__}: {lines[0][:300]}"
