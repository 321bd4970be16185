"""Delivery on PostgreSQL: the same dispatcher, another store."""

from collections.abc import Iterator

import pytest

from chainwatch.notify.pool import Pool
from chainwatch.store import schema
from chainwatch.store.database import Database
from tests.delivery.receiver import Receiver, drop, status
from tests.delivery.world import World, event
from tests.postgres.server import Server


@pytest.fixture
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    server = Server(tmp_path_factory.mktemp("delivery-postgres") / "server")
    server.start()
    yield server.create("delivery")
    server.stop()


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_messages_arrive_once_from_postgresql(pool: Pool, receiver: Receiver, postgres_url: str) -> None:
    database = Database(postgres_url)
    schema.create(database)
    world = World(database, pool)
    receiver.script = [status(503), drop]
    world.channel(receiver.url())
    world.subscribe("one")
    world.happen(*(event(f"事实{number}") for number in range(3)))
    for _ in range(4):
        world.dispatch()
        world.wait(minutes=1)
    assert len(set(receiver.ids)) == 3
    assert len(receiver.ids) == 5
    assert world.states() == {"delivered": 3}
    database.close()
