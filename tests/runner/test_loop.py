"""The loop: everything once, poison aside, nothing lost when a worker dies or loses a partition."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, select

from chainwatch.models import Article
from chainwatch.problem import Problem
from chainwatch.runner.decide import Decision, is_silent
from chainwatch.runner.loop import CAREFUL, DOUBTFUL
from chainwatch.runner.pool import Here, Pool
from chainwatch.runner.reading import Reading
from chainwatch.store import articles, events, findings, journal, positions, quarantine, tags
from chainwatch.store.database import Database
from chainwatch.stream.envelope import NewerError, article_draft
from chainwatch.stream.protocol import ARTICLES, Consumer, Draft, Record
from chainwatch.stream.sqlite import SqliteStream
from tests.runner.conftest import MakeRunner
from tests.runner.fakes import NOW, Watcher, article, make_read, read


def publish(stream: SqliteStream, made: Sequence[Article]) -> None:
    stream.append(ARTICLES, [article_draft(one, NOW) for one in made])


def raw(stream: SqliteStream, value: bytes, **headers: bytes) -> None:
    stream.append(ARTICLES, [Draft("raw", value, 1, headers)])


def ends(stream: SqliteStream) -> dict[int, int]:
    return {number: stream.end_offset(ARTICLES, number) for number in range(2)}


def drain(make_runner: MakeRunner, stream: SqliteStream, **values: object) -> None:
    make_runner(**values).run(lambda: False, ends(stream))


def rows(database: Database) -> Counter[str]:
    with database.read() as connection:
        tables = (articles.articles, articles.revisions, tags.tags, findings.findings, events.events, journal.journal)
        return Counter(
            {table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables}
        )


class Polled(SqliteStream):
    """Tells when its member polls."""

    on_poll: Callable[[], None]

    def consumer(self, *arguments: Any, **values: Any) -> Consumer:
        return Member(super().consumer(*arguments, **values), self.on_poll)


class Member:
    """A consumer that tells when it polls."""

    def __init__(self, inner: Consumer, on_poll: Callable[[], None]) -> None:
        self._inner, self._on_poll = inner, on_poll
        self.seek, self.pause, self.assignment = inner.seek, inner.pause, inner.assignment
        self.commit, self.close = inner.commit, inner.close

    def poll(self, limit: int, timeout: float) -> list[Record]:
        self._on_poll()
        return self._inner.poll(limit, timeout)


class Between(Watcher):
    """The most that was decided between two polls."""

    def __init__(self) -> None:
        super().__init__()
        self.most = self.now = 0

    def polled(self) -> None:
        self.now = 0

    def decided(self, decisions: Sequence[Decision]) -> None:
        super().decided(decisions)
        self.now += len(decisions)
        self.most = max(self.most, self.now)


def test_every_article_is_stored_once_with_its_tags_events_and_journal(
    database: Database, stream: SqliteStream, make_runner: MakeRunner
) -> None:
    publish(stream, [article(n) for n in range(30)])
    drain(make_runner, stream)
    assert rows(database) == Counter(articles=30, revisions=30, tags=30, events=30, journal=30, findings=0)
    with database.read() as connection:
        assert positions.listed(connection, ARTICLES, "test") == ends(stream)
    assert stream.committed(ARTICLES, "test") == ends(stream)


def test_what_was_consumed_is_not_consumed_again(
    database: Database, stream: SqliteStream, make_runner: MakeRunner, watcher: Watcher
) -> None:
    publish(stream, [article(n) for n in range(5)])
    drain(make_runner, stream)
    before = rows(database)
    publish(stream, [article(n) for n in range(5)])
    drain(make_runner, stream)
    assert rows(database) == before
    assert sum(decision.duplicate for decision in watcher.decisions) == 5


def test_the_same_record_twice_in_one_batch_is_stored_once(
    database: Database, stream: SqliteStream, make_runner: MakeRunner
) -> None:
    publish(stream, [article(1), article(1), article(1, "修订"), article(1, "修订")])
    drain(make_runner, stream)
    with database.read() as connection:
        assert [row["revision"] for row in articles.history(connection, "a1")] == [1, 2]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        pytest.param("抛错", "ValueError", id="hop-raises"),
        pytest.param("卡住", "TimeoutError", id="hop-hangs"),
        pytest.param("账本", "ArithmeticError", id="ledger-raises"),
    ],
)
def test_poison_is_set_aside_and_the_rest_goes_on(
    text: str, error: str, *, database: Database, stream: SqliteStream, make_runner: MakeRunner, watcher: Watcher
) -> None:
    publish(stream, [article(n, text if n == 4 else "正文") for n in range(9)])
    drain(make_runner, stream, readers=Here(read, 0.05))
    assert [failure.error for _place, failure in watcher.aside] == [error]
    assert rows(database)["articles"] == 8
    with database.read() as connection:
        (held,) = quarantine.listed(connection, 10)
        assert (held["key"], held["error"]) == ("a4", error)
        assert quarantine.tried(connection, "test", [held["place"]]) == {}
        assert journal.after(connection, 0, 50, kinds=["quarantined"])


def test_malformed_records_are_set_aside_with_their_bytes(
    database: Database, stream: SqliteStream, make_runner: MakeRunner
) -> None:
    raw(stream, b"")
    raw(stream, b"\xff\x00")
    raw(stream, b"[]")
    raw(stream, b'{"version":1,"id":"x"}')
    raw(stream, b"{}", ce_type=b"somebody.else.v1")
    publish(stream, [article(1)])
    drain(make_runner, stream)
    with database.read() as connection:
        held = quarantine.listed(connection, 10)
        assert {row["error"] for row in held} == {"MalformedError"}
        assert len(held) == 5
        kept = quarantine.get(connection, held[-2]["number"])
        assert kept is not None
        assert kept["value"] == b"\xff\x00"
    assert rows(database)["articles"] == 1


def test_a_newer_record_stops_its_partition_and_asks_for_an_upgrade(
    database: Database, stream: SqliteStream, make_runner: MakeRunner
) -> None:
    newer = article(1).to_json().replace(b'"version":1', b'"version":2')
    stream.append(ARTICLES, [Draft("a1", newer, 1), article_draft(article(1, "后文"), NOW)])
    publish(stream, [article(n) for n in range(2, 12)])
    with pytest.raises(NewerError, match="version 2") as caught:
        drain(make_runner, stream)
    assert caught.value.cure is not None
    assert "upgrade" in caught.value.cure
    (here,) = {place[0] for place in stream.append(ARTICLES, [Draft("a1", b"", 1)])}
    with database.read() as connection:
        consumed = positions.listed(connection, ARTICLES, "test")
        assert consumed[here] == 0
        assert quarantine.listed(connection, 10) == []
    assert consumed[1 - here] == stream.end_offset(ARTICLES, 1 - here)


def test_a_record_that_killed_three_workers_is_set_aside(
    database: Database, stream: SqliteStream, make_runner: MakeRunner, watcher: Watcher
) -> None:
    publish(stream, [article(1), article(2)])
    place = next(r.place for n in range(2) for r in stream.read(ARTICLES, n, 0, 10) if r.key == "a1")
    for _ in range(quarantine.ATTEMPTS):
        with database.write() as connection:
            quarantine.attempt(connection, "test", place, 1)
    drain(make_runner, stream)
    assert [(aside, failure.error) for aside, failure in watcher.aside] == [(place, "ProcessDied")]
    assert rows(database)["articles"] == 1


@pytest.mark.parametrize(("begun", "batches"), [(0, [10]), (1, [10]), (2, [1] * 10)])
def test_a_batch_is_tried_record_by_record_only_after_it_ended_badly_twice(
    database: Database, stream: SqliteStream, make_runner: MakeRunner, begun: int, batches: list[int]
) -> None:
    class Sizes(Watcher):
        def __init__(self) -> None:
            super().__init__()
            self.sizes: list[int] = []

        def decided(self, decisions: Sequence[Decision]) -> None:
            super().decided(decisions)
            self.sizes.append(len(decisions))

    publish(stream, [article(n) for n in range(10)])
    place = next(r.place for n in range(2) for r in stream.read(ARTICLES, n, 0, 1))
    for _ in range(begun):
        with database.write() as connection:
            quarantine.attempt(connection, "test", place, 1)
    watch = Sizes()
    drain(make_runner, stream, watch=watch)
    assert watch.sizes == batches
    assert rows(database)["articles"] == 10


def test_doubtful_records_are_tried_a_few_at_a_time_so_that_the_partitions_are_kept(
    database: Database, make_runner: MakeRunner, tmp_path: Path
) -> None:
    stream, watch = Polled(tmp_path / "polled.db"), Between()
    stream.ensure_topic(ARTICLES, 2)
    stream.on_poll = watch.polled
    publish(stream, [article(n) for n in range(60)])
    for number in range(2):
        (first,) = stream.read(ARTICLES, number, 0, 1)
        with database.write() as connection:
            for _ in range(DOUBTFUL):
                quarantine.attempt(connection, "test", first.place, 1)
    make_runner(watch=watch, stream=stream).run(lambda: False, ends(stream))
    assert rows(database)["articles"] == len(watch.decisions) == 60
    assert watch.most <= CAREFUL
    stream.close()


def test_a_batch_that_others_took_again_and_again_is_not_held_against_its_records(
    database: Database, stream: SqliteStream, make_runner: MakeRunner, watcher: Watcher
) -> None:
    publish(stream, [article(n) for n in range(10)])
    left = [5]

    def stolen(one: Article) -> Reading:
        """While it is being read, another worker takes its partition; five times."""
        if left[0]:
            left[0] -= 1
            with database.write() as connection:
                positions.take(connection, ARTICLES, "test", [0, 1])
        return read(one)

    make_runner(Here(stolen, 1.0)).run(lambda: False, ends(stream))
    assert watcher.aside == []
    assert rows(database)["articles"] == 10
    with database.read() as connection:
        places = [record.place for number in range(2) for record in stream.read(ARTICLES, number, 0, 100)]
        assert quarantine.tried(connection, "test", places) == {}


def test_a_worker_that_lost_its_partition_cannot_commit(
    database: Database, stream: SqliteStream, make_runner: MakeRunner
) -> None:
    publish(stream, [article(n) for n in range(10)])

    class Thief(Watcher):
        """After the first batch another worker takes both partitions over, as after a long pause of this one."""

        def decided(self, decisions: Sequence[Decision]) -> None:
            super().decided(decisions)
            if len(self.decisions) == 10:
                publish(stream, [article(n) for n in range(10, 20)])
                with database.write() as connection:
                    positions.take(connection, ARTICLES, "test", [0, 1])

    thief = Thief()
    runner = make_runner(watch=thief)
    runner.run(lambda: len(thief.decisions) >= 20)
    assert rows(database)["articles"] == rows(database)["journal"] == 20
    assert len({decision.place for decision in thief.decisions}) == len(thief.decisions) == 20


def test_a_full_or_lost_store_is_a_problem_with_its_place(
    database: Database, stream: SqliteStream, make_runner: MakeRunner
) -> None:
    publish(stream, [article(1)])
    with database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    @event.listens_for(database.engine, "begin")
    def _limit(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 1}")

    publish(stream, [article(n, "长" * 20_000) for n in range(2, 9)])
    with pytest.raises(Problem, match="full") as caught:
        drain(make_runner, stream)
    assert caught.value.retry
    assert "free space" in str(caught.value.cure)


@pytest.mark.parametrize(
    ("values", "silent"),
    [
        pytest.param({}, False, id="published-now"),
        pytest.param({"published": NOW - timedelta(days=3)}, False, id="at-the-edge-of-the-window"),
        pytest.param({"published": NOW - timedelta(days=3, minutes=1)}, True, id="too-long-ago"),
        pytest.param({"published": None}, True, id="time-unknown"),
        pytest.param({"backfill": True}, True, id="backfill"),
    ],
)
def test_only_fresh_live_articles_alert(values: dict[str, Any], silent: bool) -> None:
    assert is_silent(article(1, **values), timedelta(days=3)) is silent


@pytest.mark.slow
def test_an_article_that_hangs_or_crashes_a_child_costs_only_itself(
    database: Database, stream: SqliteStream, make_runner: MakeRunner, watcher: Watcher
) -> None:
    texts = {7: "卡住", 20: "崩溃", 33: "抛错"}
    publish(stream, [article(n, texts.get(n, "正文")) for n in range(60)])
    pool = Pool(read, make_read, b"", 2, seconds=0.5)
    try:
        drain(make_runner, stream, readers=pool)
    finally:
        pool.close()
    assert sorted(failure.error for _place, failure in watcher.aside) == ["ProcessDied", "TimeoutError", "ValueError"]
    assert rows(database)["articles"] == 57
