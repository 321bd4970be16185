"""What is asked for each batch costs the same however long the past is."""

from typing import Any

import pytest
from sqlalchemy import event, text

from chainwatch.runner.live import ADDRESSING
from chainwatch.store import journal, lexemes, search
from chainwatch.store.database import Database

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]
PAST = 50_000


@pytest.fixture
def past(database: Database) -> Database:
    """A journal of many articles, in which nobody subscribed for long."""
    with database.write() as connection:
        journal.append(connection, [("subscription.saved", {})], 1)
        filling = "SELECT n, 1, 'article', '{}', '', '' FROM generate_series(2, :last) AS n"
        connection.execute(text(f"INSERT INTO journal {filling}"), {"last": PAST})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE journal"))
    return database


def test_a_rare_word_is_found_by_the_index(database: Database) -> None:
    common = " ".join(lexemes.vectors(search.spaced("产业发展与新兴项目")))
    rare = " ".join(lexemes.vectors(search.spaced("储能产业")))
    filling = "SELECT n, 0, CAST(CASE WHEN n % 5000 = 0 THEN :rare ELSE :common END AS tsvector) FROM generate_series(1, 20000) n"
    with database.write() as connection:
        connection.execute(text(f"INSERT INTO article_index {filling}"), {"rare": rare, "common": common})
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE article_index"))
    (query,) = lexemes.queries(search.spaced("储能"))
    asked = "SELECT number FROM article_index WHERE words @@ CAST(:query AS tsquery)"
    with database.read() as connection:
        assert list(connection.execute(text(asked), {"query": query}).scalars()) == [5_000, 10_000, 15_000, 20_000]
        plan = " ".join(connection.execute(text(f"EXPLAIN {asked}"), {"query": query}).scalars())
    assert "ix_article_index_words" in plan


def test_the_newest_entry_of_rare_kinds_is_found_without_reading_the_journal(past: Database) -> None:
    asked: list[tuple[str, Any]] = []

    @event.listens_for(past.engine, "before_cursor_execute")
    def _note(_c: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        asked.append((statement, given))

    with past.read() as connection:
        assert journal.newest(connection, ADDRESSING) == 1
        statement, given = asked[-1]
        plan = connection.exec_driver_sql(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", given).scalar_one()
    read = plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"]
    assert read < 10 * len(ADDRESSING), f"{read} pages for {len(ADDRESSING)} kinds"
