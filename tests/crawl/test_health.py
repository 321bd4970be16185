"""Twenty kinds of broken layout are each reported within two runs; an unchanged site raises no false alarm in 100."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from chainwatch.health import RunFacts, Verdict, judge
from chainwatch.models import EventKind
from chainwatch.store.sources import Condition, Health

HOUR = 3_600_000
WEEK = 168 * HOUR
FIELDS = ("title", "text", "published", "minute", "source", "template sina")


def usual(*, rows: int = 50, new: int = 3, known: int = 2, seed: int = 0) -> RunFacts:
    """A run of a site that is well: some new articles, some known ones read again, a source name missing at times."""
    chance = random.Random(seed)
    facts = RunFacts(
        lists=1, rows=rows, dated=rows, articles=new + known, pages_tried=new + known, published=new, known_read=known
    )
    facts.present = dict.fromkeys(FIELDS, new + known)
    facts.present["source"] -= sum(chance.random() < 0.05 for _ in range(new))
    facts.same_text = 1 if new + known else 0
    return facts


def run_on(health: Health, facts: RunFacts, hour: int, silent_after: int = WEEK) -> Verdict:
    return judge(health, facts, silent_after_ms=silent_after, now_ms=hour * HOUR)


def well(runs: int = 20) -> Health:
    """The health of a site after some good runs, an hour apart."""
    health = Health()
    for hour in range(runs):
        health = run_on(health, usual(seed=hour), hour).health
    assert health.condition == Condition.HEALTHY
    return health


def change(**values: object) -> Callable[[RunFacts], None]:
    def apply(facts: RunFacts) -> None:
        for name, value in values.items():
            setattr(facts, name, value)

    return apply


def fault(kind: str, times: int = 1) -> Callable[[RunFacts], None]:
    return change(faults={kind: times}, articles=0, published=0, known_read=0, present={})


def without(name: str, articles: int = 4) -> Callable[[RunFacts], None]:
    def apply(facts: RunFacts) -> None:
        facts.articles, facts.known_read = articles, 0
        facts.present = dict.fromkeys(FIELDS, articles)
        facts.present[name] = 0

    return apply


def lost(name: str) -> Callable[[RunFacts], None]:
    return change(articles=1, published=0, known_read=1, lost={name: 1})


BROKEN = {
    "renamed class of the rows": change(rows=0, dated=0, articles=0, published=0),
    "list filled by script": change(rows=0, dated=0, articles=1, published=0, known_read=1),
    "list cut to a tenth": change(rows=5, dated=5),
    "date of the rows moved": change(dated=0),
    "links of the rows gone": change(rows=0, dated=0, bad_rows=50),
    "feed refuses the call": fault("the feed refuses the call: data is no list"),
    "JSON became a page": fault("the answer is no JSON"),
    "search finds nothing": fault("the search finds nothing at all"),
    "column names no unit": fault("the column page names no list unit"),
    "page 1 comes again": change(faults={"a list page comes again": 1}),
    "rows lead to other hosts": change(faults={"rows lead to other hosts": 1}),
    "list moved away": fault("list: HTTP 404"),
    "list answers 500": fault("list: HTTP 500"),
    "renamed class of the body": lost("template sina"),
    "date of the article moved": lost("published"),
    "title of the article gone": without("title"),
    "new articles without a date": without("published"),
    "truncated page": lost("text length"),
    "other encoding": change(faults={"article: encoding": 5}, articles=0, published=0, known_read=0),
    "every article is the front page": change(articles=5, same_text=5),
    "dates in the future": change(future=4),
    "articles answer 404": change(faults={"article: HTTP 404": 5}, articles=0, published=0, known_read=0),
}
BLOCKED = {
    "403 on the list": fault("blocked: HTTP 403"),
    "WAF page with status 200": fault("challenge page"),
    "robots.txt forbids": fault("robots.txt"),
    "breaker": fault("breaker"),
    "login page in place of articles": change(
        faults={"article: challenge page": 5}, articles=0, published=0, known_read=0
    ),
    "403 on articles": change(faults={"article: blocked: HTTP 403": 5}, articles=0, published=0, known_read=0),
}


@pytest.mark.parametrize(
    ("how", "condition"),
    [pytest.param(how, Condition.BROKEN, id=name) for name, how in BROKEN.items()]
    + [pytest.param(how, Condition.BLOCKED, id=name) for name, how in BLOCKED.items()],
)
def test_a_broken_layout_is_reported_in_the_second_run_and_its_repair_in_the_next(
    how: Callable[[RunFacts], None], condition: Condition
) -> None:
    verdicts = []
    health = well()
    for hour in (20, 21, 22):
        facts = usual(seed=hour)
        how(facts)
        verdicts.append(run_on(health, facts, hour))
        health = verdicts[-1].health
        assert health.reasons
    repaired = run_on(health, usual(seed=99), 23)
    assert [verdict.health.condition for verdict in verdicts] == [Condition.HEALTHY, condition, condition]
    assert [verdict.event for verdict in verdicts] == [None, EventKind.SOURCE_BROKEN, None]
    assert verdicts[-1].health.since_ms == 21 * HOUR
    assert (repaired.event, repaired.health.condition) == (EventKind.SOURCE_RECOVERED, Condition.HEALTHY)


@dataclass
class Site:
    """A site that is well, with its own habits."""

    rows: int = 50
    news: Callable[[random.Random, int], int] = field(
        default=lambda chance, hour: chance.randrange(6) if 7 <= hour % 24 <= 22 else 0
    )
    silent_after: int = WEEK


SITES = {
    "busy feed": Site(),
    "office that rests at weekends": Site(15, lambda chance, hour: int(chance.random() < 0.2 and hour // 24 % 7 < 5)),
    "column with two documents a month": Site(15, lambda chance, _hour: int(chance.random() < 1 / 360), 1440 * HOUR),
    "site without any news": Site(20, lambda _chance, _hour: 0),
}


@pytest.mark.parametrize("site", SITES.values(), ids=SITES)
@pytest.mark.parametrize("seed", range(5))
def test_an_unchanged_site_raises_no_alarm_in_100_runs(site: Site, seed: int) -> None:
    chance, health, events = random.Random(seed), Health(), []
    for hour in range(100):
        new = site.news(chance, hour)
        facts = usual(
            rows=site.rows - chance.randrange(2), new=new, known=0 if new else 1, seed=chance.randrange(1 << 30)
        )
        if chance.random() < 0.03:  # a single bad answer now and then is no breakage
            facts.faults = {"article: timeout": 1}
            facts.pages_tried = 5
        verdict = run_on(health, facts, hour, site.silent_after)
        health = verdict.health
        events.append(verdict.event)
    assert set(events) == {None}


def test_one_bad_run_between_good_ones_alarms_nobody() -> None:
    health = well()
    for hour in range(20, 40):
        facts = usual(seed=hour)
        if hour % 2:
            fault("list: HTTP 500")(facts)
        verdict = run_on(health, facts, hour)
        assert verdict.event is None
        health = verdict.health


def test_a_source_is_silent_after_its_time_and_recovers_with_the_first_news() -> None:
    health = well()
    events = {}
    for hour in range(20, 60):
        verdict = run_on(health, usual(new=0, known=1, seed=hour), hour, silent_after=24 * HOUR)
        health, events[hour] = verdict.health, verdict.event
    assert [hour for hour, event in events.items() if event] == [44]
    assert events[44] == EventKind.SOURCE_SILENT
    assert health.reasons == ("nothing new for 40 hours",)
    assert run_on(health, usual(), 61, 24 * HOUR).event == EventKind.SOURCE_RECOVERED


def test_a_list_whose_newest_row_is_old_at_first_sight_is_silent() -> None:
    facts = usual(new=0, known=0)
    facts.newest_ms = 1 * HOUR
    assert run_on(Health(), facts, 500).health.condition == Condition.SILENT


def test_what_a_faulty_run_saw_does_not_become_usual() -> None:
    health = well()
    for hour in range(20, 60):
        facts = usual(seed=hour)
        without("published")(facts)
        health = run_on(health, facts, hour).health
    assert health.condition == Condition.BROKEN
    assert health.shares["published"] > 0.9
