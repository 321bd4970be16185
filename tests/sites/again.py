"""Scrapy in one child that crawls a source each time it is told to: its start costs more than a crawl of a test site.

python -m tests.sites.again NAME     # a line on standard input: crawl; a line on standard output: done
"""

import asyncio
import os
import subprocess
import sys
from types import TracebackType
from typing import Self

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.project import get_project_settings
from scrapy.utils.reactor import install_reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import react

from tests.sites.home import ROOT, Home
from tests.sites.server import RESOLVE

QUICK = {"AUTOTHROTTLE_ENABLED": False, "AUTOTHROTTLE_START_DELAY": 0, "LOG_LEVEL": "ERROR"}


class Again:
    """The child. In a `with` statement it ends with it."""

    def __init__(self, home: Home, name: str) -> None:
        environment = {
            **home.environment,
            "PYTHONPATH": f"{RESOLVE}{os.pathsep}{ROOT}",
            "SCRAPY_SETTINGS_MODULE": "crawlers.settings",
        }
        self.log = home.folder / "again.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.sites.again", name],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.process.communicate(timeout=60)

    def crawl(self) -> None:
        """One crawl to its end."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == b"done\n", self.log.read_text(encoding="utf-8")


async def main(name: str) -> None:
    """Crawl at every line."""
    settings = get_project_settings()
    settings.setdict(QUICK, priority="cmdline")
    runner = AsyncCrawlerRunner(settings)
    while await asyncio.to_thread(sys.stdin.readline):
        await runner.crawl(name)
        sys.stdout.write("done\n")
        sys.stdout.flush()


if __name__ == "__main__":
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    react(lambda _reactor: Deferred.fromFuture(asyncio.ensure_future(main(*sys.argv[1:]))))
