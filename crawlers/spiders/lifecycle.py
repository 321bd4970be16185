"""The life of one run: lease, state, outcomes, and how it ends. Knows no list and no page."""

import logging
import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Self

import orjson
from scrapy import Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from scrapy.utils.defer import deferred_from_coro
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from chainwatch.archive import Archive
from chainwatch.models import Event, from_timestamp_ms
from chainwatch.problem import Problem
from chainwatch.settings import load_settings
from chainwatch.store.database import Database
from chainwatch.store.leases import LeaseLost
from chainwatch.stream.envelope import event_draft
from chainwatch.stream.open import open_stream, spool_url
from chainwatch.stream.protocol import ARTICLES
from crawlers.decide import Errand, as_known, troubled
from crawlers.fetched import Fetched
from crawlers.run import Run
from crawlers.source import Source
from crawlers.state import NoState, Outcome
from crawlers.stored import LEASE_MS, StoreState

log = logging.getLogger(__name__)

PARTITIONS = 4
"""Of the topic of articles, where the crawl is the first to use it."""
WALL = frozenset({401, 403, 412, 418, 429, 521})
"""Statuses that mean the site keeps us out."""
LIMITS = frozenset({"closespider_timeout", "memusage_exceeded"})
"""Scrapy's closing reasons for a run that took too much: a fault where it brought nothing, else the next goes on."""
JUDGED = frozenset({"finished", "breaker"})
"""Scrapy's closing reasons that say something about the source."""


class RunSpider(Spider):
    """One run of one source.

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
        self.clock: Callable[[], int] = now_ms
        self.started_ms = self.clock()
        self.today = from_timestamp_ms(self.started_ms).date()

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Scrapy's constructor."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.on_closed, signal=signals.spider_closed)
        crawler.signals.connect(spider.on_item_error, signal=signals.item_error)
        crawler.signals.connect(spider.on_callback_error, signal=signals.spider_error)
        return spider

    def announce(self, note: str) -> None:
        """Tell the reader of the coverage."""
        if note not in self.work.notes:
            log.warning("%s", note)
        self.work.announce(note)

    def fault(self, kind: str, place: str) -> None:
        """Count a fault for the source's health, and log where it was met."""
        log.warning("%s at %s", kind, place)
        self.work.facts.fault(kind)

    def settle(self, errand: Errand, outcome: Outcome, bodies: tuple[bytes, ...] = ()) -> None:
        """Give an article its outcome; bytes of a quarantined one are kept for whoever looks into it."""
        if bodies and self.installed:
            for body in bodies:
                Archive(self.chainwatch.archive_dir).put(body)
        self.work.settle(errand, outcome)

    def open_run(self) -> bool:
        """Lease the source and begin a run. Without an installation the crawl remembers nothing, and says so."""
        settings = self.chainwatch
        if settings.store is None and not (settings.home / "store.db").exists():
            log.warning("no installation in %s: nothing is remembered, articles go to feed exports only", settings.home)
            return True
        if not self.source.verify_tls:
            self.announce("certificates of this source are not verified")
        self.database = Database(settings.store_url)
        state = StoreState(
            self.database, self.source, self.clock, self.backfill, int(self.lease) if self.lease else None
        )
        state.run = self.run_name or state.run
        if not state.open():
            log.warning("%s is being crawled by another worker", self.source.name)
            self.close_run("leased by another worker")
            return False
        mode = f"backfill {self.since or ''}..{self.until or ''}" if self.backfill else ""
        self.work, self.installed = Run(state, mode, notes=self.work.notes), True
        self._renewal, self._renewed_ms = LoopingCall(self._renew), self.clock()
        self._renewal.start(2.0, now=False)
        return True

    def _renew(self) -> None:
        """Every two seconds: end with the scheduler that started this, else keep the lease."""
        if self.parent and os.getppid() != self.parent:
            self.close_run("scheduler gone")
            return
        if self.clock() - self._renewed_ms < LEASE_MS / 4:
            return
        self._renewed_ms = self.clock()
        try:
            self.work.state.renew()
        except LeaseLost as error:
            log.error("%s", error)  # noqa: TRY400  a traceback would add nothing
            self.close_run("lease lost")

    def close_run(self, reason: str) -> None:
        """End the run early; the reason stands in its coverage."""
        deferred_from_coro(self.crawler.engine.close_spider_async(reason=reason))

    def on_item_error(self, item: Fetched, failure: Failure) -> None:
        """A pipeline could not keep an article: it failed, and where the disk or the store refuses, the run ends."""
        log.error("%s", failure.value)
        errand = item.keeping.errand
        page = troubled(as_known(errand, self.source.name, self.clock()))
        if self.work.is_open(errand) and not isinstance(failure.value, LeaseLost):
            self.settle(errand, Outcome("failed", f"not kept: {type(failure.value).__name__}", page))
        if isinstance(failure.value, Problem | OSError):
            self.close_run("storage")

    def on_callback_error(self, failure: Failure, response: Response) -> None:
        """A bug of ours: the article failed, the others go on."""
        kind = type(failure.value).__name__
        self.fault(f"bug: {kind}", response.url)
        errand = response.request.cb_kwargs.get("errand") if response.request else None
        if isinstance(failure.value, LeaseLost):
            self.close_run("lease lost")
        elif errand is not None and self.work.is_open(errand):
            page = troubled(as_known(errand, self.source.name, self.clock()))
            self.settle(errand, Outcome("failed", f"bug: {kind}", page))

    def tripped(self, wait: float) -> None:
        """The breaker opened: leave the site alone for a while."""
        self.fault("breaker", self.source.addresses[0])
        self.work.break_ms = int(max(wait, 600) * 1000)
        self.close_run("breaker")

    def on_closed(self, reason: str) -> None:
        """Close the run: its numbers, the source's health, the lease."""
        if self.probe:
            report = {**self.probed, "faults": self.work.facts.faults, "notes": list(self.work.notes)}
            Path(self.probe).write_bytes(orjson.dumps(report))
        if self.database is None:
            return
        if self.installed:
            if self._renewal.running:
                self._renewal.stop()
            if reason not in {"finished", "shutdown"}:
                self.announce(f"ended early: {reason}")
            if reason in LIMITS and not self.work.facts.published:
                self.work.facts.fault(f"limit: {reason}")
                reason = "finished"
            try:
                coverage = self.work.finish("finished" if reason in JUDGED else reason, self._tell)
                log.info("%s", coverage.as_row())
            except LeaseLost as error:
                log.error("%s", error)  # noqa: TRY400  a traceback would add nothing
        self.database.close()

    def _tell(self, event: Event) -> None:
        """Facts about sources travel as articles do: the consumer records and routes them."""
        stream = open_stream(spool_url(self.chainwatch.stream_url, self.chainwatch.home))
        try:
            stream.ensure_topic(ARTICLES, PARTITIONS)
            stream.append(ARTICLES, [event_draft(event, from_timestamp_ms(self.clock()))])
        finally:
            stream.close()


def now_ms() -> int:
    """Unix milliseconds of now."""
    return time.time_ns() // 1_000_000


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
