"""Brings a store to the revision of this program. The only module that imports alembic (1.6 s): for `db` commands."""

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from chainwatch.store import schema
from chainwatch.store.database import Database, metadata

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


def upgrade(database: Database) -> None:
    """Run every pending migration in one transaction."""
    with database.write() as connection:
        config = _config()
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


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    return config
