"""The whole schema: imports every noun, creates a store, and refuses one of another revision."""

from sqlalchemy import Column, Table, Text, insert, inspect, select
from sqlalchemy.exc import DBAPIError

from chainwatch.problem import Problem
from chainwatch.store import (  # noqa: F401  importing a noun declares its tables
    articles,
    attempts,
    bundles,
    channels,
    clusters,
    crawl,
    edits,
    events,
    feedback,
    findings,
    journal,
    leases,
    ledger,
    messages,
    policies,
    positions,
    quarantine,
    runs,
    search,
    shelves,
    sources,
    subscriptions,
    tags,
)
from chainwatch.store.database import Database, ledger_lock, metadata

REVISION = "0001"
"""The newest file in `migrations/versions`: what this code reads and writes."""

alembic_version = Table("alembic_version", metadata, Column("version_num", Text, primary_key=True))
"""Alembic's own table, so that a store made by `create` is one that migrations go on from."""


def create(database: Database) -> None:
    """Make all tables in an empty store and note its revision. Does nothing to a store of this revision."""
    if revision(database) is None:
        with database.write() as connection:
            ledger_lock(connection)
            if not inspect(connection).has_table(alembic_version.name):  # else another worker made them meanwhile
                metadata.create_all(connection)
                connection.execute(insert(alembic_version).values(version_num=REVISION))
    check(database)


def revision(database: Database) -> str | None:
    """The revision of the store; None where it holds no tables of ours."""
    with database.read() as connection:
        if not inspect(connection).has_table(alembic_version.name):
            return None
        return connection.execute(select(alembic_version.c.version_num)).scalar()


def check(database: Database) -> None:
    """Raise Problem where the store is empty or of another revision."""
    found = revision(database)
    place = database.url.render_as_string(hide_password=True)
    if found is None:
        raise Problem("the store is empty", place=place, cure="chainwatch init")
    if found > REVISION:
        what = f"the store has revision {found}, this program knows {REVISION}"
        raise Problem(what, place=place, cure="upgrade chainwatch to the version that wrote the store")
    if found < REVISION:
        what = f"the store has revision {found}, this program needs {REVISION}"
        raise Problem(what, place=place, cure="chainwatch db upgrade")


def open_store(url: str, *, readonly: bool = False) -> Database:
    """The store at the URL, ready to use. Raises Problem where it is missing, empty or of another revision."""
    database = Database(url, readonly=readonly)
    try:
        check(database)
    except DBAPIError as error:
        database.close()
        raise database.problem(error) from error
    except BaseException:
        database.close()
        raise
    return database
