"""Full-text search that finds Chinese words of any length, also of two characters.

Chinese has no word borders, so every Han character is indexed as a word of its own and a query word is a phrase of
them. The index follows the revisions: `index_next` takes in what came since, between batches or before a search.
"""

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import DDL, BigInteger, Column, Connection, Integer, Table, event, func, select, text

from chainwatch.models import Article
from chainwatch.store import articles
from chainwatch.store.database import LOCK_SPACE, metadata, upsert

article_index_state = Table(
    "article_index_state",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("upto", BigInteger, nullable=False),
)
"""One row, id 1: the number of the last revision in the index."""

INDEX_DDL = {
    "sqlite": ("CREATE VIRTUAL TABLE IF NOT EXISTS article_index USING fts5(words, content='', columnsize=0)",),
    "postgresql": (
        "CREATE TABLE IF NOT EXISTS article_index (number BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
        "CREATE INDEX IF NOT EXISTS ix_article_index_words ON article_index USING gin (words)",
    ),
}
"""The index itself; its row number is the number of a revision."""

for _dialect, _statements in INDEX_DDL.items():
    for _statement in _statements:
        event.listen(metadata, "after_create", DDL(_statement).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]

INDEX_LOCK = -1
"""Second half of the key of the lock that the indexing worker holds; those of ledger shards are not negative."""
_HAN = re.compile("([\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])")


def spaced(plain: str) -> str:
    """The text with every Han character a word of its own; full-width letters and digits folded.

    >>> spaced("储能5G")
    ' 储  能 5G'
    """
    return _HAN.sub(r" \1 ", unicodedata.normalize("NFKC", plain))


def words_of(article: Article) -> str:
    """What is indexed of an article: every part."""
    return spaced("\n".join(part for _name, part in article.parts()))


def index_next(connection: Connection, limit: int) -> int:
    """Take up to `limit` further revisions into the index; how many there were. 0 while another worker does so."""
    if connection.dialect.name == "postgresql":
        mine = connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({LOCK_SPACE}, {INDEX_LOCK})").scalar()
        if not mine:
            return 0
    state = article_index_state
    upto = connection.execute(select(state.c.upto)).scalar() or 0
    found = articles.bodies(connection, upto, limit)
    if found:
        statement = (
            "INSERT INTO article_index (rowid, words) VALUES (:number, :words)"
            if connection.dialect.name == "sqlite"
            else "INSERT INTO article_index (number, words) VALUES (:number, to_tsvector('simple', :words))"
        )
        connection.execute(text(statement), [{"number": n, "words": words_of(article)} for n, article in found])
        upsert(connection, state, {"id": 1, "upto": found[-1][0]})
    return len(found)


def lag(connection: Connection) -> int:
    """How many revisions are stored and not in the index yet."""
    upto = connection.execute(select(article_index_state.c.upto)).scalar() or 0
    newest = connection.execute(select(func.max(articles.revisions.c.number))).scalar() or 0
    return max(newest - upto, 0)


def search(connection: Connection, words: Sequence[str], limit: int, before: int | None = None) -> list[int]:
    """Numbers of the articles whose current revision holds all words, each as a phrase; newest stored first."""
    phrases = [phrase for word in words if (phrase := " ".join(re.findall(r"\w+", spaced(word))))]
    if not phrases:
        return []
    if connection.dialect.name == "sqlite":
        source, condition = "article_index AS i JOIN revisions AS r ON r.number = i.rowid", "article_index MATCH :query"
        bound = {"query": " AND ".join(f'"{phrase}"' for phrase in phrases)}
    else:
        source = "article_index AS i JOIN revisions AS r ON r.number = i.number"
        condition = " AND ".join(f"i.words @@ phraseto_tsquery('simple', :w{n})" for n in range(len(phrases)))
        bound = {f"w{n}": phrase for n, phrase in enumerate(phrases)}
    rows = connection.execute(
        text(
            f"SELECT a.number FROM {source} JOIN articles AS a ON a.number = r.article AND a.revision = r.revision"  # noqa: S608  fixed texts only
            f" WHERE {condition} AND a.number < :before ORDER BY a.number DESC LIMIT :limit"
        ),
        {**bound, "before": before if before is not None else 2**62, "limit": limit},
    )
    return list(rows.scalars())
