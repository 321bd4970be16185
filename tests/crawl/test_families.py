"""Each source of the mission from its test site: list, paging, article, attachment, revision, withdrawal."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from chainwatch.models import State
from tests.sites.centre import Feeds, GovCn, Paper, Trs
from tests.sites.families import HanwebNew, HanwebOld, Sina, Story, revised, stories, story
from tests.sites.home import Home
from tests.sites.server import Host, Sites


@dataclass
class Family:
    """A test site, the source that crawls it, and the host of its articles."""

    host: str
    site: Host
    stories: list[Story]
    source: dict[str, Any]


def families(sites: Sites) -> dict[str, Family]:
    def made(host: str, site: Any, listing: dict[str, Any], **more: Any) -> Family:
        sites.hosts[host] = site
        return Family(host, site, site.stories, {"list": listing, **more})

    def base(host: str) -> str:
        return sites.url(host)[:-1]

    sina = Sina(stories(60), base("finance.sina.test"))
    sites.hosts["feed.test"] = sina
    return {
        "sina": made(
            "finance.sina.test",
            sina,
            {"kind": "sina_roll", "url": sites.url("feed.test", "/api/roll/get"), "pageid": 155, "lid": 1686},
            hosts=["sina.test"],
            template="sina",
        ),
        "hanweb-old": made(
            "jxt.test",
            HanwebOld(stories(25), encoding="gbk"),
            {"kind": "hanweb_list", "urls": [sites.url("jxt.test", "/col/col1229123402/index.html")]},
        ),
        "hanweb-group": made(
            "hz.test",
            HanwebOld(stories(25), nextgroup=True),
            {"kind": "hanweb_list", "urls": [sites.url("hz.test", "/col/col1229123402/index.html")]},
        ),
        "hanweb-new": made(
            "fzggw.test",
            HanwebNew(stories(25)),
            {"kind": "hanweb_list", "urls": [sites.url("fzggw.test", "/col/col1229560971/index.html")]},
        ),
        "jpaas": made(
            "miit.test",
            HanwebNew(stories(25), absolute=base("miit.test")),
            {"kind": "jpaas_list", "urls": [sites.url("miit.test", "/col/col1229560971/index.html")]},
        ),
        "govcn": made(
            "gov.test",
            GovCn(stories(25), base("gov.test")),
            {
                "kind": "json_list",
                "urls": [sites.url("gov.test", "/zhengce/zuixin/ZUIXINZHENGCE.json")],
                "fields": {"url": "URL", "title": "TITLE", "date": "DOCRELPUBTIME"},
            },
        ),
        "library": made(
            "sousuo.test",
            GovCn(stories(25, first=5001), base("sousuo.test")),
            {
                "kind": "search_json",
                "url": sites.url("sousuo.test", "/search-gov/data"),
                "parameters": {"t": "zhengcelibrary", "n": 20},
                "page_parameter": "p",
                "rows": ["searchVO.catMap.gongwen.listVO", "searchVO.catMap.bumenfile.listVO"],
                "fields": {"url": "url", "title": "title", "date": "pubtimeStr"},
            },
        ),
        "trs": made(
            "ndrc.test",
            Trs(stories(25)),
            {
                "kind": "html_list",
                "urls": [sites.url("ndrc.test", "/xwdt/xwfb/")],
                "row": "ul.u-list li:has(a)",
                "next_url": "index_{index}.html",
            },
        ),
        "paper": made(
            "zjrb.test",
            Paper(stories(25)),
            {"kind": "epaper", "url": sites.url("zjrb.test", "/html/{year}-{month}/{day}/zjrbindex.htm"), "days": 4},
        ),
        "rss": made(
            "rss.test",
            Feeds(stories(25), base("rss.test")),
            {"kind": "feed", "urls": [sites.url("rss.test", "/rss.xml")]},
        ),
        "sitemap": made(
            "map.test",
            Feeds(stories(25), base("map.test")),
            {"kind": "sitemap", "urls": [sites.url("map.test", "/sitemap.xml")]},
        ),
    }


@pytest.mark.slow
def test_every_family_is_crawled_paged_revised_and_withdrawn(sites: Sites, home: Home) -> None:
    all_ = families(sites)
    home.sources(*({"name": name, **family.source} for name, family in all_.items()))

    first = {one.source: one for one in home.crawl_all()}
    for name, family in all_.items():
        run = first[name]
        assert (name, run.ended, run.discovered, run.total("published")) == (
            name,
            "good",
            len(family.stories),
            len(family.stories),
        )
    found = {(one.site, one.title): one for one in home.articles()}
    assert len(found) == sum(len(family.stories) for family in all_.values())
    for name, family in all_.items():
        for told in family.stories:
            article = found[name, told.title]
            assert [line.strip("　 ") for line in article.text.splitlines()][: len(told.body)] == list(told.body), name
            assert article.published is not None, name
            assert article.published.date() == told.at.date(), name
            assert article.template is not None
            assert article.backfill is False

    for family in all_.values():  # one revised, one withdrawn, one new
        family.stories[3].body = revised(family.stories[3], "会议要求，力争2028年提前完成全部目标任务。").body
        family.stories[4].withdrawn = True
        family.stories.insert(0, story(999, family.stories[0].at + timedelta(minutes=5), "低空经济"))
    second = {one.source: one for one in home.crawl_all()}
    articles = home.articles()[len(found) :]
    for name, family in all_.items():
        run = second[name]
        mine = {one.title: one for one in articles if one.site == name}
        assert (name, run.ended, run.open) == (name, "good", 0)
        assert set(mine) == {family.stories[0].title, family.stories[4].title, family.stories[5].title}, name
        assert mine[family.stories[5].title].state == State.WITHDRAWN
        assert mine[family.stories[4].title].id == found[name, family.stories[4].title].id
        assert "提前完成" in mine[family.stories[4].title].text
