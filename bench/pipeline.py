"""The durable pipeline on SQLite: articles of the real stream from the log to the store, all hops, beside its floor.

The articles are taken evenly from the whole stream, whose earliest third is twice as long as the rest, and count as
fetched on the day they were published, so that they may alert. The floor reads the same records from the log and
decodes their JSON. Without the data beside the project the articles are made up here, of the same length.
"""

import gzip
import json
import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from bench.routing import subscription
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.memory import peak_bytes
from chainwatch.models import Article, to_timestamp_ms
from chainwatch.models.subscription import Filter, Subscription
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle
from chainwatch.runner.live import Live
from chainwatch.runner.loop import Runner
from chainwatch.store import channels, messages, schema, search, subscriptions
from chainwatch.store.channels import Channel
from chainwatch.store.database import Database
from chainwatch.stream.envelope import article_draft
from chainwatch.stream.protocol import ARTICLES, PARTITIONS
from chainwatch.stream.sqlite import SqliteStream
from crawlers.saved import Terms, article_of

SHARED = Path(__file__).parents[2] / "shared" / "data" / "stream" / "articles.jsonl.gz"
COUNT = int(os.environ.get("BENCH_ARTICLES", "2000"))
WARM = 200
SUBSCRIBERS = 100
HAN = [chr(code) for code in range(0x4E00, 0x5E00)]


class Quiet:
    """Watches nothing."""

    def decided(self, decisions: object) -> None:
        del decisions

    def quarantined(self, record: object, failure: object) -> None:
        raise AssertionError(f"set aside: {record} {failure}")

    def idle(self) -> bool:
        return False


def main() -> None:
    articles = list(articles_of(real_rows(), COUNT + WARM))
    for workers, subscribers in ((1, 0), (0, 0), (0, SUBSCRIBERS)):
        with tempfile.TemporaryDirectory() as folder:
            _run(Path(folder), articles, workers, subscribers)


def _run(folder: Path, articles: list[Article], workers: int, subscribers: int) -> None:
    now = datetime.now(UTC)
    stream, database = SqliteStream(folder / "stream.db"), Database(f"sqlite:///{folder / 'store.db'}")
    schema.create(database)
    stream.ensure_topic(ARTICLES, PARTITIONS)
    live = Live(database, rules_dir(), folder / "own", workers)
    live.activate(now)
    _subscribe(database, subscribers, now)
    runner = runner_on(stream, database, live)
    _append(stream, articles[:WARM], now)
    runner.run(lambda: False, _ends(stream))
    seconds = _timed(lambda: _append(stream, articles[WARM:], now))
    print(f"append           {COUNT / seconds:10,.0f} articles/s (durable, 100 at a time)")
    floor = COUNT / _timed(lambda: _read_all(stream))
    print(f"floor            {floor:10,.0f} articles/s (read and JSON decode only)")
    cpu = _cpu()
    rate = COUNT / _timed(lambda: runner.run(lambda: False, _ends(stream)))
    used = 1000 * (_cpu() - cpu) / COUNT
    shown = workers or len(os.sched_getaffinity(0))
    told = _messages(database) / (COUNT + WARM)
    share = f"{shown} reading, floor / {floor / rate:.0f}, {used:.2f} ms CPU in the runner"
    print(f"pipeline         {rate:10,.0f} articles/s ({share}; {subscribers} subscriptions, {told:.2f} messages each)")
    live.close()
    seconds = _timed(lambda: _index_all(database))
    print(f"search index     {(COUNT + WARM) / seconds:10,.0f} articles/s (in idle moments)")
    print(f"memory           {peak_bytes() >> 20:10,} MB (the runner)")
    stream.close()
    database.close()


def runner_on(stream: SqliteStream, database: Database, live: Live) -> Runner:
    """A runner of all hops, as `chainwatch consume` makes it, that tells nobody."""
    return Runner(
        database,
        stream,
        topic=ARTICLES,
        group="bench",
        machinery=live,
        clock=lambda: datetime.now(UTC),
        window=timedelta(days=3),
        watch=Quiet(),
    )


def _subscribe(database: Database, count: int, now: datetime) -> None:
    """So many subscriptions as people make them, and one that wants every target and policy."""
    if not count:
        return
    taxonomy, chance = load_taxonomy(read_bundle(rules_dir())), random.Random(2)
    nodes = [node for node in taxonomy.nodes if node.count("/") >= 1]
    regions = [region for region in taxonomy.regions if region != "全国"]
    every = Subscription(id="sub-all", name="x", filter=Filter(kinds=("target.*", "policy.*")), channels=("ch-0",))
    with database.write() as connection:
        for number in range(count):
            channels.add(connection, _channel(f"ch-{number}"), b"", (), to_timestamp_ms(now))
        for one in [every, *(subscription(chance, number, nodes, regions) for number in range(count - 1))]:
            subscriptions.save(connection, one, to_timestamp_ms(now))


def _channel(name: str) -> Channel:
    return Channel(
        id=name,
        name=name,
        service="json",
        masked="json://",
        text_format="text",
        limit_size=32_000,
        limit_unit="characters",
        takes_title=True,
        owner="bench",
        created_ms=0,
    )


def _messages(database: Database) -> int:
    with database.read() as connection:
        return sum(messages.counts(connection).values())


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _cpu() -> float:
    return time.process_time()


def _append(stream: SqliteStream, articles: list[Article], now: datetime) -> None:
    for i in range(0, len(articles), 100):
        stream.append(ARTICLES, [article_draft(article, now) for article in articles[i : i + 100]])


def _ends(stream: SqliteStream) -> dict[int, int]:
    return {number: stream.end_offset(ARTICLES, number) for number in range(PARTITIONS)}


def _read_all(stream: SqliteStream) -> None:
    for number in range(PARTITIONS):
        offset = 0
        while records := stream.read(ARTICLES, number, offset, 200):
            for record in records:
                orjson.loads(record.value)
            offset = records[-1].offset + 1


def _index_all(database: Database) -> None:
    while True:
        with database.write() as connection:
            if not search.index_next(connection, 200):
                return


def articles_of(rows: Iterator[dict[str, str]], count: int) -> Iterator[Article]:
    """So many live articles with ids of their own."""
    terms = Terms(fetched=datetime.now(UTC), live=True, run=None, archive=lambda _data: "")
    for number, row in zip(range(count), rows, strict=False):
        yield article_of(row | {"id": f"bench-{number}", "fetched": f"{row['date']} 23:00"}, terms, "bench")


def real_rows() -> Iterator[dict[str, str]]:
    """The real stream, every third article and then the others; made up where it is absent or at its end."""
    if SHARED.exists():
        with gzip.open(SHARED, "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        for first in range(3):
            for row in rows[first::3]:
                yield {name: row[name] for name in ("title", "text", "date", "source")}
    yield from made_up_rows()


def made_up_rows(length: int = 1_200) -> Iterator[dict[str, str]]:
    """Articles of so many characters, each with a target of its own and a text that is like no other."""
    chance = random.Random(1)
    while True:
        number, value = chance.randint(1, 10**6), chance.randint(1, 900)
        filler = "".join(chance.choice(HAN) if n % 23 else "。" for n in range(1, length))
        text = f"到2030年，示例第{number}号产业链产值力争达到{value}亿元。{filler}"
        yield {"title": f"第{number}号项目公布", "text": text, "date": "2026-11-01", "source": "示例日报"}


if __name__ == "__main__":
    main()
