"""Walks search services that answer in JSON. Nothing found is a fault there: such a service always has something."""

import json
from collections.abc import Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

from selectolax.lexbor import LexborHTMLParser

from crawlers.address import absolute
from crawlers.decide import Errand
from crawlers.listing import FORM, Answer, Ask, ListFault, ListPage, Row, moment_ms
from crawlers.source import Fields, SearchJson
from crawlers.spiders.base import SourceSpider
from crawlers.spiders.html_list import value
from crawlers.spiders.json_list import at, document, query, read_rows, word


class SearchJsonSpider(SourceSpider):
    """Page after page of one query, sorted by time by its parameters."""

    def asks(self) -> Iterator[Ask]:
        """The first page."""
        yield self._page(self.resume(self.source.addresses[0]))

    def _page(self, step: int) -> Ask:
        service = self.listing(SearchJson)
        number = service.first_page + step - 1
        parameters = {**service.parameters, service.page_parameter: number}
        if service.method == "GET":
            return Ask(query(service.url, parameters), walk=service.url, step=step, headers=service.headers)
        if service.body == "form":
            body, kind = urlencode(parameters).encode(), FORM
        else:
            body, kind = json.dumps(parameters, ensure_ascii=False).encode(), {"Content-Type": "application/json"}
        headers = {**kind, **service.headers}
        return Ask(service.url, walk=service.url, step=step, method="POST", body=body, headers=headers)

    def read(self, ask: Ask, answer: Answer) -> ListPage:
        """Rows of every list that `rows` names. Raises ListFault where the first page finds nothing."""
        service = self.listing(SearchJson)
        found = document(answer.text)
        items = [item for path in service.rows for item in _items(at(found, path))]
        if not items and ask.step == 1:
            raise ListFault("the search finds nothing at all")
        if service.snippets:
            rows, bad = _read_snippets(items, service.fields, answer.url)
        else:
            rows, bad = read_rows(items, service.fields, answer.url, service.article_url)
        if service.link_parameter:
            rows = tuple(_unwrapped(row, service.link_parameter) for row in rows)
        return ListPage(rows, self._page(self.after(ask)) if rows else None, bad_rows=bad)

    def article_call(self, errand: Errand) -> Ask:
        """A page that a script fills is asked of the service behind it."""
        service = self.listing(SearchJson).article_service
        if service is None:
            return super().article_call(errand)
        return Ask(service, "", method="POST", body=urlsplit(errand.url).query.encode(), headers=FORM)


def _items(found: object) -> list[object]:
    return found if isinstance(found, list) else []


def _read_snippets(items: list[object], fields: Fields, base: str) -> tuple[tuple[Row, ...], int]:
    """Rows of pieces of HTML, and how many gave no address or title."""
    rows: list[Row] = []
    for item in items:
        node = LexborHTMLParser(item).body if isinstance(item, str) else None
        if node is None:
            continue
        link, title = node.css_first(fields.title), ""
        if link is not None:
            title = word(link.html or "")  # the words searched for are marked inside the title, without spaces
        url = absolute(base, value(node, fields.url))
        if url and title:
            rows.append(Row(url, title, moment_ms(value(node, fields.date)) if fields.date else moment_ms(url)))
    return tuple(rows), len(items) - len(rows)


def _unwrapped(row: Row, parameter: str) -> Row:
    """The row with the address that its own carries; itself where it carries none."""
    carried = parse_qs(urlsplit(row.url).query).get(parameter, [""])[0]
    url = absolute(row.url, carried) if carried else None
    return Row(url, row.title, row.date_ms, row.id) if url else row
