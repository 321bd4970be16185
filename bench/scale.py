"""Consuming from a real Kafka broker into a real PostgreSQL, both on this machine, beside the floor and in twos.

The floor is kafka-python's bare consumer and the JSON decoder on the same records. For the last figures consumers run
as processes of their own, each pinned to one core and held to a share of it by stopping and continuing it.
"""

import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import orjson
import pytest
from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import text

from bench.pipeline import SHARED, Quiet, articles_of, real_rows
from bench.processes import cpu_of
from chainwatch.cli.init import prepare
from chainwatch.models import Article
from chainwatch.resources import rules_dir
from chainwatch.runner.live import Live
from chainwatch.runner.loop import Runner
from chainwatch.settings import Settings
from chainwatch.store import articles as stored_articles
from chainwatch.store import schema
from chainwatch.store.database import Database
from chainwatch.stream.access import Access
from chainwatch.stream.envelope import article_draft
from chainwatch.stream.kafka import KafkaStream
from chainwatch.stream.protocol import ARTICLES, CONSUMERS, PARTITIONS
from tests.kafka.broker import Cluster
from tests.postgres.server import Server

COUNT = int(os.environ.get("BENCH_ARTICLES", "6000"))
WARM = 400
SHARE = 0.35
PERIOD_S = 0.1
SETTLING_S = 4.0
"""At full speed, until a group's members have their partitions for good."""
MEASURED_S = 20.0


def main() -> None:
    """Print all figures; a word where the servers are not on this machine."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            server, cluster = Server(folder / "pg"), Cluster(folder / "kafka")
        except pytest.skip.Exception as why:
            print(f"skipped: {why.msg}")
            return
        try:
            server.start()
            cluster.start()
            _all(folder, server, cluster)
        finally:
            cluster.stop()
            server.stop()


def _all(folder: Path, server: Server, cluster: Cluster) -> None:
    print(f"load average     {os.getloadavg()[0]:10.1f} before, on {len(os.sched_getaffinity(0))} cores")
    print(f"articles         {'the real stream' if SHARED.exists() else 'made up: the data folder is absent'}")
    made = list(articles_of(real_rows(), WARM + COUNT))
    stream = KafkaStream(Access((cluster.bootstrap,)))
    stream.ensure_topic(ARTICLES, PARTITIONS)
    _append(stream, ARTICLES, made[:WARM])
    appended = COUNT / _timed(lambda: _append(stream, ARTICLES, made[WARM:]))
    print(f"append           {appended:10,.0f} articles/s (acks=all)")
    floor = _floor(cluster.bootstrap)
    print(f"floor            {floor:10,.0f} articles/s (bare kafka-python and JSON decode, {_size(made):.1f} kB each)")
    for workers in (1, 0):
        servers, readers = _cpu_of_servers(server, cluster), _cpu_of_children()
        rate, used = _run(folder, server.create(f"bench{workers}"), stream, made, workers)
        shown = workers or len(os.sched_getaffinity(0))
        print(f"Kafka+PostgreSQL {rate:10,.0f} articles/s ({shown} reading, floor / {floor / rate:.0f})")
        spent = {"runner": used * len(made) / 1000, "readers": _cpu_of_children() - readers}
        spent |= {name: now - servers[name] for name, now in _cpu_of_servers(server, cluster).items()}
        each = ", ".join(f"{name} {1000 * seconds / len(made):.2f}" for name, seconds in spent.items())
        print(f"                 ms CPU an article: {each}")
    with Database(server.url("bench1")).read() as connection:
        size = connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one() / len(made) / 1000
    log = sum(path.stat().st_size for path in (folder / "kafka").glob(f"*/log/{ARTICLES}-*/*.log")) / len(made) / 1000
    print(f"disk             {size:10.1f} kB in PostgreSQL without the search index, {log:.1f} kB in Kafka, an article")
    one, two = (_held(folder, server, stream, members) for members in (1, 2))
    print(f"one at {SHARE:.0%}       {one:10,.0f} articles/s")
    print(f"two at {SHARE:.0%}       {two:10,.0f} articles/s ({two / one:.2f} x)")
    print(f"load average     {os.getloadavg()[0]:10.1f} after")
    stream.close()


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _size(made: Sequence[Article]) -> float:
    return sum(len(article.to_json()) for article in made) / len(made) / 1000


def _append(stream: KafkaStream, topic: str, made: Sequence[Article]) -> None:
    now = datetime.now(UTC)
    for start in range(0, len(made), 500):
        stream.append(topic, [article_draft(article, now) for article in made[start : start + 500]])


def _floor(bootstrap: str) -> float:
    """Records per second that the bare client reads and decodes."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, max_partition_fetch_bytes=8 << 20)
    spots = [TopicPartition(ARTICLES, number) for number in range(PARTITIONS)]
    consumer.assign(spots)
    consumer.seek_to_beginning()
    seen, begun = 0, time.perf_counter()
    while seen < WARM + COUNT:
        for batch in consumer.poll(timeout_ms=1000, max_records=500).values():
            for record in batch:
                orjson.loads(record.value)
            seen += len(batch)
    seconds = time.perf_counter() - begun
    consumer.close()
    return seen / seconds


def _run(folder: Path, url: str, stream: KafkaStream, made: Sequence[Article], workers: int) -> tuple[float, float]:
    """Articles per second of one runner in this process, and its CPU milliseconds for each."""
    database, topic = Database(url), f"bench.{workers}"
    schema.create(database)
    stream.ensure_topic(topic, PARTITIONS)
    live = Live(database, rules_dir(), folder / "own", workers)
    live.activate(datetime.now(UTC))
    runner = Runner(
        database,
        stream,
        topic=topic,
        group=topic,
        machinery=live,
        clock=lambda: datetime.now(UTC),
        window=timedelta(days=3),
        watch=Quiet(),
    )
    spent = (0.0, 0.0)
    for part in (made[:WARM], made[WARM:]):
        _append(stream, topic, part)
        ends = {number: stream.end_offset(topic, number) for number in range(PARTITIONS)}
        cpu = time.process_time()
        seconds = _timed(partial(runner.run, lambda: False, ends))
        spent = (seconds, time.process_time() - cpu)
    assert _stored(database) == len(made)
    live.close()
    database.close()
    return COUNT / spent[0], 1000 * spent[1] / COUNT


def _cpu_of_servers(server: Server, cluster: Cluster) -> dict[str, float]:
    """CPU seconds of the database and of the broker since they started."""
    assert server.process is not None
    return {
        "PostgreSQL": sum(map(cpu_of, server.family())),
        "Kafka": sum(cpu_of(broker.process.pid) for broker in cluster.brokers if broker.process),
    }


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _stored(database: Database) -> int:
    with database.read() as connection:
        return stored_articles.count(connection)


def _held(folder: Path, server: Server, stream: KafkaStream, members: int) -> float:
    """Articles per second of so many consumers, each held to a share of a core of its own."""
    url, home, bootstrap = server.create(f"held{members}"), folder / f"held{members}", stream.access.bootstrap[0]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWATCH_")}
    environment |= {
        "CHAINWATCH_HOME": str(home),
        "CHAINWATCH_STORE": url,
        "CHAINWATCH_STREAM": f"kafka://{bootstrap}",
        "CHAINWATCH_WORKERS": "1",
        "CHAINWATCH_LOG_LEVEL": "warning",
    }
    prepare(Settings.model_validate({"home": home, "store": url, "stream": f"kafka://{bootstrap}"}))
    command = [sys.executable, "-m", "chainwatch.cli", "consume"]
    cores = sorted(os.sched_getaffinity(0))
    running = []
    for number in range(members):
        process = subprocess.Popen(command, env=environment, start_new_session=True, stdout=subprocess.DEVNULL)
        os.sched_setaffinity(process.pid, {cores[number % len(cores)]})
        running.append(process)
    ended = threading.Event()
    holding = threading.Thread(target=_hold, args=([process.pid for process in running], ended), daemon=True)
    database = Database(url)
    try:
        while stream.groups().get(CONSUMERS, 0) < members or _stored(database) < WARM:
            time.sleep(0.1)
        time.sleep(SETTLING_S)
        holding.start()
        first, begun = _stored(database), time.perf_counter()
        while _stored(database) < WARM + COUNT and time.perf_counter() - begun < MEASURED_S:
            time.sleep(0.05)
        return (_stored(database) - first) / (time.perf_counter() - begun)
    finally:
        ended.set()
        if holding.ident is not None:
            holding.join()
        for process in running:
            process.terminate()
        for process in running:
            process.wait(60)
        database.close()
        while stream.groups().get(CONSUMERS, 0):
            time.sleep(0.1)


def _hold(groups: Sequence[int], ended: threading.Event) -> None:
    """Let the process groups run for their share of each period, all in the same moments."""
    while not ended.is_set():
        _signal(groups, signal.SIGCONT)
        time.sleep(SHARE * PERIOD_S)
        _signal(groups, signal.SIGSTOP)
        time.sleep((1 - SHARE) * PERIOD_S)
    _signal(groups, signal.SIGCONT)


def _signal(groups: Sequence[int], number: int) -> None:
    for group in groups:
        os.killpg(group, number)


if __name__ == "__main__":
    main()
