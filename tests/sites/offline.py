"""Runs a real spider against a test site without sockets, processes or waiting: what Scrapy's engine does, in order.

The spider, its state in the store, the pipelines and the stream are the real ones; only the network is a function call.
"""

import asyncio
import inspect
import os
from collections.abc import Coroutine, Mapping
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from scrapy import Request
from scrapy.exceptions import DontCloseSpider, DropItem
from scrapy.http import Response, TextResponse
from scrapy.responsetypes import responsetypes
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from chainwatch.store.crawl import Coverage
from crawlers.fetched import Fetched
from crawlers.loader import spider_class
from crawlers.pipelines import ToArchive, ToStream
from crawlers.sources import read_sources
from crawlers.spiders.base import SourceSpider
from tests.sites.home import Home
from tests.sites.server import Asked, Host, Reply


class Engine:
    """The queue of requests, and the network: host name → site."""

    def __init__(self, hosts: Mapping[str, Host], agent: str) -> None:
        self.hosts, self.agent = hosts, agent
        self.queue: list[Request] = []
        self.asked: list[Asked] = []
        self.closed, self.trips = "", False

    def crawl(self, request: Request) -> None:
        self.queue.append(request)

    def close_spider_async(self, *, reason: str) -> Coroutine[None, None, None]:
        """Closed at once; what is given back only ends."""

        async def ended() -> None:
            return

        self.closed = self.closed or reason
        return ended()

    async def download_async(self, request: Request) -> Response:
        """Answers at once; redirects are not followed."""
        parts = urlsplit(request.url)
        headers = {k.decode().lower(): v[0].decode() for k, v in request.headers.items() if v} | {
            "user-agent": self.agent
        }
        query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        asked = Asked(parts.hostname or "", parts.path, query, request.method, headers, request.body)
        self.asked.append(asked)
        site = self.hosts.get(asked.host)
        reply = site(asked) if site else Reply(b"", 502)
        given = {"Content-Type": reply.type, **reply.headers}
        kind = responsetypes.from_args(
            headers={k.encode(): v.encode() for k, v in given.items()}, url=request.url, body=reply.body
        )
        made = kind if issubclass(kind, TextResponse) else Response
        return made(request.url, status=reply.status, headers=given, body=reply.body, request=request)


class Crawler:
    """As much of Scrapy's crawler as spider and pipelines ask for."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.spider: SourceSpider | None = None


def crawl_offline(
    home: Home,
    hosts: Mapping[str, Host],
    name: str,
    *,
    clock_ms: int | None = None,
    trips: bool = False,
    **arguments: str,
) -> Coverage:
    """One run of a source of the home; its coverage.

    `clock_ms`: what time it is for the whole run; `trips`: the breaker opens at the first answer.
    """
    with patch.dict(os.environ, home.environment):
        sources, problems = read_sources(home.settings.sources_file.read_bytes(), "sources.yaml")
        assert not problems
        kind = spider_class(next(one for one in sources if one.name == name), home.settings)
        engine = Engine(hosts, str((kind.custom_settings or {})["USER_AGENT"]))
        engine.trips = trips
        return asyncio.run(_run(kind, engine, home, clock_ms, arguments))


async def _run(
    kind: type[SourceSpider], engine: Engine, home: Home, clock_ms: int | None, arguments: Mapping[str, str]
) -> Coverage:
    spider = kind(**arguments)
    if clock_ms is not None:
        spider.clock, spider.started_ms = lambda: clock_ms, clock_ms
    crawler: Any = Crawler(engine)
    spider.crawler, crawler.spider = crawler, spider
    pipelines = (ToArchive(crawler), ToStream(crawler))
    engine.queue = [request async for request in spider.start()]
    while not engine.closed:
        while engine.queue and not engine.closed:
            engine.queue.sort(key=lambda request: -request.priority)
            await _serve(spider, engine, engine.queue.pop(0), pipelines)
        try:
            spider.on_idle()
        except DontCloseSpider:
            continue
        break
    pipelines[1].close_spider()
    spider.on_closed(engine.closed or "finished")
    return home.runs(spider.name)[0]


async def _serve(spider: SourceSpider, engine: Engine, request: Request, pipelines: tuple[ToArchive, ToStream]) -> None:
    response = await engine.download_async(request)
    if engine.trips:
        spider.tripped(0.0)
    handled = request.meta.get("handle_httpstatus_list", [])
    if not 200 <= response.status < 300 and response.status not in handled:
        failure = Failure(HttpError(response, "not handled"))  # type: ignore[no-untyped-call]  # Twisted
        failure.request = request  # type: ignore[attr-defined]  # as Scrapy does
        assert request.errback is not None
        request.errback(failure)
        return
    assert request.callback is not None
    try:
        result = request.callback(response, **request.cb_kwargs)
        found = [one async for one in result] if inspect.isasyncgen(result) else list(result or ())
    except Exception:  # noqa: BLE001  Scrapy tells the spider of any
        spider.on_callback_error(Failure(), response)  # type: ignore[no-untyped-call]  # Twisted
        return
    for one in found:
        if isinstance(one, Request):
            engine.queue.append(one)
        elif isinstance(one, Fetched):
            _keep(spider, one, pipelines)


def _keep(spider: SourceSpider, item: Fetched, pipelines: tuple[ToArchive, ToStream]) -> None:
    try:
        for pipeline in pipelines:
            pipeline.process_item(item)
    except DropItem:
        return
    except Exception:  # noqa: BLE001  Scrapy tells the spider of any
        spider.on_item_error(item, Failure())  # type: ignore[no-untyped-call]  # Twisted
