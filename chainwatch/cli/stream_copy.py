"""`chainwatch stream copy`: a topic to another stream, as often as needed, each record once."""

from collections.abc import Iterator
from typing import Annotated

import structlog
from cyclopts import Parameter

from chainwatch.cli.context import Context, stream_of
from chainwatch.cli.output import FAILED, JSON, OK, emit, progress, say
from chainwatch.stream.protocol import ARTICLES, DAMAGED, Draft, Record, Stream
from chainwatch.stream.walk import PIECE, partitions_of, records_of

log = structlog.get_logger(__name__)


def copy(
    to: str,
    *,
    topic: str = ARTICLES,
    execute: Annotated[bool, Parameter(negative="")] = False,
    as_json: JSON = False,
) -> int:
    """Copy a topic to another stream (from the embedded log to Kafka, or back), keys, times and headers kept.

    Run it again to go on after an interruption: what the other stream already has is told by record id and left out.
    Brokers are reached as the settings say. Exit 1 where records of this stream are damaged.

    Parameters
    ----------
    to
        The other stream: sqlite:///PATH or kafka://HOST:PORT.
    topic
        The topic.
    execute
        Copy; without it only the plan is shown.
    as_json
        Print the counts as JSON.
    """
    with Context() as context:
        source = context.stream
        count = partitions_of(source, topic)
        target = stream_of(context.settings, to)
        try:
            if execute:
                target.ensure_topic(topic, count)
            counts = _copy(source, target, topic, execute=execute)
        finally:
            target.close()
    copied, known, damaged = counts
    row = {"topic": topic, "copied" if execute else "to copy": copied, "already there": known, "damaged": damaged}
    emit([row], {name: name for name in row}, as_json=as_json)
    if not execute:
        say("This is a plan; nothing was changed. Add --execute to carry it out.")
    return FAILED if damaged else OK


def _copy(source: Stream, target: Stream, topic: str, *, execute: bool) -> tuple[int, int, int]:
    """Records copied, known there, and damaged here."""
    there = {_name(record) for record in _all(target, topic)}
    counted = range(source.topics()[topic])
    total = sum(source.end_offset(topic, number) - source.begin_offset(topic, number) for number in counted)
    copied = known = damaged = 0
    batch: list[Draft] = []
    with progress("copying", total) as advance:
        for record in _all(source, topic):
            advance(1)
            if DAMAGED in record.headers:
                damaged += 1
                log.error("a damaged record was left out", place=record.place)
            elif _name(record) in there:
                known += 1
            else:
                batch.append(Draft(record.key, record.value, record.timestamp_ms, record.headers))
            if len(batch) >= PIECE:
                copied += _append(target, topic, batch, execute=execute)
        copied += _append(target, topic, batch, execute=execute)
    return copied, known, damaged


def _append(target: Stream, topic: str, batch: list[Draft], *, execute: bool) -> int:
    if execute:
        target.append(topic, batch)
    count = len(batch)
    batch.clear()
    return count


def _all(stream: Stream, topic: str) -> Iterator[Record]:
    start = {number: stream.begin_offset(topic, number) for number in range(stream.topics().get(topic, 0))}
    return records_of(stream, topic, start)


def _name(record: Record) -> bytes:
    return record.headers.get("ce_id", b"") or record.key.encode()
