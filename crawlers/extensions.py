"""Scrapy extensions: the way inward shut before the first request, a run's memory watched, its log made ours."""

import os
from typing import Self

from scrapy.crawler import Crawler
from scrapy.extensions import memusage

from chainwatch import logs
from chainwatch.egress import guard
from chainwatch.memory import peak_bytes
from chainwatch.settings import load_settings


class Logs:
    """Where logs are for machines, a crawl's too: one JSON object a line, beside those of its scheduler."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:  # noqa: ARG003  Scrapy's interface
        """Take over from Scrapy's own handler, which stays where logs are for people."""
        settings = load_settings(os.environ)
        if settings.log_format == "json":
            logs.configure(settings.log_level, "json")
        return cls()


class Egress:
    """Refuses private, loopback and link-local addresses, but for those of the setting `allow_networks`."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:  # noqa: ARG003  Scrapy's interface
        """Shut it for the whole process; it cannot be opened again."""
        guard(load_settings(os.environ).allow_networks)
        return cls()


class MemoryUsage(memusage.MemoryUsage):
    """Scrapy's own watch, asking what this process held: its parent may be larger than the limit."""

    def get_virtual_size(self) -> int:
        """Resident bytes at the highest."""
        return peak_bytes()
