"""One door to the SQL store: engine, read and write transactions. Knows SQLite and PostgreSQL, no noun.

Conventions of all tables: instants are BigInteger Unix milliseconds named `*_ms`, models are JSON text as
`Wire.to_json` wrote them, ids are text. Queries live in the noun's file and take a Connection.
"""

import fcntl
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import BigInteger, Connection, Engine, Integer, MetaData, Table, create_engine, event
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from chainwatch.problem import Problem

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every noun's file declares its tables here; `schema.py` imports them all."""

SERIAL = BigInteger().with_variant(Integer(), "sqlite")
"""Type of a primary key that the store numbers itself (SQLite wants INTEGER for it)."""

LOCK_SPACE = 0x6368
"""First half of the keys of PostgreSQL's advisory locks, so that other programs on the server keep theirs."""


HOLDER_S = 60
"""Seconds that a PostgreSQL session may hold the ledger's lock, or keep a machine that is gone, without a word."""


class Database:
    """The store of one installation. Safe to share between threads; open one in each process.

    On SQLite every write transaction holds an advisory lock file beside the database (one writer over all
    processes, see docs/adr), so `write` never meets SQLITE_BUSY.

    Args:
        url: as SQLAlchemy writes it.
        readonly: refuse every write, here and in the database.
        durable: what is committed outlives a power cut. Not asked of a SQLite file that is thrown away at the end.
    """

    def __init__(self, url: str, *, readonly: bool = False, durable: bool = True) -> None:
        self.url, self._readonly = make_url(url), readonly
        self.sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = (
            _sqlite_engine(url, readonly=readonly, durable=durable)
            if self.sqlite
            else _postgres_engine(url, readonly=readonly)
        )
        self._lock_path = Path(f"{self.url.database}.lock") if self.sqlite else None
        self._thread_lock = threading.Lock()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A read transaction: one snapshot. Keep it short, page through long results."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction: commits at the end, rolls back on any exception. Raises Problem if opened readonly."""
        if self._readonly:
            raise Problem("this store was opened for reading only", place=self.url.render_as_string(hide_password=True))
        with (
            self._one_writer(),
            self.engine.connect() as connection,
            connection.execution_options(chainwatch_write=True).begin(),
        ):
            yield connection

    @contextmanager
    def _one_writer(self) -> Iterator[None]:
        if self._lock_path is None:
            yield
            return
        with self._thread_lock:
            handle = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)

    def problem(self, error: Exception) -> Problem:
        """An error of the driver or the file system as its reader needs it: place without password, and cure."""
        return problem_of(error, self.url.render_as_string(hide_password=True))

    def close(self) -> None:
        """Close every pooled connection, under the lock: the last one to close checkpoints."""
        with self._one_writer():
            self.engine.dispose()


def problem_of(error: Exception, place: str) -> Problem:
    """An error of the driver or the file system, with what can be done about it."""
    said = str(getattr(error, "orig", None) or error)
    cure = "chainwatch doctor says more"
    if "full" in said or "No space" in said:
        cure = "free space on that disk; nothing was written by halves"
    elif "readonly" in said or "unable to open" in said or isinstance(error, PermissionError):
        cure = "make the file and its folder writable for this user"
    elif "malformed" in said or "not a database" in said:
        cure = "restore the file from a backup"
    return Problem(f"the store cannot be used: {said}", place=place, cure=cure, retry=is_outage(error))


def is_outage(error: Exception) -> bool:
    """Whether the store is out of reach or out of space for now, rather than the statement wrong."""
    if isinstance(error, OSError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    name = str(getattr(error.orig, "sqlite_errorname", "") or "")
    state = str(getattr(error.orig, "sqlstate", "") or "")
    return (
        error.connection_invalidated
        or name.startswith(("SQLITE_FULL", "SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_BUSY", "SQLITE_CANTOPEN"))
        or state[:2] in {"08", "40", "53", "57"}
        or state in {"25P03", "25P04"}  # the server ended a session that asked nothing for too long
        or (isinstance(error, OperationalError) and not name and not state)  # psycopg: no connection, so no state
    )


def ledger_lock(connection: Connection, shard: int = 0) -> None:
    """Hold the ledger shard until this transaction ends. On SQLite the lock file of `Database.write` does that.

    On PostgreSQL a holder that asks nothing for `HOLDER_S` seconds, frozen or cut off, loses its session and the lock.
    """
    if connection.dialect.name == "postgresql":
        limit = f"set_config('idle_in_transaction_session_timeout', '{HOLDER_S}s', true)"
        connection.exec_driver_sql(f"SELECT {limit}, pg_advisory_xact_lock({LOCK_SPACE}, {shard})")


_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "cache_size=-65536",
    "wal_autocheckpoint=16000",
)
"""Pages that several batches write go back into the database once: 16,000 of them, so that the log keeps to 64 MB."""


_GONE: Mapping[str, int] = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""libpq's way to notice a server whose machine is gone: by itself it waits for hours. The URL may say otherwise."""
_MISSED = "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"
"""The server's way to notice a worker whose machine is gone: by itself it keeps the worker's locks for hours."""


def _postgres_engine(url: str, *, readonly: bool) -> Engine:
    options = {"postgresql_readonly": True} if readonly else {}
    gone = {name: value for name, value in _GONE.items() if name not in make_url(url).query}
    engine = create_engine(url, pool_pre_ping=True, hide_parameters=True, execution_options=options, connect_args=gone)

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_MISSED)
        connection.commit()

    @event.listens_for(engine, "do_executemany")
    def _on_executemany(cursor: Any, statement: str, rows: Sequence[Sequence[Any]], _context: Any) -> bool:
        if not statement.startswith("COPY "):
            return False
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
        return True

    return engine


def _sqlite_engine(url: str, *, readonly: bool, durable: bool) -> Engine:
    engine = create_engine(
        url, poolclass=NullPool if ":memory:" in url else None, connect_args={"timeout": 10}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are ours: BEGIN below
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if not durable:
            connection.execute("PRAGMA synchronous=OFF")
        if readonly:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("chainwatch_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose primary or unique key is not there yet; how many were. All rows name the same columns."""
    return _write(connection, table, rows, "skip")


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows, none of which is there yet. All rows name the same columns."""
    return _write(connection, table, rows, "refuse")


def upsert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows, or replace the other columns of those with the same primary key."""
    return _write(connection, table, rows, "replace")


def upsert(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert the row, or replace the other columns of the row with the same primary key."""
    _write(connection, table, [row], "replace")


Known = Literal["skip", "refuse", "replace", "copy"]
"""What becomes of a row whose key is there already; `copy` refuses it too, by PostgreSQL's fastest way."""

COPIED = 8
"""So many new rows are worth a COPY: half of the processor time of as many INSERTs, on both sides."""


def _write(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], known: Known) -> int:
    """One statement of the driver for all rows: SQLAlchemy's own costs five times the insert itself for each row."""
    if not rows:
        return 0
    if known == "refuse" and len(rows) >= COPIED and connection.dialect.name == "postgresql":
        known = "copy"
    statement, names, defaults = _statement(connection.dialect, table, tuple(rows[0]), known)
    pick = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
    values = [(*pick(row), *defaults) for row in rows]
    return max(connection.exec_driver_sql(statement, values).rowcount, 0)


@cache
def _statement(
    dialect: Dialect, table: Table, names: tuple[str, ...], known: Known
) -> tuple[str, tuple[str, ...], tuple[Any, ...]]:
    """The statement, the columns that rows give, and the fixed defaults of those that they do not."""
    rest = {
        column.name: column.default.arg
        for column in table.columns
        if column.name not in names and isinstance(column.default, ScalarElementColumnDefault)
    }
    quote = dialect.identifier_preparer.quote
    columns = [*names, *rest]
    place = "?" if dialect.name == "sqlite" else "%s"
    into = f"{quote(table.name)} ({', '.join(map(quote, columns))})"
    if known == "copy":
        return f"COPY {into} FROM STDIN", names, tuple(rest.values())
    text = f"INSERT INTO {into}"
    text += f" VALUES ({', '.join([place] * len(columns))})"
    keys = [column.name for column in table.primary_key]
    changed = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in columns if name not in keys)
    if known == "replace" and changed:
        text += f" ON CONFLICT ({', '.join(map(quote, keys))}) DO UPDATE SET {changed}"
    elif known != "refuse":
        text += " ON CONFLICT DO NOTHING"
    return text, names, tuple(rest.values())
