"""Compare + store for one article with five findings, as the ledger grows. `python -m bench.ledger SIZE…`.

Facts grow with the articles, as news does: a subject is spoken of a few times within some two thousand articles, then
no more. Beside it, in the same run: a plain insert of as many rows as an article writes (the floor), and rensa's own
in-memory LSH index as the peer of the near-duplicate search. Wall and processor time of this process, in ms an article.
"""

import gc
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from rensa import RMinHash, RMinHashLSH
from sqlalchemy import text

from chainwatch.memory import peak_bytes
from chainwatch.models import SHANGHAI, Article, Comparator, Measure, Precision, content_digest
from chainwatch.models.finding import Finding
from chainwatch.models.ledger import Needs
from chainwatch.store import ledger, schema
from chainwatch.store.database import Database
from consumers.compare import compare, needs

BATCH = 200
MEASURED = 1_000
Telling = tuple[Article, list[Finding]]
BEGIN = datetime(2023, 1, 1, tzinfo=SHANGHAI)
WORDS = [chr(0x4E00 + number) for number in range(2500)]
WINDOW = 8_000
"""Statements within which a subject is spoken of again."""
REGIONS = ["全国", "浙江", "杭州", "宁波", "江苏", "苏州", "上海", "广东", "深圳", "四川"]


def articles(begin: int, count: int) -> Iterator[Telling]:
    """Articles of 660 characters with five findings; one in twenty reprints an earlier one with a few changes."""
    for number in range(begin, begin + count):
        origin = number - 7 if number % 20 == 0 and number > 7 else number
        source = random.Random(origin)
        body = "".join(source.choices(WORDS, k=660))
        at = BEGIN + timedelta(minutes=2 * number)
        made: list[Finding] = [_measure(source, body, 5 * origin + place, place) for place in range(5)]
        if origin != number:
            body = "转载" + body[:-3]
        yield (
            Article(
                id=f"article-{number:08d}",
                title=f"{body[:12]}",
                text=body,
                source="某日报",
                published=at,
                precision=Precision.MINUTE,
                fetched=at,
                content_digest=content_digest(body[:12], body),
            ),
            made,
        )


def _subject(number: int) -> str:
    """A name of four characters for each number."""
    return "".join(WORDS[number // 2500**power % 2500] for power in range(3)) + "类"


def _measure(source: random.Random, body: str, number: int, place: int) -> Measure:
    kind = "actual" if source.random() < 0.4 else "target"
    start = 20 * place
    return Measure(
        kind=kind,
        subject=_subject(max(0, number - source.randrange(WINDOW)) // 8),
        metric=source.choice(("规模", "产值", "数量")),
        comparator=Comparator.GE,
        value=Decimal(source.choice((1, 12, 15, 2, 3, 5, 8, 10))) * 10 ** source.choice((9, 10, 11)),
        unit="元",
        region=source.choice(REGIONS),
        deadline=source.choice(("2025", "2027", "2030", "2035")) if kind == "target" else None,
        as_of=source.choice(("2021", "2022")) if kind == "actual" else None,
        quote=body[start : start + 4],
        sentence=body[start : start + 18],
        sentence_span=(start, start + 18),
        value_span=(start, start + 4),
        pattern="bench/1",
        confidence=Decimal("0.9"),
    )


def tell(database: Database, some: Sequence[Telling]) -> tuple[float, float, float]:
    """Seconds of reading what articles need (the runner does it in its pool), of the rest, and its processor time.

    As the runner does: one load and one write for a batch in one transaction, each article seeing those before.
    """
    begun = time.perf_counter()
    wanted = [needs(article, (), findings) for article, findings in some]
    reading = time.perf_counter() - begun
    begun, worked = time.perf_counter(), time.process_time()
    for start in range(0, len(some), BATCH):
        with database.write() as connection:
            known = ledger.load(connection, Needs.of_batch(wanted[start : start + BATCH]))
            made = []
            for article, findings in some[start : start + BATCH]:
                changes = compare(article, (), findings, known, article.fetched, silent=False)
                known.take(changes)
                made.append(changes)
            ledger.apply_all(connection, made)
    return reading, time.perf_counter() - begun, time.process_time() - worked


def one_by_one(database: Database, some: Sequence[Telling]) -> float:
    """Seconds of comparing and storing with a load and a write of its own for each article."""
    begun = time.perf_counter()
    for start in range(0, len(some), BATCH):
        with database.write() as connection:
            for article, findings in some[start : start + BATCH]:
                known = ledger.load(connection, needs(article, (), findings))
                changes = compare(article, (), findings, known, article.fetched, silent=False)
                ledger.apply(connection, changes)
    return time.perf_counter() - begun


def grow(database: Database, begin: int, end: int) -> None:
    """Fill the store."""
    for start in range(begin, end, 5 * BATCH):
        tell(database, list(articles(start, min(5 * BATCH, end - start))))


def floor(database: Database, rows: int) -> float:
    """Seconds to insert so many plain rows for each measured article, in the same transactions."""
    with database.write() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS floor (k TEXT PRIMARY KEY, v TEXT)"))
    begun = time.perf_counter()
    for start in range(0, MEASURED, BATCH):
        with database.write() as connection:
            for number in range(start, start + BATCH):
                values = [{"k": f"{begun}-{number}-{row}", "v": "x" * 200} for row in range(rows)]
                connection.execute(text("INSERT INTO floor VALUES (:k, :v)"), values)
    return time.perf_counter() - begun


def peer(count: int) -> float:
    """Seconds for rensa's own LSH in memory to sketch, look up and insert so many texts."""
    index = RMinHashLSH(threshold=0.6, num_perm=128, num_bands=16)
    some = [article.text for article, _ in articles(0, count)]
    begun = time.perf_counter()
    for number, body in enumerate(some):
        sketch = RMinHash(num_perm=128, seed=1)
        sketch.update([body[place : place + 4] for place in range(len(body) - 3)])
        index.query(sketch)
        index.insert(number, sketch)
    return time.perf_counter() - begun


def main(*sizes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'store.db'}")
        schema.create(database)
        first: tuple[float, float] | None = None
        done = 0
        for size in sizes or (4_000, 16_000):
            begin = max(done, size - 2 * MEASURED)
            grow(database, done, begin)
            some = list(articles(begin, 2 * MEASURED))
            done = begin + 2 * MEASURED
            gc.collect()
            reading, wall, worked = tell(database, some[:MEASURED])
            single = one_by_one(database, some[MEASURED:])
            first = first or (wall, worked)
            memory = peak_bytes() >> 20
            print(
                f"at {done:>9,} articles: compare + store in batches {_ms(wall)} (processor {_ms(worked)}), "
                f"alone with reading {_ms(single)}, reading {_ms(reading)}; "
                f"growth {wall / first[0]:.2f} (processor {worked / first[1]:.2f}); peak memory {memory} MB",
                flush=True,
            )
        rows = 33
        print(f"floor, {rows} plain rows in the same batches: {_ms(floor(database, rows))}")
        print(f"peer, rensa's LSH in memory, sketch, lookup and insert: {_ms(peer(MEASURED))}")
        database.close()


def _ms(seconds: float) -> str:
    return f"{seconds / MEASURED * 1000:.2f}"


if __name__ == "__main__":
    main(*(int(argument.replace("_", "")) for argument in sys.argv[1:]))
