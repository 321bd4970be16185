"""Metrics of every hop, read from store and stream at each scrape: right with many workers and after restarts."""

import time
from collections.abc import Iterable, Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily

from chainwatch import __version__
from chainwatch.store import articles, bundles, channels, figures, messages, sources
from chainwatch.store.database import Database
from chainwatch.stream.protocol import Stream


class Collector:
    """Asks store and stream at each scrape. Register it with a prometheus_client registry."""

    def __init__(self, database: Database, stream: Stream) -> None:
        self._database, self._stream = database, stream

    def collect(self) -> Iterator[Metric]:
        """Every metric; names and meaning in docs/reference/metrics.md."""
        began = time.monotonic()
        yield from self._of_stream()
        yield from self._of_store()
        yield _gauge("chainwatch_scrape_seconds", "How long it took to read these.", [((), time.monotonic() - began)])

    def _of_stream(self) -> Iterator[Metric]:
        ends = {
            (topic, number): self._stream.end_offset(topic, number)
            for topic, count in self._stream.topics().items()
            for number in range(count)
        }
        with self._database.read() as connection:
            there = figures.of_positions(connection)
        labels = ("topic", "partition")
        rows = [((topic, str(number)), end) for (topic, number), end in ends.items()]
        yield _gauge("chainwatch_stream_end_offset", "Offset that the next record gets.", rows, labels)
        behind = [
            ((topic, group, str(number)), max(ends[topic, number] - offset, 0))
            for topic, group, number, offset in there
            if (topic, number) in ends and not group.endswith("outgoing")
        ]
        yield _gauge("chainwatch_lag", "Records not consumed yet.", behind, ("topic", "group", "partition"))

    def _of_store(self) -> Iterator[Metric]:
        with self._database.read() as connection:
            yield _counter("chainwatch_articles", "Articles in the store.", [((), articles.count(connection))])
            yield _counter("chainwatch_events", "Events.", figures.of_events(connection).items(), ("kind", "told"))
            yield _counter(
                "chainwatch_journal_entries", "Entries of the journal.", [((), figures.of_journal(connection))]
            )
            states = [((state,), count) for state, count in messages.counts(connection).items()]
            yield _gauge("chainwatch_messages", "Messages by state.", states, ("state",))
            aside = [((state,), count) for state, count in figures.of_quarantine(connection).items()]
            yield _gauge("chainwatch_quarantined", "Records set aside.", aside, ("state",))
            yield self._waiting(figures.oldest_pending_ms(connection))
            sends = SummaryMetricFamily("chainwatch_sends", "Sends and their seconds, by outcome.", labels=["outcome"])
            for outcome, (count, seconds) in figures.of_attempts(connection).items():
                sends.add_metric([outcome], count, seconds)
            yield sends
            failing = [((one.name, one.state), one.failures) for one in channels.listed(connection)]
            yield _gauge("chainwatch_channel_failures", "Failures in a row.", failing, ("channel", "state"))
            yield from _of_sources(sources.statuses(connection))
            info = [((__version__, bundles.active(connection) or ""), 1)]
            yield _gauge("chainwatch_info", "Version and rules in force.", info, ("version", "bundle"))

    @staticmethod
    def _waiting(oldest_ms: int | None) -> Metric:
        age = 0.0 if oldest_ms is None else max(time.time() - oldest_ms / 1000, 0.0)
        return _gauge("chainwatch_oldest_message_seconds", "Since the longest waiting message was due.", [((), age)])


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
