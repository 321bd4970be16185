"""A day of 100,000 articles in twenty minutes, on the embedded log and SQLite, with faults: nothing grows but the data.

`CHAINWATCH_SOAK=3` says how many minutes; `CHAINWATCH_CHAOS=short` takes one and a half. A fifth of the articles lies
in the log at the start, so that caches are filled and the largest batches made before anything is measured; the others
come at the same pace always, 83 a second. One consumer and one dispatcher live through it all and are measured; the
others die.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network
from itertools import cycle
from pathlib import Path

import pytest

from chainwatch.cli.init import prepare
from chainwatch.demo.receiver import Receiver, receive
from chainwatch.models import Article
from chainwatch.settings import Settings
from chainwatch.store import articles, messages, positions, search
from chainwatch.store.database import Database
from chainwatch.store.schema import open_store
from chainwatch.stream.protocol import ARTICLES, CONSUMERS, PARTITIONS
from chainwatch.stream.sqlite import SqliteStream
from tests.chaos import publisher
from tests.chaos.gauges import Gauge, growth
from tests.chaos.installation import check_store
from tests.chaos.newsroom import Edition, write
from tests.chaos.plant import Plant, Worker, subscribe

pytestmark = [pytest.mark.chaos, pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")]  # apprise imports it

SHORT = os.environ.get("CHAINWATCH_CHAOS") == "short"
SECONDS = 60 * float(os.environ.get("CHAINWATCH_SOAK", "1.5" if SHORT else "20"))
RATE = 100_000 / (20 * 60)
"""Articles a second: a day of 100,000 in twenty minutes."""
LONG = SECONDS >= 600
BACKLOG = 0.2
"""Share of the articles that lies in the log at the start."""
WARM = SECONDS / 2 if LONG else max(30.0, SECONDS / 4)
"""Seconds after which the backlog is consumed and caches are full: two consumers empty each other's page cache at every
commit, so that each comes to its plateau, that of one consumer alone, only in the middle of the long form."""
LOOK_S, FAULT_S = (2.0, 10.0) if SECONDS <= 300 else (10.0, 20.0)
GROWN = 0.10
"""Share of its resident memory that a process may grow by after warming up."""
CHANCE = (8 if LONG else 40) << 20
"""And so many bytes: in a short run SQLite's page caches are still being filled."""
LOG_BYTES = 80 << 20
"""Largest write-ahead log: it goes back into the database at 16,000 pages, behind the batch that passes them."""
MEASURED = ("consume-0", "dispatch-0")
FAULTS: Sequence[Callable[[Plant], None]] = (
    lambda p: p.kill_worker("consume-1"),
    lambda p: p.kill_worker("dispatch-1", "after_send:2"),
    lambda p: p.freeze_worker("consume-1", 5),
    lambda p: p.kill_worker("publish"),
    lambda p: p.kill_worker("consume-1", "before_commit:2"),
    lambda p: p.freeze_worker("consume-0", 2),
    lambda p: p.kill_worker("dispatch-1"),
    lambda p: p.freeze_worker("dispatch-0", 2),
)


@dataclass(frozen=True, slots=True)
class Disk:
    """One look at the files: seconds, articles stored, bytes that hold them, and how far the search index is behind."""

    seconds: float
    stored: int
    kept: int
    unindexed: int


@pytest.mark.timeout(3_600)
def test_a_day_of_articles_leaves_memory_handles_and_disk_flat(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    count = round(SECONDS * RATE)
    facts = min(600, count // 25)
    made = list(write(Edition(count, facts, told=12, seed=7), datetime.now(UTC)))
    appended = {articles.key_of(article) for article in made}
    with receive() as webhook, installation(tmp_path, webhook, made) as (one, settings):
        del made
        database, stream = open_store(settings.store_url), SqliteStream(settings.home / "stream.db")
        soaked = Soak(one, settings.home, database, stream)
        soaked.run()
        assert one.pass_time(240 + SECONDS, soaked.settled), one.told()
        ends = one.stop()
        sizes = check_store(database, appended, Counter(str(body["id"]) for body in webhook.bodies))
        database.close()
        stream.close()
    with capsys.disabled():
        print("\n".join(["", *soaked.figures(), f"{sizes}, faults {len(one.done)}"]))  # noqa: T201  wanted on the terminal
    assert {code for code, _seconds in ends.values()} == {0}
    soaked.check()


class Soak:
    """Runs the day, looks at the processes and the files, and says what grew."""

    def __init__(self, one: Plant, home: Path, database: Database, stream: SqliteStream) -> None:
        self.plant, self.home, self.database, self.stream = one, home, database, stream
        self.gauges = {name: Gauge(name) for name in MEASURED}
        self.disk: list[Disk] = []
        self.longest_log = self.furthest_behind = 0

    def run(self) -> None:
        begun, next_look, faults = time.monotonic(), 0.0, cycle(FAULTS)
        next_fault = FAULT_S
        while (now := time.monotonic() - begun) < SECONDS:
            if now >= next_look:
                next_look += LOOK_S
                self._look(now)
            if now >= next_fault and SECONDS - now > 10:
                next_fault += FAULT_S
                next(faults)(self.plant)
            self.plant.pass_time(0.3)
        self.plant.undo()

    def _look(self, seconds: float) -> None:
        for name, gauge in self.gauges.items():
            process = self.plant.workers[name].process
            if process is not None:
                gauge.look(process.pid, seconds)
        stored, appended = self.plant.stored(self.database), self._appended()
        files = {path.name: path.stat().st_size for path in self.home.glob("*.db*")}
        self.longest_log = max(self.longest_log, *(size for name, size in files.items() if name.endswith("-wal")))
        if seconds >= WARM:
            self.furthest_behind = max(self.furthest_behind, appended - stored)
        kept = sum(size for name, size in files.items() if name.endswith(".db"))
        with self.database.read() as connection:
            self.disk.append(Disk(seconds, stored, kept, search.lag(connection)))

    def _appended(self) -> int:
        return sum(self.stream.end_offset(ARTICLES, number) for number in range(PARTITIONS))

    def settled(self) -> bool:
        """Whether all is published, consumed and delivered."""
        if not self.plant.workers["publish"].finished:
            return False
        with self.database.read() as connection:
            there = positions.listed(connection, ARTICLES, CONSUMERS)
            sent = set(messages.counts(connection)) <= {messages.DELIVERED, messages.MERGED}
        return sent and sum(there.values()) == self._appended()

    def figures(self) -> Iterator[str]:
        """What is to be told."""
        yield f"soak of {SECONDS / 60:g} minutes, {RATE:.0f} articles/s; measured after {WARM:.0f} s"
        for name, gauge in self.gauges.items():
            samples = gauge.after(WARM)
            grown, opened = self._grown(gauge)
            yield (
                f"{name:12} {samples[0].resident >> 20} MB, then {samples[-1].resident >> 20} MB (line {grown / 2**20:+.1f} MB), "
                f"handles {samples[0].handles}, then {samples[-1].handles} (line {opened:+.1f}), {len(samples)} samples"
            )
        cost = self._costs()
        shown = (
            f"{cost[0] / 1000:.2f} kB an article in the first half, {cost[1] / 1000:.2f} in the second"
            if cost
            else "not measured, this machine was too busy to keep the search index up"
        )
        yield (
            f"disk {shown}; longest write-ahead log {self.longest_log / 2**20:.0f} MB; "
            f"at most {self.furthest_behind} articles behind"
        )

    def _grown(self, gauge: Gauge) -> tuple[float, float]:
        samples = gauge.after(WARM)
        times = [one.seconds for one in samples]
        return growth(times, [one.resident for one in samples]), growth(times, [one.handles for one in samples])

    def _costs(self) -> tuple[float, float] | None:
        """Bytes an article of both halves of the time after warming up, by looks at which all was indexed."""
        later = [one for one in self.disk if one.seconds >= WARM and one.unindexed <= 0.02 * one.stored]
        if len(later) < 0.5 * (SECONDS - WARM) / LOOK_S:
            return None
        first, middle, last = later[0], later[len(later) // 2], later[-1]
        return (
            (middle.kept - first.kept) / (middle.stored - first.stored),
            (last.kept - middle.kept) / (last.stored - middle.stored),
        )

    def check(self) -> None:
        """Nothing grows but the data, and that by the same for each article."""
        for gauge in self.gauges.values():
            grown, opened = self._grown(gauge)
            assert grown <= GROWN * gauge.samples[-1].resident + CHANCE, f"memory of {gauge.name} grows"
            assert opened <= 2, f"handles of {gauge.name} grow"
        cost = self._costs()
        assert cost or not LONG, "this machine was too busy for the long form"
        assert not cost or cost[1] <= 1.15 * cost[0], "an article costs more disk the more there are"
        assert self.longest_log <= LOG_BYTES, "the write-ahead log grows"


@contextmanager
def installation(folder: Path, webhook: Receiver, made: Sequence[Article]) -> Iterator[tuple[Plant, Settings]]:
    """A home on the embedded log and SQLite, its subscriber and its workers, none of which runs yet."""
    settings = Settings(home=folder / "home", workers=1, allow_networks=(ip_network("127.0.0.0/8"),))
    prepare(settings)
    subscribe(settings, webhook)
    file = folder / "articles.jsonl"
    backlog = folder / "backlog.jsonl"
    for path, some in ((backlog, made[: round(BACKLOG * len(made))]), (file, made)):
        with path.open("wb") as lines:
            lines.writelines(article.to_json() + b"\n" for article in some)
    publisher.main(str(settings.home / "stream.db"), str(backlog), "0")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWATCH_")}
    environment = kept | {
        "CHAINWATCH_HOME": str(settings.home),
        "CHAINWATCH_ALLOW_NETWORKS": "127.0.0.0/8",
        "CHAINWATCH_WORKERS": "1",
        "CHAINWATCH_LOG_LEVEL": "warning",
    }
    pause = str(publisher.PIECE / RATE)
    commands: dict[str, tuple[str, ...]] = {
        "publish": ("-m", "tests.chaos.publisher", str(settings.home / "stream.db"), str(file), pause)
    }
    for number in range(2):
        commands |= {f"{noun}-{number}": ("-m", "chainwatch.cli", noun) for noun in ("consume", "dispatch")}
    one = Plant(folder)
    for name, command in commands.items():
        one.workers[name] = Worker([sys.executable, *command], environment, folder / f"{name}.log")
    try:
        yield one, settings
    finally:
        one.close()
