"""`chainwatch db`: revision of the store, migrations, backup."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from chainwatch.cli.context import Context
from chainwatch.cli.output import FAILED, JSON, OK, emit_one, say
from chainwatch.problem import Problem
from chainwatch.settings import load_settings
from chainwatch.store import schema
from chainwatch.store.database import Database

app = App(name="db", help="The store: its revision, migrations, backup.")


@app.command
def status(*, as_json: JSON = False) -> int:
    """Print the revision of the store and what an upgrade would do; 1 where one is needed.

    Parameters
    ----------
    as_json
        Print JSON.
    """
    from chainwatch.store import migrate  # noqa: PLC0415  alembic takes 1.6 s to import

    database = Database(load_settings().store_url)
    try:
        row = {
            "store": database.url.render_as_string(hide_password=True),
            "revision": schema.revision(database),
            "program": schema.REVISION,
            "pending": migrate.pending(database),
        }
    finally:
        database.close()
    emit_one(row, {name: name for name in row}, as_json=as_json)
    return FAILED if row["pending"] else OK


@app.command
def upgrade(*, dry_run: Annotated[bool, Parameter(negative="")] = False) -> int:
    """Bring the store to the revision of this program. Stop the workers before; on PostgreSQL they may go on.

    Parameters
    ----------
    dry_run
        Only say what would be done.
    """
    from chainwatch.store import migrate  # noqa: PLC0415  alembic takes 1.6 s to import

    database = Database(load_settings().store_url)
    try:
        found = schema.revision(database)
        if found is not None and found > schema.REVISION:
            schema.check(database)
        waiting = migrate.pending(database)
        for step in waiting:
            say("migration {step}", step=step)
        if not waiting:
            say("the store has revision {revision}: nothing to do", revision=found)
        elif not dry_run:
            migrate.upgrade(database)
    finally:
        database.close()
    return OK


@app.command
def backup(target: Path) -> int:
    """Copy a SQLite store to a new file while workers go on; the copy is one consistent moment.

    Parameters
    ----------
    target
        File to make.
    """
    if target.exists():
        raise Problem("the file exists", place=str(target), cure="choose another name")
    with Context() as context:
        if not context.database.sqlite:
            raise Problem("this store is no SQLite file", place="store", cure="pg_dump makes the backup")
        source = str(context.database.url.database)
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
            live.backup(copy, pages=2_000)
    except (sqlite3.Error, OSError) as error:
        target.unlink(missing_ok=True)
        raise Problem(
            f"cannot make the copy: {error}",
            place=str(target),
            cure="free space, or choose a folder that may be written",
        ) from error
    say("copied to {target}; restore it by putting it in the place of {source}", target=target, source=source)
    return OK
