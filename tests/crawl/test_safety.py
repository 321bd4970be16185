"""Hostile servers: every run ends in bounded time and memory, its source is marked, the other sources finish."""

import contextlib
import gzip
import io
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chainwatch.memory import peak_bytes
from tests.sites.families import Sina, stories
from tests.sites.home import ROOT, Home
from tests.sites.server import Asked, Reply, Sites

MEGABYTE = 1 << 20


def drip(wfile: Any) -> None:
    """One byte every fifth of a second, for ever."""
    while True:
        wfile.write(b"<")
        wfile.flush()
        time.sleep(0.2)


def bomb() -> bytes:
    """A gibibyte of zeros in a megabyte."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9) as made:
        for _ in range(1024):
            made.write(b"\0" * MEGABYTE)
    return buffer.getvalue()


HOSTILE: dict[str, Callable[[], Callable[[Asked, Reply], Reply]]] = {
    "slow-loris": lambda: lambda asked, reply: reply if "api" in asked.path else Reply(stream=drip),
    "endless-redirect": lambda: (
        lambda asked, _reply: Reply(
            b"", 302, headers={"Location": asked.path + "?again=" + asked.query.get("again", "") + "x"}
        )
    ),
    "gzip-bomb": lambda: _always(Reply(bomb(), headers={"Content-Encoding": "gzip"})),
    "long-line": lambda: _always(Reply(b"<p>" + "产".encode() * (10 * MEGABYTE // 3))),
    "nested-tags": lambda: _always(
        Reply(b"<html><body>" + b"<div>" * 100_000 + "深处的正文".encode() * 30 + b"</div>" * 100_000)
    ),
    "nul-bytes": lambda: _always(Reply(b"\0" * MEGABYTE)),
    "robots-500": lambda: lambda asked, reply: Reply(b"oops", 500) if asked.path == "/robots.txt" else reply,
}


def _always(hostile: Reply) -> Callable[[Asked, Reply], Reply]:
    return lambda asked, reply: reply if "api" in asked.path or asked.path == "/robots.txt" else hostile


@dataclass
class Ended:
    """How a child ended."""

    code: int
    seconds: float
    processor_seconds: float
    megabytes: float


def run_child(home: Home, name: str, into: dict[str, Ended]) -> None:
    """One `scrapy crawl` with short limits; its peak memory."""
    options = ["-s", "DOWNLOAD_TIMEOUT=5", "-s", "RETRY_TIMES=0", "-s", "AUTOTHROTTLE_ENABLED=False"]
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", name, *options],
        cwd=ROOT,
        env={**home.environment, "SCRAPY_SETTINGS_MODULE": "crawlers.settings"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    held = 0
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        with contextlib.suppress(ProcessLookupError):  # it may end between the two questions
            held = max(held, peak_bytes(process.pid))
        time.sleep(0.02)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds, busy = time.monotonic() - begun, usage.ru_utime + usage.ru_stime
    into[name] = Ended(process.returncode, seconds, busy, held / MEGABYTE)


@pytest.mark.slow
def test_no_server_can_hold_or_bloat_a_crawl(sites: Sites, home: Home) -> None:
    rows = []
    for number, name in enumerate((*HOSTILE, "well")):
        host = f"{name}.test"
        site = Sina(stories(2, first=10 * number + 1), sites.url(host)[:-1])
        change = HOSTILE[name]() if name in HOSTILE else lambda _asked, reply: reply
        sites.hosts[host] = lambda asked, site=site, change=change: change(asked, site(asked))  # type: ignore[misc]
        listing = {"kind": "sina_roll", "url": sites.url(host, "/api/roll/get"), "pageid": 1, "lid": 2}
        rows.append({"name": name, "list": listing, "hosts": [host]})
    home.sources(*rows)
    ended: dict[str, Ended] = {}
    for pair in zip(*[iter((*HOSTILE, "well"))] * 4, strict=True):
        threads = [threading.Thread(target=run_child, args=(home, name, ended)) for name in pair]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(180)
    assert set(ended) == {*HOSTILE, "well"}
    assert {name: one.megabytes for name, one in ended.items() if one.megabytes > 400} == {}
    assert {name: one for name, one in ended.items() if one.processor_seconds > 20 or one.seconds > 150} == {}
    runs = {name: home.runs(name)[0] for name in ended}
    assert {name: run.ended for name, run in runs.items()} == {**dict.fromkeys(HOSTILE, "faulty"), "well": "good"} | {
        "nested-tags": runs["nested-tags"].ended
    }
    assert all(run.open == 0 for run in runs.values())
    assert runs["nested-tags"].discovered == 2
    assert runs["well"].total("published") == 2
    assert all(run.notes for name, run in runs.items() if run.ended == "faulty")


@pytest.mark.slow
def test_inward_addresses_are_refused_whoever_leads_there(sites: Sites, home: Home) -> None:
    inner = socket.create_server(("127.0.0.2", 0))
    inner.settimeout(0.1)
    secret = f"http://127.0.0.2:{inner.getsockname()[1]}/"
    sites.hosts["a.test"] = lambda asked: (
        Reply(b"", 404) if asked.path == "/robots.txt" else Reply(b"", 302, headers={"Location": secret})
    )
    home.sources(
        {"name": "redirected", "list": {"kind": "feed", "urls": [sites.url("a.test", "/rss")]}, "hosts": ["127.0.0.2"]},
        {"name": "direct", "list": {"kind": "feed", "urls": [secret]}},
    )
    home.allow = "127.0.0.1/32"
    for name in ("redirected", "direct"):
        home.crawl(name, "-s", "RETRY_TIMES=0")
        assert home.runs(name)[0].ended == "faulty"
    with pytest.raises(TimeoutError):
        inner.accept()
    inner.close()
    home.allow = ""
    before = len(sites.asked)
    home.crawl("redirected", "-s", "RETRY_TIMES=0")
    assert len(sites.asked) == before, "without the setting even the first host is out of reach"


def listening(pid: int) -> set[str]:
    """Local addresses on which the process listens."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(link.readlink())
        except FileNotFoundError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]:
            columns = line.split()
            if columns[3] == "0A" and columns[9] in inodes:
                found.add(columns[1])
    return found


@pytest.mark.slow
def test_a_crawl_opens_no_port(sites: Sites, home: Home) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def held(asked: Asked) -> Reply:
        if asked.path != "/robots.txt":
            reached.set()
            go_on.wait(30)
        return Reply(b"", 404)

    sites.hosts["a.test"] = held
    home.sources({"name": "one", "list": {"kind": "feed", "urls": [sites.url("a.test", "/rss")]}})
    process = subprocess.Popen(
        [sys.executable, "-m", "scrapy", "crawl", "one"],
        cwd=ROOT,
        env={**home.environment, "SCRAPY_SETTINGS_MODULE": "crawlers.settings"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert reached.wait(60)
        ports = listening(process.pid)
    finally:
        go_on.set()
        process.wait(60)
    assert ports == set()
