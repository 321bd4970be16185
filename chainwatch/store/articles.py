"""Articles as stored: every revision of every page, numbered here in the order they were consumed."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    and_,
    func,
    select,
    update,
)

from chainwatch.models import Article, Strength, from_timestamp_ms, to_timestamp_ms
from chainwatch.store.database import SERIAL, insert_all, metadata

articles = Table(
    "articles",
    metadata,
    Column("number", SERIAL, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("revision", Integer, nullable=False),
    Column("site", Text),
    Column("source", Text),
    Column("region", Text),
    Column("url", Text),
    Column("title", Text, nullable=False),
    Column("published_ms", BigInteger),
    Column("precision", Text, nullable=False),
    Column("fetched_ms", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Index("ix_articles_published_ms", "published_ms", "number"),
    Index("ix_articles_site", "site", "number"),
)
"""One row for each page: what its current revision (the one fetched last) says."""

revisions = Table(
    "revisions",
    metadata,
    Column("number", SERIAL, primary_key=True),
    Column("article", ForeignKey("articles.number"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("content_digest", Text, nullable=False),
    Column("fetched_ms", BigInteger, nullable=False),
    Column("stored_ms", BigInteger, nullable=False),
    Column("backfill", Boolean, nullable=False),
    Column("run_id", Text, index=True),
    Column("raw_digest", Text),
    Column("record", Text),
    Column("bundle", Text),
    Column("body", Text, nullable=False),
    UniqueConstraint("article", "revision"),
    UniqueConstraint("article", "content_digest"),
)
"""Every revision whole, with the record it came as and the digest of the rules it was judged by."""

Key = tuple[str, str]
"""(article id, content digest): the name of a record."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a revision is stored."""

    article: int
    """Number of the article."""
    number: int
    """Number of the revision over all articles."""
    revision: int
    """1 for the first revision of the article."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An article to store, and how it came."""

    article: Article
    record: str | None = None
    bundle: str | None = None


def key_of(article: Article) -> Key:
    """The name of the article's record."""
    return article.id, article.content_digest


def known(connection: Connection, keys: Collection[Key]) -> dict[Key, Place]:
    """Those of the records that are stored already."""
    rows = connection.execute(
        select(
            articles.c.id,
            revisions.c.content_digest,
            revisions.c.article,
            revisions.c.number,
            revisions.c.revision,
        )
        .join(revisions, revisions.c.article == articles.c.number)
        .where(articles.c.id.in_({id_ for id_, _digest in keys}))
    )
    wanted = set(keys)
    found = {(row.id, row.content_digest): Place(row.article, row.number, row.revision) for row in rows}
    return {key: place for key, place in found.items() if key in wanted}


def put(connection: Connection, arrivals: Sequence[Arrival], now_ms: int) -> dict[Key, Place]:
    """Store new records (none of them known, none twice) and number their revisions in this order."""
    ids = [arrival.article.id for arrival in arrivals]
    present = {
        row.id: (row.number, row.last, row.fetched_ms)
        for row in connection.execute(
            select(
                articles.c.id, articles.c.number, articles.c.fetched_ms, func.max(revisions.c.revision).label("last")
            )
            .join(revisions, revisions.c.article == articles.c.number)
            .where(articles.c.id.in_(set(ids)))
            .group_by(articles.c.id, articles.c.number, articles.c.fetched_ms)
        )
    }
    fresh: dict[str, dict[str, Any]] = {}
    for arrival in arrivals:
        if arrival.article.id not in present:
            fresh.setdefault(arrival.article.id, {"id": arrival.article.id, "revision": 1, **_current(arrival.article)})
    if fresh:
        insert_all(connection, articles, list(fresh.values()))
        numbers = connection.execute(select(articles.c.id, articles.c.number).where(articles.c.id.in_(fresh)))
        present |= {row.id: (row.number, 0, fresh[row.id]["fetched_ms"]) for row in numbers}
    rows: list[dict[str, Any]] = []
    for arrival in arrivals:
        number, last, fetched_ms = present[arrival.article.id]
        fetched = to_timestamp_ms(arrival.article.fetched)
        rows.append(_revision(arrival, number, last + 1, fetched, now_ms))
        if last and fetched >= fetched_ms:
            _make_current(connection, number, last + 1, arrival.article)
        present[arrival.article.id] = (number, last + 1, max(fetched, fetched_ms))
    insert_all(connection, revisions, rows)
    return known(connection, [key_of(arrival.article) for arrival in arrivals])


def _current(article: Article) -> dict[str, Any]:
    return {
        "site": article.site,
        "source": article.source,
        "region": article.region,
        "url": article.url,
        "title": article.title,
        "published_ms": to_timestamp_ms(article.published) if article.published else None,
        "precision": article.precision.value,
        "fetched_ms": to_timestamp_ms(article.fetched),
        "state": article.state.value,
    }


def _revision(arrival: Arrival, number: int, revision: int, fetched_ms: int, now_ms: int) -> dict[str, Any]:
    article = arrival.article
    return {
        "article": number,
        "revision": revision,
        "content_digest": article.content_digest,
        "fetched_ms": fetched_ms,
        "stored_ms": now_ms,
        "backfill": article.backfill,
        "run_id": article.run_id,
        "raw_digest": article.raw_digest,
        "record": arrival.record,
        "bundle": arrival.bundle,
        "body": article.to_json().decode(),
    }


def _make_current(connection: Connection, number: int, revision: int, article: Article) -> None:
    connection.execute(
        update(articles).where(articles.c.number == number).values(revision=revision, **_current(article))
    )


def seen_again(connection: Connection, article: Article, place: Place) -> bool | None:
    """A known revision was fetched again: where that is later than what was fetched last, it is what the page says now.

    Returns whether it is so anew, another revision having stood there before; None where it was not fetched later.
    """
    row = connection.execute(
        select(articles.c.revision, articles.c.fetched_ms).where(articles.c.number == place.article)
    ).one()
    if to_timestamp_ms(article.fetched) <= row.fetched_ms:
        return None
    _make_current(connection, place.article, place.revision, article)
    return bool(row.revision != place.revision)


def get(connection: Connection, id_: str, revision: int | None = None) -> Article | None:
    """One revision of an article, the current one by default."""
    wanted = articles.c.revision if revision is None else revision
    body = connection.execute(
        select(revisions.c.body)
        .join(articles, articles.c.number == revisions.c.article)
        .where(articles.c.id == id_, revisions.c.revision == wanted)
    ).scalar()
    return Article.from_json(body) if body is not None else None


def history(connection: Connection, id_: str) -> list[Mapping[str, Any]]:
    """Every revision of an article, oldest first: revision, content_digest, all columns but the body."""
    columns = [column for column in revisions.c if column.name != "body"]
    rows = connection.execute(
        select(*columns)
        .join(articles, articles.c.number == revisions.c.article)
        .where(articles.c.id == id_)
        .order_by(revisions.c.revision)
    )
    return [dict(row._mapping) for row in rows]  # noqa: SLF001  SQLAlchemy's public name for it


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles to list; None asks nothing. Times are Unix milliseconds of publication, [since, until).

    `node` asks for articles that are about it or one below it; mentions do not count.
    """

    site: str | None = None
    node: str | None = None
    region: str | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    numbers: frozenset[int] | None = None


def listed(connection: Connection, wanted: Filter, limit: int, before: int | None = None) -> list[Mapping[str, Any]]:
    """Newest stored first, below the article number `before`: the columns of `articles`. Page by the last number."""
    tags = metadata.tables["tags"]  # declared in tags.py, which refers to this module
    statement = select(articles).order_by(articles.c.number.desc()).limit(limit)
    if before is not None:
        statement = statement.where(articles.c.number < before)
    if wanted.site is not None:
        statement = statement.where(articles.c.site == wanted.site)
    if wanted.region is not None:
        statement = statement.where(articles.c.region == wanted.region)
    if wanted.since_ms is not None:
        statement = statement.where(articles.c.published_ms >= wanted.since_ms)
    if wanted.until_ms is not None:
        statement = statement.where(articles.c.published_ms < wanted.until_ms)
    if wanted.numbers is not None:
        statement = statement.where(articles.c.number.in_(wanted.numbers))
    if wanted.node is not None:
        statement = statement.where(
            select(tags.c.node)
            .where(
                tags.c.article == articles.c.number,
                tags.c.revision == articles.c.revision,
                tags.c.strength == Strength.ABOUT.value,
                (tags.c.node == wanted.node) | tags.c.node.startswith(f"{wanted.node}/", autoescape=True),
            )
            .exists()
        )
    return [_row(row._mapping) for row in connection.execute(statement)]  # noqa: SLF001  as above


def _row(row: Mapping[Any, Any]) -> Mapping[str, Any]:
    values = {str(name): value for name, value in row.items()}
    for name in ("published", "fetched"):
        at = values.pop(f"{name}_ms")
        values[name] = from_timestamp_ms(at) if at is not None else None
    return values


def bodies(connection: Connection, after: int, limit: int) -> list[tuple[int, Article]]:
    """(revision number, article) of the revisions after a number, in the order they were stored."""
    rows = connection.execute(
        select(revisions.c.number, revisions.c.body)
        .where(revisions.c.number > after)
        .order_by(revisions.c.number)
        .limit(limit)
    )
    return [(row.number, Article.from_json(row.body)) for row in rows]


def by_id(connection: Connection, ids: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """The rows of `articles` (as `listed` gives them) of those ids that are stored."""
    rows = connection.execute(select(articles).where(articles.c.id.in_(set(ids))))
    return {row.id: _row(row._mapping) for row in rows}  # noqa: SLF001  as above


def count(connection: Connection) -> int:
    """How many articles are stored, each counted once whatever its revisions."""
    return connection.execute(select(func.count()).select_from(articles)).scalar_one()


def current_bodies(
    connection: Connection, after: int, limit: int, since_ms: int | None = None
) -> list[tuple[int, str]]:
    """(article number, JSON of the current revision) after a number, in order of number; `since_ms` of publication.

    An article of unknown date counts by the time it was fetched.
    """
    statement = (
        select(articles.c.number, revisions.c.body)
        .join(revisions, and_(revisions.c.article == articles.c.number, revisions.c.revision == articles.c.revision))
        .where(articles.c.number > after)
        .order_by(articles.c.number)
        .limit(limit)
    )
    if since_ms is not None:
        statement = statement.where(func.coalesce(articles.c.published_ms, articles.c.fetched_ms) >= since_ms)
    return [(row.number, row.body) for row in connection.execute(statement)]


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored revision as it lies there."""

    number: int
    article: str
    stored_ms: int
    bundle: str | None
    current: bool
    """Whether it is what the page says now."""
    body: str


def kept(connection: Connection, after: int, limit: int, among: Collection[int] | None = None) -> list[Kept]:
    """Revisions after a number, in the order they were stored; `among`: only those of these numbers."""
    statement = (
        select(
            revisions.c.number,
            articles.c.id,
            revisions.c.stored_ms,
            revisions.c.bundle,
            (articles.c.revision == revisions.c.revision).label("current"),
            revisions.c.body,
        )
        .join(articles, articles.c.number == revisions.c.article)
        .where(revisions.c.number > after)
        .order_by(revisions.c.number)
        .limit(limit)
    )
    if among is not None:
        statement = statement.where(revisions.c.number.in_(among))
    return [Kept(*row) for row in connection.execute(statement)]


def count_revisions(connection: Connection) -> int:
    """How many revisions of articles are stored."""
    return connection.execute(select(func.count()).select_from(revisions)).scalar_one()
