"""Dispatchers killed with SIGKILL at random and named points, sinks that fail, hang, refuse and drop: nothing is lost."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from chainwatch.crash import VARIABLE
from chainwatch.models import SHANGHAI
from chainwatch.notify.pool import Pool
from chainwatch.store import attempts, messages
from tests.delivery.receiver import Hit, Receiver, drop, hang, receiving, status
from tests.delivery.world import LOOPBACK, World, event, make_store

ROOT = Path(__file__).parents[2]
POINTS = ("before_send", "after_send", "after_record")


@dataclass
class Sink:
    """Answers at random, and notes what it answered."""

    chance: random.Random
    answered: list[tuple[str, str]] = field(default_factory=list)
    """(message id, what) of every hit."""

    def __call__(self, handler: BaseHTTPRequestHandler, hit: Hit) -> None:
        what = self.chance.choices(["ok", "error", "limit", "drop", "hang"], [80, 8, 5, 5, 2])[0]
        self.answered.append((hit.id, what))
        answers = {"ok": status(200), "error": status(500), "limit": status(429, Retry_After="0")}
        answers |= {"drop": drop, "hang": hang}
        answers[what](handler, hit)


@dataclass(frozen=True)
class Count:
    alerts: int
    kills: int
    lost: int
    repeats: int
    unexplained: int
    hits: int


def _kill_loop(folder: Path, alerts: int, kills: int, seed: int) -> Count:
    chance = random.Random(seed)
    with ExitStack() as stack:
        receivers: list[Receiver] = [stack.enter_context(receiving()) for _ in range(3)]
        sinks = [Sink(random.Random(seed + number)) for number in range(3)]
        for receiver, sink in zip(receivers, sinks, strict=True):
            receiver.usual = sink
        database = make_store(folder)
        stack.callback(database.close)
        world = World(database, Pool(LOOPBACK))
        world.now = datetime.now(SHANGHAI)
        for number, receiver in enumerate(receivers):
            world.channel(receiver.url(), f"sink{number}")
        world.subscribe("sink0", "sink1", "sink2")
        happened = [event(f"事实{number}") for number in range(alerts)]
        share = max(1, alerts // kills)
        for number in range(kills):
            world.happen(*happened[number * share : (number + 1) * share])
            _run_and_kill(folder, chance)
        world.happen(*happened[kills * share :])
        _run_to_the_end(folder, world)
        return _counted(world, sinks, kills, {one.id for one in happened}, receivers)


def _start(folder: Path, crash_at: str | None) -> subprocess.Popen[str]:
    environment = {**os.environ} | ({VARIABLE: crash_at} if crash_at else {})
    command = [sys.executable, "-m", "tests.delivery.sender", str(folder / "store.db")]
    process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.stdout.close()
    return process


def _run_and_kill(folder: Path, chance: random.Random) -> None:
    """One dispatcher, killed at a named point or after a random time."""
    point = f"{chance.choice(POINTS)}:{chance.randint(1, 6)}" if chance.random() < 0.5 else None
    process = _start(folder, point)
    try:
        process.wait(timeout=3.0 if point else chance.uniform(0.02, 1.0))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _run_to_the_end(folder: Path, world: World) -> None:
    process = _start(folder, None)
    try:
        until = time.monotonic() + 240
        while time.monotonic() < until:
            if set(world.states()) <= {messages.DELIVERED}:
                return
            time.sleep(0.2)
        raise AssertionError(f"not all delivered: {world.states()}")
    finally:
        process.kill()
        process.wait()


def _counted(world: World, sinks: list[Sink], kills: int, events: set[str], receivers: list[Receiver]) -> Count:
    with world.database.read() as connection:
        stored = messages.listed(connection, limit=100_000)
        doubtful = {one.id: _doubtful(attempts.of_message(connection, one.id)) for one in stored}
    assert len(stored) == 3 * len(events)
    lost = repeats = unexplained = 0
    for sink, receiver in zip(sinks, receivers, strict=True):
        taken = Counter(id_ for id_, what in sink.answered if what in {"ok", "drop", "hang"})
        of_event: dict[str, set[str]] = {}
        for hit in receiver.hits:
            for one in hit.json["data"]["events"]:
                of_event.setdefault(one["id"], set()).add(hit.id)
        assert all(len(ids) == 1 for ids in of_event.values()), "an alert was sent under two ids"
        lost += len(events - {event for event, ids in of_event.items() if ids & set(taken)})
        repeats += sum(taken.values()) - len(taken)
        unexplained += sum(max(0, count - 1 - doubtful[id_]) for id_, count in taken.items())
    hits = sum(len(receiver.hits) for receiver in receivers)
    return Count(len(events), kills, lost, repeats, unexplained, hits)


def _doubtful(made: list[attempts.Attempt]) -> int:
    """Attempts whose end nobody recorded (a kill), or whose answer was lost: only these may send again."""
    assert sum(one.outcome == "delivered" for one in made) == 1
    return sum(one.outcome in {attempts.BEGUN, "unknown"} for one in made)


@pytest.mark.slow
def test_fifteen_kills_lose_nothing(tmp_path: Path) -> None:
    count = _kill_loop(tmp_path, alerts=45, kills=15, seed=1)
    sys.stdout.write(f"{count}\n")
    assert count.lost == 0
    assert count.unexplained == 0


@pytest.mark.chaos
@pytest.mark.skipif(os.environ.get("CHAINWATCH_CHAOS") == "short", reason="its short form is a slow test")
def test_five_hundred_kills_over_a_thousand_alerts_lose_nothing(tmp_path: Path) -> None:
    count = _kill_loop(tmp_path, alerts=1_000, kills=500, seed=20261120)
    sys.stdout.write(f"{count}\n")
    assert count.lost == 0
    assert count.unexplained == 0
