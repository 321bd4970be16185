"""What a page says about itself out of sight: meta tags, JSON-LD, microdata."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

from crawlers.templates import dates, fields
from crawlers.templates.dates import When
from crawlers.templates.page import Page

_TIMES = (
    "article:published_time",
    "og:published_time",
    "og:time",
    "bytedance:published_time",
    "publishdate",
    "pubdate",
    "firstpublishedtime",
    "datepublished",
    "article:create_at",
    "weibo: article:create_at",
    "og:release_date",
    "publish_time",
    "publishtime",
    "pub_date",
    "date",
    "apub:time",
    "dc.date",
    "dateupdate",
    "releasetime",
)
_SOURCES = ("contentsource", "source", "mediaid", "og:article:source", "article:source", "copyright:source")
_AUTHORS = ("author", "article:author", "og:article:author", "byl", "dc.creator")
_SCRIPT_KEYS = (
    "publish_time",
    "publishTime",
    "publishDate",
    "pubtime",
    "pubTime",
    "pub_time",
    "oriCreateTime",
    "ori_create_time",
    "createTime",
    "var ct",
)
_SCRIPT_TIMES = tuple(
    re.compile(key + r"""["']?\s*[:=]\s*["'](1\d{9}|20\d\d-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d)?)["']""")
    for key in _SCRIPT_KEYS
)
"""One pattern a key: each starts with its literal, so that long pages are searched fast."""
_CREDIT = re.compile(r"^\s*来源[:：]\s*|\s*(?:原创稿|转载稿)\s*$")


@dataclass(slots=True)
class Metadata:
    """Values and the tag that gave each."""

    published: When | None = None
    source: str | None = None
    author: str | None = None
    title: str | None = None
    keywords: str | None = None
    by: dict[str, str] = field(default_factory=dict)


def read_metadata(page: Page) -> Metadata:
    """Meta tags first, then JSON-LD, then microdata."""
    found = Metadata()
    for name in _TIMES:
        if (value := page.metas.get(name)) and (when := dates.find(value)):
            found.published, found.by["published"] = when, f"meta {name}"
            break
    for name in _SOURCES:
        if (value := _CREDIT.sub("", page.metas.get(name, ""))) and not value.isdigit():
            found.source, found.by["source"] = value, f"meta {name}"
            break
    for name in _AUTHORS:
        if (value := page.metas.get(name)) and not re.search(r"\d{3,}|@|://", value):
            found.author, found.by["author"] = value, f"meta {name}"
            break
    if words := page.metas.get("keywords"):
        found.keywords, found.by["keywords"] = words, "meta keywords"
    _linked_data(page, found)
    _microdata(page, found)
    return found


def script_time(page: Page) -> When | None:
    """The publication time that a script of the page holds, for pages which show none."""
    return next((dates.find(match[1]) for pattern in _SCRIPT_TIMES if (match := pattern.search(page.html))), None)


def _linked_data(page: Page, found: Metadata) -> None:
    for node in page.tree.css("script[type='application/ld+json']")[:10]:
        try:
            data = orjson.loads((node.text() or "").strip())
        except orjson.JSONDecodeError:  # hand-written JSON-LD is often broken; the visible page remains
            continue
        for item in _articles(data):
            when = dates.find(str(item.get("datePublished") or item.get("pubDate") or ""))
            if when and found.published is None:
                found.published, found.by["published"] = when, "json-ld datePublished"
            if found.title is None and isinstance(item.get("headline") or item.get("title"), str):
                found.title, found.by["title"] = item.get("headline") or item["title"], "json-ld headline"
            if found.author is None and (name := _name(item.get("author"))):
                found.author, found.by["author"] = name, "json-ld author"


def _articles(data: Any) -> Iterator[dict[str, Any]]:
    items = data if isinstance(data, list) else data.get("@graph", [data]) if isinstance(data, dict) else []
    for item in items if isinstance(items, list) else []:
        if isinstance(item, dict) and (item.keys() & {"datePublished", "pubDate", "headline"}):
            yield item


def _name(value: Any) -> str | None:
    if isinstance(value, list):
        return "、".join(name for item in value if (name := _name(item))) or None
    if isinstance(value, dict):
        value = value.get("name")
    return value.strip() or None if isinstance(value, str) else None


def _microdata(page: Page, found: Metadata) -> None:
    node = page.first("[itemprop='datePublished'], time[pubdate], time[datetime]")
    if node is not None and found.published is None:
        when = dates.find(node.attributes.get("datetime") or node.attributes.get("content") or node.text() or "")
        if when:
            found.published, found.by["published"] = when, "itemprop datePublished"


def usable_author(metadata: Metadata, page: Page) -> str | None:
    """The author a meta tag names, unless it names the site."""
    name = metadata.author
    if not name or len(name) > 20 or "网" in name or name.lower() in page.host:
        return None
    return fields.people(name)
