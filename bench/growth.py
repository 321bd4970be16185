"""What an article costs as the store grows: all hops and the commit on SQLite, made-up articles.

They are as long as the real stream's and come at 10,000 a day, the pace of one machine; at 300,000 the 30 days within
which near-duplicates are sought are full for the first time. Each figure is the least of the last rounds of 2,000
articles before a size, since other work on the machine slows even processor time: that of the runner and its reading
processes together, and of it the runner's own part, which compares and stores; then the size of the store and the
memory of the runner. BENCH_FOLDER says where the store lies.
The million: `python -m bench growth 10_000 300_000 1_000_000`.
"""

import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from bench.pipeline import articles_of, made_up_rows, runner_on
from bench.processes import cpu_of
from chainwatch.memory import peak_bytes
from chainwatch.models import Article
from chainwatch.resources import rules_dir
from chainwatch.runner.live import Live
from chainwatch.runner.loop import Runner
from chainwatch.store import schema
from chainwatch.store.database import Database
from chainwatch.stream.envelope import article_draft
from chainwatch.stream.protocol import ARTICLES, PARTITIONS
from chainwatch.stream.sqlite import SqliteStream

SIZES = (10_000, 50_000, 100_000, 300_000)
PIECE = 2_000
LENGTH = 660
A_DAY = 10_000
FIRST = date(2026, 4, 7)
"""On which 30 days of the near-duplicates' index begin."""
ROUNDS = 3
"""Pieces before each size that are measured."""


class Cost(NamedTuple):
    """Of one article, in seconds: elapsed, of all processors, of the runner's."""

    elapsed: float
    cpu: float
    runner: float


def main(*sizes: int) -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        _grow(Path(folder), sizes or SIZES)


def _grow(folder: Path, sizes: Sequence[int]) -> None:
    stream, database = SqliteStream(folder / "stream.db"), Database(f"sqlite:///{folder / 'store.db'}")
    schema.create(database)
    stream.ensure_topic(ARTICLES, PARTITIONS)
    live = Live(database, rules_dir(), folder / "own", 0)
    live.activate(datetime.now(UTC))
    runner = runner_on(stream, database, live)
    articles, done, first = articles_of(_rows(), max(sizes) + PIECE), 0, None
    for size in sizes:
        rounds: list[Cost] = []
        while done < size:
            rounds.append(_piece(runner, stream, articles))
            done += PIECE
        cost = Cost(*map(min, zip(*rounds[-ROUNDS:], strict=True)))
        first = first or cost
        disk = sum(path.stat().st_size for path in folder.glob("store.db*")) / size
        print(
            f"{size:9,} articles: {1000 * cost.elapsed:5.2f} ms each, {1000 * cost.cpu:5.2f} ms CPU"
            f" ({cost.cpu / first.cpu:.2f} x), {1000 * cost.runner:5.2f} of them in the runner"
            f" ({cost.runner / first.runner:.2f} x), {disk / 1024:.1f} kB in the store, memory {peak_bytes() >> 20} MB",
            flush=True,
        )
    live.close()
    stream.close()
    database.close()


def _rows() -> Iterator[dict[str, str]]:
    for number, row in enumerate(made_up_rows(LENGTH)):
        yield row | {"date": (FIRST + timedelta(days=number // A_DAY)).isoformat()}


def _piece(runner: Runner, stream: SqliteStream, articles: Iterator[Article]) -> Cost:
    """Append the next piece, then consume it; what one article of it cost."""
    now = datetime.now(UTC)
    drafts = [article_draft(article, now) for article in islice(articles, PIECE)]
    for start in range(0, PIECE, 500):
        stream.append(ARTICLES, drafts[start : start + 500])
    ends = {number: stream.end_offset(ARTICLES, number) for number in range(PARTITIONS)}
    begun, own, read = time.perf_counter(), time.process_time(), _readers()
    runner.run(lambda: False, ends)
    own, read = time.process_time() - own, _readers() - read
    return Cost((time.perf_counter() - begun) / PIECE, (own + read) / PIECE, own / PIECE)


def _readers() -> float:
    """CPU seconds of the reading processes so far."""
    return sum(cpu_of(child.pid) for child in multiprocessing.active_children() if child.pid)


if __name__ == "__main__":
    main()
