"""The stores that every noun is tested on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chainwatch.store import schema
from chainwatch.store.database import Database


@pytest.fixture(params=["sqlite"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    assert request.param == "sqlite"
    return f"sqlite:///{tmp_path / 'store.db'}"


@pytest.fixture
def database(store_url: str) -> Iterator[Database]:
    store = Database(store_url)
    schema.create(store)
    yield store
    store.close()
