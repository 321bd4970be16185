"""Brings a store to the revision of this program. The only module that imports alembic (1.6 s): for `db` commands."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import structlog
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from chainwatch.problem import Problem
from chainwatch.store import schema
from chainwatch.store.database import LOCK_SPACE, Database, metadata

log = structlog.get_logger(__name__)

MIGRATION_LOCK = -2
"""Second half of the key of the lock that an upgrade holds, so that two do not run at once."""
LOCK_S, PAUSE_S, TRIES = 2, 1.0, 120
"""Seconds that a step waits for a table, and between two tries; how many of them."""
LOCK_NOT_AVAILABLE = "55P03"
FOLDER = Path(__file__).parent / "migrations"
OUTSIDE = frozenset(
    {"article_index", *(f"article_index_{part}" for part in ("config", "content", "data", "docsize", "idx"))}
)
"""Tables that the metadata does not hold: the full-text index and, on SQLite, its shadows."""


def pending(database: Database) -> list[str]:
    """Revisions that the store lacks, oldest first, each with its title."""
    script = ScriptDirectory.from_config(_config())
    found = schema.revision(database)
    return [
        f"{step.revision} {step.doc}"
        for step in reversed(list(script.iterate_revisions("head", found or "base")))
        if step.revision != found
    ]


def upgrade(database: Database, *more: Path) -> None:
    """Run every pending migration: on SQLite in one transaction, on PostgreSQL each in its own, while workers go on.

    There a step that meets a table in use lets the workers pass and tries again, so nobody queues behind it for longer
    than `LOCK_S`; an index is made `CONCURRENTLY` in `op.get_context().autocommit_block()`. `more`: further folders
    of migrations. Raises Problem where a table stays in use.
    """
    if database.sqlite:
        with database.write() as connection:
            _run(connection, more)
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
        guard.exec_driver_sql(f"SELECT pg_advisory_lock({LOCK_SPACE}, {MIGRATION_LOCK})")
        try:
            _give_way(database, lambda: _one_by_one(database, more))
        finally:
            guard.exec_driver_sql(f"SELECT pg_advisory_unlock({LOCK_SPACE}, {MIGRATION_LOCK})")


def _give_way(database: Database, work: Callable[[], None]) -> None:
    for left in range(TRIES, 0, -1):
        try:
            return work()
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            if left == 1:
                what, cure = (
                    "a table stays in use by another transaction",
                    "end it (pg_stat_activity), then run it again",
                )
                place = database.url.render_as_string(hide_password=True)
                raise Problem(what, place=place, cure=cure, retry=True) from error
            log.warning("a table is in use, the workers go first", tries_left=left - 1)
            time.sleep(PAUSE_S)
    raise AssertionError("unreachable")


def _one_by_one(database: Database, more: Sequence[Path]) -> None:
    with database.engine.connect() as connection:
        connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_S}s'")
        connection.commit()
        try:
            _run(connection, more)
        finally:
            connection.rollback()
            connection.exec_driver_sql("RESET lock_timeout")
            connection.commit()


def _run(connection: Connection, more: Sequence[Path]) -> None:
    config = _config(more)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def head() -> str | None:
    """The newest revision that this program ships."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def differences(connection: Connection) -> list[str]:
    """How the tables of the store differ from what the program declares."""
    context = MigrationContext.configure(connection, opts={"include_name": _ours, "compare_type": False})
    return [str(difference) for difference in compare_metadata(context, metadata)]


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name not in OUTSIDE


def _config(more: Sequence[Path] = ()) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", os.pathsep.join(map(str, [FOLDER / "versions", *more])))
    return config
