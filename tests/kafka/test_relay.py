"""The spool reaches the broker whatever happens to it, and oversized values reach the reader."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chainwatch.archive import Archive
from chainwatch.cli.init import prepare
from chainwatch.problem import Problem
from chainwatch.settings import Settings
from chainwatch.stream.access import Access
from chainwatch.stream.envelope import MalformedError, decode
from chainwatch.stream.kafka import KafkaStream
from chainwatch.stream.keeping import LARGEST
from chainwatch.stream.protocol import PARTITIONS, Draft, Stream
from chainwatch.stream.relay import Relay
from chainwatch.stream.sqlite import SqliteStream
from tests.kafka.broker import Cluster

pytestmark = [
    pytest.mark.kafka,
    pytest.mark.xdist_group("kafka"),
    # A producer of kafka-python that never reached its broker fails again in its __del__.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
TOPIC = "chainwatch.articles"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A broker of this test's own: it is killed and frozen."""
    one = Cluster(tmp_path / "kafka")
    yield one
    one.stop()


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[SqliteStream]:
    stream = SqliteStream(tmp_path / "spool.db")
    stream.ensure_topic(TOPIC, 1)
    yield stream
    stream.close()


def drafts(first: int, count: int) -> list[Draft]:
    now = time.time_ns() // 1_000_000
    return [
        Draft(f"k{n}", f"v{n}".encode() * 200, now, {"ce_id": str(n).encode()}) for n in range(first, first + count)
    ]


def ids(stream: Stream) -> list[str]:
    return [r.headers["ce_id"].decode() for r in stream.read(TOPIC, 0, 0, 100_000)]


def relaying(relay: Relay, until: Callable[[], bool], patience: float = 90.0) -> None:
    """Run the relay until the condition holds."""
    deadline = time.monotonic() + patience
    last_look = [0.0]

    def stop() -> bool:
        if time.monotonic() - last_look[0] < 0.3:
            return False
        last_look[0] = time.monotonic()
        return until() or time.monotonic() > deadline

    relay.run(stop)
    assert until(), "the relay did not finish in time"


def handed_over(spool: SqliteStream) -> int:
    return spool.committed(TOPIC, "chainwatch.relay").get(0, 0)


def test_a_crawl_goes_on_while_the_broker_is_away_and_is_carried_over_later(
    cluster: Cluster, spool: SqliteStream
) -> None:
    stream = KafkaStream(Access((cluster.bootstrap,)), deadline=3)
    spool.append(TOPIC, drafts(0, 50))
    with pytest.raises(Problem) as caught:
        stream.append(TOPIC, drafts(0, 1))
    assert caught.value.retry
    assert cluster.bootstrap in str(caught.value)
    cluster.start()
    stream.ensure_topic(TOPIC, 1)
    relaying(Relay(spool, stream, TOPIC), lambda: handed_over(spool) == 50)
    assert ids(stream) == [str(n) for n in range(50)]
    stream.close()


@pytest.mark.chaos  # the client looks for its brokers for a minute before it gives up
def test_a_relay_started_while_the_brokers_are_away_carries_the_spool_once_they_are_there(
    cluster: Cluster, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    settings = Settings(home=home, stream=f"kafka://{cluster.bootstrap}")
    cluster.start()
    prepare(settings)
    cluster.stop()
    spool = SqliteStream(home / "spool.db")
    spool.ensure_topic(TOPIC, PARTITIONS)
    spool.append(TOPIC, drafts(0, 50))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWATCH_")}
    given = {"CHAINWATCH_HOME": str(home), "CHAINWATCH_STREAM": settings.stream_url}
    with (tmp_path / "relay.log").open("wb") as log:
        relay = subprocess.Popen([sys.executable, "-m", "chainwatch.cli", "relay"], env=kept | given, stderr=log)
    try:
        deadline = time.monotonic() + 150
        while "waiting for it" not in (tmp_path / "relay.log").read_text():
            assert relay.poll() is None
            assert time.monotonic() < deadline, "nobody noticed that the brokers are away"
            time.sleep(0.2)
        cluster.start()
        while sum(spool.committed(TOPIC, "chainwatch.relay").values()) < 50:
            assert relay.poll() is None, (tmp_path / "relay.log").read_text()
            assert time.monotonic() < deadline, (tmp_path / "relay.log").read_text()
            time.sleep(0.2)
        relay.terminate()
        assert relay.wait(20) == 0
    finally:
        relay.kill()
        relay.wait()
        spool.close()


@pytest.mark.slow
def test_a_killed_and_a_frozen_broker_lose_and_double_nothing_for_a_reader_that_drops_known_ids(
    cluster: Cluster, spool: SqliteStream
) -> None:
    cluster.start()
    (broker,) = cluster.brokers
    stream = KafkaStream(Access((cluster.bootstrap,)), deadline=5)
    stream.ensure_topic(TOPIC, 1)

    def faults() -> None:
        for turn in range(4):
            spool.append(TOPIC, drafts(turn * 300, 300))
            time.sleep(0.4)
            if turn % 2:
                broker.signal(signal.SIGSTOP)
                time.sleep(7)
                broker.signal(signal.SIGCONT)
            else:
                broker.kill()
                time.sleep(0.5)
                broker.start()

    disturber = threading.Thread(target=faults)
    disturber.start()
    relaying(Relay(spool, stream, TOPIC), lambda: not disturber.is_alive() and handed_over(spool) == 1200)
    disturber.join()
    reader = KafkaStream(Access((cluster.bootstrap,)), deadline=20)
    seen = ids(reader)
    assert set(seen) == {str(n) for n in range(1200)}
    assert [one for n, one in enumerate(seen) if one not in seen[:n]] == [str(n) for n in range(1200)]
    reader.close()
    stream.close()


def test_a_value_too_large_for_the_broker_stands_in_the_archive(cluster: Cluster, tmp_path: Path) -> None:
    cluster.start()
    stream = KafkaStream(Access((cluster.bootstrap,)), blobs=Archive(tmp_path / "archive"), deadline=20)
    stream.ensure_topic(TOPIC, 1)
    large = Draft("big", b"x" * (LARGEST + 1), 1_000)
    stream.append(TOPIC, [large, Draft("small", b"y", 1_000)])
    assert [r.value for r in stream.read(TOPIC, 0, 0, 10)] == [large.value, b"y"]
    stream.blobs = None
    with pytest.raises(Problem, match="900,000"):
        stream.append(TOPIC, [large])
    stream.append(TOPIC, [Draft("after", b"z", 1_000)])
    stream.close()


def test_a_value_that_the_archive_cannot_give_stops_nothing(cluster: Cluster, tmp_path: Path) -> None:
    cluster.start()
    stream = KafkaStream(Access((cluster.bootstrap,)), blobs=Archive(tmp_path / "archive"), deadline=20)
    stream.ensure_topic(TOPIC, 1)
    stream.append(TOPIC, [Draft("big", b"x" * (LARGEST + 1), 1_000), Draft("small", b"y", 1_000)])
    stream.blobs = Archive(tmp_path / "of another machine")
    big, small = stream.read(TOPIC, 0, 0, 10)
    assert small.value == b"y"
    with pytest.raises(MalformedError, match="archive"):
        decode(big)
    stream.append(TOPIC, [Draft(big.key, big.value, big.timestamp_ms, big.headers)])  # as `dlq retry` does
    stream.blobs = Archive(tmp_path / "archive")
    assert len(stream.read(TOPIC, 0, 2, 10)[0].value) == LARGEST + 1
    stream.close()


def test_a_time_in_the_future_does_not_poison_the_producer(cluster: Cluster) -> None:
    cluster.start()
    stream = KafkaStream(Access((cluster.bootstrap,)), deadline=20)
    stream.ensure_topic(TOPIC, 1)
    tomorrow = time.time_ns() // 1_000_000 + 86_400_000
    stream.append(TOPIC, [Draft("k", b"v", tomorrow)])
    (record,) = stream.read(TOPIC, 0, 0, 10)
    assert record.timestamp_ms < tomorrow
    assert len(stream.append(TOPIC, drafts(0, 3))) == 3
    stream.close()
