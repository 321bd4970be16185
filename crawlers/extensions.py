"""Scrapy extension that shuts the way inward before the first request."""

import os
from typing import Self

from scrapy.crawler import Crawler

from chainwatch.egress import guard
from chainwatch.settings import load_settings


class Egress:
    """Refuses private, loopback and link-local addresses, but for those of the setting `allow_networks`."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:  # noqa: ARG003  Scrapy's interface
        """Shut it for the whole process; it cannot be opened again."""
        guard(load_settings(os.environ).allow_networks)
        return cls()
