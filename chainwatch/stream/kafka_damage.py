"""Damaged batches in Kafka's log: how far the damage goes, and what stands for the records that it took.

A batch is its checksum's unit: one flipped bit makes all records of the batch unreadable. kafka-python raises once when
it meets one, and then spins for ever unless its position is moved; so the offsets behind it are tried one by one, by a
client of its own, until one can be read. Nothing readable is skipped, and every offset that cannot be read becomes a
record of its own, with the header `DAMAGED`, which the runner sets aside.
"""

import time
from collections.abc import Mapping
from typing import Any

import structlog
from kafka import KafkaConsumer, TopicPartition
from kafka.errors import CorruptRecordError, KafkaError

from chainwatch.problem import Problem
from chainwatch.stream.protocol import DAMAGED, Record

log = structlog.get_logger(__name__)

MOST_SECONDS = 60.0
"""For finding the end of one damaged stretch."""
ANSWER_SECONDS = 5.0
"""In which the broker must say something about one offset."""


def may_be_damage(error: Exception) -> bool:
    """Whether what a poll raised may come from the bytes of the log, rather than from brokers that are away."""
    return not isinstance(error, KafkaError) or isinstance(error, CorruptRecordError) or type(error) is KafkaError


def damaged_records(options: Mapping[str, Any], spot: TopicPartition, offset: int) -> list[Record]:
    """One record for each offset from `offset` on that cannot be read; empty where the offset can be.

    Args:
        options: keyword arguments of a KafkaConsumer that checks checksums.
        spot: topic and partition.
        offset: where a reader stood when it met the damage.

    Raises:
        Problem: the brokers did not answer, or the damage has no end in sight; a later call may fare better.
    """
    alone = {"group_id": None, "max_partition_fetch_bytes": 1, "fetch_max_bytes": 1}  # one batch at a time
    consumer = KafkaConsumer(**(dict(options) | alone))
    found: list[Record] = []
    deadline = time.monotonic() + MOST_SECONDS
    try:
        consumer.assign([spot])
        end = int(consumer.end_offsets([spot])[spot])
        for at in range(offset, end):
            why = _fault_at(consumer, spot, at)
            if why is None:
                break
            found.append(_stand_in(spot, at, why))
            if time.monotonic() > deadline:
                what = f"damaged from offset {offset} to {at} and further"
                raise Problem(what, place=f"{spot.topic}/{spot.partition}@{offset}", retry=True)
    except KafkaError as error:
        place = f"{spot.topic}/{spot.partition}@{offset}"
        raise Problem(f"{type(error).__name__}: {error}"[:300], place=place, retry=True) from error
    finally:
        consumer.close()
    if found:
        log.error(
            "records are damaged in the log",
            topic=spot.topic,
            partition=spot.partition,
            first=offset,
            last=found[-1].offset,
        )
    return found


def _fault_at(consumer: KafkaConsumer, spot: TopicPartition, offset: int) -> str | None:
    """Why the batch that holds the offset cannot be read; None where it can be."""
    consumer.seek(spot, offset)
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        try:
            if consumer.poll(timeout_ms=500, max_records=1) or consumer.position(spot) > offset:
                return None
        except Exception as error:
            if not may_be_damage(error):
                raise
            return f"{type(error).__name__}: {error}"[:200]
    raise Problem("the brokers did not answer in time", place=f"{spot.topic}/{spot.partition}@{offset}", retry=True)


def _stand_in(spot: TopicPartition, offset: int, why: str) -> Record:
    """In place of a record whose bytes nobody can read."""
    return Record(spot.topic, spot.partition, offset, 0, "", b"", {DAMAGED: f"damaged in the log: {why}".encode()})
