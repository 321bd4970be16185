"""An installation of the tests' own: a home folder, sources that lead to the local server, crawls in child processes."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chainwatch.models import Article
from chainwatch.schedule import crawl_once
from chainwatch.settings import Settings, load_settings
from chainwatch.store import leases
from chainwatch.store.crawl import Coverage, coverage
from chainwatch.store.database import Database
from chainwatch.store.schema import create
from chainwatch.store.sources import SourceStatus, status
from chainwatch.stream.envelope import decode
from chainwatch.stream.open import open_stream
from chainwatch.stream.protocol import ARTICLES
from tests.sites.server import RESOLVE

ROOT = Path(__file__).parents[2]


@dataclass
class Home:
    """A fresh installation in a folder."""

    folder: Path
    allow: str = "127.0.0.0/8"
    """Networks that the crawls may reach although they are inward."""
    names: tuple[str, ...] = ()
    """Real host names that lead to the test sites in child processes."""

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.database = Database(self.settings.store_url)
        create(self.database)

    @property
    def environment(self) -> dict[str, str]:
        """Of child processes."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("CHAINWATCH_")},
            "CHAINWATCH_HOME": str(self.folder),
            "CHAINWATCH_ALLOW_NETWORKS": self.allow,
            "PYTHONPATH": str(RESOLVE),
            "TEST_SITES": ",".join(self.names),
        }

    @property
    def settings(self) -> Settings:
        return load_settings(self.environment)

    def sources(self, *sources: dict[str, Any]) -> None:
        """Write the user's sources; what tests ask for is fast unless they say otherwise."""
        quick = {"delay": 0, "schedule": "* * * * *", "recheck_hours": 0, "alert_first_run": True}
        rows = [{"title": source["name"], **quick, **source} for source in sources]
        text = yaml.safe_dump({"version": 1, "shipped": False, "sources": rows}, allow_unicode=True)
        self.settings.sources_file.write_text(text, encoding="utf-8")

    def crawl(
        self, name: str, *arguments: str, crash: str = "", timeout: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """`scrapy crawl NAME` to its end."""
        environment = self.environment | ({"CHAINWATCH_CRASH_AT": crash} if crash else {})
        options = ("-s", "AUTOTHROTTLE_START_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False", "-s", "LOG_LEVEL=INFO")
        environment["SCRAPY_SETTINGS_MODULE"] = "crawlers.settings"
        command = [sys.executable, "-m", "scrapy", "crawl", name, *options, *arguments]
        return subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout, check=False
        )

    def crawl_all(self, *names: str, **arguments: str) -> list[Coverage]:
        """Crawl the user's sources through the scheduler, side by side."""
        return crawl_once(self.settings, names or None, arguments=arguments, environment=self.environment, pause=0.05)

    def articles(self) -> list[Article]:
        """Everything in the stream, in order of partition and offset."""
        stream = open_stream(self.settings.stream_url)
        try:
            if ARTICLES not in stream.topics():
                return []
            found = []
            for partition in range(stream.topics()[ARTICLES]):
                found += stream.read(ARTICLES, partition, 0, 10_000)
            found.sort(key=lambda record: (record.timestamp_ms, record.key))
            return [one for record in found if isinstance(one := decode(record), Article)]
        finally:
            stream.close()

    def forget_leases(self) -> None:
        """As if the process that held them were dead; a test that plays a kill lives on."""
        with self.database.write() as connection:
            connection.execute(leases.leases.update().values(until_ms=0))

    def status(self, name: str) -> SourceStatus:
        """What the store knows of a source."""
        with self.database.read() as connection:
            return status(connection, name)

    def runs(self, name: str) -> list[Coverage]:
        """Its runs, newest first."""
        with self.database.read() as connection:
            return coverage(connection, [name])
