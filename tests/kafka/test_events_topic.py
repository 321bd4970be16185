"""Events reach their topic: each id once for a read_committed reader that drops known ids, also after a kill."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chainwatch.cli.init import prepare
from chainwatch.crash import VARIABLE
from chainwatch.models import Event, EventKind, event_id
from chainwatch.runner.outgoing import relay_events
from chainwatch.settings import Settings
from chainwatch.store import events
from chainwatch.store.database import Database
from chainwatch.store.schema import open_store
from chainwatch.stream.access import Access
from chainwatch.stream.envelope import decode
from chainwatch.stream.kafka import KafkaStream
from chainwatch.stream.protocol import EVENTS, Record
from tests.chaos.plant import all_of
from tests.kafka.broker import Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]
KINDS = (EventKind.TARGET_NEW, EventKind.TARGET_RAISED, EventKind.POLICY_NEW)


class World:
    """An installation whose stream is a broker of this test."""

    def __init__(self, folder: Path, bootstrap: str) -> None:
        self.settings = Settings(home=folder / "home", stream=f"kafka://{bootstrap}")
        prepare(self.settings)
        self.database: Database = open_store(self.settings.store_url)
        self.stream = KafkaStream(Access((bootstrap,)), deadline=20)

    def record(self, first: int, count: int) -> list[str]:
        made = [
            Event(
                id=event_id(KINDS[n % 3], f"fact-{n // 3}", "", str(n)),
                kind=KINDS[n % 3],
                subject=f"fact-{n // 3}",
                title=f"第{n}条",
                after={"value": str(n)},
            )
            for n in range(first, first + count)
        ]
        with self.database.write() as connection:
            return [event.id for event in events.put(connection, made, 1_000)]

    def relay(self, crash_at: str) -> int:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWATCH_")}
        given = {
            "CHAINWATCH_HOME": str(self.settings.home),
            "CHAINWATCH_STREAM": self.settings.stream_url,
            VARIABLE: crash_at,
        }
        command = [sys.executable, "-m", "chainwatch.cli", "relay"]
        return subprocess.run(command, env=kept | given, check=False, timeout=60, capture_output=True).returncode

    def drained(self) -> list[Record]:
        relay_events(self.database, self.stream, lambda: False, drain=True)
        return list(all_of(self.stream, EVENTS))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    cluster = Cluster(tmp_path / "kafka")
    cluster.start()
    one = World(tmp_path, cluster.bootstrap)
    yield one
    one.stream.close()
    one.database.close()
    cluster.stop()


def test_each_event_reaches_the_topic_once_also_after_a_kill_between_append_and_note(world: World) -> None:
    recorded = world.record(0, 30)
    assert [record.headers["ce_id"].decode() for record in _in_order(world.drained())] == recorded
    recorded += world.record(30, 30)
    assert world.relay(crash_at="after_outgoing") == -signal.SIGKILL
    seen = [record.headers["ce_id"].decode() for record in world.drained()]
    assert sorted(set(seen)) == sorted(recorded)
    assert len(seen) == 90, "what was appended before the kill came again, under the same ids"
    values = {record.headers["ce_id"].decode(): decode(record) for record in world.drained()}
    assert all(isinstance(value, Event) and value.id == id_ for id_, value in values.items())


def test_events_of_one_fact_keep_their_order(world: World) -> None:
    world.record(0, 60)
    by_fact: dict[str, list[tuple[int, str]]] = {}
    for record in world.drained():
        value = decode(record)
        assert isinstance(value, Event)
        by_fact.setdefault(value.subject, []).append((record.partition, value.after["value"]))
    for subject, told in by_fact.items():
        assert len({partition for partition, _value in told}) == 1
        number = int(subject.removeprefix("fact-"))
        assert [value for _partition, value in told] == [str(3 * number + step) for step in range(3)]


def _in_order(records: list[Record]) -> list[Record]:
    def number(record: Record) -> int:
        value = decode(record)
        assert isinstance(value, Event)
        return int(value.after["value"])

    return sorted(records, key=number)
