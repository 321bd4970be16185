"""A pool of sending processes for the whole session; a fresh installation and a receiver for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chainwatch.notify.pool import Pool
from tests.delivery.receiver import Receiver, receiving
from tests.delivery.world import LOOPBACK, World, make_store


@pytest.fixture(scope="session")
def pool() -> Iterator[Pool]:
    with Pool(LOOPBACK, size=2, most=16, seconds=1.5) as started:
        yield started


@pytest.fixture
def world(tmp_path: Path, pool: Pool) -> Iterator[World]:
    database = make_store(tmp_path)
    yield World(database, pool)
    database.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as started:
        yield started
