"""When each source is crawled: due by its cron line, quiet hours and breaker; now, or for ever on schedule."""

import contextlib
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from cronsim import CronSim

from chainwatch.crawling import Crawls
from chainwatch.models import SHANGHAI, from_timestamp_ms
from chainwatch.problem import Problem
from chainwatch.resources import sources_file
from chainwatch.settings import Settings
from chainwatch.store.crawl import Coverage
from chainwatch.store.database import Database
from chainwatch.store.sources import SourceStatus, statuses
from chainwatch.waiting import wait
from crawlers.source import Source
from crawlers.sources import Sources, load_sources, remember_good

log = structlog.get_logger(__name__)

PARALLEL = 4
"""Sources crawled at a time by one scheduler."""


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
            wait(pause, stopping)
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
