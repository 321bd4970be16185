"""When each source is crawled, and by whom: leases due sources and runs one `scrapy crawl` child for each."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import structlog
from cronsim import CronSim

from chainwatch.health import RunFacts
from chainwatch.models import SHANGHAI, Event, from_timestamp_ms, to_timestamp_ms
from chainwatch.problem import Problem
from chainwatch.resources import sources_file
from chainwatch.settings import Settings
from chainwatch.store import crawl, leases
from chainwatch.store.crawl import Coverage
from chainwatch.store.database import Database
from chainwatch.store.leases import LeaseLost
from chainwatch.store.sources import SourceStatus, statuses
from chainwatch.stream.envelope import event_draft
from chainwatch.stream.open import open_stream, spool_url
from chainwatch.stream.protocol import ARTICLES
from crawlers.source import Source
from crawlers.sources import Sources, load_sources, remember_good
from crawlers.state import LEASE_MS, End, StoreState

log = structlog.get_logger(__name__)

PARALLEL = 4
"""Sources crawled at a time by one scheduler."""
LONGEST_S = 2100.0
"""A child that has not ended by then is killed; Scrapy's own limit comes earlier."""
GRACE_S = 15.0
"""Seconds a child gets to end by itself."""
MEMORY = 1 << 30
"""Bytes of data that a child may allocate; Scrapy's own limit comes earlier."""


def is_quiet(source: Source, now: datetime) -> bool:
    """Whether the source's quiet hours hold now; they may cross midnight."""
    if source.quiet_hours is None:
        return False
    begin, end = source.quiet_hours.split("-")
    clock = now.astimezone(SHANGHAI).strftime("%H:%M")
    return begin <= clock < end if begin <= end else clock >= begin or clock < end


def next_due(source: Source, status: SourceStatus, now: datetime) -> datetime | None:
    """When the source is next crawled: at once if never, else by its cron line. None: paused or switched off."""
    if not source.enabled or status.paused is not None:
        return None
    due = now
    if status.last_started_ms is not None:
        due = next(CronSim(source.schedule, from_timestamp_ms(status.last_started_ms).astimezone(SHANGHAI)))
    if status.not_before_ms is not None:
        due = max(due, from_timestamp_ms(status.not_before_ms))
    for _ in range(48 * 4):
        if not is_quiet(source, due):
            break
        due += timedelta(minutes=15)
    return due


def due_sources(sources: Iterable[Source], known: Mapping[str, SourceStatus], now: datetime) -> list[Source]:
    """Sources whose time has come, the longest waiting first."""
    due = ((next_due(source, known.get(source.name, SourceStatus(source.name)), now), source) for source in sources)
    ready = [(at, source.name, source) for at, source in due if at is not None and at <= now]
    return [source for _, _, source in sorted(ready, key=lambda one: one[:2])]


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
        with _log_file(self.settings, source.name).open("wb") as output:
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
        log.error("crawl died", source=one.source.name, code=code, log=str(_log_file(self.settings, one.source.name)))
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


def crawl_once(
    settings: Settings,
    names: Sequence[str] | None = None,
    *,
    arguments: Mapping[str, str] | None = None,
    environment: Mapping[str, str] = os.environ,
    on_progress: Callable[[int, int], None] = lambda _done, _of: None,
    pause: float = 0.1,
) -> list[Coverage]:
    """Crawl these sources now (None: all that are switched on and not paused), each once; the numbers of each run.

    Args:
        settings: of the installation; `store` and `stream` are opened from them.
        names: of sources.
        arguments: of the spiders: `since`, `until` (YYYY-MM-DD, both inclusive: a backfill), `pages`.
        environment: of the children; settings in force are added.
        on_progress: told (pages with an outcome, pages discovered) while children run.
        pause: seconds between two looks at the children.

    Raises Problem for an unknown or paused source.
    """
    sources = read_sources(settings)
    database = Database(settings.store_url)
    crawls = Crawls(settings, database, arguments, environment)
    try:
        waiting = _chosen(sources, names, database)
        done: list[Coverage] = []
        patience = {source.name: time.monotonic() + 10 for source in waiting}
        while waiting or crawls.running:
            for source in list(waiting):
                if len(crawls.running) >= PARALLEL:
                    break
                if crawls.start(source):
                    waiting.remove(source)
                elif time.monotonic() > patience[source.name]:
                    waiting.remove(source)
                    done.append(Coverage("", source.name, False, False, 0, 0, "leased by another worker", 0))
            done += crawls.ended()
            on_progress(*crawls.progress())
            time.sleep(pause)
        return sorted(done, key=lambda one: one.source)
    except BaseException:
        crawls.stop()
        raise
    finally:
        database.close()


def run_schedule(
    settings: Settings,
    stopping: Callable[[], bool],
    *,
    environment: Mapping[str, str] = os.environ,
    pause: float = 1.0,
) -> int:
    """Crawl every source when it is due, until told to stop. How many runs were started."""
    database = Database(settings.store_url)
    crawls = Crawls(settings, database, environment=environment)
    started = 0
    told: set[str] = set()
    try:
        while not stopping():
            sources = read_sources(settings)
            for problem in sources.problems:
                if str(problem) not in told:
                    told.add(str(problem))
                    log.error("source refused, the others go on", problem=str(problem))
            with database.read() as connection:
                known = statuses(connection)
            busy = {one.source.name for one in crawls.running}
            for source in due_sources(sources.by_name.values(), known, datetime.now(SHANGHAI)):
                if len(crawls.running) < PARALLEL and source.name not in busy:
                    started += crawls.start(source)
            crawls.ended()
            _sleep(pause, stopping)
        return started
    finally:
        crawls.stop()
        database.close()


def read_sources(settings: Settings) -> Sources:
    """The sources in force now; the user's file is remembered while it has no fault."""
    own = settings.sources_file
    sources = load_sources(sources_file(), own)
    with contextlib.suppress(OSError):  # a read-only home may still be crawled from
        remember_good(own)
    return sources


def _chosen(sources: Sources, names: Sequence[str] | None, database: Database) -> list[Source]:
    with database.read() as connection:
        known = statuses(connection)
    paused = {name: status.paused for name, status in known.items() if status.paused is not None}
    if names is None:
        return [one for one in sources.by_name.values() if one.enabled and one.name not in paused]
    for name in names:
        if name in paused:
            raise Problem(f"{name} is paused: {paused[name]}", cure=f"chainwatch sources resume {name}")
    return sources.named(dict.fromkeys(names))


def _log_file(settings: Settings, name: str) -> Path:
    folder = settings.home / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"crawl-{name}.log"


def _sleep(seconds: float, stopping: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while not stopping() and time.monotonic() < end:
        time.sleep(0.1)


def _now_ms() -> int:
    return to_timestamp_ms(datetime.now(SHANGHAI))
