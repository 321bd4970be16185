"""A whole installation over the demo's site, whose processes can be killed, and what must hold of it afterwards."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, text

from chainwatch import audit
from chainwatch.cli import demo
from chainwatch.cli.init import prepare
from chainwatch.crash import VARIABLE
from chainwatch.demo import pages as demo_pages
from chainwatch.demo.receiver import Receiver
from chainwatch.demo.site import DemoSite
from chainwatch.models import SHANGHAI, Article
from chainwatch.settings import Settings
from chainwatch.store import articles, attempts, events, journal, ledger, messages, policies, positions
from chainwatch.store.database import Database
from chainwatch.store.schema import open_store
from chainwatch.store.shelves import content
from chainwatch.stream.protocol import ARTICLES, CONSUMERS
from chainwatch.stream.sqlite import SqliteStream

CRASH_POINTS: Mapping[str, Sequence[str]] = {
    "crawl": ("after_archive", "before_append_commit", "after_append", "after_seen"),
    "consume": ("after_attempt", "before_commit", "after_commit"),
    "dispatch": ("before_send", "after_send", "after_record"),
}
COMMANDS: Mapping[str, Sequence[str]] = {
    "crawl": ("crawl", *demo.NAMES),
    "consume": ("consume",),
    "dispatch": ("dispatch",),
}


EVERYTHING = 10_000_000
"""More rows than any of these runs makes."""

WAYS = [(victim, point) for victim, points in CRASH_POINTS.items() for point in ("", *points)]
"""Every way to die: a named point of a command, or any moment."""


@dataclass(slots=True)
class Kills:
    """What was killed, where: `(command, crash point or "")`."""

    done: list[tuple[str, str]] = field(default_factory=list)

    def of(self, command: str) -> int:
        return sum(name == command for name, _point in self.done)


class Installation:
    """A home folder, the site it crawls and the webhook it tells."""

    def __init__(self, home: Path, site: DemoSite, webhook: Receiver) -> None:
        self.settings = Settings(home=home, allow_networks=(ip_network("127.0.0.0/8"),), workers=1, contact="test")
        self.site, self.webhook = site, webhook
        prepare(self.settings)
        demo._write_sources(self.settings, site)
        demo._subscribe(self.settings, webhook)
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWATCH_")}
        self.environment |= {
            "CHAINWATCH_HOME": str(home),
            "CHAINWATCH_ALLOW_NETWORKS": "127.0.0.0/8",
            "CHAINWATCH_WORKERS": "1",
            "CHAINWATCH_CONTACT": "test",
        }

    def start(self, *command: str, crash_at: str | None = None) -> subprocess.Popen[bytes]:
        environment = self.environment | ({VARIABLE: crash_at} if crash_at else {})
        with (self.settings.home / f"{command[0]}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "chainwatch.cli", *command],
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def finish(self, *command: str, seconds: float = 120) -> int:
        return self.start(*command).wait(timeout=seconds)

    def kill_one(self, victim: str, point: str, chance: random.Random, kills: Kills) -> None:
        """Let all three work side by side; one of them dies of SIGKILL, at a named point or (without one) any moment."""
        crash_at = f"{point}:{chance.randint(1, 3)}" if point else None
        running = {
            name: self.start(*command, crash_at=crash_at if name == victim else None)
            for name, command in COMMANDS.items()
        }
        try:
            running[victim].wait(timeout=chance.uniform(0.5, 4.0) if not point else 6.0)
        except subprocess.TimeoutExpired:
            kill_group(running[victim])
        died = running[victim].wait() == -signal.SIGKILL
        kills.done += [(victim, point)] * died
        for name, process in running.items():
            if name != victim:
                stop_group(process)

    def settle_day(self) -> None:
        """Restart after the kills and let this day's work come to its end."""
        for _ in range(5):
            if self.finish("crawl", *demo.NAMES) == 0:
                break
        assert self.finish("consume", "--drain") == 0

    def settle_deliveries(self, seconds: float = 150) -> None:
        """Send until nothing waits; the lease of a dispatcher that died must run out first."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.finish("dispatch", "--once") == 0
            with self.opened() as database, database.read() as connection:
                if set(messages.counts(connection)) <= {"delivered"}:
                    return
            time.sleep(2)
        raise AssertionError("messages still wait")

    def opened(self) -> "Opened":
        return Opened(self.settings)


class Opened:
    """The store, closed at the end."""

    def __init__(self, settings: Settings) -> None:
        self._database = open_store(settings.store_url)

    def __enter__(self) -> Database:
        return self._database

    def __exit__(self, *_error: object) -> None:
        self._database.close()


def kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)


def stop_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        kill_group(process)
        process.wait()


def ledger_of(installation: Installation) -> dict[str, list[tuple[Any, ...]]]:
    """What the ledger holds, in an order that does not depend on how it came there."""
    with installation.opened() as database:
        return ledger_in(database)


def ledger_in(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """The ledger of a store, in an order that does not depend on how it came there."""
    with database.read() as connection:
        return {
            table.name: sorted(tuple(row) for row in connection.execute(select(*content(table))))
            for table in (ledger.facts, ledger.fact_values, ledger.roles, policies.policies, policies.cards)
        }


def records(settings: Settings) -> Counter[articles.Key]:
    """Every record of the stream, by name."""
    stream = SqliteStream(settings.home / "stream.db")
    found: Counter[articles.Key] = Counter()
    for partition in range(stream.topics()[ARTICLES]):
        offset = 0
        while batch := stream.read(ARTICLES, partition, offset, 500):
            found.update(articles.key_of(Article.from_json(record.value)) for record in batch)
            offset = batch[-1].offset + 1
    stream.close()
    return found


def check(installation: Installation, kills: Kills) -> dict[str, int]:
    """The equations that must hold after any kills; gives the sizes of the sets, to be printed."""
    sent = Counter(str(body["id"]) for body in installation.webhook.bodies)
    appended = records(installation.settings)
    with installation.opened() as database:
        sizes = check_store(database, set(appended), sent)
        with database.read() as connection:
            offsets = positions.listed(connection, ARTICLES, CONSUMERS)
            healthy = [connection.execute(text("PRAGMA integrity_check")).scalar()]
    assert sizes["repeats"] <= kills.of("dispatch")
    assert healthy == ["ok"]
    assert sum(offsets.values()) == appended.total()
    return {"kills": len(kills.done), "records": appended.total(), **sizes}


def check_store(database: Database, appended: AbstractSet[articles.Key], sent: Counter[str]) -> dict[str, int]:
    """What must hold of a store that consumed these records, and whose webhook got these message ids so often."""
    with database.read() as connection:
        stored = Counter(
            (row.id, row.content_digest)
            for row in connection.execute(
                select(articles.articles.c.id, articles.revisions.c.content_digest).join(articles.revisions)
            )
        )
        entries = [json.loads(entry.body) for entry in journal.after(connection, 0, EVERYTHING)]
        decided = Counter((entry["article"], entry["content"]) for entry in entries if "content" in entry)
        told = Counter(id_ for entry in entries for id_ in entry.get("events", ()))
        recorded = Counter(one.event.id for one in events.after(connection, 0, EVERYTHING))
        json_channels = select(messages.messages.c.id).where(
            messages.messages.c.channel.in_(_webhooks(connection)),
            messages.messages.c.state != messages.MERGED,  # its reasons went into a digest, which has its own id
        )
        due = set(connection.execute(json_channels).scalars())
        unfinished = Counter(
            connection.execute(
                select(attempts.attempts.c.message).where(attempts.attempts.c.outcome == attempts.BEGUN)
            ).scalars()
        )
        verdict = audit.verify(audit.stored(database))
    repeated = {id_: count for id_, count in sent.items() if count > 1}
    assert stored == decided, "every article is stored and decided exactly once"
    assert set(stored) == appended, "every record of the stream is stored, and nothing else"
    assert set(stored.values()) <= {1}
    assert recorded == told, "every event is recorded once and stands in the journal once"
    assert set(sent) == due, "every message for the webhook arrived, under its own id"
    assert all(unfinished[id_] >= count - 1 for id_, count in repeated.items()), "only an unrecorded send is repeated"
    assert verdict.fault is None
    return {
        "articles": len(stored),
        "events": len(recorded),
        "messages": len(due),
        "hits": sent.total(),
        "repeats": sum(count - 1 for count in repeated.values()),
    }


def _webhooks(connection: Connection) -> list[str]:
    rows = connection.execute(text("SELECT id FROM channels WHERE masked LIKE 'json %'"))
    return [row.id for row in rows]


def pages() -> tuple[str, list[demo_pages.Page]]:
    """The demo's pages as if written today: older ones would alert nobody."""
    return demo_pages.load(datetime.now(SHANGHAI).date())
