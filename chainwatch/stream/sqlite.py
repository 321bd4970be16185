"""The embedded log: topics of partitions of records in one SQLite file, shared by many processes. The default stream.

Durable when `append` returns (WAL, `synchronous=FULL`). Every write holds one advisory lock file beside the log,
so nobody meets SQLITE_BUSY and only a lock holder checkpoints. A key's partition is crc32(key) modulo the partitions.
"""

import fcntl
import os
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import orjson

from chainwatch.crash import crash_point
from chainwatch.problem import Problem
from chainwatch.stream.groups import SqliteConsumer, living
from chainwatch.stream.protocol import Consumer, Draft, Record

OFFSET_BITS = 40
"""A record's rowid is its partition's number shifted by so much, plus its offset: one seek finds any range."""
READ_BYTES = 32 << 20
"""One read stops after so many bytes of values, whatever its limit, so that memory stays bounded."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS topic (
    name TEXT PRIMARY KEY, partitions INTEGER NOT NULL, retention_ms INTEGER) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS partition (
    id INTEGER PRIMARY KEY, topic TEXT NOT NULL, number INTEGER NOT NULL,
    begin_offset INTEGER NOT NULL DEFAULT 0, end_offset INTEGER NOT NULL DEFAULT 0,
    newest_ms INTEGER NOT NULL DEFAULT -1, UNIQUE (topic, number));
CREATE TABLE IF NOT EXISTS record (
    position INTEGER PRIMARY KEY, partition INTEGER NOT NULL, newest_ms INTEGER NOT NULL,
    timestamp_ms INTEGER NOT NULL, key TEXT NOT NULL, headers BLOB, value BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS record_time ON record (partition, newest_ms, position, timestamp_ms);
CREATE TABLE IF NOT EXISTS member (
    topic TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL, pid INTEGER NOT NULL, host TEXT NOT NULL,
    until REAL NOT NULL, PRIMARY KEY (topic, name, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS assignment (
    topic TEXT NOT NULL, name TEXT NOT NULL, partition INTEGER NOT NULL, wanted TEXT, owner TEXT,
    committed INTEGER, PRIMARY KEY (topic, name, partition)) WITHOUT ROWID;
"""
# `newest_ms` of a record is the greatest timestamp up to it: the first record at or after a time is the first whose
# `newest_ms` reaches it, though timestamps themselves may go back and forth.


class SqliteStream:
    """The log in one file. Safe to share between threads; open one in each process.

    Args:
        path: the file; its folder must exist.
        session: seconds after which a member that does not poll loses its partitions; a dead process does at once.
    """

    def __init__(self, path: Path, *, session: float = 30.0) -> None:
        self.path, self.session = path, session
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        with self.problems(), self._locked():
            if path.exists() and not os.access(path, os.W_OK):
                raise sqlite3.OperationalError("attempt to write a readonly database")
            self._connection.executescript(_SCHEMA)

    def connect(self) -> sqlite3.Connection:
        """A connection of its own, for this thread's use, until `release` or `close` of the stream."""
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")
        self._opened.append(connection)
        return connection

    def release(self, connection: sqlite3.Connection) -> None:
        """Close a connection that `connect` gave, under the lock: the last one to close checkpoints."""
        with self._locked():
            self._opened.remove(connection)
            connection.close()

    @property
    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            self._local.connection = self.connect()
        connection: sqlite3.Connection = self._local.connection
        return connection

    @contextmanager
    def problems(self) -> Iterator[None]:
        """SQLite's errors as Problems with the file's place and a cure."""
        try:
            yield
        except (sqlite3.OperationalError, sqlite3.DatabaseError, OSError) as error:
            raise self._problem(error) from error

    def _problem(self, error: Exception) -> Problem:
        said = str(error)
        cure, retry = "see docs/reference/stream.md", False
        if "full" in said:
            cure, retry = "free space on that disk; nothing was written by halves", True
        elif "readonly" in said or "unable to open" in said or isinstance(error, OSError):
            cure = "make the file and its folder writable for this user"
        elif "malformed" in said or "not a database" in said:
            cure = "restore the file from a backup: chainwatch doctor says more"
        return Problem(f"the stream cannot be used: {said}", place=str(self.path), cure=cure, retry=retry)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        handle = os.open(f"{self.path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def write(self, connection: sqlite3.Connection) -> Iterator[None]:
        """One write transaction on that connection, under the lock of the file."""
        with self.problems(), self._locked():
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def ensure_topic(self, topic: str, partitions: int, retention_ms: int | None = None) -> None:
        """Create the topic, or check that it has at least these partitions (more are added)."""
        present = self._connection.execute("SELECT partitions FROM topic WHERE name = ?", (topic,)).fetchone()
        if present and present[0] >= partitions:
            return
        with self.write(self._connection):
            self._connection.execute(
                "INSERT INTO topic VALUES (?, ?, ?)"
                " ON CONFLICT DO UPDATE SET partitions = max(partitions, excluded.partitions)",
                (topic, partitions, retention_ms),
            )
            self._connection.executemany(
                "INSERT OR IGNORE INTO partition (topic, number) VALUES (?, ?)", [(topic, n) for n in range(partitions)]
            )

    def topics(self) -> dict[str, int]:
        """Topic → number of partitions."""
        return dict(self._connection.execute("SELECT name, partitions FROM topic ORDER BY name"))

    def retention(self, topic: str) -> int | None:
        """Milliseconds that the topic wants to keep; None keeps all."""
        row = self._connection.execute("SELECT retention_ms FROM topic WHERE name = ?", (topic,)).fetchone()
        return row[0] if row else None

    def append(self, topic: str, drafts: Sequence[Draft]) -> list[tuple[int, int]]:
        """Append all or nothing, in one durable transaction; (partition, offset) of each, in order."""
        if not drafts:
            return []
        connection = self._connection
        with self.write(connection):
            tails = {
                number: [id_, end, newest]
                for number, id_, end, newest in connection.execute(
                    "SELECT number, id, end_offset, newest_ms FROM partition WHERE topic = ?", (topic,)
                )
            }
            if not tails:
                raise _unknown(topic)
            placed: list[tuple[int, int]] = []
            rows: list[tuple[int, int, int, int, str, bytes | None, bytes]] = []
            for draft in drafts:
                number = partition_of(draft.key, len(tails))
                tail = tails[number]
                tail[2] = max(tail[2], draft.timestamp_ms)
                position = (tail[0] << OFFSET_BITS) + tail[1]
                headers = _pack(draft.headers)
                rows.append((position, tail[0], tail[2], draft.timestamp_ms, draft.key, headers, draft.value))
                placed.append((number, tail[1]))
                tail[1] += 1
            connection.executemany("INSERT INTO record VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
            connection.executemany(
                "UPDATE partition SET end_offset = ?, newest_ms = ? WHERE id = ?",
                [(end, newest, id_) for id_, end, newest in tails.values()],
            )
            crash_point("before_append_commit")
        crash_point("after_append")
        return placed

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records from `offset` on; fewer where their values pass 32 MiB. Trimmed offsets are skipped."""
        with self.problems():
            return self.read_on(self._connection, topic, partition, offset, limit)

    def read_on(
        self, connection: sqlite3.Connection, topic: str, partition: int, offset: int, limit: int
    ) -> list[Record]:
        """`read` on a given connection."""
        id_ = self._partition(connection, topic, partition)[0]
        base = id_ << OFFSET_BITS
        rows = connection.execute(
            "SELECT position, timestamp_ms, key, headers, value FROM record"
            " WHERE position >= ? AND position < ? ORDER BY position LIMIT ?",
            (base + max(offset, 0), base + (1 << OFFSET_BITS), limit),
        )
        records: list[Record] = []
        size = 0
        for position, timestamp_ms, key, headers, value in rows:
            records.append(Record(topic, partition, position - base, timestamp_ms, key, value, _unpack(headers)))
            size += len(value)
            if size >= READ_BYTES:
                break
        return records

    def _partition(self, connection: sqlite3.Connection, topic: str, partition: int) -> tuple[int, int, int]:
        row: tuple[int, int, int] | None = connection.execute(
            "SELECT id, begin_offset, end_offset FROM partition WHERE topic = ? AND number = ?", (topic, partition)
        ).fetchone()
        if row is None:
            raise _unknown(f"{topic}/{partition}")
        return row

    def begin_offset(self, topic: str, partition: int) -> int:
        """Offset of the oldest record kept."""
        return self._partition(self._connection, topic, partition)[1]

    def end_offset(self, topic: str, partition: int) -> int:
        """Offset that the next record will get."""
        return self._partition(self._connection, topic, partition)[2]

    def offset_at(self, topic: str, partition: int, timestamp_ms: int) -> int:
        """Offset of the first record whose timestamp is at or after the time; the end offset where there is none."""
        id_, _begin, end = self._partition(self._connection, topic, partition)
        row = self._connection.execute(
            "SELECT position FROM record WHERE partition = ? AND newest_ms >= ? AND timestamp_ms >= ?"
            " ORDER BY newest_ms, position LIMIT 1",
            (id_, timestamp_ms, timestamp_ms),
        ).fetchone()
        return row[0] - (id_ << OFFSET_BITS) if row else end

    def consumer(
        self,
        topic: str,
        group: str,
        *,
        on_assigned: Callable[[frozenset[int]], Mapping[int, int]],
        on_lost: Callable[[frozenset[int]], None],
    ) -> Consumer:
        """Join a group. `on_assigned` returns the offset each new partition starts at, before its first read."""
        if topic not in self.topics():
            raise _unknown(topic)
        return SqliteConsumer(self, topic, group, on_assigned, on_lost)

    def keeping(self, topic: str) -> None:
        """There are no brokers."""
        if topic not in self.topics():
            raise _unknown(topic)

    def committed(self, topic: str, group: str) -> dict[int, int]:
        """What the group last told by `commit`."""
        return dict(
            self._connection.execute(
                "SELECT partition, committed FROM assignment WHERE topic = ? AND name = ? AND committed IS NOT NULL",
                (topic, group),
            )
        )

    def tell(self, topic: str, group: str, offsets: Mapping[int, int]) -> None:
        """Set what a group last told, for lag tools."""
        with self.write(self._connection):
            self._connection.executemany(
                "INSERT INTO assignment (topic, name, partition, committed) VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET committed = excluded.committed",
                [(topic, group, number, offset) for number, offset in offsets.items()],
            )

    def groups(self) -> dict[str, int]:
        """Group → number of live members."""
        counts = {name: 0 for (name,) in self._connection.execute("SELECT DISTINCT name FROM assignment ORDER BY name")}
        for name, pid, host, until in self._connection.execute("SELECT name, pid, host, until FROM member"):
            counts[name] = counts.get(name, 0) + living(pid, host, until)
        return counts

    def trim(self, topic: str, before_ms: int) -> int:
        """Drop each partition's records before the first one at or after the time; how many went."""
        gone = 0
        for number in range(self.topics().get(topic, 0)):
            upto = self.offset_at(topic, number, before_ms)
            with self.write(self._connection):
                id_ = self._partition(self._connection, topic, number)[0]
                base = id_ << OFFSET_BITS
                gone += self._connection.execute(
                    "DELETE FROM record WHERE position >= ? AND position < ?", (base, base + upto)
                ).rowcount
                self._connection.execute(
                    "UPDATE partition SET begin_offset = max(begin_offset, ?) WHERE id = ?", (upto, id_)
                )
        return gone

    def close(self) -> None:
        """Close every connection, under the lock: the last one to close checkpoints."""
        with self._locked():
            for connection in self._opened:
                connection.close()
            self._opened.clear()


def partition_of(key: str, partitions: int) -> int:
    """The partition a key belongs to: crc32 of its UTF-8 bytes, modulo the number of partitions."""
    return zlib.crc32(key.encode()) % partitions


def _unknown(what: str) -> Problem:
    return Problem("no such topic or partition", place=what, cure="chainwatch stream topics lists them")


def _pack(headers: Mapping[str, bytes]) -> bytes | None:
    return orjson.dumps({name: value.decode("latin-1") for name, value in headers.items()}) if headers else None


def _unpack(packed: bytes | None) -> dict[str, bytes]:
    return {name: value.encode("latin-1") for name, value in orjson.loads(packed).items()} if packed else {}
