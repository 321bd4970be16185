"""Many crawls after one another by Scrapy's own engine in one process, against a local server; time is an argument.

    python -m tests.sites.rounds unchanged|living|broken RUNS FOLDER NAME...

A JSON line for each name: how its runs (of a site that is well, so many) ended, and what the operator was told. Only the speed limits and retries are off.
"""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from scrapy.crawler import AsyncCrawlerRunner
from scrapy.utils.reactor import install_reactor
from twisted.internet.defer import Deferred
from twisted.internet.task import react

from chainwatch.models import SHANGHAI, Event, EventKind, from_timestamp_ms, to_timestamp_ms
from chainwatch.stream.envelope import decode
from chainwatch.stream.open import open_stream
from chainwatch.stream.protocol import ARTICLES
from crawlers import settings as crawlers_settings
from crawlers.loader import spider_class
from crawlers.sources import read_sources
from crawlers.spiders.base import SourceSpider
from tests.sites.breakage import KINDS, broken
from tests.sites.families import story
from tests.sites.home import ROOT, Home
from tests.sites.mission import MISSION, Family
from tests.sites.server import RESOLVE, Sites

STEPS = {"paper": timedelta(minutes=10)}
"""Time between two runs, where it is no hour: a newspaper without a new day for long is not well."""
QUICK = {"AUTOTHROTTLE_ENABLED": False, "AUTOTHROTTLE_START_DELAY": 0, "RETRY_TIMES": 0, "LOG_LEVEL": "ERROR"}


def told(home: Home) -> list[EventKind]:
    """What the operator was told of the home's sources, in order."""
    stream = open_stream(home.settings.stream_url)
    try:
        parts = stream.topics().get(ARTICLES, 0)
        found = [decode(record) for part in range(parts) for record in stream.read(ARTICLES, part, 0, 10_000)]
    finally:
        stream.close()
    return [event.kind for event in found if isinstance(event, Event)]


def timed(kind: type[SourceSpider], at: datetime) -> type[SourceSpider]:
    """The spider with a clock that stands still."""
    now = to_timestamp_ms(at)

    class Timed(kind):  # type: ignore[misc, valid-type]  # made anew for each source
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.clock, self.started_ms, self.today = lambda: now, now, from_timestamp_ms(now).date()

    return Timed


def play(scenario: str, folder: Path, *names: str, runs: int = 5) -> list[dict[str, Any]]:
    """The scenario in a process of its own; a row for each name."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWATCH_")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.sites.rounds", scenario, str(runs), str(folder), *names],
        cwd=ROOT,
        env={**ours, "PYTHONPATH": f"{RESOLVE}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


async def crawl(home: Home, at: datetime) -> str | None:
    """One run of the home's only source; how it ended."""
    os.environ.update(home.environment)
    (source,), _ = read_sources(home.settings.sources_file.read_bytes(), "sources.yaml")
    own: Mapping[str, Any] = {
        name: getattr(crawlers_settings, name) for name in dir(crawlers_settings) if name.isupper()
    }
    extensions = {**own["EXTENSIONS"], "crawlers.extensions.Egress": None}  # one guard for each crawl would pile up
    runner = AsyncCrawlerRunner({**own, **QUICK, "EXTENSIONS": extensions})
    await runner.crawl(timed(spider_class(source, home.settings), at))
    return home.runs(source.name)[0].ended


def family_at(name: str, sites: Sites, folder: Path, **more: Any) -> tuple[Family, Home]:
    """A family behind the server, and a fresh installation that knows its source alone."""
    family = MISSION[name](lambda host, path: sites.url(host)[:-1] + path)
    sites.hosts.update(dict.fromkeys(family.hosts, family.site))
    home = Home(folder)
    home.sources({**family.source, **more})
    return family, home


async def well(name: str, sites: Sites, folder: Path, runs: int, *, living: bool) -> dict[str, Any]:
    """A site that is well, crawled again and again; a living one has news at every third run."""
    family, home = family_at(name, sites, folder / name, recheck_hours=6, silent_after_hours=2160)
    begin, step = datetime.now(SHANGHAI).replace(second=0, microsecond=0), STEPS.get(name, timedelta(hours=1))
    ended = []
    for number in range(runs):
        at = begin + number * step
        if living and number % 3 == 2:
            family.stories.insert(0, story(700 + number, at - step / 3, "低空经济"))
        ended.append(await crawl(home, at))
    found = {"ended": ended, "told": told(home), "articles": len(home.articles()), "stories": len(family.stories)}
    home.database.close()
    return found


async def broken_layout(name: str, sites: Sites, folder: Path) -> dict[str, Any]:
    """Two sound runs, two of the broken site, one of the repaired one."""
    family_name, change, _condition = KINDS[name]
    family, home = family_at(family_name, sites, folder / str(list(KINDS).index(name)))
    begin = datetime.now(SHANGHAI)
    ended, at_end, sound_articles = [], [], []
    for number, sound in enumerate((True, True, False, False, True)):
        if number == 2:
            sound_articles = home.articles()
        if not sound:
            family.stories.insert(0, story(700 + number, family.stories[0].at))
        site = family.site if sound else broken(family.site, change)
        sites.hosts.update(dict.fromkeys(family.hosts, site))
        ended.append(await crawl(home, begin + timedelta(hours=number)))
        at_end.append(home.status(family.name).health.condition)
        if number == 3:
            known = {one.id for one in sound_articles}
            rubbish = sum(one.id in known for one in home.articles()[len(sound_articles) :])
    found = {"ended": ended, "told": told(home), "conditions": at_end, "rubbish": rubbish}
    home.database.close()
    return found


async def rounds(scenario: str, runs: int, folder: Path, names: list[str]) -> AsyncIterator[dict[str, Any]]:
    """What becomes of each name."""
    with Sites() as sites:
        for name in names:
            if scenario == "broken":
                found = await broken_layout(name, sites, folder)
            else:
                found = await well(name, sites, folder, runs, living=scenario == "living")
            yield {"name": name, **found}


async def main(scenario: str, runs: str, folder: str, *names: str) -> None:
    """Print a line for each name as it is done."""
    async for row in rounds(scenario, int(runs), Path(folder), list(names)):
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    react(lambda _reactor: Deferred.fromFuture(asyncio.ensure_future(main(*sys.argv[1:]))))
