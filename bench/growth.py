"""What an article costs as the store grows: all hops and the commit on SQLite, made-up articles, to BENCH_GROWTH.

Each figure is taken over the last 2,000 articles before that size; beside it the size of the store and the memory of
the runner and of its readers. `BENCH_GROWTH=300000 python -m bench growth`.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from bench.pipeline import articles_of, made_up_rows, runner_on
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

LARGEST = int(os.environ.get("BENCH_GROWTH", "50000"))
SIZES = [size for size in (10_000, 50_000, 100_000, 300_000, 1_000_000) if size <= LARGEST]
PIECE = 2_000
LOOKED_AT = 2_000


def main() -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        _grow(Path(folder))


def _grow(folder: Path) -> None:
    stream, database = SqliteStream(folder / "stream.db"), Database(f"sqlite:///{folder / 'store.db'}")
    schema.create(database)
    stream.ensure_topic(ARTICLES, PARTITIONS)
    live = Live(database, rules_dir(), folder / "own", 0)
    live.activate(datetime.now(UTC))
    runner = runner_on(stream, database, live)
    articles, done, first = articles_of(made_up_rows(), LARGEST), 0, 0.0
    for size in SIZES:
        while done < size - LOOKED_AT:
            done += _consume(runner, stream, articles, PIECE)[0]
        count, seconds, cpu = _consume(runner, stream, articles, LOOKED_AT)
        done += count
        first = first or cpu
        disk = sum(path.stat().st_size for path in folder.glob("store.db*")) / size
        print(
            f"{size:9,} articles: {1000 * seconds / count:6.2f} ms each, {1000 * cpu / count:5.2f} ms CPU of the runner"
            f" ({cpu / first:.2f} x), {disk / 1024:.1f} kB in the store each, memory {peak_bytes() >> 20} MB",
            flush=True,
        )
    live.close()
    stream.close()
    database.close()


def _consume(runner: Runner, stream: SqliteStream, articles: Iterator[Article], count: int) -> tuple[int, float, float]:
    """Append so many articles and consume them; how many, seconds, and CPU seconds of the runner."""
    now = datetime.now(UTC)
    piece = list(islice(articles, count))
    for start in range(0, len(piece), 500):
        stream.append(ARTICLES, [article_draft(article, now) for article in piece[start : start + 500]])
    ends = {number: stream.end_offset(ARTICLES, number) for number in range(PARTITIONS)}
    begun, cpu = time.perf_counter(), time.process_time()
    runner.run(lambda: False, ends)
    return len(piece), time.perf_counter() - begun, time.process_time() - cpu


if __name__ == "__main__":
    main()
