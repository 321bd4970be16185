"""Walks plain list pages with selectors: TRS sites, lists that answer to a form, and any page that a user adds."""

from collections.abc import Iterator
from urllib.parse import urlencode, urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from crawlers.address import absolute
from crawlers.listing import FORM, Answer, Ask, ListFault, ListPage, Row, moment_ms, title_of
from crawlers.source import HtmlList
from crawlers.spiders.base import SourceSpider


class HtmlListSpider(SourceSpider):
    """Rows by selector; further pages by pattern, by a link, or by a form's page number."""

    def asks(self) -> Iterator[Ask]:
        """Every list page."""
        for url in self.listing(HtmlList).urls:
            yield self._page(url, self.resume(url))

    def _page(self, walk: str, step: int) -> Ask:
        listing = self.listing(HtmlList)
        if listing.form:
            number = {listing.page_parameter: step} if listing.page_parameter else {}
            body = urlencode({**listing.form, **number}).encode()
            return Ask(walk, walk=walk, step=step, method="POST", body=body, headers=FORM)
        pattern = listing.next_url if step > 1 else None
        return Ask(urljoin(walk, pattern.format(page=step, index=step - 1)) if pattern else walk, walk=walk, step=step)

    def read(self, ask: Ask, answer: Answer) -> ListPage:
        """Rows and the next page. Raises ListFault where a selector cannot be read."""
        listing = self.listing(HtmlList)
        tree = LexborHTMLParser(answer.text)
        try:
            nodes = tree.css(listing.row)
            rows = [row for node in nodes if (row := _row(node, listing, answer.url))]
            link = tree.css_first(listing.next_link) if listing.next_link else None
        except (SelectolaxError, ValueError) as error:
            raise ListFault(f"a selector cannot be read: {error}") from error
        following = None
        if rows and (listing.next_url or listing.page_parameter):
            following = self._page(ask.walk, self.after(ask))
        elif link is not None and (url := absolute(answer.url, link.attributes.get("href") or "")):
            following = Ask(url, walk=ask.walk, step=ask.step + 1)
        linkless = sum(1 for node in nodes if node.css_first(_css(listing.link)) is None)
        return ListPage(
            tuple(rows), following, bad_rows=len(nodes) - len(rows) if linkless < len(nodes) else len(nodes)
        )


def _row(node: LexborNode, listing: HtmlList, base: str) -> Row | None:
    link = node if node.tag == "a" and listing.link == "a" else node.css_first(_css(listing.link))
    if link is None:
        return None
    url = absolute(base, link.attributes.get("href") or "")
    title = value(node, listing.title) if listing.title else title_of(link)
    if url is None or not title:
        return None
    around = node.text(separator=" ").replace(title, " ")
    return Row(url, title, moment_ms(value(node, listing.date) if listing.date else around) or moment_ms(url))


def value(node: LexborNode, selector: str) -> str:
    """Text of the first node that the selector finds, or its attribute (`::attr(name)`); empty where there is none."""
    css, _, wanted = selector.partition("::")
    found = node.css_first(css) if css.strip() else node
    if found is None:
        return ""
    if wanted.startswith("attr("):
        return (found.attributes.get(wanted[5:-1].strip()) or "").strip()
    return " ".join(found.text(separator=" ").split())


def _css(selector: str) -> str:
    return selector.partition("::")[0]
