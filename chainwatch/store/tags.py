"""Tags of stored revisions."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Index, Integer, Table, Text, func, select

from chainwatch.models import Strength, Tag
from chainwatch.store.articles import Place, articles
from chainwatch.store.database import insert_all, metadata

tags = Table(
    "tags",
    metadata,
    Column("number", ForeignKey("revisions.number"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("article", ForeignKey("articles.number"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("node", Text, nullable=False),
    Column("strength", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_tags_article", "article", "revision", "node"),
    Index("ix_tags_node", "node", "article"),
)
"""One row for each tag of a revision, in the order the tagger gave them."""


def put(connection: Connection, made: Iterable[tuple[Place, Sequence[Tag], Sequence[str]]]) -> None:
    """Store the tags of new revisions, each with its JSON."""
    rows: list[dict[str, Any]] = [
        {
            "number": place.number,
            "position": position,
            "article": place.article,
            "revision": place.revision,
            "node": tag.node,
            "strength": tag.strength.value,
            "rule": tag.rule,
            "body": body,
        }
        for place, found, bodies in made
        for position, (tag, body) in enumerate(zip(found, bodies, strict=True))
    ]
    insert_all(connection, tags, rows)


def of_article(connection: Connection, id_: str, revision: int | None = None) -> list[Tag]:
    """Tags of one revision of an article, of the current one by default."""
    rows = connection.execute(
        select(tags.c.body)
        .join(articles, articles.c.number == tags.c.article)
        .where(articles.c.id == id_, tags.c.revision == (articles.c.revision if revision is None else revision))
        .order_by(tags.c.position)
    )
    return [Tag.from_json(body) for (body,) in rows]


def nodes(connection: Connection, numbers: Sequence[int]) -> dict[int, list[str]]:
    """Article number → nodes that its current revision is about."""
    rows = connection.execute(
        select(tags.c.article, tags.c.node)
        .join(articles, (articles.c.number == tags.c.article) & (articles.c.revision == tags.c.revision))
        .where(tags.c.article.in_(numbers), tags.c.strength == Strength.ABOUT.value)
        .order_by(tags.c.article, tags.c.position)
    )
    found: dict[int, list[str]] = {}
    for article, node in rows:
        found.setdefault(article, []).append(node)
    return found


def counts(connection: Connection) -> dict[str, int]:
    """Node → how many articles' current revisions are about it."""
    rows = connection.execute(
        select(tags.c.node, func.count().label("number"))
        .join(articles, (articles.c.number == tags.c.article) & (articles.c.revision == tags.c.revision))
        .where(tags.c.strength == Strength.ABOUT.value)
        .group_by(tags.c.node)
        .order_by(tags.c.node)
    )
    return {row.node: row.number for row in rows}
