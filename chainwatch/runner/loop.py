"""The loop: a batch of records in, results and offset out in one transaction, again and again until told to stop.

While one batch is decided, the next is being read in the pool. Poison is met one record at a time, after a row in the
store says that it is being tried: what fails three times, or kills the process three times, is set aside.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy import Connection

from chainwatch.crash import crash_point
from chainwatch.models import Article, Event, to_timestamp_ms
from chainwatch.problem import Problem
from chainwatch.runner.decide import Addressing, Decision, Item, Judge, Terms, decide
from chainwatch.runner.pool import Failure, Outcome, Readers
from chainwatch.runner.reading import NOTHING, Reading
from chainwatch.store import articles, journal, positions, quarantine
from chainwatch.store.database import Database, ledger_lock
from chainwatch.store.patience import Patience, said
from chainwatch.store.positions import FencedError, Position
from chainwatch.stream.envelope import MalformedError, NewerError, decode
from chainwatch.stream.protocol import Record, Stream

log = structlog.get_logger(__name__)

BATCH = 200
"""Records decided in one transaction, at most."""
LINGER = 0.02
"""Seconds that one look for records takes."""
DOUBTFUL = 2
"""A batch begun so often and never ended is tried record by record; once may be any kill, stop or rebalance."""
CAREFUL = 8
"""Doubtful records tried one by one between two polls: a member that does not poll loses its partitions."""
STREAK = 20
"""So many records set aside in a row, none consumed between them, end the runner: something else is wrong."""
TELL_SECONDS = 1.0
"""Between two tellings to the stream how far the group has come."""


@dataclass(frozen=True, slots=True)
class Machinery:
    """The hops of the rules in force."""

    bundle: str
    readers: Readers
    judge: Judge
    addressing: Addressing


class Watch(Protocol):
    """Sees what the runner does; a counter, a progress bar, metrics."""

    def decided(self, decisions: Sequence[Decision]) -> None:
        """A batch was committed."""

    def quarantined(self, record: Record, failure: Failure) -> None:
        """A record was set aside, in the store."""

    def idle(self) -> bool:
        """Nothing to read now: time for other work; True where more of it waits."""


@dataclass(frozen=True, slots=True)
class _Taken:
    """A record, the epoch it was taken under, and what it holds, or why that cannot be told."""

    record: Record
    epoch: int
    content: Article | Event | Failure

    def item(self, outcome: Outcome | None) -> Item:
        """For deciding; a record that needs no reading has no outcome."""
        assert not isinstance(self.content, Failure)
        reading = outcome if isinstance(outcome, Reading) else NOTHING
        return Item(self.record.place, self.content, reading)


@dataclass(frozen=True, slots=True)
class _Batch:
    """Records taken together, the hops they are read by, and their outcomes to come (place → outcome)."""

    taken: Sequence[_Taken]
    unread: Mapping[str, Article]
    machinery: Machinery
    outcomes: Callable[[], Mapping[str, Outcome]]


class Runner:
    """Consumes one topic as a member of one group.

    Args:
        machinery: gives the hops in force; asked at each batch border, may change then.
        clock: the time now, in any zone; the only clock of the decisions.
        window: articles published longer ago than this when fetched alert nobody.
        patient: wait while the store cannot be written, instead of raising Problem.
    """

    def __init__(
        self,
        database: Database,
        stream: Stream,
        *,
        topic: str,
        group: str,
        machinery: Callable[[], Machinery],
        clock: Callable[[], datetime],
        window: timedelta,
        watch: Watch,
        patient: bool = True,
    ) -> None:
        self._stream, self._topic, self._group = stream, topic, group
        self._machinery, self._clock, self._window, self._watch = machinery, clock, window, watch
        self._patience = Patience(database, lambda: self._stopping(), patient=patient)  # noqa: PLW0108  run() replaces it
        self._stopping: Callable[[], bool] = lambda: False
        self._held: dict[int, Position] = {}
        self._newer: dict[int, NewerError] = {}
        self._doubtful: dict[int, int] = {}
        """Partition → offset up to which records are tried one by one."""
        self._told: dict[int, int] = {}
        self._streak = 0
        self._next_telling = 0.0

    def run(self, stopping: Callable[[], bool], until: Mapping[int, int] | None = None) -> None:
        """Consume until `stopping()`, or until every partition named in `until` has been consumed up to its offset.

        Raises NewerError where `until` lies behind a record that only a newer chainwatch can read.
        """
        self._stopping = stopping
        self._consumer = self._stream.consumer(self._topic, self._group, on_assigned=self._assigned, on_lost=self._lost)
        try:
            self._loop(until)
            self._tell(now=True)
        finally:
            self._consumer.close()

    def _loop(self, until: Mapping[int, int] | None) -> None:
        ahead: _Batch | None = None
        busy = False
        while True:
            ending = self._stopping()
            records = [] if ending else self._consumer.poll(BATCH, 0 if ahead or busy else LINGER)
            following = self._begin(records) if records else None
            self._retake()
            if ahead is not None:
                self._settle(ahead)
            elif following is None:
                if ending or (until is not None and self._reached(until)):
                    return
                busy = self._patience(self._watch.idle)
            self._tell()
            ahead = following

    def _reached(self, until: Mapping[int, int]) -> bool:
        there = self._patience.read(lambda c: positions.listed(c, self._topic, self._group))
        behind = [partition for partition, offset in until.items() if there.get(partition, 0) < offset]
        for partition in behind:
            if partition in self._newer:
                raise self._newer[partition]
        return not behind

    # partitions

    def _assigned(self, partitions: frozenset[int]) -> Mapping[int, int]:
        taken = self._patience.write(lambda c: positions.take(c, self._topic, self._group, partitions))
        self._held |= taken
        for partition in partitions:
            self._newer.pop(partition, None)
            self._doubtful.pop(partition, None)
        log.info("partitions taken", partitions=sorted(partitions))
        return {partition: position.offset for partition, position in taken.items()}

    def _lost(self, partitions: frozenset[int]) -> None:
        for partition in partitions:
            self._held.pop(partition, None)
        log.info("partitions let go", partitions=sorted(partitions))

    def _fenced(self, taken: Sequence[_Taken]) -> None:
        """Another worker took one of these partitions: drop what was read, ask the stream again who has them."""
        partitions = {one.record.partition for one in taken}
        log.warning("fenced: another worker took a partition", partitions=sorted(partitions))
        for partition in partitions:
            self._held.pop(partition, None)
        self._forget(taken)

    def _forget(self, dropped: Sequence[_Taken]) -> None:
        """That these were begun here says nothing against them: nobody died of them."""
        places = [one.record.place for one in dropped]
        self._patience.write(lambda c: quarantine.forget_attempts(c, self._group, places))

    def _retake(self) -> None:
        """Take again, after a fence, what the stream still assigns to this member."""
        mine = self._consumer.assignment() - self._held.keys()
        if mine:
            for partition, offset in self._assigned(mine).items():
                self._consumer.seek(partition, offset)

    def _ours(self, one: _Taken) -> bool:
        held = self._held.get(one.record.partition)
        return held is not None and held.epoch == one.epoch

    def _tell(self, *, now: bool = False) -> None:
        if not now and time.monotonic() < self._next_telling:
            return
        self._next_telling = time.monotonic() + TELL_SECONDS
        offsets = {partition: position.offset for partition, position in self._held.items()}
        if offsets != self._told:
            self._consumer.commit(offsets)
            self._told = offsets

    # reading

    def _begin(self, records: Sequence[Record]) -> _Batch:
        """Start reading what is new; known records need none, and doubtful ones wait for their own try."""
        machinery = self._patience(self._machinery)
        taken = [one for record in records if (one := self._take(record)) is not None]
        wanted = {one.record.place: one.content for one in taken if isinstance(one.content, Article)}
        keys, places = {articles.key_of(article) for article in wanted.values()}, [one.record.place for one in taken]
        known = self._patience.read(lambda c: articles.known(c, keys))
        tried = self._patience.read(lambda c: quarantine.tried(c, self._group, places))
        unread = {place: article for place, article in wanted.items() if articles.key_of(article) not in known}
        if any(attempts >= DOUBTFUL for attempts in tried.values()):
            self._doubtful |= {one.record.partition: one.record.offset for one in taken}
        if any(one.record.offset <= self._doubtful.get(one.record.partition, -1) for one in taken):
            return self._carefully(taken, unread, machinery)
        self._note_attempts(taken)
        finish = machinery.readers.start(list(unread.values()))
        return _Batch(taken, unread, machinery, lambda: dict(zip(unread, finish(), strict=True)))

    def _carefully(self, taken: Sequence[_Taken], unread: Mapping[str, Article], machinery: Machinery) -> _Batch:
        """The first few, to be tried one by one; the rest is read again after the next poll."""
        for one in reversed(taken[CAREFUL:]):
            self._consumer.seek(one.record.partition, one.record.offset)
        return _Batch(taken[:CAREFUL], unread, machinery, dict)

    def _take(self, record: Record) -> _Taken | None:
        held = self._held.get(record.partition)
        if held is None or record.partition in self._newer:
            return None
        try:
            return _Taken(record, held.epoch, decode(record))
        except MalformedError as error:
            return _Taken(record, held.epoch, Failure("MalformedError", error.what))
        except NewerError as error:
            self._newer[record.partition] = error
            self._consumer.pause(record.partition)
            log.error("record of a newer version: its partition waits for an upgrade", place=record.place)  # noqa: TRY400  no trace
            return None

    def _note_attempts(self, taken: Sequence[_Taken]) -> None:
        """Before a batch: should it kill this process, the first record of each partition will tell so."""
        first: dict[int, str] = {}
        for one in taken:
            first.setdefault(one.record.partition, one.record.place)
        now_ms = to_timestamp_ms(self._clock())
        self._patience.write(lambda c: [quarantine.attempt(c, self._group, place, now_ms) for place in first.values()])
        crash_point("after_attempt")

    # deciding

    def _settle(self, batch: _Batch) -> None:
        """Commit the batch whole; where that cannot be, record by record."""
        outcomes = batch.outcomes()
        taken = [one for one in batch.taken if self._ours(one)]
        if len(taken) < len(batch.taken):
            self._forget([one for one in batch.taken if not self._ours(one)])
        whole = (
            len(outcomes) == len(batch.unread)
            and not any(isinstance(outcome, Failure) for outcome in outcomes.values())
            and not any(isinstance(one.content, Failure) for one in taken)
        )
        if taken and not (whole and self._try_whole(taken, batch.machinery, outcomes)):
            for one in taken:
                self._one(one, batch, outcomes.get(one.record.place))

    def _try_whole(self, taken: Sequence[_Taken], machinery: Machinery, outcomes: Mapping[str, Outcome]) -> bool:
        try:
            self._commit([one.item(outcomes.get(one.record.place)) for one in taken], taken, machinery)
        except FencedError:
            self._fenced(taken)
        except Problem:
            raise
        except Exception as error:  # noqa: BLE001  whatever it was, each record's own try will tell
            log.warning("a batch failed, each record is tried by itself", error=said(error), records=len(taken))
            return False
        return True

    def _one(self, one: _Taken, batch: _Batch, outcome: Outcome | None) -> None:
        """Try a record until it is consumed, or set it aside."""
        if not self._ours(one):
            return
        try:
            if isinstance(one.content, Failure):
                self._set_aside(one, one.content, batch.machinery)
                return
            failure = outcome if isinstance(outcome, Failure) else None
            if failure is not None:
                self._attempt(one)
                outcome = None
            while self._attempt(one) <= quarantine.ATTEMPTS:
                failure = self._try_one(one, batch, outcome)
                if failure is None:
                    return
            died = Failure("ProcessDied", "the process died while it tried this record")
            self._set_aside(one, failure or died, batch.machinery)
        except FencedError:
            self._fenced([one])

    def _try_one(self, one: _Taken, batch: _Batch, outcome: Outcome | None) -> Failure | None:
        article = batch.unread.get(one.record.place)
        if outcome is None and article is not None:
            outcome = batch.machinery.readers.start([article], apart=True)()[0]
        if isinstance(outcome, Failure):
            return outcome
        try:
            self._commit([one.item(outcome)], [one], batch.machinery)
        except (FencedError, Problem):
            raise
        except Exception as error:
            log.debug("a record failed", place=one.record.place, exc_info=True)
            return Failure(type(error).__name__, said(error))
        return None

    def _attempt(self, one: _Taken) -> int:
        now_ms = to_timestamp_ms(self._clock())
        return self._patience.write(lambda c: quarantine.attempt(c, self._group, one.record.place, now_ms))

    def _commit(self, items: Sequence[Item], taken: Sequence[_Taken], machinery: Machinery) -> None:
        def work(connection: Connection) -> list[Decision]:
            ledger_lock(connection)
            terms = Terms(machinery.bundle, self._window, self._clock())
            made = decide(connection, items, machinery.judge, machinery.addressing, terms)
            self._advance(connection, taken)
            crash_point("before_commit")
            return made

        decisions = self._patience.write(work)
        crash_point("after_commit")
        self._streak = 0
        self._move(taken)
        self._watch.decided(decisions)

    def _set_aside(self, one: _Taken, failure: Failure, machinery: Machinery) -> None:
        record, now_ms = one.record, to_timestamp_ms(self._clock())
        held = quarantine.Held(
            record.place,
            record.key,
            record.value,
            record.headers,
            record.timestamp_ms,
            failure.error,
            failure.reason,
            machinery.bundle,
        )

        def work(connection: Connection) -> None:
            quarantine.put(connection, held, now_ms)
            journal.append(connection, [("quarantined", {"record": record.place, "error": failure.error})], now_ms)
            self._advance(connection, [one])

        self._patience.write(work)
        self._move([one])
        self._streak += failure.error != "MalformedError"
        log.error("record set aside", place=record.place, article=record.key, error=failure.error, why=failure.reason)
        self._watch.quarantined(record, failure)
        if self._streak >= STREAK:
            what = f"{STREAK} records in a row failed, the last with {failure.reason}: the fault is hardly theirs"
            raise Problem(what, place=record.place, cure="chainwatch doctor; then chainwatch dlq retry")

    def _advance(self, connection: Connection, taken: Sequence[_Taken]) -> None:
        quarantine.forget_attempts(connection, self._group, [one.record.place for one in taken])
        positions.advance(connection, self._topic, self._group, _ends(taken))

    def _move(self, taken: Sequence[_Taken]) -> None:
        self._held |= _ends(taken)


def _ends(taken: Sequence[_Taken]) -> dict[int, Position]:
    """Partition → where it goes on after these records."""
    return {one.record.partition: Position(one.record.offset + 1, one.epoch) for one in taken}
