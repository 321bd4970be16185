"""Near-duplicates: a signature for each article, the index they are found by, and the cluster each is in."""

from collections.abc import Iterable, Sequence

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)

from chainwatch.models.known import Known
from chainwatch.models.ledger import Changes, Signature
from chainwatch.store.among import among
from chainwatch.store.database import SERIAL, insert_all, metadata
from chainwatch.store.rows import columns_of, from_row, to_row

_JOINED = "cluster <> article"
"""Most articles are a cluster of their own, named by themselves: no index need hold those."""
signatures = Table(
    "signatures",
    metadata,
    Column("number", SERIAL, primary_key=True, autoincrement=False),
    Column("article", Text, nullable=False, unique=True),
    Column("published_ms", BigInteger, nullable=False),
    Column("size", Integer, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    Column("bands", Text, nullable=False),
    Column("figures", Text, nullable=False),
    Column("numbers", Text, nullable=False),
    Column("measures", Text, nullable=False),
    Column("cluster", Text, nullable=False),
    Index("ix_signatures_cluster", "cluster", sqlite_where=text(_JOINED), postgresql_where=text(_JOINED)),
)
bands = Table(
    "bands",
    metadata,
    Column("band", BigInteger, primary_key=True),
    Column("signature", BigInteger, primary_key=True),
    sqlite_with_rowid=False,
)
"""Ten rows an article, so narrow ones. A band begins with its time: the articles of a month touch few pages."""

_SIGNATURE = columns_of(signatures, Signature)
_LISTS = frozenset({"bands", "measures"})
_SHARING = select(*_SIGNATURE).where(signatures.c.number.in_(select(bands.c.signature).where(among(bands.c.band))))
_OF_ARTICLES = select(signatures.c.number, signatures.c.bands).where(among(signatures.c.article))


def load(connection: Connection, known: Known, wanted: Iterable[int]) -> None:
    """Into `known`: the signatures that have any of these bands."""
    keys = sorted(set(wanted))
    if keys:
        rows = connection.execute(_SHARING, {"keys": keys})
        known.hold_signatures(from_row(Signature, row, _LISTS) for row in rows)


def apply(connection: Connection, changes: Changes) -> None:
    """Write signatures and merged clusters."""
    for before, after in changes.joined:
        connection.execute(update(signatures).where(_within(before)).values(cluster=after))
    if changes.forgotten:
        _forget(connection, changes.forgotten)
    if not changes.signatures:
        return
    first = connection.execute(select(func.coalesce(func.max(signatures.c.number), 0) + 1)).scalar_one()
    numbered = list(enumerate(changes.signatures, first))
    insert_all(connection, signatures, [{"number": number, **to_row(one)} for number, one in numbered])
    insert_all(
        connection, bands, [{"band": band, "signature": number} for number, one in numbered for band in set(one.bands)]
    )


def _within(cluster: str | ColumnElement[str]) -> ColumnElement[bool]:
    """The signatures of a cluster: that of the article it is named by, and those that were joined."""
    joined = and_(signatures.c.cluster == cluster, literal_column(_JOINED))
    return or_(joined, and_(signatures.c.article == cluster, signatures.c.cluster == cluster))


def _forget(connection: Connection, articles: Sequence[str]) -> None:
    """Take out what near-duplicates of these articles were found by."""
    held = connection.execute(_OF_ARTICLES, {"keys": list(articles)}).all()
    pairs = [{"b": band, "s": row.number} for row in held for band in orjson.loads(row.bands)]
    if not held:
        return
    connection.execute(delete(bands).where(bands.c.band == bindparam("b"), bands.c.signature == bindparam("s")), pairs)
    connection.execute(delete(signatures).where(signatures.c.number.in_([row.number for row in held])))


def cluster_of(connection: Connection, article: str) -> list[tuple[str, int]]:
    """(article, size of its text) of an article's cluster, the fullest text first; empty for one without signature."""
    mine = select(signatures.c.cluster).where(signatures.c.article == article).scalar_subquery()
    rows = connection.execute(
        select(signatures.c.article, signatures.c.size)
        .where(_within(mine))
        .order_by(signatures.c.size.desc(), signatures.c.article)
    )
    return [(row.article, row.size) for row in rows]
