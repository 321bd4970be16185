"""Metrics of every hop, read from store and stream at each scrape: right with many workers and after restarts."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily

from chainwatch import __version__
from chainwatch.store import articles, bundles, channels, figures, messages, sources
from chainwatch.store.database import Database
from chainwatch.stream.protocol import Stream
from chainwatch.stream.relay import waiting
from chainwatch.stream.sqlite import SqliteStream

log = structlog.get_logger(__name__)

PAUSE = 50
"""A figure that took a second to read is read again after 50: so each worker costs the store 2 % of a core at most."""

Ends = dict[tuple[str, int], int]
"""(topic, partition) → offset that the next record gets."""
T = TypeVar("T")


class Collector:
    """Asks store and stream at each scrape. Register it with a prometheus_client registry.

    Args:
        database: the store.
        stream: the stream.
        spool: file that crawlers of this machine append to before the brokers; None where there are none.
    """

    def __init__(self, database: Database, stream: Stream, spool: Path | None = None) -> None:
        self._database, self._stream = database, stream
        self._spool_file = spool
        self._spool: SqliteStream | None = None
        self._kept = Kept()

    def collect(self) -> Iterator[Metric]:
        """Every metric; names and meaning in docs/reference/metrics.md."""
        began = time.monotonic()
        yield from self._of_parts()
        yield from self._of_spool()
        yield _gauge("chainwatch_scrape_seconds", "How long it took to read these.", [((), time.monotonic() - began)])

    def _of_parts(self) -> Iterator[Metric]:
        """What stream and store tell; of one that is away only that it is."""
        ends: Ends = {}
        there: list[tuple[tuple[str, ...], float]] = []
        for name, figures_of in {"stream": self._of_stream, "store": self._of_store}.items():
            try:
                found = list(figures_of(ends))
            except Exception as error:  # noqa: BLE001  whatever it is, the other part's figures must not go with it
                log.warning("a part cannot be measured", part=name, why=f"{type(error).__name__}: {error}"[:300])
                there.append(((name,), 0))
            else:
                there.append(((name,), 1))
                yield from found
        yield _gauge("chainwatch_reachable", "1 where the part answers, else 0.", there, ("part",))

    def _of_spool(self) -> Iterator[Metric]:
        """Of this machine alone, where crawlers keep a spool before the brokers."""
        if self._spool is None and self._spool_file is not None and self._spool_file.exists():
            self._spool = SqliteStream(self._spool_file)
        if self._spool is not None:
            behind = [((), waiting(self._spool))]
            yield _gauge("chainwatch_spool_records", "Records not handed over to the brokers yet.", behind)

    def _of_stream(self, ends: Ends) -> Iterator[Metric]:
        for topic, count in self._stream.topics().items():
            ends.update({(topic, number): self._stream.end_offset(topic, number) for number in range(count)})
        rows = [((topic, str(number)), end) for (topic, number), end in ends.items()]
        labels = ("topic", "partition")
        yield _gauge("chainwatch_stream_end_offset", "Offset that the next record gets.", rows, labels)

    def _of_store(self, ends: Ends) -> Iterator[Metric]:
        kept = self._kept
        with self._database.read() as connection:
            at = [one for one in figures.of_positions(connection) if not one[1].endswith("outgoing")]
            labels = ("topic", "group", "partition")
            there = [((topic, group, str(number)), offset) for topic, group, number, offset in at]
            yield _gauge("chainwatch_position", "Offset of the next record to consume.", there, labels)
            if ends:
                yield _gauge("chainwatch_lag", "Records not consumed yet.", _behind(ends, at), labels)
            stored = kept("articles", lambda: articles.count(connection))
            yield _counter("chainwatch_articles", "Articles in the store.", [((), stored)])
            found = kept("events", lambda: figures.of_events(connection))
            yield _counter("chainwatch_events", "Events.", found.items(), ("kind", "told"))
            pages = kept("pages", lambda: figures.of_pages(connection))
            yield _counter("chainwatch_pages", "Discovered pages.", pages.items(), ("source", "outcome"))
            yield _counter(
                "chainwatch_journal_entries", "Entries of the journal.", [((), figures.of_journal(connection))]
            )
            states = [
                ((state,), count) for state, count in kept("messages", lambda: messages.counts(connection)).items()
            ]
            yield _gauge("chainwatch_messages", "Messages by state.", states, ("state",))
            aside = [((state,), count) for state, count in figures.of_quarantine(connection).items()]
            yield _gauge("chainwatch_quarantined", "Records set aside.", aside, ("state",))
            yield self._waiting(figures.oldest_pending_ms(connection))
            sends = SummaryMetricFamily("chainwatch_sends", "Sends and their seconds, by outcome.", labels=["outcome"])
            for outcome, (count, seconds) in kept("sends", lambda: figures.of_attempts(connection)).items():
                sends.add_metric([outcome], count, seconds)
            yield sends
            yield _delays(figures.delays_of_articles(connection), figures.delays_of_messages(connection))
            failing = [((one.name, one.state), one.failures) for one in channels.listed(connection)]
            yield _gauge("chainwatch_channel_failures", "Failures in a row.", failing, ("channel", "state"))
            yield from _of_sources(sources.statuses(connection))
            info = [((__version__, bundles.active(connection) or ""), 1)]
            yield _gauge("chainwatch_info", "Version and rules in force.", info, ("version", "bundle"))

    @staticmethod
    def _waiting(oldest_ms: int | None) -> Metric:
        age = 0.0 if oldest_ms is None else max(time.time() - oldest_ms / 1000, 0.0)
        return _gauge("chainwatch_oldest_message_seconds", "Since the longest waiting message was due.", [((), age)])


def _behind(ends: Ends, there: Iterable[tuple[str, str, int, int]]) -> Iterator[tuple[tuple[str, ...], float]]:
    for topic, group, number, offset in there:
        if (topic, number) in ends:
            yield (topic, group, str(number)), max(ends[topic, number] - offset, 0)


def _delays(consumed: Sequence[int], delivered: Sequence[int]) -> Metric:
    rows = [
        ((hop, str(quantile)), sorted(found)[int(quantile * (len(found) - 1))] / 1000)
        for hop, found in {"fetched to stored": consumed, "due to delivered": delivered}.items()
        for quantile in (0.5, 0.99)
        if found
    ]
    return _gauge("chainwatch_delay_seconds", "What the newest ones took.", rows, ("hop", "quantile"))


class Kept:
    """Reads a figure anew only after so many times the time that reading it took: counting 10⁸ rows stays affordable.

    Args:
        clock: seconds, for measuring.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._found: dict[str, tuple[float, Any]] = {}

    def __call__(self, name: str, read: Callable[[], T]) -> T:
        """The figure of that name, as it was when it was last read."""
        began = self._clock()
        if name not in self._found or began >= self._found[name][0]:
            figure = read()
            ended = self._clock()
            self._found[name] = ended + PAUSE * (ended - began), figure
        found: T = self._found[name][1]
        return found


def _of_sources(statuses: dict[str, sources.SourceStatus]) -> Iterator[Metric]:
    condition = [((name, str(one.health.condition)), 1) for name, one in statuses.items()]
    yield _gauge("chainwatch_source", "1 for the condition that a source is in.", condition, ("source", "condition"))
    good = [((name,), one.last_good_ms / 1000) for name, one in statuses.items() if one.last_good_ms is not None]
    yield _gauge("chainwatch_source_last_good_timestamp_seconds", "When a run of it was last good.", good, ("source",))


Rows = Iterable[tuple[tuple[str, ...], float]]


def _gauge(name: str, meaning: str, rows: Rows, labels: tuple[str, ...] = ()) -> Metric:
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family


def _counter(name: str, meaning: str, rows: Rows, labels: tuple[str, ...] = ()) -> Metric:
    family = CounterMetricFamily(name, meaning, labels=labels)
    for values, number in rows:
        family.add_metric(values, number)
    return family
