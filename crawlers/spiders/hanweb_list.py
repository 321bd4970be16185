"""Walks columns of Hanweb JCMS sites, both generations, which live side by side.

The old one keeps its rows in a data store inside the page and serves further ones through a proxy; columns moved to
the new one are read as jpaas.
"""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlencode, urljoin, urlsplit

from crawlers.listing import Answer, Ask, ListFault, ListPage, Row, rows_of
from crawlers.source import HanwebList
from crawlers.spiders.base import SourceSpider
from crawlers.spiders.jpaas_list import unit_of, unit_page

_CDATA = re.compile(r"<record>\s*<!\[CDATA\[(.*?)\]\]>\s*</record>", re.DOTALL)
_GROUP = re.compile(r"<nextgroup>\s*<!\[CDATA\[(.*?)\]\]>\s*</nextgroup>", re.DOTALL)
_HREF = re.compile(r"""href\s*=\s*["']?([^"'\s>]+)""")
_STORE = re.compile(
    r"""<div[^>]*\bid\s*=\s*["']?(\d{4,})["']?[^>]*>\s*<script[^>]*text/xml[^>]*>.*?<datastore>""", re.DOTALL
)
_TOTAL = re.compile(r"<totalrecord>\s*(\d+)\s*</totalrecord>")
_COLUMN = re.compile(r"/col/col(\d+)/")


class HanwebListSpider(SourceSpider):
    """A column page of either generation, then its further pages."""

    def asks(self) -> Iterator[Ask]:
        """Every column page."""
        for url in self.listing(HanwebList).urls:
            yield Ask(url, walk=url, step=0)

    def read(self, ask: Ask, answer: Answer) -> ListPage:
        """Rows of a data store, a proxy's answer, or a unit."""
        per_page = self.listing(HanwebList).per_page
        if "unit" in ask.context:
            return unit_page(ask, answer, per_page, self.after(ask))
        if "<datastore>" in answer.text or "<recordset>" in answer.text:
            return self._store(ask, answer, per_page)
        if ask.step:
            raise ListFault("the list's proxy gives no records")
        if "querydata" in answer.text:
            return unit_of(ask, answer, per_page, self.resume(ask.walk))
        rows, bad = rows_of(answer.text, answer.url, containing="/art/")
        return ListPage(rows, bad_rows=bad)

    def _store(self, ask: Ask, answer: Answer, per_page: int) -> ListPage:
        records = _CDATA.findall(answer.text)
        rows, bad = _rows(records, ask.context.get("base", answer.url))
        total = _TOTAL.search(answer.text)
        read = int(ask.context.get("read", "0")) + len(records)
        step = max(ask.step, 1)
        following = self.after(Ask(ask.url, ask.walk, step))
        more = rows and (total is None or read < int(total[1]))
        context = {"base": ask.context.get("base", answer.url), "read": str(read)}
        return ListPage(rows, _next(ask, answer, following, per_page, context) if more else None, bad_rows=bad)


def _rows(records: list[str], base: str) -> tuple[tuple[Row, ...], int]:
    found: list[Row] = []
    bad = 0
    for record in records:
        rows, broken = rows_of(record, base, containing="/")
        # One record is one article: further links in it (a column's name, a picture) lead elsewhere.
        best = next((row for row in rows if "/art" in row.url), rows[0] if rows else None)
        found += [best] if best else []
        bad += bool(broken) and best is None
    return tuple(found), bad + sum(not record.strip() for record in records)


def _next(ask: Ask, answer: Answer, step: int, per_page: int, context: dict[str, str]) -> Ask | None:
    """The proxy's address of a further page: what `nextgroup` links, else built from the page's own parameters."""
    call = ask.context.get("proxy")
    if not call:
        group = _GROUP.search(answer.text)
        link = _HREF.search(unescape(group[1])) if group else None
        call = urljoin(answer.url, link[1]) if link else _proxy(answer)
    if call is None:
        return None
    bare = re.sub(r"([?&])(?:startrecord|endrecord|perpage|page|group)=[^&]*", r"\1", call).rstrip("&?")
    first = (step - 1) * per_page + 1
    query = urlencode({"startrecord": first, "endrecord": step * per_page, "perpage": per_page, "page": step})
    glue = "&" if "?" in bare else "?"
    url = re.sub(r"([?&])&+", r"\1", f"{bare}{glue}{query}")
    return Ask(url, walk=ask.walk, step=step, context={**context, "proxy": call})


def _proxy(answer: Answer) -> str | None:
    column, unit = _COLUMN.search(urlsplit(answer.url).path), _STORE.search(answer.text)
    if not column or not unit:
        return None
    web = re.search(r"""webid["'\s:=]+(\d+)""", answer.text, re.IGNORECASE)
    name = re.search(r"""webname["'\s:=]+([^"'&\s]+)""", answer.text, re.IGNORECASE)
    query = {
        "col": 1,
        "appid": 1,
        "webid": web[1] if web else "",
        "path": "/",
        "columnid": column[1],
        "sourceContentType": 1,
        "unitid": unit[1],
        "webname": name[1] if name else "",
        "permissiontype": 0,
    }
    return f"{urljoin(answer.url, '/module/web/jpage/dataproxy.jsp')}?{urlencode(query)}"
