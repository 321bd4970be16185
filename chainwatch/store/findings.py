"""Findings of stored revisions."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Index, Integer, Table, Text, select

from chainwatch.models import FINDING, Finding
from chainwatch.store.articles import Place, articles
from chainwatch.store.database import insert_all, metadata

findings = Table(
    "findings",
    metadata,
    Column("number", ForeignKey("revisions.number"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("id", Text, nullable=False, index=True),
    Column("article", ForeignKey("articles.number"), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("node", Text),
    Column("region", Text),
    Column("body", Text, nullable=False),
    Index("ix_findings_article", "article", "revision"),
    Index("ix_findings_kind", "kind", "node"),
)
"""One row for each finding of a revision, in the order of the text. `id` is `finding_id(...)`."""


def put(connection: Connection, made: Iterable[tuple[Place, Sequence[Finding], Sequence[tuple[str, str]]]]) -> None:
    """Store the findings of new revisions, each with its id and JSON."""
    rows: list[dict[str, Any]] = [
        {
            "number": place.number,
            "position": position,
            "id": id_,
            "article": place.article,
            "revision": place.revision,
            "kind": finding.kind,
            "node": getattr(finding, "node", None),
            "region": finding.region,
            "body": body,
        }
        for place, found, bodies in made
        for position, (finding, (id_, body)) in enumerate(zip(found, bodies, strict=True))
    ]
    insert_all(connection, findings, rows)


def of_article(connection: Connection, id_: str, revision: int | None = None) -> list[Finding]:
    """Findings of one revision of an article, of the current one by default."""
    rows = connection.execute(
        select(findings.c.body)
        .join(articles, articles.c.number == findings.c.article)
        .where(articles.c.id == id_, findings.c.revision == (articles.c.revision if revision is None else revision))
        .order_by(findings.c.position)
    )
    return [FINDING.validate_json(body) for (body,) in rows]


def bodies(connection: Connection, numbers: Collection[int]) -> dict[int, list[str]]:
    """Revision number → JSON of its findings in order, for those of the revisions that have any."""
    statement = (
        select(findings.c.number, findings.c.body)
        .where(findings.c.number.in_(numbers))
        .order_by(findings.c.number, findings.c.position)
    )
    found: dict[int, list[str]] = {}
    for number, body in connection.execute(statement):
        found.setdefault(number, []).append(body)
    return found


def get(connection: Connection, id_: str) -> tuple[str, int, Finding] | None:
    """(article id, revision, finding) of a finding's id."""
    row = connection.execute(
        select(articles.c.id, findings.c.revision, findings.c.body)
        .join(articles, articles.c.number == findings.c.article)
        .where(findings.c.id == id_)
        .limit(1)
    ).first()
    return (row.id, row.revision, FINDING.validate_json(row.body)) if row else None
