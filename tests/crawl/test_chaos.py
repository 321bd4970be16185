"""Real SIGKILLs of real crawls: at named points, at random moments, of the scheduler above them, and two at a time."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest

from chainwatch.schedule import run_schedule
from tests.sites.home import ROOT, Home
from tests.sites.mission import MISSION, Family
from tests.sites.server import Sites


def family(sites: Sites, home: Home) -> Family:
    made = MISSION["sina"](lambda host, path: sites.url(host)[:-1] + path)
    sites.hosts |= dict.fromkeys(made.hosts, made.site)
    home.sources(made.source)
    return made


def check(home: Home) -> None:
    """Every article is there, none twice but where a kill fell between append and seen, all numbers are exact."""
    runs = home.runs("sina")
    records = Counter((one.id, one.content_digest) for one in home.articles())
    assert len(records) == 8
    assert sum(records.values()) <= 8 + sum(run.ended == "killed" for run in runs)
    assert sum(run.total("published") for run in runs) == 8
    assert all(run.open == 0 for run in runs if run.finished_ms is not None)
    assert runs[0].ended == "good"


@pytest.mark.chaos
@pytest.mark.parametrize("nth", [1, 4, 8])
@pytest.mark.parametrize("point", ["after_archive", "after_append", "after_seen"])
def test_sigkill_at_a_named_point_loses_nothing(sites: Sites, home: Home, point: str, nth: int) -> None:
    family(sites, home)
    killed = home.crawl("sina", crash=f"{point}:{nth}")
    assert killed.returncode == -signal.SIGKILL
    home.crawl("sina")
    check(home)


@pytest.mark.chaos
def test_sigkill_at_random_moments_loses_nothing(sites: Sites, home: Home) -> None:
    family(sites, home)
    chance = random.Random(20260302)
    for _ in range(10):
        process = subprocess.Popen(
            [sys.executable, "-m", "scrapy", "crawl", "sina"],
            cwd=ROOT,
            env={**home.environment, "SCRAPY_SETTINGS_MODULE": "crawlers.settings"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            process.wait(chance.uniform(0.5, 4.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    home.crawl("sina")
    check(home)


@pytest.mark.chaos
def test_a_killed_scheduler_takes_its_crawls_along_and_the_next_goes_on(sites: Sites, home: Home) -> None:
    family(sites, home)
    command = [sys.executable, "-m", "chainwatch.cli", "crawl", "sina"]
    process = subprocess.Popen(
        command, cwd=ROOT, env=home.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while not home.runs("sina") and process.poll() is None:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (again,) = home.crawl_all("sina")
    assert again.ended == "good"
    check(home)


@pytest.mark.slow
def test_of_two_schedulers_one_crawls_a_due_source(sites: Sites, home: Home) -> None:
    made = family(sites, home)
    home.sources({**made.source, "schedule": "0 0 1 1 *"})  # never crawled: due now; then not before new year
    started: list[int] = []
    stop = threading.Event()

    def schedule() -> None:
        started.append(run_schedule(home.settings, stop.is_set, environment=home.environment, pause=0.1))

    threads = [threading.Thread(target=schedule) for _ in range(2)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (home.runs("sina") and home.runs("sina")[0].finished_ms):
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert sum(started) == 1
    assert [run.ended for run in home.runs("sina")] == ["good"]
