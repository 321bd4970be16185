"""Walks feeds: RSS, Atom and JSON Feed."""

import calendar
import io
from collections.abc import Iterator
from typing import Any

import feedparser

from crawlers.address import absolute
from crawlers.listing import Answer, Ask, ListFault, ListPage, Row, moment_ms
from crawlers.source import Feed
from crawlers.spiders.base import SourceSpider
from crawlers.spiders.json_list import document, word


class FeedSpider(SourceSpider):
    """A feed has one page; JSON Feed may name a next one."""

    def asks(self) -> Iterator[Ask]:
        """Every feed."""
        for url in self.listing(Feed).urls:
            yield Ask(url, walk=url)

    def read(self, ask: Ask, answer: Answer) -> ListPage:
        """Rows of the feed. Raises ListFault where it is none."""
        if answer.text.lstrip("\ufeff \r\n\t").startswith("{"):
            return _json_feed(ask, answer)
        feed = feedparser.parse(io.BytesIO(answer.body), sanitize_html=False, resolve_relative_uris=False)
        if not feed.entries and not feed.version:
            raise ListFault("the address gives no feed")
        rows = [row for entry in feed.entries if (row := _row(entry, answer.url))]
        return ListPage(tuple(rows), bad_rows=len(feed.entries) - len(rows))


def _row(entry: Any, base: str) -> Row | None:
    url, title = absolute(base, entry.get("link") or ""), word(entry.get("title") or "")
    if not url or not title:
        return None
    moment = entry.get("published_parsed") or entry.get("updated_parsed")
    return Row(url, title, calendar.timegm(moment) * 1000 if moment else None)


def _json_feed(ask: Ask, answer: Answer) -> ListPage:
    feed = document(answer.text)
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise ListFault("the address gives no feed")
    rows: list[Row] = []
    for item in feed["items"]:
        found = item if isinstance(item, dict) else {}
        url = absolute(answer.url, word(found.get("url") or found.get("external_url") or ""))
        title = word(found.get("title") or found.get("summary") or "")
        if url and title:
            rows.append(Row(url, title, moment_ms(word(found.get("date_published") or ""))))
    following = absolute(answer.url, word(feed.get("next_url") or ""))
    step = ask.step + 1
    return ListPage(
        tuple(rows), Ask(following, ask.walk, step) if following else None, bad_rows=len(feed["items"]) - len(rows)
    )
