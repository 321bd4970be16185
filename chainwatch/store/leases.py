"""Leases: who may crawl a source now. A token grows with every lease, so a worker that lost one cannot commit."""

import os
import socket
from pathlib import Path

from sqlalchemy import BigInteger, Column, Connection, Integer, String, Table, select, update

from chainwatch.problem import Problem
from chainwatch.store.database import insert_new, metadata

leases = Table(
    "crawl_leases",
    metadata,
    Column("source", String, primary_key=True),
    Column("token", Integer, nullable=False),
    Column("holder", String, nullable=False),
    Column("until_ms", BigInteger, nullable=False),
)


class LeaseLost(Problem):
    """Another worker has taken the source over; nothing of this run may be written any more."""


def acquire(connection: Connection, source: str, holder: str, *, now_ms: int, ttl_ms: int) -> int | None:
    """The new token, or None while another living holder has the source."""
    insert_new(connection, leases, [{"source": source, "token": 0, "holder": "", "until_ms": 0}])
    row = connection.execute(select(leases).where(leases.c.source == source).with_for_update()).one()
    if row.until_ms > now_ms and not _gone(row.holder):
        return None
    token: int = row.token + 1
    connection.execute(
        update(leases).where(leases.c.source == source).values(token=token, holder=holder, until_ms=now_ms + ttl_ms)
    )
    return token


def renew(
    connection: Connection, source: str, token: int, *, now_ms: int, ttl_ms: int, holder: str | None = None
) -> None:
    """Hold the lease longer; `holder` hands it to a child process. Raises LeaseLost."""
    values = {"until_ms": now_ms + ttl_ms} | ({"holder": holder} if holder else {})
    mine = (leases.c.source == source) & (leases.c.token == token) & (leases.c.until_ms > 0)
    if not connection.execute(update(leases).where(mine).values(**values)).rowcount:
        raise LeaseLost(f"the lease of {source} with token {token} was taken over", place=source, retry=True)


def check(connection: Connection, source: str, token: int) -> None:
    """Raises LeaseLost where the token is no longer the source's newest. Call it inside the writing transaction."""
    mine = (leases.c.source == source) & (leases.c.token == token) & (leases.c.until_ms > 0)
    if connection.execute(select(leases.c.token).where(mine).with_for_update()).one_or_none() is None:
        raise LeaseLost(f"the lease of {source} with token {token} was taken over", place=source, retry=True)


def release(connection: Connection, source: str, token: int) -> None:
    """Give the lease back; a lost one stays with its new holder."""
    mine = (leases.c.source == source) & (leases.c.token == token)
    connection.execute(update(leases).where(mine).values(until_ms=0))


def this_process(pid: int | None = None) -> str:
    """Names a process of this machine so that others here can see that it is gone."""
    number = os.getpid() if pid is None else pid
    return f"{_machine()}/{number}/{_started(number)}"


def _machine() -> str:
    try:
        return f"{socket.gethostname()}:{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:  # no /proc here: leases then only end by time
        return socket.gethostname()


def _started(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except OSError:
        return "?"


def _gone(holder: str) -> bool:
    """Whether the holder was a process of this machine that has ended."""
    machine, _, rest = holder.rpartition("/")[0].rpartition("/")
    pid, started = rest, holder.rpartition("/")[2]
    if machine != _machine() or not pid.isdigit() or started == "?":
        return False
    return _started(int(pid)) != started
