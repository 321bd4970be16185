"""Flipped bytes in the broker's own files: what they took is set aside offset by offset, everything else is consumed."""

import json
import os
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from chainwatch.cli.init import prepare
from chainwatch.models import Article, content_digest
from chainwatch.settings import Settings
from chainwatch.store import articles, journal
from chainwatch.store.quarantine import quarantine
from chainwatch.store.schema import open_store
from chainwatch.stream.access import Access
from chainwatch.stream.envelope import article_draft
from chainwatch.stream.kafka import KafkaStream
from chainwatch.stream.protocol import ARTICLES, DAMAGED, PARTITIONS, Consumer, Draft, Record
from chainwatch.stream.sqlite import SqliteStream
from tests.kafka.broker import Broker, Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.xdist_group("kafka")]

BATCHES, IN_BATCH = 5, 10
HEADER = ">qi"
"""Of a batch in a segment: its first offset, and how many bytes follow."""
LAST_DELTA = 23
"""Where a batch says how many offsets it spans."""

DAMAGE = {"middle": [2], "two-together": [1, 2], "two-apart": [1, 3], "first": [0], "last": [4], "span": [2]}
"""Topic → numbers of its batches that are damaged; `span` in the count of offsets, the others in a record."""


def batches(segment: bytes | bytearray) -> list[tuple[int, int]]:
    """(position, bytes) of each batch."""
    found, position = [], 0
    while position + struct.calcsize(HEADER) <= len(segment):
        _offset, length = struct.unpack_from(HEADER, segment, position)
        found.append((position, struct.calcsize(HEADER) + length))
        position += found[-1][1]
    return found


def damage(broker: Broker, topic: str, partition: int, numbers: Sequence[int], *, span: bool = False) -> None:
    """Change one byte in each of these batches of a stopped broker."""
    (path,) = (broker.folder / "log" / f"{topic}-{partition}").glob("*.log")
    segment = bytearray(path.read_bytes())
    for number in numbers:
        position, size = batches(segment)[number]
        segment[position + (LAST_DELTA if span else size - 5)] ^= 0x40
    path.write_bytes(segment)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A broker whose topics were damaged while it was down."""
    one = Cluster(tmp_path_factory.mktemp("damage"))
    one.start()
    stream = KafkaStream(Access((one.bootstrap,)), deadline=30)
    now = time.time_ns() // 1_000_000
    for topic in DAMAGE:
        stream.ensure_topic(topic, 1)
        for number in range(BATCHES):
            first = number * IN_BATCH
            stream.append(topic, [Draft(f"k{n}", b"v" * 300, now) for n in range(first, first + IN_BATCH)])
    stream.close()
    (broker,) = one.brokers
    broker.stop()
    for topic, numbers in DAMAGE.items():
        damage(broker, topic, 0, numbers, span=topic == "span")
    one.start()
    yield one
    one.stop()


@pytest.fixture
def stream(cluster: Cluster) -> Iterator[KafkaStream]:
    one = KafkaStream(Access((cluster.bootstrap,)), session=6, deadline=30)
    yield one
    one.close()


def lost_and_kept(topic: str) -> tuple[list[int], list[int]]:
    lost = [n * IN_BATCH + step for n in DAMAGE[topic] for step in range(IN_BATCH)]
    return lost, [offset for offset in range(BATCHES * IN_BATCH) if offset not in lost]


def split(records: Sequence[Record]) -> tuple[list[int], list[int]]:
    """Offsets of what is damaged and of what is whole."""
    lost = [one.offset for one in records if DAMAGED in one.headers]
    return lost, [one.offset for one in records if DAMAGED not in one.headers and one.value == b"v" * 300]


def polled(consumer: Consumer, enough: int) -> list[Record]:
    found: list[Record] = []
    deadline = time.monotonic() + 30
    while len(found) < enough and time.monotonic() < deadline:
        found += consumer.poll(7, 0.5)
    return found


@pytest.mark.parametrize("topic", DAMAGE)
def test_a_member_steps_over_damage_and_loses_nothing_else(stream: KafkaStream, topic: str) -> None:
    consumer = stream.consumer(
        topic, f"g-{topic}", on_assigned=lambda ns: dict.fromkeys(ns, 0), on_lost=lambda _n: None
    )
    begun = time.monotonic()
    records = polled(consumer, BATCHES * IN_BATCH)
    took = time.monotonic() - begun
    consumer.close()
    assert split(records) == lost_and_kept(topic)
    assert [one.offset for one in records] == list(range(BATCHES * IN_BATCH)), "in order"
    assert took < 15


@pytest.mark.parametrize("topic", DAMAGE)
def test_reading_without_a_group_steps_over_damage_too(stream: KafkaStream, topic: str) -> None:
    lost, kept = lost_and_kept(topic)
    for _ in range(2):
        assert split(stream.read(topic, 0, 0, 1_000)) == (lost, kept)
    assert [one.offset for one in stream.read(topic, 0, lost[0] + 1, 3)] == [lost[0] + n for n in (1, 2, 3)]


def test_a_position_behind_the_logs_end_is_read_again_from_the_beginning(stream: KafkaStream) -> None:
    topic = "middle"
    consumer = stream.consumer(topic, "ahead", on_assigned=lambda ns: dict.fromkeys(ns, 70), on_lost=lambda _n: None)
    records = polled(consumer, BATCHES * IN_BATCH)
    consumer.close()
    assert split(records) == lost_and_kept(topic)


def test_damaged_articles_are_set_aside_and_come_back_from_the_spool(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "kafka")
    cluster.start()
    try:
        home = tmp_path / "home"
        settings = Settings(home=home, stream=f"kafka://{cluster.bootstrap}", workers=1)
        prepare(settings)
        names = _spooled_and_relayed(home / "spool.db", cluster)
        (broker,) = cluster.brokers
        broker.stop()
        lost = _damage_one_batch_of_each_partition(broker)
        cluster.start()
        assert _run(settings, "consume", "--drain", "--json")["quarantined"] == len(lost)
        database = open_store(settings.store_url)
        with database.read() as connection:
            kept = {row.id for row in connection.execute(select(articles.articles.c.id))}
            aside = connection.execute(select(quarantine.c.place, quarantine.c.reason)).all()
            told = [json.loads(one.body) for one in journal.after(connection, 0, 1_000) if one.kind == "quarantined"]
        assert {row.place for row in aside} == lost
        assert all("damaged in the log" in row.reason for row in aside)
        assert {entry["record"] for entry in told} == lost
        assert len(kept) == len(names) - len(lost)
        spool = settings.model_copy(update={"stream": f"sqlite:///{home / 'spool.db'}"})
        copied = _run(spool, "stream", "copy", settings.stream_url, "--execute", "--json")
        assert copied["copied"] == len(lost), "the spool still has what the brokers lost"
        assert _run(settings, "consume", "--drain", "--json")["stored"] == len(lost)
        with database.read() as connection:
            assert {row.id for row in connection.execute(select(articles.articles.c.id))} == names
        database.close()
    finally:
        cluster.stop()


def _spooled_and_relayed(path: Path, cluster: Cluster) -> set[str]:
    """Articles in the spool and, batch by batch, in Kafka; their ids."""
    now = datetime.now(UTC)
    spool, stream = SqliteStream(path), KafkaStream(Access((cluster.bootstrap,)), deadline=30)
    spool.ensure_topic(ARTICLES, PARTITIONS)
    stream.ensure_topic(ARTICLES, PARTITIONS)
    names = set()
    for number in range(BATCHES):
        drafts = []
        for n in range(number * 40, number * 40 + 40):
            title, text = f"第{n}号记事", f"园区第{n}次例会讨论了排水与照明。"
            article = Article(
                id=f"a{n}", title=title, text=text, fetched=now, content_digest=content_digest(title, text)
            )
            drafts.append(article_draft(article, now))
            names.add(article.id)
        spool.append(ARTICLES, drafts)
        stream.append(ARTICLES, drafts)
    spool.close()
    stream.close()
    return names


def _damage_one_batch_of_each_partition(broker: Broker) -> set[str]:
    """The places of the records that this took."""
    lost: set[str] = set()
    for partition in range(PARTITIONS):
        (path,) = (broker.folder / "log" / f"{ARTICLES}-{partition}").glob("*.log")
        segment = path.read_bytes()
        position, _size = batches(segment)[partition]
        (first,) = struct.unpack_from(">q", segment, position)
        (delta,) = struct.unpack_from(">i", segment, position + LAST_DELTA)
        damage(broker, ARTICLES, partition, [partition])
        lost |= {f"{ARTICLES}/{partition}@{offset}" for offset in range(first, first + delta + 1)}
    return lost


def _run(settings: Settings, *command: str) -> dict[str, int]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWATCH_")}
    given = {
        "CHAINWATCH_HOME": str(settings.home),
        "CHAINWATCH_STREAM": settings.stream_url,
        "CHAINWATCH_WORKERS": "1",
        "CHAINWATCH_LOG_LEVEL": "error",
    }
    done = subprocess.run(
        [sys.executable, "-m", "chainwatch.cli", *command],
        env=kept | given,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, int] | list[dict[str, int]] = json.loads(done.stdout)
    return told[0] if isinstance(told, list) else told
