"""Wake: tells the dispatcher that somebody wrote to the store. SQLite's own counter; elsewhere a short pause."""

import sqlite3
from types import TracebackType
from typing import Any, Self

from chainwatch.store.database import Database


class Wake:
    """`changed()` is True at the first call, and whenever another connection committed since the last one.

    On PostgreSQL there is no such counter: there it is always True, and the pause is longer.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Any = None
        self._version = -1
        self.pause = 0.005 if database.sqlite else 0.1
        """Seconds between two looks."""

    def __enter__(self) -> Self:
        if self._database.sqlite:
            self._connection = self._database.engine.raw_connection()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._connection is not None:
            self._connection.close()

    def changed(self) -> bool:
        """Whether it is worth looking."""
        if self._connection is None:
            return True
        try:
            version = self._connection.cursor().execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:  # the look itself will meet what is wrong, and wait for the store
            return True
        changed, self._version = version != self._version, version
        return bool(changed)
