"""The backends that the contract suite runs on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chainwatch.stream.access import Access
from chainwatch.stream.kafka import KafkaStream
from chainwatch.stream.protocol import Stream
from chainwatch.stream.sqlite import SqliteStream
from tests.kafka.broker import Cluster

OpenStream = Callable[[], Stream]
"""Opens one more handle on the same stream, as another process would."""


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One real broker for all tests of this run."""
    cluster = Cluster(tmp_path_factory.mktemp("kafka"))
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture(params=["sqlite", pytest.param("kafka", marks=[pytest.mark.kafka, pytest.mark.xdist_group("kafka")])])
def open_handle(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStream]:
    handles: list[Stream] = []

    def another() -> Stream:
        if request.param == "sqlite":
            handles.append(SqliteStream(tmp_path / "stream.db", session=5))
        else:
            bootstrap = request.getfixturevalue("broker").bootstrap
            handles.append(KafkaStream(Access((bootstrap,)), session=6, deadline=20))
        return handles[-1]

    yield another
    for handle in handles:
        handle.close()


@pytest.fixture
def stream(open_handle: OpenStream) -> Stream:
    return open_handle()
