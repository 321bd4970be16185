"""The one way all sources are crawled: lists → rows → articles → pipelines, every page with exactly one outcome.

A kind of list adds only `asks` (where to begin) and `read` (what a list page says).
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Self, TypeVar

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from chainwatch.models import SHANGHAI, to_timestamp_ms
from crawlers.decide import Errand, Window, key_of, sort_out
from crawlers.encoding import decode
from crawlers.listing import Answer, Ask, ListFault, ListPage, is_wall
from crawlers.source import Entry
from crawlers.spiders.article import ArticleSpider, raw_of, validators
from crawlers.spiders.lifecycle import log, why
from crawlers.templates import Refused

RECHECKS = 200
"""Known pages that one run may look at again."""

Kind = TypeVar("Kind", bound=Entry)


class SourceSpider(ArticleSpider):
    """Walks the lists of one source, then looks again at known pages."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._last_page: dict[str, set[str]] = {}
        self._later = iter((self._rechecks, self.confirmations, self._canary))

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's constructor."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.on_idle, signal=signals.spider_idle)
        return spider

    # What a kind of list adds.

    every_step: ClassVar[bool] = False
    """Whether every step, not only the first, is what the list shows newest."""

    def asks(self) -> Iterator[Ask]:
        """The first page of every list."""
        raise NotImplementedError

    def read(self, ask: Ask, answer: Answer) -> ListPage:
        """What a list page says. Raises ListFault where it cannot be read."""
        raise NotImplementedError

    def may_be_absent(self, ask: Ask) -> bool:
        """Whether a missing page is no fault: one past the end of the list."""
        return ask.step > 1

    def listing(self, kind: type[Kind]) -> Kind:
        """The source's list options, of the spider's own kind."""
        if not isinstance(self.source.listing, kind):
            raise TypeError(f"{self.source.name} is no {kind.__name__}")
        return self.source.listing

    def resume(self, walk: str) -> int:
        """Step to begin a walk with: 1, or where a killed backfill left off."""
        return self.work.resume(walk)

    def after(self, ask: Ask) -> int:
        """Step that follows a page: the next, or where a killed backfill left off."""
        return max(ask.step + 1, self.work.resume(ask.walk))

    # Lists.

    async def start(self) -> AsyncIterator[Request]:
        """Open the run, then ask for the first page of every list."""
        if not self.probe and not self.open_run():
            return
        for ask in self.asks():
            yield self._list_request(ask)

    def _list_request(self, ask: Ask) -> Request:
        headers = dict(ask.headers)
        if ask.step == 1 and ask.method == "GET" and not ask.part:
            tag, modified = self.work.list_validators(ask.url)
            headers |= {"If-None-Match": tag} if tag else {}
            headers |= {"If-Modified-Since": modified} if modified else {}
        return Request(
            ask.url,
            method=ask.method,
            body=ask.body,
            headers=headers,
            meta={"handle_httpstatus_list": [304]},
            callback=self.parse_list,
            errback=self.list_failed,
            cb_kwargs={"ask": ask},
            dont_filter=True,
            priority=-ask.step,
        )

    def parse_list(self, response: Response, ask: Ask) -> Iterator[Request]:
        """Rows of a list page become articles to fetch, or their outcome at once."""
        page = self._list_page(response, ask)
        if page is None:
            return
        keys = {key_of(row): row for row in page.rows}
        if keys and keys.keys() <= self._last_page.get(ask.walk, set()) and not ask.part:
            self._repeated(ask)
            return
        if not ask.part:
            self._last_page[ask.walk] = set(keys)
        fresh = self.work.fresh(list(keys))
        rows = [row for key, row in keys.items() if key in fresh]
        known = self.work.state.known(sorted(fresh))
        errands, outcomes = sort_out(rows, known, self.source.domains, self._window())
        errands = [replace(errand, walk=ask.walk, step=ask.step) for errand in errands]
        elsewhere = sum(outcome.reason == "another host" for outcome in outcomes)
        if rows and elsewhere * 5 > len(rows) * 4:
            self.fault("rows lead to other hosts", response.url)
        self.work.listed(errands, outcomes, ask.walk, ask.step)
        for errand in errands:
            yield self.errand_request(errand)
        for part in page.parts:
            yield self._list_request(part)
        if page.following is not None and self._goes_on(ask, page, len(errands)):
            yield self._list_request(page.following)

    def _list_page(self, response: Response, ask: Ask) -> ListPage | None:
        """What the list page says; None where it has not changed or cannot be read, which is a fault."""
        if response.status == 304:
            self.work.facts.unchanged = True
            return None
        if ask.step == 1 and ask.method == "GET" and not ask.part:
            self.work.validators[ask.url] = validators(response)
        answer = Answer(response.url, _text(response), response.body)
        try:
            page = self.read(ask, answer)
        except ListFault as fault:
            self.fault("challenge page" if is_wall(answer) else str(fault), response.url)
            return None
        if not page.rows and not page.container and is_wall(answer):
            self.fault("challenge page", response.url)
            return None
        self.work.list_read(page, self.clock(), first=ask.step <= 1 or self.every_step or self.backfill)
        return self._sample(page, response.url) if self.probe else page

    def _sample(self, page: ListPage, url: str) -> ListPage:
        """For a probe: the first row of the first list that has one, and the way to it."""
        if self.probed.get("rows"):
            return ListPage()
        rows = [{"url": row.url, "title": row.title, "date_ms": row.date_ms} for row in page.rows]
        self.probed |= {"list": url, "rows": len(rows), "dated": sum(row.date_ms is not None for row in page.rows)}
        self.probed["sample"] = rows[:3]
        return ListPage(rows=page.rows[:1], parts=() if rows else page.parts[:1], container=page.container)

    def _repeated(self, ask: Ask) -> None:
        """A page that brings nothing but rows of earlier pages: the site ignores our paging, or new rows shifted it."""
        self.announce(f"list page {ask.step} repeats earlier rows; the walk stops there")
        if not self.work.mode and ask.step == 2:
            self.fault("a list page comes again", ask.url)

    def _goes_on(self, ask: Ask, page: ListPage, to_fetch: int) -> bool:
        """Whether the walk reads the next page: until known ground, the range's end, or the cap, which is announced."""
        if self.backfill:
            since = self._window().since_ms
            if (
                since is not None
                and page.rows
                and all(row.date_ms is not None and row.date_ms < since for row in page.rows)
            ):
                return False
        elif not to_fetch and not self.work.state.hole:
            return False
        if page.container or ask.step < self.cap:
            return True
        self.announce(f"stopped at the cap of {self.cap} list pages; older articles were not looked at")
        return False

    def _window(self) -> Window:
        def start(day: date | None) -> int | None:
            return None if day is None else to_timestamp_ms(datetime(day.year, day.month, day.day, tzinfo=SHANGHAI))

        return Window(start(self.since), start(self.until + timedelta(days=1) if self.until else None))

    def list_failed(self, failure: Failure) -> None:
        """A list that could not be fetched."""
        kind, ask = why(failure), failure.request.cb_kwargs["ask"]  # type: ignore[attr-defined]  # Scrapy adds it
        if kind in {"HTTP 404", "HTTP 410"} and self.may_be_absent(ask):
            log.info("the list ends before %s", ask.url)
            return
        self.fault(kind if kind.startswith(("blocked", "robots")) else f"list: {kind}", failure.request.url)  # type: ignore[attr-defined]  # Scrapy adds it

    # After the lists.

    def _rechecks(self) -> list[Errand]:
        """Pages of the last days, for revisions and withdrawals."""
        if self.backfill or not self.source.recheck_days:
            return []
        now = self.clock()
        since, before = now - self.source.recheck_days * 86_400_000, now - int(self.source.recheck_hours * 3_600_000)
        due = self.work.state.recheckable(since, min(before, self.started_ms), self.started_ms, RECHECKS + 1)
        if len(due) > RECHECKS:
            self.announce(f"only {RECHECKS} known pages were looked at again")
        return [Errand(page.key, page.url, page.title, page.published_ms, page, again=True) for page in due[:RECHECKS]]

    def _canary(self) -> list[Errand]:
        """One known page, where the run has read none: a changed layout is seen even when there is no news."""
        facts = self.work.facts
        page = None if facts.articles or facts.faults or self.backfill else self.work.state.newest()
        if page is None:
            return []
        return [Errand(page.key, page.url, page.title, page.published_ms, page, again=True, canary=True)]

    def on_idle(self) -> None:
        """Lists and articles are done: look again at known pages, then close."""
        for phase in self._later:
            errands = phase()
            if not errands:
                continue
            self.work.listed([errand for errand in errands if not errand.confirm], [], "", 0)
            for errand in errands:
                self.crawler.engine.crawl(self.errand_request(errand))
            raise DontCloseSpider


def _text(response: Response) -> str:
    """The list decoded; empty for bytes that are no text, which list readers tell as a fault or read themselves."""
    try:
        return decode(response.body, raw_of(response).charset, place=response.url).text
    except Refused:
        return ""
