"""Walks columns of jpaas, Hanweb's new generation (Zhejiang since 2025, MIIT).

The page names a unit, the unit gives HTML in JSON. It is paged by `paramJson` alone; any other way brings page 1 again.
"""

import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode, urljoin

from selectolax.lexbor import LexborHTMLParser

from crawlers.listing import Answer, Ask, ListFault, ListPage, rows_of
from crawlers.source import JpaasList
from crawlers.spiders.base import SourceSpider

_PAIR = re.compile(r"""['"]([\w-]+)['"]\s*:\s*(?:['"]([^'"]*)['"]|(\w+))""")


class JpaasListSpider(SourceSpider):
    """The unit's parameters are read from the column page each time: a template change breaks remembered ones."""

    def asks(self) -> Iterator[Ask]:
        """Every column page."""
        for url in self.listing(JpaasList).urls:
            yield Ask(url, walk=url, step=0, context={"page": "column"})

    def read(self, ask: Ask, answer: Answer) -> ListPage:
        """The column page leads to its unit, the unit's answer holds the rows."""
        per_page = self.listing(JpaasList).per_page
        if ask.step == 0:
            return unit_of(ask, answer, per_page, self.resume(ask.walk))
        return unit_page(ask, answer, per_page, self.after(ask))


def unit_of(ask: Ask, answer: Answer, per_page: int, step: int) -> ListPage:
    """The call that the column page's script makes. Raises ListFault where no script names a list's unit."""
    units = [node.attributes for node in LexborHTMLParser(answer.text).css("script[querydata], div[querydata]")]
    calls = [(str(unit.get("url") or ""), pairs(str(unit.get("querydata") or ""))) for unit in units]
    lists = [(url, data) for url, data in calls if url and data.get("pageId")]
    if not lists:
        raise ListFault("the column page names no list unit")
    url, data = max(
        lists, key=lambda call: ("list" in call[1].get("tagId", ""), "当前栏目" in call[1].get("tagId", ""))
    )
    context = {"unit": urljoin(answer.url, url), "query": json.dumps(data, ensure_ascii=False), "base": answer.url}
    return ListPage(parts=(_call(ask.walk, step, per_page, context),), container=True)


def pairs(text: str) -> dict[str, str]:
    """The script's pseudo-JSON (single quotes, bare null) as words; null is the word itself, as the site sends it."""
    return {name: word or quoted for name, quoted, word in _PAIR.findall(text)}


def _call(walk: str, step: int, per_page: int, context: dict[str, str]) -> Ask:
    page = json.dumps({"pageNo": step, "pageSize": per_page}, separators=(",", ":"))
    query = {**json.loads(context["query"]), "paramJson": page}
    return Ask(f"{context['unit']}?{urlencode(query)}", walk=walk, step=step, context=context)


def unit_page(ask: Ask, answer: Answer, per_page: int, following: int) -> ListPage:
    """Rows of `data.html`. Raises ListFault where the unit does not answer as usual."""
    try:
        document = json.loads(answer.text)
        html = document["data"]["html"]
    except (ValueError, KeyError, TypeError) as error:
        raise ListFault("the list unit gives no HTML") from error
    if document.get("success") is False or not isinstance(html, str):
        raise ListFault("the list unit refuses the call")
    rows, bad = rows_of(html, ask.context["base"], containing="art")
    total = _total(html)
    more = rows and (total is None or ask.step * per_page < total)
    return ListPage(rows, _call(ask.walk, following, per_page, dict(ask.context)) if more else None, bad_rows=bad)


def _total(html: str) -> int | None:
    """Rows of the whole list: the larger number of div.pagination (its attributes' roles differ by site)."""
    node = LexborHTMLParser(html).css_first("div.pagination")
    if node is None:
        return None
    numbers = [int(value) for name in ("count", "rows") if (value := node.attributes.get(name) or "").isdigit()]
    return max(numbers, default=None)
