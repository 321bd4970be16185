"""Walks the roll feed of Sina: JSON or JSONP, newest first, paged by number."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from crawlers.listing import Answer, Ask, ListFault, ListPage, Row, moment_ms
from crawlers.source import SinaRoll
from crawlers.spiders.base import SourceSpider

_JSONP = re.compile(r"^\s*[\w$.]+\s*\((.*)\)\s*;?\s*$", re.DOTALL)


class SinaRollSpider(SourceSpider):
    """`docid` of a row is its stable id: one article stands in several channels, under several addresses."""

    def asks(self) -> Iterator[Ask]:
        """The first page of the channel."""
        yield self._page(self.resume(self.source.addresses[0]))

    def _page(self, number: int) -> Ask:
        feed = self.listing(SinaRoll)
        query = {"pageid": feed.pageid, "lid": feed.lid, "k": "", "num": feed.num, "page": number}
        return Ask(f"{feed.url}?{urlencode(query)}", walk=feed.url, step=number)

    def read(self, ask: Ask, answer: Answer) -> ListPage:
        """Rows of `result.data`. Raises ListFault where the feed gives none of its usual shape."""
        result = _result(answer.text)
        data = result.get("data")
        if not isinstance(data, list):
            raise ListFault("the feed refuses the call: data is no list")
        rows = tuple(row for item in data if isinstance(item, dict) and (row := _row(item)))
        more = rows and ask.step * self.listing(SinaRoll).num < _number(result.get("total"))
        return ListPage(rows, self._page(self.after(ask)) if more else None, bad_rows=len(data) - len(rows))


def _result(text: str) -> dict[str, Any]:
    match = _JSONP.match(text)
    try:
        document = json.loads(match[1] if match else text)
    except ValueError as error:
        raise ListFault("the feed is no JSON") from error
    result = document.get("result") if isinstance(document, dict) else None
    if not isinstance(result, dict):
        raise ListFault("the feed has no result")
    return result


def _row(item: dict[str, Any]) -> Row | None:
    url, title = str(item.get("url") or ""), str(item.get("title") or "").strip()
    if not url.startswith(("http://", "https://")) or not title:
        return None
    moment = moment_ms(str(item.get("ctime") or item.get("intime") or ""))
    return Row(url, title, moment, str(item.get("docid") or "") or None)


def _number(value: Any) -> int:
    return int(value) if str(value).isdigit() else 1 << 31
