"""Makes one spider of each source, so that `scrapy list`, `crawl`, `parse`, `shell` and `check` know their names."""

import logging
import os
import re
from collections.abc import Sequence
from typing import Any, Self

from scrapy import Request, Spider
from scrapy.settings import BaseSettings

from chainwatch import __version__
from chainwatch.problem import Problem
from chainwatch.resources import sources_file
from chainwatch.settings import Settings, load_settings
from crawlers.address import belongs
from crawlers.source import Source
from crawlers.sources import Sources, load_sources
from crawlers.spiders.base import SourceSpider
from crawlers.spiders.epaper import EpaperSpider
from crawlers.spiders.feed import FeedSpider
from crawlers.spiders.hanweb_list import HanwebListSpider
from crawlers.spiders.html_list import HtmlListSpider
from crawlers.spiders.jpaas_list import JpaasListSpider
from crawlers.spiders.json_list import JsonListSpider
from crawlers.spiders.search_json import SearchJsonSpider
from crawlers.spiders.sina_roll import SinaRollSpider
from crawlers.spiders.sitemap import SitemapSpider

WALKERS: dict[str, type[SourceSpider]] = {
    "sina_roll": SinaRollSpider,
    "hanweb_list": HanwebListSpider,
    "jpaas_list": JpaasListSpider,
    "json_list": JsonListSpider,
    "search_json": SearchJsonSpider,
    "html_list": HtmlListSpider,
    "epaper": EpaperSpider,
    "feed": FeedSpider,
    "sitemap": SitemapSpider,
}
"""Kind of list → spider that walks it."""

log = logging.getLogger(__name__)


class SourceLoader:
    """Scrapy's spider loader over sources.yaml."""

    def __init__(self, sources: Sources, settings: Settings) -> None:
        self.sources, self.settings = sources, settings

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:  # noqa: ARG003  Scrapy's interface
        """Reads the shipped and the user's sources; faults are logged with their place, the other sources work."""
        ours = load_settings(os.environ)
        sources = load_sources(sources_file(), ours.sources_file)
        for problem in sources.problems:
            log.error("%s", problem)
        return cls(sources, ours)

    def load(self, spider_name: str) -> type[Spider]:
        """The spider of a source. Raises KeyError with the names there are."""
        try:
            (source,) = self.sources.named([spider_name])
        except Problem as problem:
            raise KeyError(str(problem)) from None
        return spider_class(source, self.settings)

    def list(self) -> list[str]:
        """Names of all sources."""
        return list(self.sources.by_name)

    def find_by_request(self, request: Request) -> Sequence[str]:
        """Sources whose hosts cover the request."""
        return [name for name, source in self.sources.by_name.items() if belongs(request.url, source.domains)]


def spider_class(source: Source, settings: Settings) -> type[SourceSpider]:
    """A spider class of its own for one source."""
    contact = re.sub(r"[^\x20-\x7e]", "?", settings.contact)
    custom: dict[str, Any] = {
        "USER_AGENT": f"Mozilla/5.0 (compatible; chainwatch/{__version__}; contact: {contact})",
        "ROBOTSTXT_USER_AGENT": "chainwatch",
        "DOWNLOAD_DELAY": source.delay,
        "CONCURRENT_REQUESTS_PER_DOMAIN": source.concurrency,
        "DOWNLOAD_VERIFY_CERTIFICATES": source.verify_tls,
    }
    body = {"name": source.name, "source": source, "allowed_domains": source.domains, "custom_settings": custom}
    return type(f"{WALKERS[source.listing.kind].__name__}_{source.name}", (WALKERS[source.listing.kind],), body)
