"""One member of a Kafka consumer group. Kafka assigns partitions; where to read comes from the caller's store.

kafka-python calls its rebalance listener on its own loop, between heartbeats: the listener only takes notes, and
`poll` acts on them in the caller's thread before any record of a new partition is seen.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import structlog
from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import KafkaError, OffsetOutOfRangeError
from kafka.structs import OffsetAndMetadata

from chainwatch.problem import Problem
from chainwatch.stream.kafka_damage import MOST_SECONDS, damaged_records, may_be_damage
from chainwatch.stream.protocol import Record

log = structlog.get_logger(__name__)

OVERSTAY = 10.0
"""Seconds that a poll may take beyond its time-out before the process ends itself."""
FIRST_FETCH = 0.5
"""Seconds that a poll takes at least while it has no partitions (a join that is cut short begins anew), and waits
longer when it was given some, so that their first records come with it."""
WEDGED = 75
"""Exit code of a process that ended itself because a poll never returned: start it again (EX_TEMPFAIL)."""


class KafkaMember:
    """Polls, seeks, pauses, commits. Not shared between threads."""

    def __init__(
        self,
        topic: str,
        options: Mapping[str, Any],
        to_record: Callable[[Any], Record],
        on_assigned: Callable[[frozenset[int]], Mapping[int, int]],
        on_lost: Callable[[frozenset[int]], None],
    ) -> None:
        self._topic, self._to_record = topic, to_record
        self._on_assigned, self._on_lost = on_assigned, on_lost
        self._notes = _Notes()
        self._held: set[int] = set()
        self._paused: set[int] = set()
        self._watchdog = Watchdog()
        self._options = options
        self._next: dict[int, int] = {}
        self._consumer = KafkaConsumer(**options, partition_assignment_strategy=(CooperativeStickyAssignor,))
        self._notes.consumer = self._consumer
        self._consumer.subscribe([topic], listener=self._notes)

    def poll(self, limit: int, timeout: float) -> list[Record]:
        """Up to `limit` records of the assigned partitions, in offset order per partition; waits up to `timeout` s."""
        deadline = time.monotonic() + (timeout if self._held else max(timeout, FIRST_FETCH))
        while True:
            rest = max(deadline - time.monotonic(), 0)
            with self._watchdog.over(rest + OVERSTAY):
                try:
                    batches = self._consumer.poll(timeout_ms=int(rest * 1000), max_records=limit)
                except Exception as error:  # noqa: BLE001  bytes can be damaged in ways that raise anything
                    return self._after(error)
            if self._follow_assignment():
                deadline = max(deadline, time.monotonic() + FIRST_FETCH)
            records = []
            for spot, batch in batches.items():
                if spot.partition in self._held:
                    self._look_for_gaps(spot, batch[0].offset, batch[-1].offset, len(batch))
                    records += [self._to_record(raw) for raw in batch]
            if records or time.monotonic() >= deadline:
                return records

    def _after(self, error: Exception) -> list[Record]:
        """Go on after an error: what is damaged in the log is given as such, a position that is gone is left."""
        found: list[Record] = []
        try:
            if isinstance(error, OffsetOutOfRangeError):
                self._rewind(error)
                return []
            if may_be_damage(error):
                found = self._step_over()
        except KafkaError as another:
            raise self._away(another) from another
        if not found:
            raise self._away(error) from error
        return found

    def _step_over(self) -> list[Record]:
        found: list[Record] = []
        for number in sorted(self._held - self._paused):
            spot = self._spot(number)
            with self._watchdog.over(MOST_SECONDS + OVERSTAY):
                lost = damaged_records(self._options, spot, self._consumer.position(spot))
            if lost:
                self.seek(number, lost[-1].offset + 1)
                found += lost
        return found

    def _away(self, error: Exception) -> Problem:
        return Problem(f"{type(error).__name__}: {error}"[:300], place=self._topic, retry=True)

    def _rewind(self, error: OffsetOutOfRangeError) -> None:
        """Brokers that lost their log's tail number anew: read from the oldest on, what is known is dropped again."""
        for spot in error.args[0] if error.args else {}:
            begin, end = self._consumer.beginning_offsets([spot])[spot], self._consumer.end_offsets([spot])[spot]
            log.error(
                "the log does not reach the position any more, reading it again from its beginning",
                topic=self._topic,
                partition=spot.partition,
                position=self._consumer.position(spot),
                begin=begin,
                end=end,
            )
            self.seek(spot.partition, begin)

    def _look_for_gaps(self, spot: TopicPartition, first: int, last: int, count: int) -> None:
        """Tell of offsets without records: lost with the number of their batch, or another program's transaction."""
        expected = self._next.get(spot.partition, first)
        if first != expected or last - first + 1 != count:
            log.warning(
                "offsets without records",
                topic=self._topic,
                partition=spot.partition,
                expected=expected,
                first=first,
                last=last,
                records=count,
            )
        self._next[spot.partition] = last + 1

    def _follow_assignment(self) -> bool:
        lost, gained = self._notes.take()
        lost &= self._held
        gained -= self._held - lost
        if lost:
            self._held -= lost
            self._paused -= lost
            self._on_lost(frozenset(lost))
        if gained:
            starts = self._on_assigned(frozenset(gained))
            for number in sorted(gained):
                self._consumer.seek(self._spot(number), starts[number])
                self._next[number] = starts[number]
                self._consumer.resume(self._spot(number))
            self._held |= gained
        return bool(lost or gained)

    def _spot(self, partition: int) -> TopicPartition:
        return TopicPartition(self._topic, partition)

    def seek(self, partition: int, offset: int) -> None:
        """Next `poll` starts at `offset` in an assigned partition."""
        if partition in self._held:
            self._consumer.seek(self._spot(partition), offset)
            self._next[partition] = offset

    def pause(self, partition: int) -> None:
        """Stop fetching a partition; the assignment is kept."""
        if partition in self._held:
            self._paused.add(partition)
            self._consumer.pause(self._spot(partition))

    def assignment(self) -> frozenset[int]:
        """Partitions this member holds now."""
        return frozenset(self._held)

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Keep Kafka's own offsets in step, for lag tools. A failure is only logged: the store decides."""
        told = {self._spot(number): OffsetAndMetadata(offset, "", -1) for number, offset in offsets.items()}
        try:
            self._consumer.commit(told, timeout_ms=5_000)
        except KafkaError as error:
            log.warning("Kafka did not take the group's offsets", topic=self._topic, error=str(error)[:200])

    def close(self) -> None:
        """Leave the group."""
        with self._watchdog.over(60):
            self._consumer.close(autocommit=False, timeout_ms=10_000)
        self._watchdog.stop()
        held, self._held = frozenset(self._held), set()
        if held:
            self._on_lost(held)


class _Notes(ConsumerRebalanceListener):  # type: ignore[misc]  # kafka-python ships no types
    """What changed since `poll` last looked. New partitions stand paused until their position is known."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lost: set[int] = set()
        self._gained: set[int] = set()
        self.consumer: KafkaConsumer | None = None

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        assert self.consumer is not None
        spots = list(assigned)
        with self._lock:
            for spot in spots:
                self.consumer.seek(spot, 0)  # a place to stand: Kafka's own position is never asked for
                self.consumer.pause(spot)
            self._gained |= {spot.partition for spot in spots}

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        with self._lock:
            gone = {spot.partition for spot in revoked}
            self._lost |= gone
            self._gained -= gone

    def take(self) -> tuple[set[int], set[int]]:
        """(lost, gained) since the last call."""
        with self._lock:
            lost, gained = self._lost, self._gained
            self._lost, self._gained = set(), set()
            return lost, gained


class Watchdog:
    """Ends the process when a call does not come back: kafka-python's poll can spin for ever."""

    def __init__(self, end: Callable[[], None] | None = None) -> None:
        self._end = end or _end_process
        self._changed = threading.Condition()
        self._until: float | None = None
        self._stopped = False
        threading.Thread(target=self._watch, daemon=True, name="poll watchdog").start()

    def over(self, seconds: float) -> "_Guard":
        """`with watchdog.over(s):` the body must end within s seconds."""
        return _Guard(self, seconds)

    def set(self, until: float | None) -> None:
        """Arm (monotonic time) or disarm (None)."""
        with self._changed:
            self._until = until
            self._changed.notify()

    def stop(self) -> None:
        """End the watching thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while not self._stopped:
                if self._until is not None and time.monotonic() >= self._until:
                    self._until = None
                    self._end()
                    continue
                rest = None if self._until is None else self._until - time.monotonic()
                self._changed.wait(rest)


class _Guard:
    def __init__(self, watchdog: Watchdog, seconds: float) -> None:
        self._watchdog, self._seconds = watchdog, seconds

    def __enter__(self) -> None:
        self._watchdog.set(time.monotonic() + self._seconds)

    def __exit__(self, *_: object) -> None:
        self._watchdog.set(None)


def _end_process() -> None:
    sys.stderr.write("a Kafka poll never returned: this worker ends itself, start it again\n")
    sys.stderr.flush()
    os._exit(WEDGED)
