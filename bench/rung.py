"""What an article costs on PostgreSQL when the store already holds many: `python -m bench rung 1_000_000`.

The store is filled by multiplying, in SQL, the rows of 5,000 articles that went the real way: every key gets a suffix,
every number an offset, so that each copy is other articles with other facts. Then further articles go the real way.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import BigInteger, Column, Connection, Integer, Table, Text, UniqueConstraint, text

from bench.pipeline import articles_of, made_up_rows, runner_on
from bench.processes import cpu_of
from chainwatch.models import Article
from chainwatch.models.ledger import BAND_BITS
from chainwatch.resources import rules_dir
from chainwatch.runner.live import Live
from chainwatch.runner.loop import Runner
from chainwatch.store import clusters, schema
from chainwatch.store.database import Database, metadata
from chainwatch.stream.envelope import article_draft
from chainwatch.stream.protocol import ARTICLES, PARTITIONS
from chainwatch.stream.sqlite import SqliteStream
from tests.postgres.server import Server

RUNG = 50_000
SEED = 5_000
MEASURED = 2_000
STEP = 10**9
"""Between the numbers of one copy and the next."""
WARM = 1_000
"""Consumed at the rung before it is measured: its index pages are then where they are in a server that runs."""
PARTS = ("elapsed", "processor of the runner", "processor of PostgreSQL")
Cost = tuple[float, float, float]
"""Seconds for each article, in the order of `PARTS`."""
REFERRING = frozenset({"shelf", "signature"})
"""Columns that hold the number of a row of another table, which no foreign key says."""
LEFT = frozenset({"positions", "bundles", "active_bundle", "article_index_state", "record_attempts"})


def main(rung: int = RUNG) -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        Path(name).chmod(0o755)
        try:
            server = Server(Path(name) / "pg")
        except pytest.skip.Exception as why:
            print(f"skipped: {why.msg}")
            return
        server.start()
        try:
            _measure(Path(name), server, rung)
        finally:
            server.stop()


def _measure(folder: Path, server: Server, rung: int) -> None:
    print(f"load average {os.getloadavg()[0]:.1f} before, on {len(os.sched_getaffinity(0))} cores", flush=True)
    database = Database(server.create("rung"))
    stream = SqliteStream(folder / "stream.db")
    stream.ensure_topic(ARTICLES, PARTITIONS)
    schema.create(database)
    live = Live(database, rules_dir(), folder / "own", 0)
    live.activate(datetime.now(UTC))
    runner = runner_on(stream, database, live)
    made = articles_of(made_up_rows(), SEED + WARM + 2 * MEASURED)
    _consume(server, runner, stream, made, SEED)
    first = _told(database, SEED, _consume(server, runner, stream, made, MEASURED))
    copies = rung // (SEED + MEASURED)
    seconds = _timed(lambda: _multiply(database, copies))
    print(f"{copies} copies of every row in {seconds:.0f} s", flush=True)
    there = (copies + 1) * (SEED + MEASURED)
    _consume(server, runner, stream, made, WARM)
    last = _told(database, there + WARM, _consume(server, runner, stream, made, MEASURED))
    times = [f"{name} {after / before:.2f}" for name, before, after in zip(PARTS, first, last, strict=True)]
    print(f"at {there:,} an article costs so many times what it costs at {SEED:,}: {', '.join(times)}")
    print(f"load average {os.getloadavg()[0]:.1f} after")
    live.close()
    stream.close()
    database.close()


def _told(database: Database, there: int, cost: Cost) -> Cost:
    with database.read() as connection:
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one()
    shown = ", ".join(f"{name} {1000 * seconds:.2f} ms" for name, seconds in zip(PARTS, cost, strict=True))
    print(f"{there:9,} articles: {shown} an article, {size / there / 1000:.1f} kB each", flush=True)
    return cost


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _consume(server: Server, runner: Runner, stream: SqliteStream, made: Iterator[Article], count: int) -> Cost:
    """What each of the next articles costs, in the order of `PARTS`, in seconds."""
    now = datetime.now(UTC)
    stream.append(ARTICLES, [article_draft(article, now) for article in islice(made, count)])
    ends = {number: stream.end_offset(ARTICLES, number) for number in range(PARTITIONS)}
    runner_s, server_s = time.process_time(), sum(map(cpu_of, server.family()))
    wall = _timed(lambda: runner.run(lambda: False, ends))
    spent = time.process_time() - runner_s, sum(map(cpu_of, server.family())) - server_s
    return wall / count, spent[0] / count, spent[1] / count


def _multiply(database: Database, copies: int) -> None:
    with database.write() as connection:
        connection.execute(text("SET LOCAL synchronous_commit = off"))
        connection.execute(
            text("SET LOCAL session_replication_role = replica")
        )  # no look at foreign keys: copies agree
        for table in metadata.sorted_tables:
            if table.name not in LEFT:
                _copy(connection, table, copies)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _copy(connection: Connection, table: Table, copies: int) -> None:
    quote = connection.dialect.identifier_preparer.quote
    names = ", ".join(quote(column.name) for column in table.columns)
    values = ", ".join(_value(table, column, quote(column.name)) for column in table.columns)
    source = f"{quote(table.name)}, generate_series(1, {copies}) AS k"
    connection.execute(text(f"INSERT INTO {quote(table.name)} ({names}) SELECT {values} FROM {source}"))


def _value(table: Table, column: Column[object], name: str) -> str:
    """The column of a copy: keys and what refers to them made other, everything else as it is."""
    if column is clusters.bands.c.band:
        return f"({name} # (hashint8extended(k, 0) & {(1 << BAND_BITS) - 1}::bigint))"
    if isinstance(column.type, Text) and _is_key(table, column):
        return f"{name} || '~' || k"
    if isinstance(column.type, BigInteger | Integer) and (
        _numbers(column) or column.foreign_keys or column.name in REFERRING
    ):
        return f"{name} + k * {STEP}::bigint"
    return name


def _numbers(column: Column[object]) -> bool:
    return column.primary_key and len(column.table.primary_key) == 1


def _is_key(table: Table, column: Column[object]) -> bool:
    unique = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    return (
        column.primary_key
        or any(column.name in one.columns for one in unique)
        or any(column.name in index.columns for index in table.indexes)
        or bool(column.unique)
    )


if __name__ == "__main__":
    main()
