"""The backends that the contract suite runs on."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chainwatch.stream.protocol import Stream
from chainwatch.stream.sqlite import SqliteStream

OpenStream = Callable[[], Stream]
"""Opens one more handle on the same stream, as another process would."""


@pytest.fixture(params=["sqlite"])
def open_handle(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStream]:
    handles: list[Stream] = []

    def another() -> Stream:
        assert request.param == "sqlite"
        handles.append(SqliteStream(tmp_path / "stream.db", session=5))
        return handles[-1]

    yield another
    for handle in handles:
        handle.close()


@pytest.fixture
def stream(open_handle: OpenStream) -> Stream:
    return open_handle()
