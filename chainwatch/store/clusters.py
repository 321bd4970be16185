"""Near-duplicates: a signature for each article, the index they are found by, and the cluster each is in."""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, LargeBinary, Table, Text, delete, select, update

from chainwatch.models.ledger import Changes, Known, Signature
from chainwatch.store.database import metadata
from chainwatch.store.rows import add_all, among, columns_of, from_row, put_all, to_row

signatures = Table(
    "signatures",
    metadata,
    Column("article", Text, primary_key=True),
    Column("published_ms", BigInteger, nullable=False),
    Column("size", Integer, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    Column("bands", Text, nullable=False),
    Column("figures", Text, nullable=False),
    Column("numbers", Text, nullable=False),
    Column("measures", Text, nullable=False),
    Column("cluster", Text, nullable=False),
    Index("ix_signatures_cluster", "cluster"),
)
bands = Table(
    "bands",
    metadata,
    Column("band", BigInteger, primary_key=True),
    Column("article", Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""A band begins with its time, so that articles of one month touch few pages."""

_SIGNATURE = columns_of(signatures, Signature)
_LISTS = frozenset({"bands", "measures"})
_SHARING = select(*_SIGNATURE).where(signatures.c.article.in_(select(bands.c.article).where(among(bands.c.band))))
_AT_ONCE = 5000
"""Bands looked up in one statement."""


def load(connection: Connection, known: Known, wanted: Iterable[int]) -> None:
    """Into `known`: the signatures that have any of these bands."""
    looked_up = sorted(set(wanted))
    for start in range(0, len(looked_up), _AT_ONCE):
        rows = connection.execute(_SHARING, {"keys": looked_up[start : start + _AT_ONCE]})
        known.hold_signatures(from_row(Signature, row, _LISTS) for row in rows)


def apply(connection: Connection, changes: Changes) -> None:
    """Write signatures and merged clusters."""
    for before, after in changes.joined:
        connection.execute(update(signatures).where(signatures.c.cluster == before).values(cluster=after))
    if not changes.signatures:
        return
    if changes.forgotten:
        connection.execute(delete(bands).where(bands.c.article.in_(changes.forgotten)))
    put_all(connection, signatures, (to_row(signature) for signature in changes.signatures))
    rows = [
        {"band": band, "article": signature.article} for signature in changes.signatures for band in signature.bands
    ]
    add_all(connection, bands, rows)


def cluster_of(connection: Connection, article: str) -> list[tuple[str, int]]:
    """(article, size of its text) of an article's cluster, the fullest text first; empty for one without signature."""
    mine = select(signatures.c.cluster).where(signatures.c.article == article).scalar_subquery()
    rows = connection.execute(
        select(signatures.c.article, signatures.c.size)
        .where(signatures.c.cluster == mine)
        .order_by(signatures.c.size.desc(), signatures.c.article)
    )
    return [(row.article, row.size) for row in rows]
