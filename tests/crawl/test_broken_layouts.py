"""Thirty kinds of broken layout, crawled by Scrapy itself: each is told within two runs, and sites that are well never."""

import os
from pathlib import Path

import pytest

from chainwatch.models import EventKind
from chainwatch.store.sources import Condition
from tests.sites.breakage import KINDS
from tests.sites.home import Home
from tests.sites.mission import MISSION, plain_url
from tests.sites.offline import crawl_offline
from tests.sites.rounds import play, told

RUNS = 10 if os.environ.get("CHAINWATCH_CHAOS") == "short" else 100

SHUT_OUT = {"articles answer 500"}
"""Kinds whose refusals in a row also open the breaker: a source kept out is blocked."""
LISTS = (
    "sina",
    "hanweb-old",
    "hanweb-new",
    "jpaas",
    "govcn",
    "library",
    "policies",
    "snippets",
    "disclosure",
    "trs",
    "paper",
    "rss",
    "sitemap",
)
"""A family for each kind of list, both generations of Hanweb, and each way to ask a service."""


@pytest.mark.slow
@pytest.mark.parametrize("part", range(2))
def test_a_site_that_breaks_is_reported_within_two_runs_and_publishes_no_rubbish(part: int, tmp_path: Path) -> None:
    names = list(KINDS)[part::2]
    rows = play("broken", tmp_path, *names)
    assert [row["name"] for row in rows] == names
    for row in rows:
        condition = Condition.BLOCKED if row["name"] in SHUT_OUT else KINDS[row["name"]][2]
        assert row["ended"] == ["good", "good", "faulty", "faulty", "good"], row
        assert row["conditions"] == ["healthy", "healthy", "healthy", condition, "healthy"], row
        assert row["told"] == [EventKind.SOURCE_BROKEN, EventKind.SOURCE_RECOVERED], row
        assert row["rubbish"] == 0, row


@pytest.mark.chaos
@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("scenario", ["unchanged", "living"])
def test_a_site_that_is_well_raises_no_alarm_in_many_runs(scenario: str, name: str, tmp_path: Path) -> None:
    (row,) = play(scenario, tmp_path, name, runs=RUNS)
    assert row["told"] == []
    assert row["ended"] == ["good"] * RUNS
    assert row["articles"] == row["stories"] == (8 if scenario == "unchanged" else 8 + RUNS // 3)


def test_an_unchanged_site_stays_healthy(home: Home) -> None:
    family = MISSION["sina"](plain_url)
    home.sources(family.source)
    hosts = dict.fromkeys(family.hosts, family.site)
    ended = [crawl_offline(home, hosts, family.name).ended for _ in range(3)]
    assert ended == ["good"] * 3
    assert len(home.articles()) == 8
    assert told(home) == []
