"""How fast a host is asked, and when it is left alone."""

import asyncio
from typing import Any

import pytest
from scrapy import Request
from scrapy.core.downloader import Slot
from scrapy.http import Response
from scrapy.robotstxt import ProtegoRobotParser
from scrapy.settings import Settings as ScrapySettings
from scrapy.signalmanager import SignalManager

from crawlers import settings as project
from crawlers.middlewares import TRIP_AFTER, Breaker, Robots
from crawlers.politeness import Politeness
from tests.sites.home import Home
from tests.sites.mission import MISSION, plain_url
from tests.sites.offline import crawl_offline
from tests.sites.server import Asked, Reply


class Crawler:
    """As much of Scrapy's crawler as these parts ask for."""

    def __init__(self) -> None:
        names = [name for name in vars(project) if name.isupper()]
        self.settings = ScrapySettings({name: getattr(project, name) for name in names})
        self.settings.set("ROBOTSTXT_USER_AGENT", "chainwatch")
        self.signals, self.engine, self.spider = SignalManager(self), self, self
        self.downloader: Any = self
        self.slots: dict[str, Slot] = {}
        self.stats: Any = self
        self.counted: dict[str, int] = {}
        self.waits: list[float] = []

    def inc_value(self, key: str) -> None:
        self.counted[key] = self.counted.get(key, 0) + 1

    def tripped(self, wait: float) -> None:
        self.waits.append(wait)


def answer(status: int = 200, **headers: str) -> Response:
    return Response("http://a.test/x", status=status, headers={k.replace("_", "-"): v for k, v in headers.items()})


def slot(delay: float) -> Slot:
    return Slot(concurrency=2, delay=delay, jitter=0.5)


@pytest.mark.parametrize(
    ("before", "response", "delay"),
    [
        pytest.param(2.0, answer(), 2.0, id="never below the source's own delay"),
        pytest.param(2.0, answer(403), 4.0, id="a refusal doubles"),
        pytest.param(2.0, answer(503, Retry_After="30"), 30.0, id="Retry-After"),
        pytest.param(2.0, answer(429, Retry_After="3600"), 60.0, id="Retry-After beyond a run's length"),
        pytest.param(50.0, answer(429), 60.0, id="an upper bound"),
        pytest.param(
            2.0, answer(503, Retry_After="Wed, 21 Oct 2026 07:28:00 GMT"), 4.0, id="a date is no number of seconds"
        ),
    ],
)
def test_delay_after_an_answer(before: float, response: Response, delay: float) -> None:
    crawler: Any = Crawler()
    polite = Politeness(crawler)
    polite.mindelay, polite.maxdelay = 2.0, 60.0
    one = slot(before)
    polite._adjust_delay(one, 0.1, response)
    assert one.delay == pytest.approx(delay)


def test_crawl_delay_is_a_floor_for_its_host_only() -> None:
    crawler: Any = Crawler()
    polite = Politeness(crawler)
    polite.mindelay, polite.maxdelay = 0.0, 60.0
    crawler.slots = {"a.test": slot(1.0), "b.test": slot(1.0)}
    robots = ProtegoRobotParser(b"User-agent: *\nCrawl-delay: 7\n", None)
    polite.robots_parsed(robotparser=robots, request=Request("http://a.test/robots.txt"))
    assert (crawler.slots["a.test"].delay, crawler.slots["b.test"].delay) == (7.0, 1.0)
    polite._adjust_delay(crawler.slots["a.test"], 0.1, answer())
    assert (crawler.slots["a.test"].delay, crawler.slots["a.test"].jitter) == (7.0, 0.0)


@pytest.mark.parametrize(
    ("status", "body", "allowed"),
    [
        (200, b"User-agent: *\nDisallow: /private\n", [True, False]),
        (200, b"User-agent: chainwatch\nDisallow: /\n", [False, False]),
        (404, b"User-agent: *\nDisallow: /\n", [True, True]),
        (500, b"", [False, False]),
        (503, b"User-agent: *\nAllow: /\n", [False, False]),
    ],
)
def test_robots_txt_fails_shut_on_server_errors_only(status: int, body: bytes, allowed: list[bool]) -> None:
    async def run() -> list[bool]:
        crawler: Any = Crawler()
        robots = Robots(crawler)

        async def download(request: Request) -> Response:
            return Response(request.url, status=status, body=body)

        crawler.download_async = download
        found = []
        for path in ("/open", "/private/x"):
            parser = await robots.robot_parser(Request(f"http://a.test{path}"))
            found.append(parser is None or parser.allowed(f"http://a.test{path}", "chainwatch"))
        return found

    assert asyncio.run(run()) == allowed


def test_the_breaker_opens_after_refusals_in_a_row_only() -> None:
    crawler: Any = Crawler()
    breaker = Breaker(crawler)
    request = Request("http://a.test/x")
    for status in [403] * (TRIP_AFTER - 1) + [200] + [403] * (TRIP_AFTER - 1):
        breaker.process_response(request, answer(status))
    assert crawler.waits == []
    breaker.process_response(request, answer(429, Retry_After="900"))
    assert crawler.waits == [900.0]
    for _ in range(TRIP_AFTER - 1):
        breaker.process_exception(request, ConnectionRefusedError())
    breaker.process_exception(request, ValueError("a bug says nothing about the site"))
    breaker.process_exception(request, ConnectionRefusedError())
    assert len(crawler.waits) == 2


def test_a_tripped_source_is_blocked_and_left_alone_longer_each_time(home: Home) -> None:
    family = MISSION["trs"](plain_url)
    home.sources(family.source)
    crawl_offline(home, dict.fromkeys(family.hosts, family.site), "trs")
    pauses = []
    for _ in range(3):
        run = crawl_offline(home, dict.fromkeys(family.hosts, lambda _asked: Reply(b"", 403)), "trs", trips=True)
        pauses.append(home.status("trs").not_before_ms - (run.finished_ms or 0))  # type: ignore[operator]  # set by the breaker
    assert pauses == [600_000, 1_200_000, 2_400_000]
    assert home.status("trs").health.condition == "blocked"
    crawl_offline(home, dict.fromkeys(family.hosts, family.site), "trs")
    assert (home.status("trs").not_before_ms, home.status("trs").trips) == (None, 0)


def test_every_request_names_a_contact_and_stays_within_its_hosts(home: Home) -> None:
    seen: list[Asked] = []
    family = MISSION["hanweb-new"](plain_url)
    home.sources(family.source)

    def site(asked: Asked) -> Reply:
        seen.append(asked)
        return family.site(asked)

    crawl_offline(home, {"fzggw.test": site}, family.name)
    assert all("contact: " in asked.headers["user-agent"] for asked in seen)
    assert {asked.host for asked in seen} == {"fzggw.test"}
