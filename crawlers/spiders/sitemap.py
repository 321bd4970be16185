"""Walks sitemaps and indexes of sitemaps, plain or gzipped, with the news extension."""

from collections.abc import Iterator

from scrapy.utils.gz import gunzip
from scrapy.utils.sitemap import Sitemap as Reader

from crawlers.address import absolute
from crawlers.listing import Answer, Ask, ListFault, ListPage, Row, moment_ms
from crawlers.source import Sitemap
from crawlers.spiders.article import LARGEST
from crawlers.spiders.base import SourceSpider


class SitemapSpider(SourceSpider):
    """Rows have no title unless the site uses the news extension: the address stands in for it."""

    def asks(self) -> Iterator[Ask]:
        """Every sitemap."""
        for url in self.listing(Sitemap).urls:
            yield Ask(url, walk=url)

    def read(self, ask: Ask, answer: Answer) -> ListPage:
        """Rows of a sitemap, or the newest sitemaps of an index. Raises ListFault where it is neither."""
        body = answer.body
        try:
            body = gunzip(body, max_size=LARGEST) if body.startswith(b"\x1f\x8b") else body
            reader = Reader(body)
            entries = [dict(entry) for entry in reader]
        except Exception as error:  # lxml and gzip raise many kinds; each means the same to us
            raise ListFault(f"the sitemap cannot be read: {type(error).__name__}") from error
        if reader.type == "sitemapindex":
            return self._index(ask, entries)
        match = self.listing(Sitemap).match
        rows = []
        for entry in entries:
            url = absolute(answer.url, str(entry.get("loc") or ""))
            if url and (match is None or match in url):
                rows.append(Row(url, url, moment_ms(str(entry.get("lastmod") or ""))))
        rows.sort(key=lambda row: row.date_ms or 0, reverse=True)
        return ListPage(tuple(rows), bad_rows=sum(1 for entry in entries if not entry.get("loc")))

    def _index(self, ask: Ask, entries: list[dict[str, object]]) -> ListPage:
        newest = sorted(entries, key=lambda entry: str(entry.get("lastmod") or ""), reverse=True)
        urls = [url for entry in newest if (url := absolute(ask.url, str(entry.get("loc") or "")))]
        if len(urls) > self.source.pages and not self.backfill:
            self.announce(f"only the newest {self.source.pages} of {len(urls)} sitemaps were read")
            urls = urls[: self.source.pages]
        parts = tuple(Ask(url, ask.walk, ask.step, part=True) for url in urls)
        return ListPage(parts=parts, container=True)
