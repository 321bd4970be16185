"""A kill between any two steps loses nothing, counts exactly, and a backfill goes on where it stood."""

from collections import Counter

import pytest

from chainwatch.store import crawl
from tests.sites.families import Sina, stories
from tests.sites.home import Home
from tests.sites.mission import MISSION, Family, plain_url
from tests.sites.offline import crawl_offline
from tests.sites.server import Asked, Host, Reply


class Killed(BaseException):
    """Nothing catches it: no handler of ours runs, as after SIGKILL."""


def kill_at(monkeypatch: pytest.MonkeyPatch, point: str, nth: int) -> None:
    passed: Counter[str] = Counter()

    def crash(here: str) -> None:
        passed[here] += 1
        if here == point and passed[here] == nth:
            raise Killed

    monkeypatch.setattr("crawlers.pipelines.crash_point", crash)


@pytest.fixture
def family(home: Home) -> Family:
    made = MISSION["sina"](plain_url)
    home.sources(made.source)
    return made


@pytest.mark.parametrize("nth", [pytest.param(1, marks=pytest.mark.slow), 5, pytest.param(8, marks=pytest.mark.slow)])
@pytest.mark.parametrize("point", ["after_archive", "after_append", "after_seen"])
def test_after_a_kill_every_article_is_there_and_the_numbers_are_exact(
    home: Home, family: Family, monkeypatch: pytest.MonkeyPatch, point: str, nth: int
) -> None:
    hosts = dict.fromkeys(family.hosts, family.site)
    kill_at(monkeypatch, point, nth)
    with pytest.raises(Killed):
        crawl_offline(home, hosts, family.name)
    home.forget_leases()
    again = crawl_offline(home, hosts, family.name)
    killed = home.runs(family.name)[1]

    records = Counter((one.id, one.content_digest) for one in home.articles())
    twice = [record for record, count in records.items() if count > 1]
    assert len(records) == 8
    assert len(twice) == (1 if point == "after_append" else 0)  # the same (id, digest): consumers know it
    assert (killed.ended, killed.open, again.ended, again.open) == ("killed", 0, "good", 0)
    assert killed.total("published") + again.total("published") == 8
    assert set(killed.counts.get("failed", {})) <= {"unfinished: killed"}


def test_a_killed_backfill_goes_on_at_the_page_it_stood_on(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Sina(stories(40), plain_url("finance.sina.test", ""))
    listing = {"kind": "sina_roll", "url": plain_url("feed.test", "/api/roll/get"), "pageid": 1, "lid": 2, "num": 5}
    home.sources({"name": "sina", "list": listing, "hosts": ["sina.test"]})
    asked: list[str] = []

    def feed(one: Asked) -> Reply:
        asked.append(one.query.get("page", ""))
        return site(one)

    hosts: dict[str, Host] = {"feed.test": feed, "finance.sina.test": site}
    since = f"{site.stories[-1].at:%Y-%m-%d}"
    kill_at(monkeypatch, "after_seen", 23)
    with pytest.raises(Killed):
        crawl_offline(home, hosts, "sina", since=since)
    home.forget_leases()
    asked.clear()
    done = crawl_offline(home, hosts, "sina", since=since)

    assert asked[0] == "5"  # pages 1 to 4 are done, the fifth was being read
    assert (done.ended, done.backfill, done.open) == ("good", True, 0)
    articles = home.articles()
    assert len(articles) == 40
    assert all(article.backfill for article in articles)
    with home.database.read() as connection:
        assert connection.execute(crawl.cursors.select()).all() == []


def test_a_backfill_takes_only_its_range_and_reads_beyond_the_usual_cap(home: Home) -> None:
    site = Sina(stories(60), plain_url("finance.sina.test", ""))
    listing = {"kind": "sina_roll", "url": plain_url("feed.test", "/api/roll/get"), "pageid": 1, "lid": 2, "num": 5}
    home.sources({"name": "sina", "list": listing, "hosts": ["sina.test"], "pages": 2})
    day = site.stories[30].at.date()
    wanted = [one.title for one in site.stories if one.at.date() == day]
    hosts = {"feed.test": site, "finance.sina.test": site}
    run = crawl_offline(home, hosts, "sina", since=day.isoformat(), until=day.isoformat())
    assert sorted(article.title for article in home.articles()) == sorted(wanted)
    assert run.total("published") == len(wanted)
    assert set(run.counts["filtered"]) <= {"before the range", "after the range"}
    assert run.open == 0


def test_reaching_the_cap_is_announced(home: Home) -> None:
    site = Sina(stories(60), plain_url("finance.sina.test", ""))
    listing = {"kind": "sina_roll", "url": plain_url("feed.test", "/api/roll/get"), "pageid": 1, "lid": 2, "num": 5}
    home.sources({"name": "sina", "list": listing, "hosts": ["sina.test"], "pages": 2})
    run = crawl_offline(home, {"feed.test": site, "finance.sina.test": site}, "sina")
    assert run.total("published") == 10
    assert run.notes == ("stopped at the cap of 2 list pages; older articles were not looked at",)


def test_the_first_run_alerts_nobody_unless_asked_to(home: Home, family: Family) -> None:
    quiet = {**family.source, "alert_first_run": False}
    home.sources(quiet)
    hosts = dict.fromkeys(family.hosts, family.site)
    crawl_offline(home, hosts, family.name)
    family.stories.insert(0, stories(1, family.stories[0].at, "云计算", 77)[0])
    crawl_offline(home, hosts, family.name)
    assert Counter(article.backfill for article in home.articles()) == {True: 8, False: 1}


def test_an_unchanged_list_is_asked_for_conditionally_once_all_it_named_is_taken(home: Home) -> None:
    family = MISSION["govcn"](plain_url)
    home.sources(family.source)
    bad = [True, False, False, False]

    def site(asked: Asked) -> Reply:
        if asked.headers.get("if-none-match") == '"7"' and asked.path.endswith(".json"):
            return Reply(b"", 304)
        reply = family.site(asked)
        if asked.path.endswith(".json"):
            reply.headers["ETag"] = '"7"'
        elif asked.path == family.site.path(family.stories[2]) and bad.pop(0):  # type: ignore[attr-defined]  # gov.cn
            return Reply(b"oops", 500)
        return reply

    hosts = dict.fromkeys(family.hosts, site)
    runs = [crawl_offline(home, hosts, family.name) for _ in range(3)]
    assert [run.ended for run in runs] == ["good"] * 3
    assert [run.counts["duplicate"].get("known", 0) if "duplicate" in run.counts else 0 for run in runs] == [0, 7, 0]
    assert len(home.articles()) == 8


def test_an_unchanged_page_is_asked_for_conditionally(home: Home, family: Family) -> None:
    assert isinstance(family.site, Sina)
    family.site.etag = True
    hosts = dict.fromkeys(family.hosts, family.site)
    crawl_offline(home, hosts, family.name)
    run = crawl_offline(home, hosts, family.name)
    assert run.counts["duplicate"]["not modified"] == 8
    assert run.ended == "good"
