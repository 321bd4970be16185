"""What stands between spider and network: robots.txt that fails shut, and a breaker."""

import logging
from typing import Self

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawlers.politeness import retry_after

log = logging.getLogger(__name__)

TRIP_AFTER = 5
"""Refusals in a row that open the breaker."""
REFUSING = frozenset({401, 403, 412, 418, 429, 500, 502, 503, 504, 521})


class Robots(RobotsTxtMiddleware):
    """A robots.txt that answers 5xx forbids everything (RFC 9309, section 2.3.1.4); one that is absent allows all."""

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500:
            response = response.replace(body=b"User-agent: *\nDisallow: /\n")
            self.crawler.stats.inc_value("robotstxt/unreachable")
        elif response.status >= 400:
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)


class Breaker:
    """Ends a run after refusals in a row, so that a site which wants to be left alone is left alone."""

    def __init__(self, crawler: Crawler) -> None:
        self.crawler, self.refusals = crawler, 0
        self.wait = 0.0
        """Longest Retry-After seen, seconds."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's constructor."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Count refusals; anything else closes the series."""
        if request.callback is NO_CALLBACK and request.url.endswith("/robots.txt"):
            return response
        self._count(response.status in REFUSING, retry_after(response))
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:  # noqa: ARG002  Scrapy's interface
        """Connection faults count; our own refusals (robots.txt, other hosts) do not."""
        if isinstance(exception, OSError) or type(exception).__module__.startswith(("twisted.", "scrapy.core")):
            self._count(True, 0.0)

    def _count(self, refused: bool, wait: float) -> None:
        self.refusals = self.refusals + 1 if refused else 0
        self.wait = max(self.wait, wait)
        if self.refusals < TRIP_AFTER or self.crawler.spider is None or self.crawler.engine is None:
            return
        self.refusals = 0
        log.warning("breaker opened: %d refusals in a row", TRIP_AFTER)
        self.crawler.spider.tripped(self.wait)  # type: ignore[attr-defined]  # every spider here is a SourceSpider
