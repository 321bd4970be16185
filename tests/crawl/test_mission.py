"""Every shipped source, by its own names and paths, against its test site: crawled by Scrapy itself, killed and resumed.

List, paging, article, further page, attachment, revision and withdrawal are looked at on the way.
"""

from collections import Counter
from datetime import timedelta

import pytest

from chainwatch.models import Article, Precision, State
from tests.sites.again import Again
from tests.sites.families import Story, story
from tests.sites.home import Home
from tests.sites.server import Sites
from tests.sites.shipped import ATTACHED, FURTHER, MAKERS, Shipped, entries, shipped

KILLS = ("after_archive:4", "before_append_commit:3", "after_append:6", "after_seen:5")
"""Where a source's first crawl dies, in turn: before, at, and after each durable step."""
REVISED = "会议要求，力争2028年提前完成全部目标任务。"


@pytest.fixture(params=[pytest.param(name, id=name) for name in entries()])
def source(request: pytest.FixtureRequest, home: Home, sites: Sites) -> Shipped:
    made = shipped(request.param, lambda host, path: sites.url(host)[:-1] + path)
    sites.hosts.update(made.hosts)
    home.names = tuple(made.hosts)
    home.sources(made.source)
    return made


@pytest.mark.slow
def test_a_shipped_source_is_crawled_killed_resumed_revised_and_withdrawn(
    source: Shipped, home: Home, sites: Sites
) -> None:
    point = KILLS[list(entries()).index(source.name) % len(KILLS)]
    killed = home.crawl(source.name, crash=point)
    assert killed.returncode == -9, killed.stderr
    before = len(home.articles())
    assert before < len(source.told)

    with Again(home, source.name) as scrapy:
        scrapy.crawl()
        run, dead = home.runs(source.name)
        assert (run.ended, run.open, dead.ended, dead.open) == ("good", 0, "killed", 0), run.as_row()
        records = Counter((one.id, one.content_digest) for one in home.articles())
        assert len(records) == len(source.told), "nothing is lost"
        twice = records.total() - len(records)
        assert twice == point.startswith("after_append"), (
            "only a kill before the page counts as seen repeats its record"
        )
        walked(source, sites)
        found = {one.title: one for one in home.articles()}
        for one in source.told:
            said(source, one, found[one.title])

        first = source.lists[0]
        first[3].body = (*first[3].body[:-1], REVISED)
        first[4].withdrawn = first[5].withdrawn = True
        first[5].gone = 410
        first.insert(0, story(59999, first[0].at + timedelta(minutes=5), "低空经济"))
        seen = len(home.articles())
        scrapy.crawl()
    news = {one.title: one for one in home.articles()[seen:]}
    run = home.runs(source.name)[0]
    assert (run.ended, run.open) == ("good", 0), run.as_row()
    assert set(news) == {first[index].title for index in (0, 4, 5, 6)}
    assert news[first[4].title].text.endswith(REVISED)
    assert [news[first[index].title].state for index in (4, 5, 6)] == [State.LIVE, State.WITHDRAWN, State.WITHDRAWN]
    assert all(news[first[index].title].id == found[first[index].title].id for index in (4, 5, 6))


def walked(source: Shipped, sites: Sites) -> None:
    """A further page of the first list was asked for; that the others were asked for, their stories show."""
    asked = [f"{one.target} {one.body.decode()}" for one in sites.asked]
    if not source.family.paging.startswith("none: "):
        assert any(source.family.paging in target for target in asked), source.family.paging


def said(source: Shipped, one: Story, article: Article) -> None:
    """The article is what the story tells, read by the family's template, with its further page and file."""
    lines = [line.strip("　 ") for line in article.text.splitlines()]
    assert lines[: len(one.body)] == list(one.body)
    assert (FURTHER in lines) == bool(one.more)
    assert (article.template or "").partition("/")[0] == source.family.template
    assert (article.site, article.region) == (source.name, source.source["region"])
    assert article.published is not None
    shown = "%Y-%m-%d %H:%M" if article.precision == Precision.MINUTE else "%Y-%m-%d"
    assert article.published.strftime(shown) == one.at.strftime(shown)
    files = [(file.name, file.text.strip()) for file in article.attachments]
    assert files == ([("任务分工表.docx", ATTACHED)] if one.files else [])


def test_every_source_has_a_test_site_and_every_family_says_what_it_lacks() -> None:
    for name in entries():
        made = shipped(name, lambda host, path: f"http://{host}{path}")
        assert made.told
    for family, _make in MAKERS.values():
        assert family.attaches or family.attachment.startswith("none: ")
        assert family.further is True or str(family.further).startswith("none: ")
