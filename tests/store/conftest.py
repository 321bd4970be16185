"""The stores that every noun is tested on."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from chainwatch.store import schema
from chainwatch.store.database import Database
from tests.postgres.server import Server

POSTGRES = pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.xdist_group("postgres")])


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Iterator[str]]:
    """URLs of new databases of one real server."""
    server = Server(tmp_path_factory.mktemp("store-postgres") / "server")
    server.start()
    yield (server.create(f"store{number}") for number in count())
    server.kill()  # nothing of it is kept, and an orderly end writes fifty databases to disk


@pytest.fixture(params=["sqlite", POSTGRES])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    made: Iterator[str] = request.getfixturevalue("new_database")
    return next(made)


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    store = Database(store_url)
    schema.create(store)
    yield store
    store.close()
