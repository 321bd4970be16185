"""Every kind of list of the mission as a small test site, and the source that crawls it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.sites.centre import Feeds, GovCn, Paper, Trs
from tests.sites.families import HanwebNew, HanwebOld, Sina, Story, stories
from tests.sites.searches import Disclosure, Policies, ZjSearch
from tests.sites.server import Host

Url = Callable[[str, str], str]
"""(host, path) → address."""


@dataclass
class Family:
    """A test site, the hosts it answers for, and its source."""

    name: str
    hosts: tuple[str, ...]
    site: Host
    stories: list[Story]
    listing: dict[str, Any]
    more: dict[str, Any]

    @property
    def source(self) -> dict[str, Any]:
        """As in sources.yaml."""
        return {"name": self.name, "list": self.listing, **self.more}


def _sina(url: Url) -> Family:
    site = Sina(stories(8), url("finance.sina.test", ""), wrapped=True)
    listing = {"kind": "sina_roll", "url": url("feed.test", "/api/roll/get"), "pageid": 155, "lid": 1686, "num": 3}
    return Family(
        "sina",
        ("feed.test", "finance.sina.test"),
        site,
        site.stories,
        listing,
        {"hosts": ["sina.test"], "template": "sina"},
    )


def _old(url: Url) -> Family:
    site = HanwebOld(stories(8), per_page=3, encoding="gbk")
    listing = {"kind": "hanweb_list", "urls": [url("jxt.test", f"/col/col{site.column}/index.html")], "per_page": 3}
    return Family("hanweb-old", ("jxt.test",), site, site.stories, listing, {"region": "浙江"})


def _group(url: Url) -> Family:
    site = HanwebOld(stories(8), per_page=3, nextgroup=True)
    listing = {"kind": "hanweb_list", "urls": [url("hz.test", f"/col/col{site.column}/index.html")], "per_page": 3}
    return Family("hanweb-group", ("hz.test",), site, site.stories, listing, {})


def _new(url: Url) -> Family:
    site = HanwebNew(stories(8))
    listing = {"kind": "hanweb_list", "urls": [url("fzggw.test", f"/col/col{site.column}/index.html")], "per_page": 3}
    return Family("hanweb-new", ("fzggw.test",), site, site.stories, listing, {})


def _jpaas(url: Url) -> Family:
    site = HanwebNew(stories(8), absolute=url("miit.test", ""))
    listing = {"kind": "jpaas_list", "urls": [url("miit.test", f"/col/col{site.column}/index.html")], "per_page": 3}
    return Family("jpaas", ("miit.test",), site, site.stories, listing, {})


def _govcn(url: Url) -> Family:
    site = GovCn(stories(8), url("gov.test", ""))
    fields = {"url": "URL", "title": "TITLE", "date": "DOCRELPUBTIME"}
    listing = {"kind": "json_list", "urls": [url("gov.test", "/zhengce/zuixin/ZUIXINZHENGCE.json")], "fields": fields}
    return Family("govcn", ("gov.test",), site, site.stories, listing, {})


def _library(url: Url) -> Family:
    site = GovCn(stories(8, first=501), url("sousuo.test", ""))
    listing = {
        "kind": "search_json",
        "url": url("sousuo.test", "/search-gov/data"),
        "parameters": {"t": "zhengcelibrary", "n": 3},
        "page_parameter": "p",
        "rows": ["searchVO.catMap.gongwen.listVO", "searchVO.catMap.bumenfile.listVO"],
        "fields": {"url": "url", "title": "title", "date": "pubtimeStr"},
    }
    return Family("library", ("sousuo.test",), site, site.stories, listing, {})


def _policies(url: Url) -> Family:
    site = Policies(stories(8))
    listing = {
        "kind": "search_json",
        "url": url("zj87.test", "/webapi/extMsPolicyInfo/list"),
        "method": "POST",
        "body": "form",
        "parameters": {"orderby": 2, "pageSize": 3},
        "page_parameter": "pageNum",
        "rows": ["body.list"],
        "fields": {"url": "id", "id": "id", "title": "title", "date": "publishDate"},
        "article_url": url("zj87.test", "/zjhqpt/views/policy-zw/detail.html?id={id}"),
        "article_service": url("zj87.test", "/webapi/PolicyInfo/pcConsultDetail"),
    }
    return Family("policies", ("zj87.test",), site, site.stories, listing, {"template": "zj_policy"})


def _snippets(url: Url) -> Family:
    pages = HanwebOld(stories(8))
    search = ZjSearch(pages, url("jsearch.test", ""))
    listing = {
        "kind": "search_json",
        "url": url("jsearch.test", "/jsearchfront/interfaces/cateSearch.do"),
        "method": "POST",
        "body": "form",
        "parameters": {"q": "产业链", "pg": 3},
        "page_parameter": "p",
        "rows": ["result"],
        "snippets": True,
        "fields": {"url": ".titleWrapper > a::attr(href)", "title": ".titleWrapper > a", "date": ".sourceTime"},
        "link_parameter": "url",
    }
    return Family("snippets", ("jsearch.test",), search, pages.stories, listing, {})


def _disclosure(url: Url) -> Family:
    site = Disclosure(stories(8), "149")
    listing = {
        "kind": "html_list",
        "urls": [url("xxgk.test", "/module/xxgk/search.jsp")],
        "form": {"jdid": 149},
        "page_parameter": "currpage",
        "row": "li.tab_box",
    }
    return Family("disclosure", ("xxgk.test",), site, site.stories, listing, {})


def _trs(url: Url) -> Family:
    site = Trs(stories(8), per_page=3, dated=False)
    listing = {
        "kind": "html_list",
        "urls": [url("ndrc.test", "/xwdt/xwfb/")],
        "row": "ul.u-list li:has(a)",
        "next_url": "index_{index}.html",
    }
    return Family("trs", ("ndrc.test",), site, site.stories, listing, {})


def _paper(url: Url) -> Family:
    site = Paper(stories(8))
    listing = {"kind": "epaper", "url": url("zjrb.test", "/html/{year}-{month}/{day}/zjrbindex.htm"), "days": 4}
    return Family("paper", ("zjrb.test",), site, site.stories, listing, {})


def _feed(name: str, path: str, kind: str = "feed") -> Callable[[Url], Family]:
    def made(url: Url) -> Family:
        site = Feeds(stories(8), url(f"{name}.test", ""))
        return Family(
            name, (f"{name}.test",), site, site.stories, {"kind": kind, "urls": [url(f"{name}.test", path)]}, {}
        )

    return made


MISSION: dict[str, Callable[[Url], Family]] = {
    "sina": _sina,
    "hanweb-old": _old,
    "hanweb-group": _group,
    "hanweb-new": _new,
    "jpaas": _jpaas,
    "govcn": _govcn,
    "library": _library,
    "policies": _policies,
    "snippets": _snippets,
    "disclosure": _disclosure,
    "trs": _trs,
    "paper": _paper,
    "rss": _feed("rss", "/rss.xml"),
    "atom": _feed("atom", "/atom.xml"),
    "json-feed": _feed("json-feed", "/feed.json"),
    "sitemap": _feed("sitemap", "/sitemap.xml", "sitemap"),
}
"""Name → maker of the family at addresses that `url` gives."""


def plain_url(host: str, path: str) -> str:
    """Addresses for crawls without a network."""
    return f"http://{host}{path}"
