"""Walks search services that answer in JSON. Nothing found is a fault there: such a service always has something."""

import json
from collections.abc import Iterator

from crawlers.listing import Answer, Ask, ListFault, ListPage
from crawlers.source import SearchJson
from crawlers.spiders.base import SourceSpider
from crawlers.spiders.json_list import at, document, query, read_rows


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
        headers = {"Content-Type": "application/json", **service.headers}
        body = json.dumps(parameters, ensure_ascii=False).encode()
        return Ask(service.url, walk=service.url, step=step, method="POST", body=body, headers=headers)

    def read(self, ask: Ask, answer: Answer) -> ListPage:
        """Rows of every list that `rows` names. Raises ListFault where the first page finds nothing."""
        service = self.listing(SearchJson)
        found = document(answer.text)
        items = [item for path in service.rows for item in _items(at(found, path))]
        if not items and ask.step == 1:
            raise ListFault("the search finds nothing at all")
        rows, bad = read_rows(items, service.fields, answer.url, service.article_url)
        return ListPage(rows, self._page(self.after(ask)) if rows else None, bad_rows=bad)


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []
