"""`chainwatch doctor`: looks at everything an installation stands on; each fault with its cure. Sends nothing."""

import shutil
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chainwatch import __version__
from chainwatch.cli.context import Context, stream_of
from chainwatch.cli.output import FAILED, JSON, OK, emit
from chainwatch.locale import tr
from chainwatch.models import SHANGHAI
from chainwatch.problem import Problem, Problems
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle
from chainwatch.runner.hops import compile_hops
from chainwatch.schedule import read_sources
from chainwatch.settings import Settings
from chainwatch.store import schema
from chainwatch.store.database import Database
from chainwatch.stream.keeping import faults
from chainwatch.stream.protocol import ARTICLES, EVENTS

Outcome = Literal["ok", "warning", "fault"]
BROKERS_S = 10.0
"""Seconds that brokers may take to answer."""
LEAST_DISK = 1 << 30
"""Free bytes below which the operator is warned."""
WAL_SAFE = (3, 51, 3)
"""SQLite before this has a race of checkpoint and writer; our lock file keeps it away."""
NETWORK_FILESYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "sshfs", "fuse.sshfs", "9p", "ceph", "glusterfs"}
)


@dataclass(frozen=True, slots=True)
class Check:
    """What one look found."""

    what: str
    outcome: Outcome
    detail: str
    cure: str = ""


def doctor(*, as_json: JSON = False) -> int:
    """Check Python, SQLite, disk, clock, settings, store, stream, rules, sources. Exit 1 where something is broken."""
    checks = list(examine())
    rows = [asdict(check) for check in checks]
    columns = {"what": "checked", "outcome": "outcome", "detail": "detail", "cure": "cure"}
    emit(
        [row | {"outcome": row["outcome"] if as_json else tr(row["outcome"])} for row in rows], columns, as_json=as_json
    )
    return FAILED if any(check.outcome == "fault" for check in checks) else OK


def examine() -> Iterator[Check]:
    """Every check, in the order in which one rests on another."""
    yield Check("chainwatch", "ok", f"{__version__}, Python {sys.version.split()[0]}")
    yield _sqlite()
    try:
        settings = Context().settings
    except Problem as problem:
        yield from _faults("settings", problem)
        return
    yield Check(
        "home",
        "ok" if settings.home.is_dir() else "fault",
        str(settings.home),
        "" if settings.home.is_dir() else "chainwatch init",
    )
    if not settings.home.is_dir():
        return
    yield _disk(settings.home)
    yield _filesystem(settings.home)
    yield _clock()
    if settings.contact == "not set":
        yield Check(
            "contact", "warning", "not set", 'contact = "mailto:…" in chainwatch.toml: site keepers can reach you'
        )
    looks: list[tuple[str, Callable[[Settings], str]]] = [
        ("store", _store),
        ("stream", _stream),
        ("rules", _rules),
        ("sources", _sources),
    ]
    for what, look in looks:
        try:
            yield Check(what, "ok", look(settings))
            if what == "stream":
                yield from _topics(settings)
        except Problem as problem:
            yield from _faults(what, problem)


def _faults(what: str, problem: Problem) -> Iterator[Check]:
    for one in problem.problems if isinstance(problem, Problems) else [problem]:
        yield Check(what, "fault", str(one), one.cure or "")


def _sqlite() -> Check:
    connection = sqlite3.connect(":memory:")
    options = {row[0] for row in connection.execute("PRAGMA compile_options")}
    connection.close()
    version = sqlite3.sqlite_version
    if "ENABLE_FTS5" not in options:
        return Check("SQLite", "fault", f"{version} without FTS5", "use a Python whose SQLite has FTS5, or PostgreSQL")
    if sqlite3.sqlite_version_info < WAL_SAFE:
        return Check("SQLite", "ok", f"{version}, FTS5; writers and checkpoints are serialised by the lock file")
    return Check("SQLite", "ok", f"{version}, FTS5")


def _disk(home: Path) -> Check:
    free = shutil.disk_usage(home).free
    detail = f"{free / (1 << 30):.1f} GiB free"
    if free < LEAST_DISK:
        return Check("disk", "warning", detail, "free some space: the log keeps every article")
    return Check("disk", "ok", detail)


def _filesystem(home: Path) -> Check:
    kind = (
        filesystem_of(home, Path("/proc/mounts").read_text(encoding="utf-8")) if Path("/proc/mounts").exists() else ""
    )
    if kind in NETWORK_FILESYSTEMS:
        return Check(
            "file system", "fault", kind, "SQLite needs a local disk: move CHAINWATCH_HOME, or use PostgreSQL and Kafka"
        )
    return Check("file system", "ok", kind or "unknown")


def filesystem_of(folder: Path, mounts: str) -> str:
    """Type of the file system that holds the folder, by the longest mount point above it in /proc/mounts."""
    best, kind = "", ""
    for line in mounts.splitlines():
        _device, point, one, *_ = line.split(" ")
        at = point.encode().decode("unicode_escape")
        if (folder.is_relative_to(at)) and len(at) >= len(best):
            best, kind = at, one
    return kind


def _clock() -> Check:
    now = datetime.now(SHANGHAI)
    if now.year < 2024:
        return Check("clock", "fault", now.isoformat(timespec="minutes"), "set the machine's clock")
    return Check("clock", "ok", f"{now:%Y-%m-%d %H:%M} Asia/Shanghai")


def _store(settings: Settings) -> str:
    database = Database(settings.store_url)
    try:
        schema.check(database)
        with database.read() as connection:
            if database.sqlite:
                found = connection.execute(text("PRAGMA quick_check(1)")).scalar_one()
                if found != "ok":
                    raise Problem(
                        f"damaged: {found}", place=str(database.url.database), cure="restore it from a backup"
                    )
        return f"{database.url.render_as_string(hide_password=True)}, revision {schema.REVISION}"
    except DBAPIError as error:
        raise database.problem(error) from error
    finally:
        database.close()


def _stream(settings: Settings) -> str:
    stream = stream_of(settings, deadline=BROKERS_S)
    try:
        topics = stream.topics()
        missing = [topic for topic in (ARTICLES, EVENTS) if topic not in topics]
        if missing:
            raise Problem(f"no topic {', '.join(missing)}", place=settings.stream_url, cure="chainwatch init")
        ends = {topic: sum(stream.end_offset(topic, n) for n in range(count)) for topic, count in topics.items()}
        return ", ".join(f"{topic}: {count} partitions, {ends[topic]} records" for topic, count in topics.items())
    finally:
        stream.close()


def _topics(settings: Settings) -> Iterator[Check]:
    """How the brokers keep our topics; nothing on the embedded log."""
    stream = stream_of(settings, deadline=BROKERS_S)
    days = settings.stream_retention_days
    try:
        for topic in (ARTICLES, EVENTS):
            there = stream.keeping(topic)
            if there is None:
                continue
            found = list(faults(topic, there, -1 if days is None else days * 86_400_000))
            yield from (Check("topic", "fault" if one.grave else "warning", one.what, one.cure) for one in found)
            if not found:
                told = ", ".join(f"{name} {value}" for name, value in there.shown().items())
                yield Check("topic", "ok", f"{topic}: {told}")
    finally:
        stream.close()


def _rules(settings: Settings) -> str:
    bundle = read_bundle(rules_dir(), settings.rules_dir)
    compile_hops(bundle)
    return f"{len(bundle.files)} files, {bundle.digest[:12]}"


def _sources(settings: Settings) -> str:
    sources = read_sources(settings)
    if sources.problems:
        raise Problems(list(sources.problems))
    return f"{len(sources.by_name)} sources"
