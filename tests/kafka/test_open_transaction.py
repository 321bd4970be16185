"""Another program dies with a transaction open on our topic: our readers wait for its time-out at most, then go on."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from chainwatch.stream.access import Access
from chainwatch.stream.kafka import KafkaStream
from chainwatch.stream.protocol import Draft, Record
from tests.kafka.broker import Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.xdist_group("kafka")]

TOPIC = "chainwatch.articles"
TIME_OUT_S = 6.0
LOOKED_AFTER_S = 10.0
"""The broker looks so often for transactions that are over their time."""
STRANGER = """
import os, signal, sys
from kafka import KafkaProducer

producer = KafkaProducer(
    bootstrap_servers=sys.argv[1], transactional_id="stranger", transaction_timeout_ms=int(sys.argv[2]), acks="all"
)
producer.init_transactions()
producer.begin_transaction()
for _ in range(3):
    producer.send("chainwatch.articles", b"never committed")
producer.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    one = Cluster(tmp_path / "kafka")
    one.start()
    yield one
    one.stop()


def test_readers_wait_for_the_time_out_of_a_dead_transaction_at_most(
    cluster: Cluster, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = KafkaStream(Access((cluster.bootstrap,)), session=6, deadline=30)
    stream.ensure_topic(TOPIC, 1)
    stream.append(TOPIC, [Draft("k", b"before", 1_000)])
    command = [sys.executable, "-c", STRANGER, cluster.bootstrap, str(int(TIME_OUT_S * 1000))]
    assert subprocess.run(command, check=False, timeout=60, capture_output=True).returncode == -signal.SIGKILL
    begun = time.monotonic()
    stream.append(TOPIC, [Draft("k", b"behind", 1_000)])
    consumer = stream.consumer(TOPIC, "g", on_assigned=lambda ns: dict.fromkeys(ns, 0), on_lost=lambda _n: None)
    found: list[Record] = []
    while len(found) < 2 and time.monotonic() - begun < 60:
        found += consumer.poll(100, 0.2)
    waited = time.monotonic() - begun
    consumer.close()
    stream.close()
    assert [one.value for one in found] == [b"before", b"behind"], "what was never committed is never read"
    assert waited <= TIME_OUT_S + LOOKED_AFTER_S + 5
    with capsys.disabled():
        print(f"\nan open transaction of {TIME_OUT_S:g} s held readers up for {waited:.1f} s")  # noqa: T201  a figure
