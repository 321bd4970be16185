"""The one way all sources are crawled: lists → rows → articles → pipelines, every page with exactly one outcome.

A kind of list adds only `asks` (where to begin) and `read` (what a list page says).
"""

import logging
import os
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Self, TypeVar

import orjson
from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider, IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from chainwatch.archive import Archive
from chainwatch.models import SHANGHAI, Article, Event, State, from_timestamp_ms, to_timestamp_ms
from chainwatch.problem import Problem
from chainwatch.settings import load_settings
from chainwatch.store.database import Database
from chainwatch.store.leases import LeaseLost
from chainwatch.stream.envelope import event_draft
from chainwatch.stream.open import open_stream, spool_url
from chainwatch.stream.protocol import ARTICLES
from crawlers.decide import Errand, Window, as_known, key_of, read_well, sort_out, troubled
from crawlers.fetched import Fetched, Keeping
from crawlers.listing import Answer, Ask, ListFault, ListPage
from crawlers.reading import Context, Raw, headers_of, read_page, withdrawn
from crawlers.run import Run
from crawlers.source import Entry, Source
from crawlers.state import LEASE_MS, NoState, Outcome, StoreState
from crawlers.templates import Reason, Refused, join

log = logging.getLogger(__name__)

LARGEST = 8 << 20
"""Bytes an answer may have, unpacked."""
RECHECKS = 200
"""Known pages that one run may look at again."""
PARTITIONS = 4
"""Of the topic of articles, where the crawl is the first to use it."""
MORE_PAGES = 30
"""Further pages of one article."""
WALL = frozenset({401, 403, 412, 418, 429, 521})
"""Statuses that mean the site keeps us out."""
JUDGED = {
    "finished": "finished",
    "breaker": "finished",
    "closespider_timeout": "finished",
    "memusage_exceeded": "finished",
}
"""Scrapy's closing reasons that say something about the source."""

Kind = TypeVar("Kind", bound=Entry)


class SourceSpider(Spider):
    """Crawls one source.

    Arguments (`-a name=value`): `since` and `until` (YYYY-MM-DD, both inclusive) make it a backfill; `pages`
    overrides the cap of list pages; `lease`, `run` and `parent` come from the scheduler; `probe` names a
    file for what one list and one article give, and nothing is remembered.
    """

    source: ClassVar[Source]

    def __init__(self, *args: Any, since: str = "", until: str = "", pages: str = "", **kwargs: Any) -> None:
        self.lease, self.run_name = str(kwargs.pop("lease", "")), str(kwargs.pop("run", ""))
        self.parent, self.probe = int(kwargs.pop("parent", 0)), str(kwargs.pop("probe", ""))
        self.probed: dict[str, Any] = {}
        super().__init__(*args, **kwargs)
        self.since, self.until = _day(since, "since"), _day(until, "until")
        self.backfill = bool(since or until)
        self.cap = int(pages) if pages else (10_000 if self.backfill else self.source.pages)
        self.chainwatch = load_settings(os.environ)
        self.installed = False
        self.database: Database | None = None
        self.work = Run(NoState())
        self.started_ms = now_ms()
        self.today = from_timestamp_ms(self.started_ms).date()
        self._later = iter((self._rechecks, self._canary))

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's constructor."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.on_idle, signal=signals.spider_idle)
        crawler.signals.connect(spider.on_closed, signal=signals.spider_closed)
        crawler.signals.connect(spider.on_item_error, signal=signals.item_error)
        crawler.signals.connect(spider.on_callback_error, signal=signals.spider_error)
        return spider

    # What a kind of list adds.

    def asks(self) -> Iterator[Ask]:
        """The first page of every list."""
        raise NotImplementedError

    def read(self, ask: Ask, answer: Answer) -> ListPage:
        """What a list page says. Raises ListFault where it cannot be read."""
        raise NotImplementedError

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

    def announce(self, note: str) -> None:
        """Tell the reader of the coverage."""
        if note not in self.work.notes:
            log.warning("%s", note)
        self.work.announce(note)

    # Lists.

    async def start(self) -> AsyncIterator[Request]:
        """Open the run, then ask for the first page of every list."""
        if not self.probe and not self._open():
            return
        for ask in self.asks():
            yield self._list_request(ask)

    def _open(self) -> bool:
        """Lease the source and begin a run. Without an installation the crawl remembers nothing, and says so."""
        settings = self.chainwatch
        if settings.store is None and not (settings.home / "store.db").exists():
            log.warning("no installation in %s: nothing is remembered, articles go to feed exports only", settings.home)
            return True
        if not self.source.verify_tls:
            self.announce("certificates of this source are not verified")
        self.database = Database(settings.store_url)
        state = StoreState(self.database, self.source, now_ms, self.backfill, int(self.lease) if self.lease else None)
        state.run = self.run_name or state.run
        if not state.open():
            log.warning("%s is being crawled by another worker", self.source.name)
            self._close("leased by another worker")
            return False
        mode = f"backfill {self.since or ''}..{self.until or ''}" if self.backfill else ""
        self.work, self.installed = Run(state, mode, notes=self.work.notes), True
        self._renewal, self._renewed_ms = LoopingCall(self._renew), now_ms()
        self._renewal.start(2.0, now=False)
        return True

    def _renew(self) -> None:
        """Every two seconds: end with the scheduler that started this, else keep the lease."""
        if self.parent and os.getppid() != self.parent:
            self._close("scheduler gone")
            return
        if now_ms() - self._renewed_ms < LEASE_MS / 4:
            return
        self._renewed_ms = now_ms()
        try:
            self.work.state.renew()
        except LeaseLost as error:
            log.error("%s", error)  # noqa: TRY400  a traceback would add nothing
            self._close("lease lost")

    def _close(self, reason: str) -> None:
        self.crawler.engine.close_spider(self, reason)

    def _list_request(self, ask: Ask) -> Request:
        return Request(
            ask.url,
            method=ask.method,
            body=ask.body,
            headers=dict(ask.headers),
            callback=self.parse_list,
            errback=self.list_failed,
            cb_kwargs={"ask": ask},
            dont_filter=True,
            priority=-ask.step,
        )

    def parse_list(self, response: Response, ask: Ask) -> Iterator[Request]:
        """Rows of a list page become articles to fetch, or their outcome at once."""
        answer = Answer(response.url, response.text if isinstance(response, TextResponse) else "", response.body)
        try:
            page = self.read(ask, answer)
        except ListFault as fault:
            self._fault(f"{fault}", response.url)
            return
        self.work.list_read(page, ask.step, now_ms())
        if self.probe:
            page = self._sample(page, response.url)
        keys = [key_of(row) for row in page.rows]
        fresh = self.work.fresh(keys)
        rows = [row for row, key in zip(page.rows, keys, strict=True) if key in fresh]
        if page.rows and not rows and ask.step > 1 and not ask.part:
            self._repeated(ask)
            return
        unique = list({key_of(row): row for row in rows}.values())
        known = self.work.state.known([key_of(row) for row in unique])
        errands, outcomes = sort_out(unique, known, self.source.domains, self._window())
        errands = [replace(errand, walk=ask.walk, step=ask.step) for errand in errands]
        elsewhere = sum(outcome.reason == "another host" for outcome in outcomes)
        if unique and elsewhere * 5 > len(unique) * 4:
            self._fault("rows lead to other hosts", response.url)
        self.work.listed(errands, outcomes, ask.walk, ask.step)
        for errand in errands:
            yield self.errand_request(errand)
        for part in page.parts:
            yield self._list_request(part)
        if page.following is not None and self._goes_on(ask, page, len(errands)):
            yield self._list_request(page.following)

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
            self._fault("a list page comes again", ask.url)

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
        elif not to_fetch:
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
        kind = why(failure)
        self._fault(kind if kind.startswith(("blocked", "robots")) else f"list: {kind}", failure.request.url)  # type: ignore[attr-defined]  # Scrapy adds it

    def _fault(self, kind: str, place: str) -> None:
        log.warning("%s at %s", kind, place)
        self.work.facts.fault(kind)

    # Articles.

    def errand_request(self, errand: Errand) -> Request:
        """The request for an article, conditional where the page is known."""
        headers: dict[str, str] = {}
        if errand.known is not None and errand.again and not errand.canary:
            headers |= {"If-None-Match": errand.known.etag} if errand.known.etag else {}
            headers |= {"If-Modified-Since": errand.known.last_modified} if errand.known.last_modified else {}
        if not errand.canary:
            self.work.facts.pages_tried += 1
        return Request(
            errand.url,
            headers=headers,
            callback=self.parse,
            errback=self.article_failed,
            cb_kwargs={"errand": errand},
            meta={"handle_httpstatus_list": [304, 404, 410]},
            dont_filter=True,
            priority=10,
        )

    async def parse(self, response: Response, errand: Errand | None = None) -> AsyncIterator[Fetched]:
        """An article's page → what the pipelines keep. `scrapy parse URL` comes here without an errand."""
        if errand is None:
            errand = Errand(response.url, response.url, "")
            self.work.listed([errand], [], "", 0)
        page = as_known(errand, self.source.name, now_ms())
        if response.status == 304:
            self.work.facts.known_read += 1
            self.settle(errand, Outcome("duplicate", "not modified", page))
            return
        if response.status in {404, 410}:
            item = self._gone(errand, response)
            if item is not None:
                yield item
            return
        raw = _raw(response)
        try:
            article, bodies = await self._read(raw, errand)
        except Refused as refusal:
            self._refused(errand, raw, refusal)
            return
        gone = self.work.article_read(errand, article, now_ms())
        self.probed["article"] = article.model_dump(mode="json") if self.probe else None
        if gone:
            reason = f"lost its {', '.join(gone)}"
            self.settle(errand, Outcome("quarantined", reason, troubled(page), raw.digest), bodies)
            return
        if errand.known is not None and errand.known.content_digest == article.content_digest:
            page = read_well(page, article, *_validators(response))
            self.settle(errand, Outcome("duplicate", "unchanged", page))
            return
        yield Fetched(article, Keeping(errand, read_well(page, article, *_validators(response)), bodies))

    async def _read(self, raw: Raw, errand: Errand) -> tuple[Article, tuple[bytes, ...]]:
        """The article with its further pages and attachments, and all bytes it rests on."""
        context = Context(self.source, self.work.state.run, from_timestamp_ms(now_ms()), self._quiet())
        parsed = read_page(raw, context, errand)
        bodies = [raw.body, raw.headers]
        article = parsed.article
        for url in parsed.next_pages[:MORE_PAGES]:
            more = await self._download(url)
            if more is None:
                break
            bodies.append(more.body)
            article = join(article, read_page(more, context, errand).article)
        if len(parsed.next_pages) > MORE_PAGES:
            self.announce(f"articles are read up to {MORE_PAGES + 1} pages")
        return await self._attachments(article, bodies)

    async def _attachments(self, article: Article, bodies: list[bytes]) -> tuple[Article, tuple[bytes, ...]]:
        return article, tuple(bodies)

    async def _download(self, url: str) -> Raw | None:
        """A page or file that belongs to an article; None where it cannot be had."""
        try:
            response = await self.crawler.engine.download_async(Request(url, dont_filter=True, priority=20))
        except Exception as error:  # noqa: BLE001  any failed download means the same: the part is not there
            log.info("cannot fetch %s: %s", url, type(error).__name__)
            return None
        if response.status != 200:
            return None
        return _raw(response)

    def _quiet(self) -> bool:
        """Whether what is found now must alert nobody: a backfill, or a source that never ended a run well."""
        return self.backfill or (self.work.state.first and not self.source.alert_first_run)

    def _gone(self, errand: Errand, response: Response) -> Fetched | None:
        page = as_known(errand, self.source.name, now_ms())
        if errand.known is None or errand.known.content_digest is None:
            self.settle(errand, Outcome("failed", f"HTTP {response.status}", troubled(page)))
            return None
        if errand.known.state == State.WITHDRAWN:
            self.settle(errand, Outcome("duplicate", "still withdrawn", page))
            return None
        raw = _raw(response)
        context = Context(self.source, self.work.state.run, from_timestamp_ms(now_ms()), self._quiet())
        article = withdrawn(errand.known, raw, context)
        page = replace(page, content_digest=article.content_digest, state=State.WITHDRAWN.value)
        return Fetched(article, Keeping(errand, page, (raw.body, raw.headers)))

    def _refused(self, errand: Errand, raw: Raw, refusal: Refused) -> None:
        wall = refusal.reason == Reason.CHALLENGE
        self._fault(f"article: {'challenge page' if wall else refusal.reason.value}", raw.url)
        page = troubled(as_known(errand, self.source.name, now_ms()))
        self.settle(errand, Outcome("quarantined", refusal.reason.value, page, raw.digest), (raw.body, raw.headers))

    def article_failed(self, failure: Failure) -> None:
        """An article that could not be fetched."""
        errand: Errand = failure.request.cb_kwargs["errand"]  # type: ignore[attr-defined]  # Scrapy adds it
        kind = why(failure)
        self._fault(f"article: {kind}", errand.url)
        if kind == "robots.txt":
            self.settle(errand, Outcome("filtered", kind))
            return
        self.settle(errand, Outcome("failed", kind, troubled(as_known(errand, self.source.name, now_ms()))))

    def settle(self, errand: Errand, outcome: Outcome, bodies: tuple[bytes, ...] = ()) -> None:
        """Give an article its outcome; bytes of a quarantined one are kept for whoever looks into it."""
        if bodies and self.installed:
            for body in bodies:
                Archive(self.chainwatch.archive_dir).put(body)
        self.work.settle(errand, outcome)

    # After the lists.

    def _rechecks(self) -> list[Errand]:
        """Pages of the last days, for revisions and withdrawals."""
        if self.backfill or not self.source.recheck_days:
            return []
        now = now_ms()
        since, before = now - self.source.recheck_days * 86_400_000, now - int(self.source.recheck_hours * 3_600_000)
        due = self.work.state.recheckable(since, min(before, self.started_ms), RECHECKS + 1)
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

    # Scrapy's signals.

    def on_idle(self) -> None:
        """Lists and articles are done: look again at known pages, then close."""
        for phase in self._later:
            errands = [errand for errand in phase() if not self.work.is_open(errand)]
            if not errands:
                continue
            self.work.fresh([errand.key for errand in errands])
            self.work.listed(errands, [], "", 0)
            for errand in errands:
                self.crawler.engine.crawl(self.errand_request(errand))
            raise DontCloseSpider

    def on_item_error(self, item: Fetched, failure: Failure) -> None:
        """A pipeline could not keep an article: it failed, and where the disk or the store refuses, the run ends."""
        log.error("%s", failure.value)
        errand = item.keeping.errand
        page = troubled(as_known(errand, self.source.name, now_ms()))
        if self.work.is_open(errand) and not isinstance(failure.value, LeaseLost):
            self.settle(errand, Outcome("failed", f"not kept: {type(failure.value).__name__}", page))
        if isinstance(failure.value, Problem | OSError):
            self._close("storage")

    def on_callback_error(self, failure: Failure, response: Response) -> None:
        """A bug of ours: the article failed, the others go on."""
        kind = type(failure.value).__name__
        self._fault(f"bug: {kind}", response.url)
        errand = response.request.cb_kwargs.get("errand") if response.request else None
        if isinstance(failure.value, LeaseLost):
            self._close("lease lost")
        elif errand is not None and self.work.is_open(errand):
            page = troubled(as_known(errand, self.source.name, now_ms()))
            self.settle(errand, Outcome("failed", f"bug: {kind}", page))

    def tripped(self, wait: float) -> None:
        """The breaker opened: leave the site alone for a while."""
        self._fault("breaker", self.source.addresses[0])
        self.work.break_ms = int(max(wait, 600) * 1000)
        self._close("breaker")

    def on_closed(self, reason: str) -> None:
        """Close the run: its numbers, the source's health, the lease."""
        if self.probe:
            report = {**self.probed, "faults": self.work.facts.faults, "notes": list(self.work.notes)}
            Path(self.probe).write_bytes(orjson.dumps(report))
        if self.database is None:
            return
        if self.installed:
            self._renewal.stop()
            if reason not in {"finished", "shutdown"}:
                self.announce(f"ended early: {reason}")
            try:
                coverage = self.work.finish(JUDGED.get(reason, reason), self._tell)
                log.info("%s", coverage.as_row())
            except LeaseLost as error:
                log.error("%s", error)  # noqa: TRY400  a traceback would add nothing
        self.database.close()

    def _tell(self, event: Event) -> None:
        """Facts about sources travel as articles do: the consumer records and routes them."""
        stream = open_stream(spool_url(self.chainwatch.stream_url, self.chainwatch.home))
        try:
            stream.ensure_topic(ARTICLES, PARTITIONS)
            stream.append(ARTICLES, [event_draft(event, datetime.now(SHANGHAI))])
        finally:
            stream.close()


def now_ms() -> int:
    """Unix milliseconds of now."""
    return time.time_ns() // 1_000_000


def _raw(response: Response) -> Raw:
    pairs = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    ]
    return Raw(response.url, response.body, headers_of(pairs), response.status)


def _validators(response: Response) -> tuple[str | None, str | None]:
    tag, modified = response.headers.get("ETag"), response.headers.get("Last-Modified")
    return (tag.decode("latin-1") if tag else None), (modified.decode("latin-1") if modified else None)


def _day(text: str, argument: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Problem(f"{text!r} is no date", place=f"-a {argument}", cure="write YYYY-MM-DD") from None


def why(failure: Failure) -> str:
    """A fetch's failure in a few stable words."""
    error = failure.value
    if isinstance(error, HttpError):
        status = error.response.status
        return f"blocked: HTTP {status}" if status in WALL else f"HTTP {status}"
    if isinstance(error, IgnoreRequest):
        text = str(error)
        if "robots.txt" in text:
            return "robots.txt"
        return "too large" if "DOWNLOAD_MAXSIZE" in text else f"refused: {text[:60]}"
    name = type(error).__name__.removeprefix("Download").removesuffix("Error")
    words = {"Cancelled": "too large", "Timeout": "timeout", "CannotResolveHost": "no such host"}
    return words.get(name, name)
