"""A store on a PostgreSQL server of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chainwatch.store import schema
from chainwatch.store.database import Database
from tests.postgres.server import Server


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """The store, empty; its server ends with the test."""
    server = Server(tmp_path / "server")
    server.start()
    one = Database(server.create("store"))
    schema.create(one)
    yield one
    one.close()
    server.kill()
