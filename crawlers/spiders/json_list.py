"""Walks static JSON files of rows, and search services that answer in JSON page by page."""

import json
import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import Any
from urllib.parse import urlencode

from crawlers.address import absolute
from crawlers.listing import Answer, Ask, ListFault, ListPage, Row, moment_ms
from crawlers.source import Fields, JsonList
from crawlers.spiders.base import SourceSpider

_TAG = re.compile(r"<[^>]+>")


class JsonListSpider(SourceSpider):
    """One file holds the whole list, often of years: the newest `limit` rows are looked at."""

    def asks(self) -> Iterator[Ask]:
        """Every file."""
        for url in self.listing(JsonList).urls:
            yield Ask(url, walk=url)

    def read(self, ask: Ask, answer: Answer) -> ListPage:  # noqa: ARG002  one page, nothing follows
        """Rows of the file, newest first. Raises ListFault where it is no JSON or holds no list."""
        file = self.listing(JsonList)
        items = at(document(answer.text), file.rows)
        if not isinstance(items, list):
            raise ListFault("the file holds no list")
        rows, bad = read_rows(items, file.fields, answer.url)
        if not self.backfill:
            rows = tuple(sorted(rows, key=lambda row: row.date_ms or 0, reverse=True))
            if len(rows) > file.limit:
                self.announce(f"only the newest {file.limit} of {len(rows)} rows were looked at")
            rows = rows[: file.limit]
        return ListPage(rows, bad_rows=bad)


def document(text: str) -> Any:
    """The JSON document. Raises ListFault where it is none."""
    try:
        return json.loads(text.lstrip("\ufeff"))
    except ValueError as error:
        raise ListFault("the answer is no JSON") from error


def at(value: Any, path: str) -> Any:
    """What stands below keys joined by dots; numbers index lists, `*` collects over every item. None where absent."""
    for index, key in enumerate(keys := [key for key in path.split(".") if key]):
        if key == "*":
            rest = ".".join(keys[index + 1 :])
            return [found for item in value or [] if (found := at(item, rest)) is not None]
        if isinstance(value, list) and key.isdigit():
            value = value[int(key)] if int(key) < len(value) else None
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def read_rows(items: list[Any], fields: Fields, base: str, pattern: str | None = None) -> tuple[tuple[Row, ...], int]:
    """Rows of the items, and how many gave no address or title. Markup in titles is taken out."""
    rows: list[Row] = []
    for item in items:
        number = word(at(item, fields.id)) if fields.id else ""
        href = pattern.replace("{id}", number) if pattern and number else word(at(item, fields.url))
        url, title = absolute(base, href), word(at(item, fields.title))
        if url and title:
            date = word(at(item, fields.date)) if fields.date else ""
            rows.append(Row(url, title, moment_ms(date) if date else moment_ms(url)))
    return tuple(rows), len(items) - len(rows)


def word(value: Any) -> str:
    """A JSON value as one line of text without markup."""
    if not isinstance(value, str | int):
        return ""
    return " ".join(unescape(_TAG.sub("", str(value))).split())


def query(url: str, parameters: Mapping[str, str | int]) -> str:
    """The address with the parameters."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(parameters)}"
