"""Raw page → archive, Article → stream, nothing else.

The order makes a kill harmless: bytes are kept before the article names them, the article is durable in the stream
before its page counts as seen. A kill in between publishes the same (id, content digest) again; consumers know it.
"""

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from chainwatch.archive import Archive
from chainwatch.crash import crash_point
from chainwatch.models import Article, to_timestamp_ms
from chainwatch.stream.open import open_stream
from chainwatch.stream.protocol import ARTICLES, Draft, Stream
from crawlers.fetched import Fetched
from crawlers.spiders.base import SourceSpider
from crawlers.state import Outcome

PARTITIONS = 4


def spider_of(crawler: Crawler) -> SourceSpider:
    """The running spider."""
    spider = crawler.spider
    if not isinstance(spider, SourceSpider):
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
            for body in item.bodies:
                archive.put(body)
            crash_point("after_archive")
        return item


class ToStream:
    """Appends revisions that are new, then lets the page count as seen."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self.stream: Stream | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    def open_spider(self) -> None:
        """Open the log that the crawler appends to: the embedded one, also where a broker carries the stream."""
        spider = spider_of(self.crawler)
        if spider.installed:
            self.stream = open_stream(spider.chainwatch.stream_url)
            self.stream.ensure_topic(ARTICLES, PARTITIONS)

    def close_spider(self) -> None:
        """Release the log."""
        if self.stream is not None:
            self.stream.close()

    def process_item(self, item: Fetched) -> Fetched:
        """Raises DropItem for a revision that the stream already has."""
        spider = spider_of(self.crawler)
        if item.errand.known is None and spider.work.state.revision(item.article.id) == item.article.content_digest:
            spider.settle(item.errand, Outcome("duplicate", "found under another address", item.page))
            raise DropItem("the same revision is known under another address", log_level="DEBUG")
        if self.stream is not None:
            self.stream.append(ARTICLES, [draft_of(item.article)])
            crash_point("after_append")
        spider.settle(item.errand, Outcome("published", "", item.page))
        crash_point("after_seen")
        return item


def draft_of(article: Article) -> Draft:
    """The stream record of an article: keyed by its id, stamped with the time it was fetched."""
    return Draft(key=article.id, value=article.to_json(), timestamp_ms=to_timestamp_ms(article.fetched))
