"""Full-text search that finds Chinese words of any length, also of two characters.

Chinese has no word borders, so every Han character is indexed as a word of its own and a query word is a phrase of
them. The index follows the revisions: `index_next` takes in what came since, between batches or before a search.
On PostgreSQL the words are ours too (`lexemes`): its own parser takes 1.5, 2024-2026 and host names for one word each.
"""

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import DDL, BigInteger, Column, Connection, Integer, Table, event, func, select, text

from chainwatch.models import Article
from chainwatch.store import articles, lexemes
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
        (
            "CREATE TABLE IF NOT EXISTS article_index"
            " (number BIGINT NOT NULL, piece INTEGER NOT NULL, words TSVECTOR NOT NULL, PRIMARY KEY (number, piece))"
        ),
        "CREATE INDEX IF NOT EXISTS ix_article_index_words ON article_index USING gin (words)",
    ),
}
"""The index itself; its row number is the number of a revision, on PostgreSQL of one piece of it."""

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
        _insert(connection, [(number, words_of(article)) for number, article in found])
        upsert(connection, state, {"id": 1, "upto": found[-1][0]})
    return len(found)


def _insert(connection: Connection, found: Sequence[tuple[int, str]]) -> None:
    if connection.dialect.name == "sqlite":
        rows = [{"number": number, "words": words} for number, words in found]
        connection.execute(text("INSERT INTO article_index (rowid, words) VALUES (:number, :words)"), rows)
        return
    rows = [
        {"number": number, "piece": piece, "words": vector}
        for number, words in found
        for piece, vector in enumerate(lexemes.vectors(words))
    ]
    if rows:
        statement = (
            "INSERT INTO article_index (number, piece, words) VALUES (:number, :piece, CAST(:words AS tsvector))"
        )
        connection.execute(text(statement), rows)


def lag(connection: Connection) -> int:
    """How many revisions are stored and not in the index yet."""
    upto = connection.execute(select(article_index_state.c.upto)).scalar() or 0
    newest = connection.execute(select(func.max(articles.revisions.c.number))).scalar() or 0
    return max(newest - upto, 0)


def search(connection: Connection, words: Sequence[str], limit: int, before: int | None = None) -> list[int]:
    """Numbers of the articles whose current revision holds all words, each as a phrase; newest stored first."""
    if connection.dialect.name == "sqlite":
        phrases = [phrase for word in words if (phrase := " ".join(re.findall(r"\w+", spaced(word))))]
        bound = {"query": " AND ".join(f'"{phrase}"' for phrase in phrases)}
        conditions = (
            ["r.number IN (SELECT rowid FROM article_index WHERE article_index MATCH :query)"] if phrases else []
        )
    else:
        phrases = [query for word in words for query in lexemes.queries(spaced(word))]
        bound = {f"w{n}": query for n, query in enumerate(phrases)}
        conditions = [
            f"r.number IN (SELECT number FROM article_index WHERE words @@ CAST(:{name} AS tsquery))"  # noqa: S608  names of ours
            for name in bound
        ]
    if not conditions:
        return []
    rows = connection.execute(
        text(
            "SELECT a.number FROM revisions AS r JOIN articles AS a ON a.number = r.article AND a.revision = r.revision"  # noqa: S608  fixed texts only
            f" WHERE {' AND '.join(conditions)} AND a.number < :before ORDER BY a.number DESC LIMIT :limit"
        ),
        {**bound, "before": before if before is not None else 2**62, "limit": limit},
    )
    return list(rows.scalars())
