"""From an errand to an article: fetch, read, join, and give every page its one outcome."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from chainwatch.models import Article, State, content_digest, from_timestamp_ms
from chainwatch.store.crawl import Known
from crawlers import attachments
from crawlers.decide import Errand, as_known, read_well, troubled
from crawlers.fetched import Fetched, Keeping
from crawlers.listing import Ask
from crawlers.reading import Context, Raw, headers_of, read_page, withdrawn
from crawlers.spiders.lifecycle import RunSpider, log, why
from crawlers.state import Outcome
from crawlers.templates import Reason, Refused, join

BULK = 3
"""Pages gone in one run that may mean a moved site."""
LARGEST = 8 << 20
"""Bytes an answer may have, unpacked."""
MORE_FILES = 20
"""Attachments of one article that are read."""
NOT_FETCHED = "not fetched"
MORE_PAGES = 30
"""Further pages of one article."""


class Incomplete(Exception):  # noqa: N818  it says what is missing
    """Half an article would look like a revision: it is tried again at the next run."""


class ArticleSpider(RunSpider):
    """What becomes of each article: its page, further pages and attachments, its withdrawal, its refusal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.missing: list[Errand] = []

    def errand_request(self, errand: Errand) -> Request:
        """The request for an article, conditional where the page is known."""
        headers: dict[str, str] = {}
        if errand.known is not None and errand.again and not errand.canary:
            headers |= {"If-None-Match": errand.known.etag} if errand.known.etag else {}
            headers |= {"If-Modified-Since": errand.known.last_modified} if errand.known.last_modified else {}
        if not errand.canary:
            self.work.facts.pages_tried += 1
        call = self.article_call(errand)
        return Request(
            call.url,
            method=call.method,
            body=call.body,
            headers={**call.headers, **headers},
            callback=self.parse,
            errback=self.article_failed,
            cb_kwargs={"errand": errand},
            meta={"handle_httpstatus_list": [304, 404, 410]},
            dont_filter=True,
            priority=10,
        )

    def article_call(self, errand: Errand) -> Ask:
        """What to ask for an article: its address, unless a service behind it gives the text."""
        return Ask(errand.url, errand.walk)

    async def parse(self, response: Response, errand: Errand | None = None) -> AsyncIterator[Fetched]:
        """An article's page → what the pipelines keep. `scrapy parse URL` comes here without an errand."""
        if errand is None:
            errand = Errand(response.url, response.url, "")
            self.work.listed([errand], [], "", 0)
        item = await self._outcome(response, errand, as_known(errand, self.source.name, self.clock()))
        if item is not None:
            yield item

    async def _outcome(self, response: Response, errand: Errand, page: Known) -> Fetched | None:
        """The article where there is something to publish; else the page has got its outcome here."""
        if response.status == 304:
            self.work.facts.known_read += 1
            self.settle(errand, Outcome("duplicate", "not modified", page))
            return None
        if response.status in {404, 410}:
            return self._gone(errand, response)
        raw = self._raw(response, errand)
        try:
            article, bodies = await self._read(raw, errand)
        except Refused as refusal:
            self._refused(errand, raw, refusal)
            return None
        except Incomplete as lack:
            self.settle(errand, Outcome("failed", str(lack), troubled(page)))
            return None
        gone = self.work.article_read(errand, article, self.clock())
        self.probed["article"] = article.model_dump(mode="json") if self.probe else None
        wanted = self.source.template
        if wanted and not (article.template or "").startswith(f"{wanted}/"):
            self.fault(f"article: template {wanted} does not fit", raw.url)
        if gone:
            reason = f"lost its {', '.join(gone)}"
            self.settle(errand, Outcome("quarantined", reason, troubled(page), raw.digest), bodies)
            return None
        return self._news(errand, article, read_well(page, article, *validators(response)), bodies)

    def _news(self, errand: Errand, article: Article, page: Known, bodies: tuple[bytes, ...]) -> Fetched | None:
        """The article, unless its page is known and says the same."""
        before = errand.known.content_digest if errand.known is not None else None
        if before == article.content_digest:
            self.settle(errand, Outcome("duplicate", "unchanged", page))
            return None
        if before is not None and any(file.note == NOT_FETCHED for file in article.attachments):
            lasting = troubled(as_known(errand, self.source.name, self.clock()))
            self.settle(errand, Outcome("failed", "an attachment could not be fetched", lasting))
            return None
        return Fetched(article, Keeping(errand, page, bodies))

    async def _read(self, raw: Raw, errand: Errand) -> tuple[Article, tuple[bytes, ...]]:
        """The article with its further pages and attachments, and all bytes it rests on."""
        context = Context(self.source, self.work.state.run, from_timestamp_ms(self.clock()), self._quiet())
        parsed = read_page(raw, context, errand)
        bodies = [raw.body, raw.headers]
        article = parsed.article
        for url in parsed.next_pages[:MORE_PAGES]:
            more = await self._download(url)
            if more is None:
                raise Incomplete("a further page could not be fetched")
            bodies.append(more.body)
            article = join(article, read_page(more, context, errand).article)
        if len(parsed.next_pages) > MORE_PAGES:
            self.announce(f"articles are read up to {MORE_PAGES + 1} pages")
        return await self._attachments(article, bodies)

    async def _attachments(self, article: Article, bodies: list[bytes]) -> tuple[Article, tuple[bytes, ...]]:
        """The article with the text of its files; their bytes are kept like the page's."""
        if not self.source.attachments or not article.attachments:
            return article, tuple(bodies)
        if len(article.attachments) > MORE_FILES:
            self.announce(f"only the first {MORE_FILES} attachments of an article are read")
        files = list(article.attachments)
        for index, file in enumerate(files[:MORE_FILES]):
            raw = await self._download(file.url, attachments.MAX_BYTES)
            if raw is None:
                files[index] = attachments.not_fetched(file.name, file.url, NOT_FETCHED)
                continue
            bodies.append(raw.body)
            files[index] = await asyncio.to_thread(
                attachments.read_attachment, file.name, file.url, raw.body, media_type=raw.media_type
            )
        digest = content_digest(article.title, article.text, article.state, tuple(files))
        return article.model_copy(update={"attachments": tuple(files), "content_digest": digest}), tuple(bodies)

    async def _download(self, url: str, largest: int = LARGEST) -> Raw | None:
        """A page or file that belongs to an article; None where it cannot be had."""
        try:
            response = await self.crawler.engine.download_async(
                Request(url, dont_filter=True, priority=20, meta={"download_maxsize": largest})
            )
        except Exception as error:  # noqa: BLE001  any failed download means the same: the part is not there
            log.info("cannot fetch %s: %s", url, type(error).__name__)
            return None
        if response.status != 200:
            return None
        return raw_of(response)

    def _raw(self, response: Response, errand: Errand) -> Raw:
        """The answer; what a service gave stands at the article's own address."""
        raw = raw_of(response)
        return raw if self.article_call(errand).url == errand.url else replace(raw, url=errand.url)

    def _quiet(self) -> bool:
        """Whether what is found now must alert nobody: a backfill, or a source that never ended a run well."""
        return self.backfill or (self.work.state.first and not self.source.alert_first_run)

    def confirmations(self) -> list[Errand]:
        """Second looks at pages that were gone; where most are gone at once, the site moved and none is withdrawn."""
        missing, self.missing = self.missing, []
        if len(missing) >= BULK and len(missing) > self.work.facts.known_read:
            self.fault("known pages are gone in bulk", missing[0].url)
            for errand in missing:
                page = troubled(as_known(errand, self.source.name, self.clock()))
                self.settle(errand, Outcome("quarantined", "gone together with most others", page))
            return []
        return [replace(errand, confirm=True) for errand in missing]

    def _gone(self, errand: Errand, response: Response) -> Fetched | None:
        page = as_known(errand, self.source.name, self.clock())
        if errand.known is None or errand.known.content_digest is None:
            self.settle(errand, Outcome("failed", f"HTTP {response.status}", troubled(page)))
            return None
        if errand.known.state == State.WITHDRAWN:
            self.settle(errand, Outcome("duplicate", "still withdrawn", page))
            return None
        if errand.again and not errand.confirm:
            self.missing.append(errand)
            return None
        raw = self._raw(response, errand)
        context = Context(self.source, self.work.state.run, from_timestamp_ms(self.clock()), self._quiet())
        article = withdrawn(errand.known, raw, context)
        page = replace(page, content_digest=article.content_digest, state=State.WITHDRAWN.value)
        return Fetched(article, Keeping(errand, page, (raw.body, raw.headers)))

    def _refused(self, errand: Errand, raw: Raw, refusal: Refused) -> None:
        wall = refusal.reason == Reason.CHALLENGE
        self.fault(f"article: {'challenge page' if wall else refusal.reason.value}", raw.url)
        page = troubled(as_known(errand, self.source.name, self.clock()))
        self.settle(errand, Outcome("quarantined", refusal.reason.value, page, raw.digest), (raw.body, raw.headers))

    def article_failed(self, failure: Failure) -> None:
        """An article that could not be fetched."""
        errand: Errand = failure.request.cb_kwargs["errand"]  # type: ignore[attr-defined]  # Scrapy adds it
        kind = why(failure)
        self.fault(f"article: {kind}", errand.url)
        if kind == "robots.txt":
            self.settle(errand, Outcome("filtered", kind))
            return
        self.settle(errand, Outcome("failed", kind, troubled(as_known(errand, self.source.name, self.clock()))))


def raw_of(response: Response) -> Raw:
    """The answer as values."""
    pairs = [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in response.headers.items()
        for value in values
    ]
    return Raw(response.url, response.body, headers_of(pairs), response.status)


def validators(response: Response) -> tuple[str | None, str | None]:
    """ETag and Last-Modified of an answer."""
    tag, modified = response.headers.get("ETag"), response.headers.get("Last-Modified")
    return (tag.decode("latin-1") if tag else None), (modified.decode("latin-1") if modified else None)
