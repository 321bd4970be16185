"""`chainwatch consume`: tag, extract, compare and route what is on the stream, until stopped or until its end."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import structlog

from chainwatch import logs
from chainwatch.cli.context import Context
from chainwatch.cli.health import probing
from chainwatch.cli.output import JSON, OK, emit_one, progress
from chainwatch.cli.stopping import stop_signals
from chainwatch.clock import Clock
from chainwatch.resources import rules_dir
from chainwatch.runner.decide import Decision
from chainwatch.runner.live import Live
from chainwatch.runner.loop import Runner
from chainwatch.runner.pool import Failure
from chainwatch.store import search
from chainwatch.store.database import Database
from chainwatch.stream.protocol import ARTICLES, CONSUMERS, Record

log = structlog.get_logger(__name__)

INDEX_BATCH = 50
"""Revisions taken into the search index in one idle moment."""


class Counter:
    """Counts what a runner does; in idle moments it looks at the clock and keeps the search index up."""

    def __init__(self, database: Database, advance: Callable[[int], None]) -> None:
        self._database, self._advance = database, advance
        self.clock: Clock | None = None
        self.stored = self.duplicate = self.events = 0
        self.aside: list[tuple[Record, Failure]] = []

    def decided(self, decisions: Sequence[Decision]) -> None:
        """A batch was committed."""
        duplicate = sum(decision.duplicate for decision in decisions)
        events = sum(len(decision.events) for decision in decisions)
        self.stored += len(decisions) - duplicate
        self.duplicate += duplicate
        self.events += events
        for one in decisions:
            if one.article is not None and not one.duplicate:
                log.info("article decided", article=one.article, record=one.place, events=[e.id for e in one.events])
        log.info("batch decided", records=len(decisions), duplicate=duplicate, events=events)
        self._advance(len(decisions))

    def quarantined(self, record: Record, failure: Failure) -> None:
        """A record was set aside."""
        self.aside.append((record, failure))
        self._advance(1)

    def idle(self) -> bool:
        """Tell of deadlines that passed, take revisions into the search index; True where more of these wait."""
        if self.clock is not None:
            self.clock.look(datetime.now(UTC))
        with self._database.read() as connection:
            if not search.lag(connection):
                return False
        with self._database.write() as connection:
            return search.index_next(connection, INDEX_BATCH) == INDEX_BATCH


def consume(*, drain: bool = False, as_json: JSON = False) -> int:
    """Consume the stream of articles. Stop with Ctrl-C or SIGTERM: the batch in hand is finished first.

    Parameters
    ----------
    drain
        Stop by itself at the end of the stream, as it is when the command starts.
    as_json
        Print the counts as JSON.
    """
    with Context() as context:
        logs.configure(context.settings.log_level, context.settings.log_format)
        ends = ends_of(context) if drain else None
        counter = Counter(context.database, lambda _n: None)
        with nullcontext() if drain else probing(context):
            if drain or _stream_is_there(context):
                run(context, counter, ends, patient=not drain)
    row = {
        "stored": counter.stored,
        "duplicate": counter.duplicate,
        "quarantined": len(counter.aside),
        "events": counter.events,
    }
    labels = {"stored": "stored", "duplicate": "duplicate", "quarantined": "quarantined", "events": "events"}
    emit_one(row, labels, as_json=as_json)
    return OK


def _stream_is_there(context: Context) -> bool:
    """Waits while the brokers are away; False when told to stop before they are back."""
    with stop_signals() as stopping:
        return context.stream_there(stopping) is not None


def ends_of(context: Context) -> dict[int, int]:
    """Partition → end of the stream of articles now."""
    return {number: context.stream.end_offset(ARTICLES, number) for number in range(context.stream.topics()[ARTICLES])}


def run(context: Context, counter: Counter, until: Mapping[int, int] | None, *, patient: bool) -> None:
    """One runner on the live store, until stopped or until the offsets are reached."""
    settings = context.settings
    live = Live(context.database, rules_dir(), settings.rules_dir, settings.workers)
    live.activate(datetime.now(UTC))
    window = timedelta(days=settings.alert_window_days)
    counter.clock = Clock(context.database, lambda: live().addressing, window)
    runner = Runner(
        context.database,
        context.stream,
        topic=ARTICLES,
        group=CONSUMERS,
        machinery=live,
        clock=lambda: datetime.now(UTC),
        window=window,
        watch=counter,
        patient=patient,
    )
    try:
        with stop_signals() as stopping:
            runner.run(stopping, until)
    finally:
        live.close()


def consume_with_progress(context: Context, label: str) -> Counter:
    """Consume up to the end of the stream as it is now, with a progress bar."""
    from chainwatch.store import positions  # noqa: PLC0415  start-up

    ends = ends_of(context)
    with context.database.read() as connection:
        there = positions.listed(connection, ARTICLES, CONSUMERS)
    waiting = sum(max(end - there.get(number, 0), 0) for number, end in ends.items())
    with progress(label, waiting) as advance:
        counter = Counter(context.database, advance)
        if waiting:
            run(context, counter, ends, patient=False)
    return counter
