"""Walks a newspaper: the index of a day, its pages, their articles. Days count backwards from today."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from selectolax.lexbor import LexborHTMLParser

from crawlers.address import absolute
from crawlers.listing import Answer, Ask, ListPage, Row, moment_ms, title_of
from crawlers.source import Epaper
from crawlers.spiders.base import SourceSpider

_REFRESH = re.compile(r"""<meta[^>]+http-equiv\s*=\s*["']?refresh[^>]+url\s*=\s*["']?([^"'>\s]+)""", re.IGNORECASE)


class EpaperSpider(SourceSpider):
    """One step is one day. A day without a paper (404) is no fault while another day has one."""

    every_step = True

    def asks(self) -> Iterator[Ask]:
        """The index of every day of the run."""
        paper = self.listing(Epaper)
        last, first = self.until or self.today, self.since or self.today - timedelta(days=paper.days - 1)
        begin = self.resume(paper.url)
        for step in range(begin, (last - first).days + 2):
            day = last - timedelta(days=step - 1)
            yield Ask(_index(paper.url, day), walk=paper.url, step=step, context={"day": day.isoformat()})

    def may_be_absent(self, ask: Ask) -> bool:  # noqa: ARG002  the interface's name
        """There are days without a paper, and today's may not be out; that all are missing is seen by the health."""
        return True

    def read(self, ask: Ask, answer: Answer) -> ListPage:
        """Articles of one page of the paper; the day's index also names the other pages."""
        paper = self.listing(Epaper)
        tree = LexborHTMLParser(answer.text)
        rows: dict[str, Row] = {}
        bad = 0
        for link in tree.css(paper.article_links):
            url, title = absolute(answer.url, link.attributes.get("href") or ""), title_of(link)
            if url and title:
                rows.setdefault(url.partition("?")[0], Row(url, title, moment_ms(ask.context["day"])))
            else:
                bad += 1
        links = [absolute(answer.url, link.attributes.get("href") or "") for link in tree.css(paper.page_links)]
        if not rows and (refresh := _REFRESH.search(answer.text)) and "refreshed" not in ask.context:
            target = absolute(answer.url, refresh[1])
            context = {**ask.context, "refreshed": "yes"}
            parts = (Ask(target, ask.walk, ask.step, context=context, part=True),) if target else ()
            return ListPage(parts=parts, container=True)
        pages = [] if ask.part and "refreshed" not in ask.context else [url for url in dict.fromkeys(links) if url]
        further = tuple(
            Ask(url, ask.walk, ask.step, context=ask.context, part=True) for url in pages if url != answer.url
        )
        return ListPage(tuple(rows.values()), parts=further, bad_rows=bad)


def _index(pattern: str, day: date) -> str:
    return pattern.format(year=f"{day:%Y}", month=f"{day:%m}", day=f"{day:%d}")
