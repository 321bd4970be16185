"""Rule bundles (rules, taxonomy, lexicon) archived whole by digest, and the row that says which one is in force."""

from sqlalchemy import BigInteger, Column, Connection, ForeignKey, Integer, LargeBinary, Table, Text, select

from chainwatch.matching.bundle import Bundle
from chainwatch.store import journal
from chainwatch.store.database import insert_new, metadata, upsert

bundles = Table(
    "bundles",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("archived_ms", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

active_bundle = Table(
    "active_bundle",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("digest", ForeignKey("bundles.digest"), nullable=False),
    Column("since_ms", BigInteger, nullable=False),
)
"""One row, id 1: workers switch to it between batches."""


def activate(connection: Connection, bundle: Bundle, now_ms: int) -> bool:
    """Archive a bundle that compiled and put it in force; False where it was already. The change is journalled."""
    insert_new(connection, bundles, [{"digest": bundle.digest, "archived_ms": now_ms, "data": bundle.to_bytes()}])
    before = active(connection)
    if before == bundle.digest:
        return False
    upsert(connection, active_bundle, {"id": 1, "digest": bundle.digest, "since_ms": now_ms})
    journal.append(connection, [("rules.activated", {"before": before, "after": bundle.digest})], now_ms)
    return True


def active(connection: Connection) -> str | None:
    """Digest of the bundle in force."""
    return connection.execute(select(active_bundle.c.digest)).scalar()


def load(connection: Connection, digest: str) -> Bundle | None:
    """An archived bundle."""
    data = connection.execute(select(bundles.c.data).where(bundles.c.digest == digest)).scalar()
    return Bundle.from_bytes(data) if data is not None else None
