"""The journal: what was decided, in which order, under which rules. Each entry holds the hash of the one before.

`seq` is the total order of everything that can change a result: articles, clock ticks, corrections, subscriptions,
rule changes. Entries are only ever added; `chainwatch/audit.py` finds any other change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Connection, Index, Table, Text, func, select, union_all

from chainwatch.models import digest
from chainwatch.store.database import insert_all, ledger_lock, metadata

journal = Table(
    "journal",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("ix_journal_kind", "kind", "seq"),
    Index("ix_journal_at_ms", "at_ms", "seq"),
)

GENESIS = "0" * 64
"""What the first entry holds as the hash before it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal. `body` is canonical JSON; `hash` covers all other fields and `previous`."""

    seq: int
    at_ms: int
    kind: str
    body: str
    previous: str
    hash: str


def entry_hash(previous: str, seq: int, at_ms: int, kind: str, body: str) -> str:
    """The hash that an entry must have; 64 hex digits."""
    return digest(previous, str(seq), str(at_ms), kind, body)


def append(connection: Connection, entries: Sequence[tuple[str, Mapping[str, Any]]], now_ms: int) -> Entry | None:
    """Add entries (kind, body) in this order; the last one, or None where there were none. Never put a secret in one.

    Call it inside a write transaction: the ledger lock makes the chain one line over all processes.
    """
    if not entries:
        return None
    ledger_lock(connection)
    last = head(connection)
    seq, previous = (last.seq, last.hash) if last else (0, GENESIS)
    added: list[Entry] = []
    for kind, content in entries:
        seq += 1
        body = orjson.dumps(content, option=orjson.OPT_SORT_KEYS).decode()
        entry = Entry(seq, now_ms, kind, body, previous, entry_hash(previous, seq, now_ms, kind, body))
        previous = entry.hash
        added.append(entry)
    insert_all(connection, journal, [{name: getattr(entry, name) for name in Entry.__slots__} for entry in added])
    return added[-1]


def head(connection: Connection) -> Entry | None:
    """The newest entry."""
    row = connection.execute(select(journal).order_by(journal.c.seq.desc()).limit(1)).first()
    return Entry(*row) if row else None


def newest(connection: Connection, kinds: Sequence[str]) -> int:
    """`seq` of the newest entry of these kinds; 0 where there is none.

    Asked for each kind by itself, which is one seek each: for several at once PostgreSQL reads the journal backwards.
    """
    each = [select(func.max(journal.c.seq).label("seq")).where(journal.c.kind == kind) for kind in kinds]
    return connection.execute(select(func.max(union_all(*each).subquery().c.seq))).scalar() or 0


def after(connection: Connection, seq: int, limit: int, *, kinds: Sequence[str] = ()) -> list[Entry]:
    """Oldest first, above the number `seq`."""
    statement = select(journal).where(journal.c.seq > seq).order_by(journal.c.seq).limit(limit)
    if kinds:
        statement = statement.where(journal.c.kind.in_(kinds))
    return [Entry(*row) for row in connection.execute(statement)]
