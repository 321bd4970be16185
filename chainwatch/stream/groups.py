"""Consumer groups of the embedded log: who reads which partition, over processes, with leases that end by themselves.

A member that polls keeps its lease; a dead process loses its partitions at once, a silent one after the session time.
A partition that another member shall have is first let go by its owner, at that owner's next poll.
"""

import os
import sqlite3
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from chainwatch.stream.protocol import Record

TICK = 0.01
"""Seconds between two looks at `PRAGMA data_version`, which tells whether any other connection committed."""


class Log(Protocol):
    """What a consumer needs of the log."""

    session: float

    def connect(self) -> sqlite3.Connection:
        """A connection of the consumer's own."""

    def release(self, connection: sqlite3.Connection) -> None:
        """Close a connection that `connect` gave."""

    def write(self, connection: sqlite3.Connection) -> AbstractContextManager[None]:
        """One write transaction under the lock of the file."""

    def read_on(
        self, connection: sqlite3.Connection, topic: str, partition: int, offset: int, limit: int
    ) -> list[Record]:
        """Records of one partition from an offset on."""


@dataclass(slots=True)
class _Share:
    """A partition in this member's hands."""

    offset: int
    paused: bool = False


class SqliteConsumer:
    """One member of a group. Not shared between threads."""

    def __init__(
        self,
        log: Log,
        topic: str,
        group: str,
        on_assigned: Callable[[frozenset[int]], Mapping[int, int]],
        on_lost: Callable[[frozenset[int]], None],
    ) -> None:
        self._log, self._topic, self._group = log, topic, group
        self._on_assigned, self._on_lost = on_assigned, on_lost
        self._id = uuid.uuid4().hex
        self._connection = log.connect()
        self._shares: dict[int, _Share] = {}
        self._seen_version = -1
        self._next_beat = 0.0
        self._first = 0
        self._closed = False

    def poll(self, limit: int, timeout: float) -> list[Record]:
        """Up to `limit` records of the assigned partitions, in offset order per partition; waits up to `timeout` s."""
        deadline = time.monotonic() + timeout
        fresh = True
        while True:
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
            if version != self._seen_version or time.monotonic() >= self._next_beat:
                self._seen_version = version
                self._keep_membership()
                fresh = True
            if fresh and (records := self._fetch(limit)):
                return records
            fresh = False
            rest = deadline - time.monotonic()
            if rest <= 0:
                return []
            time.sleep(min(TICK, rest))

    def _fetch(self, limit: int) -> list[Record]:
        """From each open partition in turn, beginning with another one each time."""
        numbers = sorted(number for number, share in self._shares.items() if not share.paused)
        self._first += 1
        records: list[Record] = []
        for i in range(len(numbers)):
            number = numbers[(self._first + i) % len(numbers)]
            share = self._shares[number]
            if len(records) >= limit:
                break
            found = self._log.read_on(self._connection, self._topic, number, share.offset, limit - len(records))
            if found:
                share.offset = found[-1].offset + 1
                records += found
        return records

    def seek(self, partition: int, offset: int) -> None:
        """Next `poll` starts at `offset` in an assigned partition."""
        if partition in self._shares:
            self._shares[partition].offset = offset

    def pause(self, partition: int) -> None:
        """Stop fetching a partition; the assignment is kept."""
        if partition in self._shares:
            self._shares[partition].paused = True

    def assignment(self) -> frozenset[int]:
        """Partitions this member holds now."""
        return frozenset(self._shares)

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Tell the log how far the group has come, for lag tools. A lost partition is left to its new owner."""
        with self._log.write(self._connection):
            self._connection.executemany(
                "UPDATE assignment SET committed = ? WHERE topic = ? AND name = ? AND partition = ? AND owner = ?",
                [(offset, self._topic, self._group, number, self._id) for number, offset in offsets.items()],
            )

    def close(self) -> None:
        """Leave the group: its partitions are free at once."""
        if self._closed:
            return
        self._closed = True
        with self._log.write(self._connection):
            self._forget([self._id])
        if self._shares:
            self._on_lost(self.assignment())
        self._shares.clear()
        self._log.release(self._connection)

    # membership

    def _keep_membership(self) -> None:
        """Renew the lease when due; follow the assignment whenever it differs from what this member holds."""
        now = time.monotonic()
        if now < self._next_beat and not self._changed():
            return
        with self._log.write(self._connection):
            self._renew(now)
            self._plan()
            lost, gained = self._swap()
        self._next_beat = now + self._log.session / 3
        if lost:
            for number in lost:
                self._shares.pop(number, None)
            self._on_lost(frozenset(lost))
        if gained:
            starts = self._on_assigned(frozenset(gained))
            for number in gained:
                self._shares[number] = _Share(starts[number])

    def _rows(self) -> Iterator[tuple[int, str | None, str | None]]:
        return iter(
            self._connection.execute(
                "SELECT partition, wanted, owner FROM assignment WHERE topic = ? AND name = ? ORDER BY partition",
                (self._topic, self._group),
            ).fetchall()
        )

    def _members(self) -> dict[str, bool]:
        """Member → whether it lives."""
        found = self._connection.execute(
            "SELECT id, pid, host, until FROM member WHERE topic = ? AND name = ? ORDER BY id",
            (self._topic, self._group),
        )
        return {id_: living(pid, host, until) for id_, pid, host, until in found}

    def _changed(self) -> bool:
        members = self._members()
        if not members.get(self._id) or not all(members.values()):
            return True
        return any(
            (owner == self._id) != (wanted == self._id) and (owner is None or owner == self._id)
            for _number, wanted, owner in self._rows()
        )

    def _renew(self, now: float) -> None:
        self._connection.execute(
            "INSERT OR REPLACE INTO member VALUES (?, ?, ?, ?, ?, ?)",
            (self._topic, self._group, self._id, os.getpid(), host_of(), now + self._log.session),
        )
        self._connection.execute(
            "INSERT OR IGNORE INTO assignment (topic, name, partition)"
            " SELECT topic, ?, number FROM partition WHERE topic = ?",
            (self._group, self._topic),
        )
        self._forget([id_ for id_, lives in self._members().items() if not lives])

    def _forget(self, members: Collection[str]) -> None:
        self._connection.executemany(
            "DELETE FROM member WHERE topic = ? AND name = ? AND id = ?",
            [(self._topic, self._group, id_) for id_ in members],
        )
        for column in ("owner", "wanted"):
            self._connection.executemany(
                f"UPDATE assignment SET {column} = NULL WHERE topic = ? AND name = ? AND {column} = ?",  # noqa: S608  two fixed names
                [(self._topic, self._group, id_) for id_ in members],
            )

    def _plan(self) -> None:
        """Spread the partitions evenly, moving as few as that takes."""
        wanted = {number: owner_wanted for number, owner_wanted, _owner in self._rows()}
        self._connection.executemany(
            "UPDATE assignment SET wanted = ? WHERE topic = ? AND name = ? AND partition = ?",
            [(member, self._topic, self._group, number) for number, member in spread(wanted, self._members()).items()],
        )

    def _swap(self) -> tuple[list[int], list[int]]:
        """Let go what others shall have, take what is free; (lost, gained)."""
        rows = list(self._rows())
        mine = {number for number, _wanted, owner in rows if owner == self._id}
        keep = {number for number, wanted, owner in rows if wanted == self._id and owner in (None, self._id)}
        for number, owner in [(n, None) for n in mine - keep] + [(n, self._id) for n in keep - mine]:
            self._connection.execute(
                "UPDATE assignment SET owner = ? WHERE topic = ? AND name = ? AND partition = ?",
                (owner, self._topic, self._group, number),
            )
        held = set(self._shares)
        return sorted(held - keep), sorted(keep - held)


def spread(wanted: Mapping[int, str | None], members: Collection[str]) -> dict[int, str]:
    """Partition → member: even to within one, and as it was wherever that allows."""
    order = sorted(members)
    small, more = divmod(len(wanted), len(order))
    load = dict.fromkeys(order, 0)
    kept: dict[int, str] = {}
    full = 0
    for number, member in sorted(wanted.items()):
        if member in load and (load[member] < small or (load[member] == small and full < more)):
            kept[number] = member
            full += load[member] == small
            load[member] += 1
    for number in sorted(set(wanted) - set(kept)):
        member = min(order, key=lambda one: (load[one], one))
        kept[number] = member
        load[member] += 1
    return kept


def living(pid: int, host: str, until: float) -> bool:
    """Whether a member still holds its lease: same boot of the machine, time left, and its process not known dead."""
    boot, _, space = host.partition(":")
    here_boot, _, here_space = host_of().partition(":")
    if boot != here_boot or time.monotonic() > until:
        return False
    return space != here_space or not space or _exists(pid)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@cache
def host_of() -> str:
    """`boot:process namespace`: monotonic clocks compare within one boot, process numbers within one namespace."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot}:{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ":"
