"""PostgreSQL goes away under a dispatcher: it waits, says so once, and records what was sent meanwhile."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from chainwatch.cli.init import prepare
from chainwatch.models import SHANGHAI
from chainwatch.notify.pool import Pool
from chainwatch.notify.secrets import Keyring, new_key
from chainwatch.probe import ask
from chainwatch.problem import Problem
from chainwatch.settings import Settings, load_settings
from chainwatch.store import schema
from chainwatch.store.database import Database
from chainwatch.store.patience import Patience
from chainwatch.store.schema import open_store
from tests.delivery.receiver import Hit, Receiver, receiving, status
from tests.delivery.world import LOOPBACK, World, event
from tests.kafka.broker import free_ports
from tests.postgres.server import Server

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]


class Held:
    """Answers well, but not before it is let go."""

    def __init__(self) -> None:
        self.arrived, self.released = threading.Event(), threading.Event()

    def __call__(self, handler: BaseHTTPRequestHandler, hit: Hit) -> None:
        self.arrived.set()
        self.released.wait(30)
        status(200)(handler, hit)


class Installation:
    """A store on the server, a webhook, and a dispatcher in a process of its own."""

    def __init__(self, folder: Path, store: str, receiver: Receiver) -> None:
        (self.port,) = free_ports(1)
        key = new_key()
        given = {
            "CHAINWATCH_HOME": str(folder),
            "CHAINWATCH_STORE": store,
            "CHAINWATCH_SECRET_KEY": key,
            "CHAINWATCH_ALLOW_NETWORKS": "127.0.0.0/8",
            "CHAINWATCH_METRICS_PORT": str(self.port),
            "CHAINWATCH_LOG_FORMAT": "json",
        }
        self.settings: Settings = load_settings(given)
        prepare(self.settings)
        self.world = World(open_store(store), Pool(LOOPBACK), now=datetime.now(SHANGHAI), keyring=Keyring([key]))
        self.world.channel(receiver.url())
        self.world.subscribe("one")
        self.log = folder / "dispatch.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWATCH_")}
        with self.log.open("ab") as log:
            self.dispatcher = subprocess.Popen(
                [sys.executable, "-m", "chainwatch.cli", "dispatch"], env=kept | given, stdout=log, stderr=log
            )

    def ready(self) -> bool:
        return ask(self.port)[0]

    def told(self, what: str) -> int:
        """How often the dispatcher said so."""
        lines = [line for line in self.log.read_text().splitlines() if line.startswith("{")]
        return sum(what in json.loads(line)["event"] for line in lines)

    def close(self) -> int:
        self.dispatcher.terminate()
        code = self.dispatcher.wait(20)
        self.world.database.close()
        return code


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    one = Server(tmp_path / "server")
    one.start()
    yield one
    one.stop()


def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def test_a_dispatcher_waits_for_its_store_and_records_what_was_sent_meanwhile(server: Server, tmp_path: Path) -> None:
    with receiving() as receiver:
        held = Held()
        receiver.script = [held]
        one = Installation(tmp_path / "home", server.create("outage"), receiver)
        until(one.ready)
        one.world.happen(event("事实一"))
        assert held.arrived.wait(20)
        server.kill()
        until(lambda: not one.ready())
        held.released.set()
        until(lambda: one.told("waiting for it") > 0)
        server.start()
        until(one.ready)
        one.world.happen(event("事实二"))
        until(lambda: one.world.states() == {"delivered": 2})
        assert len(receiver.ids) == len(set(receiver.ids)) == 2, "what was sent before the outage is not sent again"
        assert (one.told("waiting for it"), one.told("can be used again")) == (1, 1)
        assert one.dispatcher.poll() is None, "the dispatcher never ended"
        assert one.close() == 0


def test_a_dispatcher_told_to_stop_does_not_wait_for_its_store(server: Server, tmp_path: Path) -> None:
    with receiving() as receiver:
        one = Installation(tmp_path / "home", server.create("outage"), receiver)
        until(one.ready)
        server.kill()
        until(lambda: one.told("waiting for it") > 0)
        assert one.close() == 1
    assert "Traceback" not in one.log.read_text()
    assert "the store cannot be used" in one.log.read_text()


def test_an_impatient_caller_is_told_of_the_outage_at_once(server: Server) -> None:
    database = open_store_of(server)
    server.kill()
    with pytest.raises(Problem, match="the store cannot be used") as caught:
        Patience(database, lambda: False, patient=False).read(lambda c: c.exec_driver_sql("SELECT 1"))
    assert caught.value.retry
    database.close()


def open_store_of(server: Server) -> Database:
    database = Database(server.create("impatient"))
    schema.create(database)
    return database
