"""A store, a stream and a runner over them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from chainwatch.runner.loop import Machinery, Runner
from chainwatch.runner.pool import Here, Readers
from chainwatch.store import schema
from chainwatch.store.database import Database
from chainwatch.stream.protocol import ARTICLES
from chainwatch.stream.sqlite import SqliteStream
from tests.runner.fakes import NOW, Judge, Nobody, Watcher, read


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[structlog.typing.EventDict]]:
    """What was logged, instead of printing it."""
    with structlog.testing.capture_logs() as lines:
        yield lines


MakeRunner = Callable[..., Runner]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    store = Database(f"sqlite:///{tmp_path / 'store.db'}")
    schema.create(store)
    yield store
    store.close()


@pytest.fixture
def stream(tmp_path: Path) -> Iterator[SqliteStream]:
    log = SqliteStream(tmp_path / "stream.db")
    log.ensure_topic(ARTICLES, 2)
    yield log
    log.close()


@pytest.fixture
def watcher() -> Watcher:
    return Watcher()


@pytest.fixture
def make_runner(database: Database, stream: SqliteStream, watcher: Watcher) -> MakeRunner:
    def make(readers: Readers | None = None, watch: Watcher | None = None, stream: SqliteStream = stream) -> Runner:
        machinery = Machinery("b" * 64, readers or Here(read, 1.0), Judge(), Nobody())
        return Runner(
            database,
            stream,
            topic=ARTICLES,
            group="test",
            machinery=lambda: machinery,
            clock=lambda: NOW,
            window=timedelta(days=3),
            watch=watch or watcher,
            patient=False,
        )

    return make
