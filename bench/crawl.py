"""A crawl beside a bare Scrapy spider that only downloads the same pages: 100 kB pages, 50 ms latency, local site.

Polite: the same delay and throttle for both. Unthrottled: no delay at all, which shows what parsing and keeping cost.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.sites.families import Sina, stories
from tests.sites.home import Home
from tests.sites.server import Asked, Host, Reply, Sites

PAGES = 40
ROUNDS = 2
"""Of each the best round counts: other work on the machine only ever adds time."""
LATENCY = 0.05
SIZE = 100_000
POLITE_DELAY = 0.25
"""Seconds between two requests; a real source has 2, which would only make the ratio nearer to 1."""

BARE = """
import sys
import scrapy
from scrapy.crawler import CrawlerProcess

class Bare(scrapy.Spider):
    name = "bare"
    async def start(self):
        yield scrapy.Request(sys.argv[1], callback=self.parse_list)
    def parse_list(self, response):
        for row in response.json()["result"]["data"]:
            yield scrapy.Request(row["url"], callback=self.page)
    def page(self, response):
        len(response.body)

process = CrawlerProcess({
    "ROBOTSTXT_OBEY": True, "COOKIES_ENABLED": False, "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
    "CONCURRENT_REQUESTS_PER_DOMAIN": 2, "DOWNLOAD_DELAY": float(sys.argv[2]), "LOG_LEVEL": "ERROR",
    "AUTOTHROTTLE_ENABLED": sys.argv[3] == "on", "AUTOTHROTTLE_START_DELAY": 0.5,
})
process.crawl(Bare)
process.start()
"""


def slowly(site: Host) -> Host:
    def answer(asked: Asked) -> Reply:
        time.sleep(LATENCY)
        return site(asked)

    return answer


def ours(home: Home, delay: float, throttle: str) -> float:
    begun = time.perf_counter()
    options = [
        "-s",
        f"DOWNLOAD_DELAY={delay}",
        "-s",
        f"AUTOTHROTTLE_ENABLED={throttle == 'on'}",
        "-s",
        "LOG_LEVEL=ERROR",
    ]
    environment = {**home.environment, "SCRAPY_SETTINGS_MODULE": "crawlers.settings"}
    subprocess.run([sys.executable, "-m", "scrapy", "crawl", "bench", *options], env=environment, check=True)
    return time.perf_counter() - begun


def bare(home: Home, url: str, delay: float, throttle: str) -> float:
    script = home.folder / "bare.py"
    script.write_text(BARE, encoding="utf-8")
    begun = time.perf_counter()
    subprocess.run([sys.executable, script, url, str(delay), throttle], env=home.environment, check=True)
    return time.perf_counter() - begun


def measure(delay: float, throttle: str) -> tuple[float, float]:
    """Seconds of our crawl and of the bare one, each on a fresh installation."""
    with tempfile.TemporaryDirectory() as folder, Sites() as sites:
        site = Sina(stories(PAGES), sites.url("pages.test")[:-1], padding="<!-- x -->" * (SIZE // 10))
        sites.hosts["pages.test"] = slowly(site)
        home = Home(Path(folder) / "home")
        feed = {
            "kind": "sina_roll",
            "url": sites.url("pages.test", "/api/roll/get"),
            "pageid": 1,
            "lid": 2,
            "num": PAGES,
        }
        home.sources({"name": "bench", "list": feed, "delay": delay, "hosts": ["pages.test"]})
        url = sites.url("pages.test", f"/api/roll/get?pageid=1&lid=2&num={PAGES}&page=1")
        other = bare(home, url, delay, throttle)
        mine = ours(home, delay, throttle)
        assert len(home.articles()) == PAGES
        home.database.close()
        return mine, other


def main() -> None:
    print(f"{PAGES} pages of {SIZE // 1000} kB, {LATENCY * 1000:.0f} ms latency, {os.cpu_count()} cores")
    for label, delay, throttle in (("polite", POLITE_DELAY, "on"), ("unthrottled", 0.0, "off")):
        rounds = [measure(delay, throttle) for _ in range(ROUNDS)]
        mine, other = (min(one) for one in zip(*rounds, strict=True))
        print(f"{label:12} chainwatch {mine:6.2f} s   bare Scrapy {other:6.2f} s   ratio {mine / other:.2f}")


if __name__ == "__main__":
    main()
