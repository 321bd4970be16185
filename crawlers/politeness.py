"""How fast to ask: AutoThrottle, held above each host's Crawl-delay and slowed by refusals."""

from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, signals
from scrapy.core.downloader import Slot
from scrapy.crawler import Crawler
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import RobotParser

LONGEST = 60.0
"""Seconds between two requests that no Crawl-delay may exceed; a run would never end."""
SLOWING = frozenset({403, 429, 500, 502, 503, 504})


class Politeness(AutoThrottle):
    """AutoThrottle that obeys Crawl-delay and Retry-After, and doubles its delay when a host refuses."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self.floors: dict[str, float] = {}
        crawler.signals.connect(self.robots_parsed, signal=signals.robots_parsed)

    def robots_parsed(self, robotparser: RobotParser, request: Request) -> None:
        """Remember what the host asks for."""
        agent = self.crawler.settings["ROBOTSTXT_USER_AGENT"] or self.crawler.settings["USER_AGENT"]
        asked = robotparser.crawl_delay(agent)
        if asked:
            host = urlsplit(request.url).hostname or ""
            self.floors[host] = min(float(asked), LONGEST)
            slot = self.crawler.engine.downloader.slots.get(host)
            if slot is not None:
                slot.jitter = 0.0  # a floor is a floor
                slot.delay = max(slot.delay, self.floors[host])

    def _adjust_delay(self, slot: Slot, latency: float, response: Response) -> None:
        before = slot.delay
        super()._adjust_delay(slot, latency, response)
        if response.status in SLOWING:
            slot.delay = max(slot.delay, min(max(before, 1.0) * 2, LONGEST), min(retry_after(response), LONGEST))
        floor = self.floors.get(urlsplit(response.url).hostname or "", 0.0)
        if floor:
            slot.jitter = 0.0
        slot.delay = max(slot.delay, floor)


def retry_after(response: Response) -> float:
    """Seconds that the answer asks to wait; 0 where it says nothing in seconds."""
    value: Any = response.headers.get("Retry-After") or b""
    return float(value) if value.isdigit() else 0.0
