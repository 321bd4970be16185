"""Children that crawl: one `scrapy crawl` process for each leased source, watched until its run is closed."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import structlog

from chainwatch.health import RunFacts
from chainwatch.models import SHANGHAI, Event, to_timestamp_ms
from chainwatch.settings import Settings
from chainwatch.store import crawl, leases
from chainwatch.store.crawl import Coverage
from chainwatch.store.database import Database
from chainwatch.store.leases import LeaseLost
from chainwatch.stream.envelope import event_draft
from chainwatch.stream.open import open_stream, spool_url
from chainwatch.stream.protocol import ARTICLES
from crawlers.source import Source
from crawlers.state import End
from crawlers.stored import LEASE_MS, StoreState

log = structlog.get_logger(__name__)

LONGEST_S = 2100.0
"""A child that has not ended by then is killed; Scrapy's own limit comes earlier."""
GRACE_S = 15.0
"""Seconds a child gets to end by itself."""
MEMORY = 1 << 30
"""Bytes of data that a child may allocate; Scrapy's own limit comes earlier."""


@dataclass(slots=True)
class Crawl:
    """One running child."""

    source: Source
    token: int
    run: str
    process: subprocess.Popen[bytes]
    started: float = field(default_factory=time.monotonic)


class Crawls:
    """Starts children for leased sources and closes their runs when they end, however they end."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        arguments: Mapping[str, str] | None = None,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        self.settings, self.database, self.environment = settings, database, environment
        self.arguments = dict(arguments or {})
        self.running: list[Crawl] = []
        self.stopping = False

    def start(self, source: Source) -> bool:
        """Lease the source and start its child. False where another living worker has it."""
        now = _now_ms()
        with self.database.write() as connection:
            token = leases.acquire(connection, source.name, leases.this_process(), now_ms=now, ttl_ms=LEASE_MS)
        if token is None:
            return False
        run = uuid4().hex
        given = {**self.arguments, "lease": str(token), "run": run, "parent": str(os.getpid())}
        options = [part for name, value in given.items() for part in ("-a", f"{name}={value}")]
        if self.settings.log_format == "json":
            options += ["-s", "LOG_ENABLED=0"]  # Scrapy's own handler; ours comes with `crawlers.extensions.Logs`
        with self._output(source.name) as output:
            process = subprocess.Popen(  # noqa: S603  our own command
                [sys.executable, "-m", "scrapy", "crawl", source.name, *options],
                env=child_environment(self.settings, self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        with contextlib.suppress(OSError, ValueError):  # not every system knows this limit; Scrapy has its own
            resource.prlimit(process.pid, resource.RLIMIT_DATA, (MEMORY, MEMORY))
        self.running.append(Crawl(source, token, run, process))
        log.info("crawl started", source=source.name, run=run, pid=process.pid)
        return True

    def _output(self, name: str) -> AbstractContextManager[BinaryIO | None]:
        """Where a child logs: for people a file of its source's own, for machines beside its parent."""
        if self.settings.log_format == "json":
            return contextlib.nullcontext()
        path = self._log_file(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb")

    def _log_file(self, name: str) -> Path:
        return self.settings.home / "logs" / f"crawl-{name}.log"

    def ended(self) -> list[Coverage]:
        """Runs whose child has ended since the last call."""
        found = []
        for one in list(self.running):
            if one.process.poll() is None and time.monotonic() - one.started > LONGEST_S:
                one.process.kill()
                one.process.wait()
            if one.process.poll() is not None:
                self.running.remove(one)
                found.append(self._close(one))
        return found

    def _close(self, one: Crawl) -> Coverage:
        """The run's numbers. A child that could not close its run is closed here, and its source is marked."""
        with self.database.read() as connection:
            try:
                coverage = crawl.coverage_of(connection, one.run)
            except KeyError:
                coverage = None
        if coverage is not None and coverage.finished_ms is not None:
            log.info("crawl ended", **coverage.as_row())
            return coverage
        code = one.process.returncode
        where = "beside this line" if self.settings.log_format == "json" else str(self._log_file(one.source.name))
        log.error("crawl died", source=one.source.name, run=one.run, code=code, log=where)
        state = StoreState(self.database, one.source, _now_ms, "since" in self.arguments, one.token, one.run)
        try:
            if coverage is None:
                state.open()
            facts = RunFacts()
            facts.fault(f"bug: the crawl died with code {code}")
            stopped = self.stopping or code in {-signal.SIGTERM, -signal.SIGINT}
            return state.finish(End("shutdown" if stopped else "finished", facts), self._tell)
        except LeaseLost:
            return coverage or Coverage(one.run, one.source.name, False, False, 0, 0, "lease lost", 0)

    def _tell(self, event: Event) -> None:
        stream = open_stream(spool_url(self.settings.stream_url, self.settings.home))
        try:
            stream.ensure_topic(ARTICLES, 4)
            stream.append(ARTICLES, [event_draft(event, datetime.now(SHANGHAI))])
        finally:
            stream.close()

    def stop(self) -> list[Coverage]:
        """End all children: ask, wait, kill."""
        self.stopping = True
        for one in self.running:
            if one.process.poll() is None:
                one.process.terminate()
        deadline = time.monotonic() + GRACE_S
        for one in self.running:
            try:
                one.process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                one.process.kill()
                one.process.wait()
        return self.ended()

    def progress(self) -> tuple[int, int]:
        """Pages with an outcome, and pages discovered, over the running crawls."""
        with self.database.read() as connection:
            rows = [crawl.coverage(connection, [one.source.name], 1) for one in self.running]
        found = [row[0] for row in rows if row]
        return sum(one.discovered - one.open for one in found), sum(one.discovered for one in found)


def child_environment(settings: Settings, base: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The environment of a child: ours, with the settings in force (secrets stay where they came from)."""
    environment = {**base, "CHAINWATCH_HOME": str(settings.home), "SCRAPY_SETTINGS_MODULE": "crawlers.settings"}
    environment["CHAINWATCH_CONTACT"] = settings.contact
    if settings.allow_networks:
        environment["CHAINWATCH_ALLOW_NETWORKS"] = ",".join(map(str, settings.allow_networks))
    if settings.stream:
        environment["CHAINWATCH_STREAM"] = settings.stream
    return environment


def _now_ms() -> int:
    return to_timestamp_ms(datetime.now(SHANGHAI))
