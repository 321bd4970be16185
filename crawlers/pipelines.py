"""Raw page → archive, Article → stream, nothing else.

The order makes a kill harmless: bytes are kept before the article names them, the article is durable in the stream
before its page counts as seen. A kill in between publishes the same (id, content digest) again; consumers know it.
"""

import logging
from datetime import UTC, datetime
from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from chainwatch.archive import Archive
from chainwatch.crash import crash_point
from chainwatch.stream.envelope import article_draft
from chainwatch.stream.open import open_stream, spool_url
from chainwatch.stream.protocol import ARTICLES, Stream
from crawlers.fetched import Fetched
from crawlers.spiders.lifecycle import PARTITIONS, RunSpider
from crawlers.state import Outcome

log = logging.getLogger(__name__)


def spider_of(crawler: Crawler) -> RunSpider:
    """The running spider."""
    spider = crawler.spider
    if not isinstance(spider, RunSpider):
        raise TypeError(f"{spider!r} is no spider of a source")
    return spider


class ToArchive:
    """Keeps the bytes of every page, its headers and its attachments by their digest."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_item(self, item: Fetched) -> Fetched:
        """Durable when it returns."""
        spider = spider_of(self.crawler)
        if spider.installed:
            archive = Archive(spider.chainwatch.archive_dir)
            for body in item.keeping.bodies:
                archive.put(body)
            crash_point("after_archive")
        return item


class ToStream:
    """Appends revisions that are new, then lets the page count as seen."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._stream: Stream | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    @property
    def stream(self) -> Stream:
        """The log of this machine, opened with the first article; before Kafka it is the relay's spool."""
        if self._stream is None:
            settings = spider_of(self.crawler).chainwatch
            self._stream = open_stream(spool_url(settings.stream_url, settings.home))
            self._stream.ensure_topic(ARTICLES, PARTITIONS)
        return self._stream

    def close_spider(self) -> None:
        """Release the log."""
        if self._stream is not None:
            self._stream.close()

    def process_item(self, item: Fetched) -> Fetched:
        """Raises DropItem for a revision that the stream already has."""
        spider = spider_of(self.crawler)
        if (
            item.keeping.errand.known is None
            and spider.work.state.revision(item.article.id) == item.article.content_digest
        ):
            spider.settle(item.keeping.errand, Outcome("duplicate", "found under another address", item.keeping.page))
            raise DropItem("the same revision is known under another address", log_level="DEBUG")
        if spider.installed:
            self.stream.append(ARTICLES, [article_draft(item.article, datetime.now(UTC))])
            crash_point("after_append")
        spider.settle(item.keeping.errand, Outcome("published", "", item.keeping.page))
        log.info("article published: %s", item.article.id, extra={"article": item.article.id, "url": item.article.url})
        crash_point("after_seen")
        return item
