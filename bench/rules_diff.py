"""`rules diff` over a store of 50,000 articles, alerts and all; beside it one bare pass over the same bodies.

`python -m bench rules_diff [ARTICLES]`. Filling the store (read, decide, as consume does) takes most of the time.
"""

import gzip
import json
import os
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection

from chainwatch.matching.bundle import Bundle
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.models import SHANGHAI, Article, Precision, content_digest, to_timestamp_ms
from chainwatch.models.subscription import Filter, Subscription
from chainwatch.replay.alerts import alerts
from chainwatch.replay.question import Question
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle
from chainwatch.rulediff import Change, Run, chunks, diff, in_chunks
from chainwatch.runner.decide import Item, Terms, decide
from chainwatch.runner.hops import compile_packed
from chainwatch.runner.live import Ledger, Outbox
from chainwatch.runner.pool import Failure, attempt
from chainwatch.runner.reading import NOTHING, Read, Reading
from chainwatch.store import articles, bundles, channels, schema, subscriptions
from chainwatch.store.channels import Channel
from chainwatch.store.database import Database

Result = TypeVar("Result")
STREAM = Path(__file__).parents[2] / "shared" / "data" / "stream" / "articles.jsonl.gz"
ARTICLES = 50_000
PAGE = BATCH = 200
BEGIN = datetime(2026, 1, 1, tzinfo=SHANGHAI)
WINDOW = timedelta(days=3)
AMOUNT = re.compile(r"\d{1,9}(?=[万亿])")
RULE = "- {{id: own.r{n}, status: test, tags: [topic/t{n}], match: {{any: [{a}], all: [{b}]}}}}"
WORDS = ("储能", "补贴", "光伏", "基金", "芯片", "电池", "医疗", "机器人", "数据", "投资")


def main(size: int = ARTICLES) -> None:
    random.seed(5)
    shipped = read_bundle(rules_dir()).files
    pairs = [(a, b) for a in WORDS for b in WORDS if a < b][:40]
    old = Bundle({**shipped, "own/a.yaml": _file(pairs)})
    new = Bundle({**shipped, "own/a.yaml": _file([*pairs[2:], ("集成电路", "产值"), ("储能", "电站")])})
    workers = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        store = Database(f"sqlite:///{home / 'store.db'}")
        schema.create(store)
        with store.write() as connection:
            _subscribe(connection)
            bundles.activate(connection, old, 0)
        seconds, _, _ = timed(lambda: fill(store, old, size, home, workers))
        print(f"{size} articles consumed in {seconds:.0f} s (not part of the diff)", flush=True)
        bare, _, characters = timed(lambda: sum(len(body) for body in _bodies(store)))
        changes: list[Change] = []
        tags, tags_cpu, _ = timed(
            lambda: changes.extend(diff(old, new, _bodies(store), home / "cache", Run(workers, _nothing)))
        )
        differing = frozenset(change.article for change in changes)
        question = Question(old, new, None, differing, WINDOW, home / "cache", workers)
        (home / "scratch").mkdir()
        told, told_cpu, found = timed(
            lambda: alerts(store, home / "scratch", question, lambda _what, _total: nullcontext(_nothing))
        )
        store.close()
    print(f"bare read of all bodies ({characters / size:.0f} characters of JSON each): {bare:.1f} s")
    print(f"tags and hits: {tags:.1f} s (processor {tags_cpu:.1f} s), {len(changes)} articles differ")
    print(f"alerts: {told:.1f} s (processor {told_cpu:.1f} s), {len(found.gained)} gained, {len(found.lost)} lost")
    print(f"together {tags + told:.1f} s with {workers} processes: {size / (tags + told):.0f} articles/s")


def timed(work: Callable[[], Result]) -> tuple[float, float, Result]:
    """Seconds, seconds of the processor in this process and its children that ended, and the result."""
    begun, before = time.perf_counter(), os.times()
    result = work()
    after = os.times()
    return time.perf_counter() - begun, sum(after[:4]) - sum(before[:4]), result


def fill(store: Database, bundle: Bundle, size: int, home: Path, workers: int) -> None:
    """Consume made-up repetitions of the articles, an hour's worth to a day."""
    task = partial(_read, bundle.to_bytes(), home / "cache")
    judge, outbox = Ledger(), Outbox(load_taxonomy(bundle))
    waiting: list[Article] = []

    def bodies() -> Iterator[str]:
        for article in made(size):
            waiting.append(article)
            yield article.to_json().decode()

    for read in chunks(in_chunks(task, bodies(), Run(workers, _nothing)), BATCH):
        some, waiting[: len(read)] = waiting[: len(read)], []
        items = [Item(f"articles/0@{one.id}", one, reading) for one, reading in zip(some, read, strict=True)]
        with store.write() as connection:
            decide(connection, items, judge, outbox, Terms(bundle.digest, WINDOW, some[-1].fetched))


def made(size: int) -> Iterator[Article]:
    """The texts again and again, each round two months later and with other numbers, so that they are no reprints."""
    texts = real_texts() or made_texts(2_000)
    for number in range(size):
        title, text = texts[number % len(texts)]
        rounds = number // len(texts)
        text = _moved(text, number // len(texts))
        at = BEGIN + timedelta(days=60 * rounds, minutes=number % len(texts))
        yield Article(
            id=f"a{number}",
            title=title,
            text=text,
            source="示例日报",
            published=at,
            precision=Precision.MINUTE,
            fetched=at + timedelta(minutes=5),
            content_digest=content_digest(title, text),
        )


def _moved(text: str, rounds: int) -> str:
    return AMOUNT.sub(lambda found: str(int(found[0]) + rounds), text)


def real_texts() -> list[tuple[str, str]]:
    """Articles of the data beside the project; empty where it is absent."""
    if not STREAM.exists():
        return []
    with gzip.open(STREAM, "rt", encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    return [(one["title"], one["text"]) for one in read]


def made_texts(count: int) -> list[tuple[str, str]]:
    """Articles of made-up words with a target and some words of rules in them."""
    made_words = ["".join(chr(random.randrange(0x4E00, 0x9FA6)) for _ in range(2)) for _ in range(5_000)]
    texts = []
    for number in range(count):
        words = random.choices([*made_words, *WORDS * 5], k=600)
        target = f"到2030年，杭州市{words[0]}产业产值力争突破{number % 90 + 1}亿元。"
        texts.append((f"{words[1]}{words[2]}", target + "，".join(words)))
    return texts


def _file(pairs: Sequence[tuple[str, str]]) -> bytes:
    rules = [RULE.format(n=f"{a}{b}".encode().hex(), a=a, b=b) for a, b in pairs]
    return ("rules:\n" + "\n".join(rules) + "\n").encode()


def _subscribe(connection: Connection) -> None:
    """Twenty subscriptions of four kinds on one channel."""
    channels.add(
        connection,
        Channel(
            id="c", name="c", service="json", masked="", text_format="text", limit_size=1_000,
            limit_unit="characters", takes_title=True, owner="", state="active", note="", failures=0, ready_ms=0,
            rate=None, canary=False, created_ms=0, delivered_ms=None,
        ),
        b"",
        (),
        0,
    )  # fmt: skip
    filters = (
        Filter(),
        Filter(nodes=("hz5/绿色能源",)),
        Filter(kinds=("rule.hit",)),
        Filter(nodes=("hz5/智能物联",), kinds=("target.*",)),
    )
    for number in range(20):
        one = Subscription(id=f"s{number}", name=f"s{number}", filter=filters[number % 4], channels=("c",))
        subscriptions.save(connection, one, to_timestamp_ms(BEGIN))


def _bodies(store: Database) -> Iterator[str]:
    after = 0
    while True:
        with store.read() as connection:
            page = articles.current_bodies(connection, after, PAGE)
        if not page:
            return
        after = page[-1][0]
        yield from (body for _, body in page)


def _read(packed: bytes, cache: Path, bodies: list[str]) -> list[Reading]:
    outcomes = (attempt(_hops(packed, cache), Article.from_json(body)) for body in bodies)
    return [NOTHING if isinstance(outcome, Failure) else outcome for outcome in outcomes]


@lru_cache(maxsize=1)
def _hops(packed: bytes, cache: Path) -> Read:
    return compile_packed(packed, cache)


def _nothing(_n: int) -> None:
    """Nobody watches."""


if __name__ == "__main__":
    main()
