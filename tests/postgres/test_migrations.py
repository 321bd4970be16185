"""A store is migrated while workers read and write it: they go on, and nothing is lost."""

import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chainwatch.models import Article, content_digest
from chainwatch.problem import Problem
from chainwatch.store import articles, migrate, positions, schema
from chainwatch.store.articles import Arrival
from chainwatch.store.database import Database, ledger_lock

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]

NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

def upgrade():
    op.add_column("articles", sa.Column("note", sa.Text()))
    with op.get_context().autocommit_block():
        op.create_index("ix_articles_note", "articles", ["note"], postgresql_concurrently=True)
"""


@pytest.fixture
def further(tmp_path: Path) -> Path:
    """A folder with one more migration: a column, and an index made beside the workers."""
    folder = tmp_path / "versions"
    folder.mkdir()
    (folder / "0002_note.py").write_text(NEXT, encoding="utf-8")
    return folder


class Worker(threading.Thread):
    """Stores an article after another, as a consumer does, until told to stop."""

    def __init__(self, database: Database, name: str) -> None:
        super().__init__(name=name)
        self.database, self.stopping = database, threading.Event()
        self.stored, self.longest = 0, 0.0
        self.failures: list[Exception] = []

    def run(self) -> None:
        while not self.stopping.is_set():
            begun = time.monotonic()
            try:
                self._store()
            except DBAPIError as error:
                self.failures.append(error)
            self.longest = max(self.longest, time.monotonic() - begun)

    def _store(self) -> None:
        body = f"{self.name}-{self.stored}"
        digest = content_digest("题", body)
        article = Article(id=body, title="题", text=body, fetched=datetime.now(UTC), content_digest=digest)
        with self.database.write() as connection:
            ledger_lock(connection)
            articles.put(connection, [Arrival(article)], 1)
            positions.take(connection, "t", self.name, [0])
        self.stored += 1


def test_workers_go_on_while_the_store_is_migrated(database: Database, further: Path) -> None:
    workers = [Worker(database, name) for name in "ab"]
    for worker in workers:
        worker.start()
    while min(worker.stored for worker in workers) < 50:
        time.sleep(0.01)
    migrate.upgrade(database, further)
    there = [worker.stored for worker in workers]
    while any(worker.stored < before + 20 for worker, before in zip(workers, there, strict=True)):
        time.sleep(0.01)
    for worker in workers:
        worker.stopping.set()
        worker.join()
    assert [worker.failures for worker in workers] == [[], []]
    assert max(worker.longest for worker in workers) < 2 * migrate.LOCK_S
    with database.read() as connection:
        assert articles.count(connection) == sum(worker.stored for worker in workers)
        valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_articles_note'::regclass"
        assert connection.execute(text(valid)).scalar_one() is True
    with pytest.raises(Problem, match="0002") as caught:
        schema.check(database)
    assert "upgrade chainwatch" in str(caught.value.cure)


def test_a_step_gives_way_to_a_long_transaction_and_is_made_after_it(database: Database, further: Path) -> None:
    reading = database.engine.connect()
    reading.begin()
    reading.execute(text("SELECT count(*) FROM articles"))
    upgrading = threading.Thread(target=migrate.upgrade, args=(database, further))
    upgrading.start()
    worker = Worker(database, "a")
    worker.start()
    deadline = time.monotonic() + migrate.LOCK_S + migrate.PAUSE_S + 1
    while time.monotonic() < deadline:
        time.sleep(0.05)
    assert upgrading.is_alive()
    assert schema.revision(database) == "0001"
    reading.close()
    upgrading.join(30)
    worker.stopping.set()
    worker.join()
    assert schema.revision(database) == "0002"
    assert worker.failures == []
    assert worker.stored > 0
    assert worker.longest < 2 * migrate.LOCK_S
