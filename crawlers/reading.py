"""From the bytes of an answer to an Article that knows its source, its run and its evidence. No network, no Scrapy."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from chainwatch.models import Article, Precision, State, content_digest, from_timestamp_ms
from chainwatch.store.crawl import Known
from crawlers.decide import DAY_MS, Errand
from crawlers.source import Source
from crawlers.templates import Parsed, parse_page_bytes

SHANGHAI_MS = 8 * 3_600_000


@dataclass(frozen=True)
class Raw:
    """An answer as it came. `headers`: a block of `Name: value` lines."""

    url: str
    body: bytes
    headers: bytes
    status: int

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) of the body."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def media_type(self) -> str | None:
        """What the Content-Type header says, without parameters."""
        for line in self.headers.decode("latin-1").lower().splitlines():
            if line.startswith("content-type:"):
                return line.partition(":")[2].partition(";")[0].strip() or None
        return None

    @property
    def charset(self) -> str | None:
        """What the Content-Type header says."""
        for line in self.headers.decode("latin-1").lower().splitlines():
            if line.startswith("content-type:") and "charset=" in line:
                return line.partition("charset=")[2].partition(";")[0].strip(" \"'") or None
        return None


@dataclass(frozen=True, slots=True)
class Context:
    """What the article must know that the page does not say. `quiet`: what is found now alerts nobody."""

    source: Source
    run: str
    fetched: datetime
    quiet: bool


def headers_of(headers: Iterable[tuple[str, str]]) -> bytes:
    """The header block, in order of name, without what changes at every answer (so that equal ones are kept once)."""
    changing = {"date", "age", "expires", "set-cookie", "x-request-id", "connection", "keep-alive", "transfer-encoding"}
    lines = [f"{name}: {value}\r\n" for name, value in sorted(headers) if name.lower() not in changing]
    return "".join(lines).encode("latin-1", "replace")


def read_page(raw: Raw, context: Context, errand: Errand) -> Parsed:
    """One page's article. Raises Refused where it is none."""
    source = context.source
    parsed = parse_page_bytes(
        raw.body,
        raw.url,
        fetched=context.fetched,
        header_charset=raw.charset,
        site=source.name,
        template=source.template,
        raw_digest=raw.digest,
        region=source.region,
    )
    article = parsed.article.model_copy(update=_around(raw, context))
    return Parsed(_filled(article, errand, source), parsed.next_pages)


def _around(raw: Raw, context: Context) -> dict[str, object]:
    return {
        "http_status": raw.status,
        "headers_digest": hashlib.sha256(raw.headers).hexdigest(),
        "run_id": context.run,
        "backfill": context.quiet,
    }


def _filled(article: Article, errand: Errand, source: Source) -> Article:
    """What the page leaves open, from the list that named it."""
    changes: dict[str, object] = {}
    by = dict(article.selectors)
    if not article.title and errand.title:
        changes |= {"title": errand.title, "content_digest": content_digest(errand.title, article.text)}
        by["title"] = "list"
    if article.published is None and errand.date_ms is not None:
        midnight = (errand.date_ms + SHANGHAI_MS) % DAY_MS == 0
        changes |= {"published": from_timestamp_ms(errand.date_ms)}
        changes |= {"precision": Precision.DAY if midnight else Precision.MINUTE}
        by["published"] = "list"
    if article.channel is None and source.channel:
        changes["channel"] = source.channel
    return article.model_copy(update={**changes, "selectors": by}) if changes else article


def withdrawn(known: Known, raw: Raw, context: Context) -> Article:
    """The record that says: this page was here and is gone."""
    return Article(
        id=known.article_id or known.key,
        url=known.url,
        canonical_url=None,
        site=context.source.name,
        title=known.title,
        published=from_timestamp_ms(known.published_ms) if known.published_ms is not None else None,
        precision=Precision.DAY if known.published_ms is not None else Precision.UNKNOWN,
        fetched=context.fetched,
        state=State.WITHDRAWN,
        text="",
        region=context.source.region,
        raw_digest=raw.digest,
        content_digest=content_digest(known.title, "", State.WITHDRAWN),
        **_around(raw, context),
    )
