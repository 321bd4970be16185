"""Leases, coverage and what is known of pages, in the store."""

import pytest

from chainwatch.store import crawl, leases
from chainwatch.store.crawl import Known
from chainwatch.store.database import Database
from chainwatch.store.leases import LeaseLost
from chainwatch.store.sources import Condition, Health, SourceStatus, put, status
from tests.sites.home import Home

ELSEWHERE = "other-machine:1/4711/99"


@pytest.fixture
def database(home: Home) -> Database:
    return home.database


def test_of_many_workers_one_wins_and_a_new_token_grows(database: Database) -> None:
    def take(holder: str, now: int) -> int | None:
        with database.write() as connection:
            return leases.acquire(connection, "s", holder, now_ms=now, ttl_ms=100)

    assert [take(f"machine{n}:1/{n}/1", 1000) for n in range(5)] == [1, None, None, None, None]
    assert take(ELSEWHERE, 1099) is None
    assert take(ELSEWHERE, 1100) == 2


def test_a_worker_that_lost_its_lease_cannot_write(database: Database) -> None:
    with database.write() as connection:
        old = leases.acquire(connection, "s", "machine:1/1/1", now_ms=0, ttl_ms=100)
        new = leases.acquire(connection, "s", ELSEWHERE, now_ms=200, ttl_ms=100)
    assert (old, new) == (1, 2)
    with pytest.raises(LeaseLost), database.write() as connection:
        leases.check(connection, "s", 1)
    with pytest.raises(LeaseLost), database.write() as connection:
        leases.renew(connection, "s", 1, now_ms=210, ttl_ms=100)
    with database.write() as connection:
        leases.check(connection, "s", 2)
        leases.release(connection, "s", 1)  # the loser's release changes nothing
        leases.check(connection, "s", 2)


def test_a_dead_process_of_this_machine_loses_its_lease_at_once(database: Database) -> None:
    machine, _, started = leases.this_process().split("/")
    with database.write() as connection:
        assert leases.acquire(connection, "s", f"{machine}/999999999/{started}", now_ms=0, ttl_ms=10**9) == 1
        assert leases.acquire(connection, "s", leases.this_process(), now_ms=1, ttl_ms=10**9) == 2
        assert leases.acquire(connection, "s", ELSEWHERE, now_ms=2, ttl_ms=10**9) is None  # this process lives


def test_numbers_of_a_killed_run_are_closed_exactly_by_the_next(database: Database) -> None:
    with database.write() as connection:
        crawl.begin_run(connection, "one", "s", backfill=False, first=True, token=1, now_ms=0)
        crawl.discover(connection, "one", 10)
        crawl.settle(connection, "one", "published")
        crawl.settle(connection, "one", "duplicate", "known", 4)
        crawl.settle(connection, "one", "duplicate", "known", 1)
        crawl.begin_run(connection, "two", "s", backfill=False, first=True, token=2, now_ms=9)
        one = crawl.coverage_of(connection, "one")
    assert (one.ended, one.open) == ("killed", 0)
    assert one.counts == {"published": {"": 1}, "duplicate": {"known": 5}, "failed": {"unfinished: killed": 4}}
    assert sum(one.total(outcome) for outcome in crawl.OUTCOMES) == one.discovered == 10


def test_an_unknown_outcome_is_refused(database: Database) -> None:
    with pytest.raises(ValueError, match="no outcome"), database.write() as connection:
        crawl.settle(connection, "one", "lost")


def test_the_newest_revision_of_an_article_is_known_under_any_address(database: Database) -> None:
    with database.write() as connection:
        crawl.remember(connection, Known("a", "s", "http://a", article_id="id", content_digest="old", checked_ms=1))
        crawl.remember(connection, Known("b", "t", "http://b", article_id="id", content_digest="new", checked_ms=2))
    with database.read() as connection:
        assert crawl.revision(connection, "id") == "new"
        assert crawl.revision(connection, "other") is None
        assert crawl.known(connection, ["a", "c"])["a"].content_digest == "old"


def test_pages_wait_for_another_look_by_age_and_last_look(database: Database) -> None:
    pages = [
        Known("young", "s", "u", first_ms=100, checked_ms=100),
        Known("seen", "s", "u", first_ms=100, checked_ms=900),
        Known("old", "s", "u", first_ms=1, checked_ms=1),
        Known("gone", "s", "u", first_ms=200, checked_ms=200, state="withdrawn"),
        Known("bad", "s", "u", first_ms=200, checked_ms=150, state="trouble", attempts=2),
        Known("hopeless", "s", "u", first_ms=200, checked_ms=150, state="trouble", attempts=3),
        Known("other", "t", "u", first_ms=100, checked_ms=100),
    ]
    with database.write() as connection:
        for page in pages:
            crawl.remember(connection, page)
        due = crawl.recheckable(connection, "s", since_ms=50, checked_before_ms=500, failed_before_ms=500, limit=10)
        assert [page.key for page in due] == ["young", "bad", "gone"]
        due = crawl.recheckable(connection, "s", since_ms=50, checked_before_ms=500, failed_before_ms=0, limit=1)
        assert [page.key for page in due] == ["young"]


def test_health_survives_the_store(database: Database) -> None:
    health = Health(Condition.BROKEN, 5, ("a list without rows",), 3, 20.5, {"title": 0.9}, 15.0, 77)
    with database.write() as connection:
        put(connection, SourceStatus("s", health, trips=2, paused="works"))
        assert status(connection, "s") == SourceStatus("s", health, trips=2, paused="works")
        assert status(connection, "new") == SourceStatus("new")
