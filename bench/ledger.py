"""Compare + store for one article with five findings, as the ledger grows. `python -m bench ledger [SIZE…]`.

Facts grow with the articles, as news does: a subject is spoken of a few times within some two thousand articles, then
no more. Beside it, in the same run: a plain insert of as many rows as an article writes (the floor). Times of this
process in ms an article, least of several rounds of 1,000 articles. Other work on the machine slows even processor
time, so the growth is also told against making the keys, which no store is asked for, in the same round.
From the second size on the store is filled with copies of the first (see `filling.py`).
BENCH_FOLDER says where the store lies. The million: `python -m bench ledger 10_000
300_000 1_000_000`.
"""

import gc
import os
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import event, text

from bench import filling
from chainwatch.memory import peak_bytes
from chainwatch.models import SHANGHAI, Article, Comparator, Measure, Precision, content_digest, digest
from chainwatch.models.finding import Finding
from chainwatch.models.ledger import Needs
from chainwatch.store import ledger, schema
from chainwatch.store.database import Database
from consumers.compare import compare, needs

BATCH = 200
GROWN_AT_ONCE = 2_000
MEASURED = 1_000
ROUNDS = 4
RECENT = 8_000
"""So many articles before those measured are told, as many as 30 days bring; those before them are copies."""
Telling = tuple[Article, list[Finding]]
BEGIN = datetime(2023, 1, 1, tzinfo=SHANGHAI)
WORDS = [chr(0x4E00 + number) for number in range(2500)]
MINUTES = 6
"""Between two articles: 240 a day, so that the smallest size fills the 30 days in which reprints are looked for."""
WINDOW = 8_000
"""Statements within which a subject is spoken of again."""
REGIONS = ["全国", "浙江", "杭州", "宁波", "江苏", "苏州", "上海", "广东", "深圳", "四川"]


def articles(begin: int, count: int) -> Iterator[Telling]:
    """Articles of 660 characters with five findings; one in twenty reprints an earlier one with a few changes."""
    for number in range(begin, begin + count):
        origin = number - 7 if number % 20 == 0 and number > 7 else number
        source = random.Random(origin)
        body = "".join(source.choices(WORDS, k=660))
        at = BEGIN + timedelta(minutes=MINUTES * number)
        made: list[Finding] = [_measure(source, body, 5 * origin + place, place) for place in range(5)]
        if origin != number:
            body = "转载" + body[:-3]
        yield (
            Article(
                id=digest("article", str(number))[:24],
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
    """Processor seconds of making keys (the runner does it in its pool), seconds of the rest, its processor seconds.

    As the runner does: one load and one write for a batch in one transaction, each article seeing those before.
    """
    begun = time.process_time()
    wanted = [needs(article, (), findings) for article, findings in some]
    reading = time.process_time() - begun
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
    """Processor seconds of comparing and storing with a load and a write of its own for each article."""
    wanted = [needs(article, (), findings) for article, findings in some]
    worked = time.process_time()
    for start in range(0, len(some), BATCH):
        with database.write() as connection:
            for place in range(start, start + BATCH):
                article, findings = some[place]
                known = ledger.load(connection, wanted[place])
                changes = compare(article, (), findings, known, article.fetched, silent=False)
                ledger.apply(connection, changes)
    return time.process_time() - worked


def grow(database: Database, begin: int, end: int) -> None:
    """Fill the store in large transactions that do not wait for the disk: how it was filled is not measured."""
    for start in range(begin, end, GROWN_AT_ONCE):
        some = list(articles(start, min(GROWN_AT_ONCE, end - start)))
        with database.write() as connection:
            known = ledger.load(connection, Needs.of_batch(needs(article, (), findings) for article, findings in some))
            made = []
            for article, findings in some:
                changes = compare(article, (), findings, known, article.fetched, silent=False)
                known.take(changes)
                made.append(changes)
            ledger.apply_all(connection, made)


def floor(database: Database, rows: int) -> float:
    """Processor seconds to insert so many plain rows for each measured article, in the same transactions."""
    with database.write() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS floor (k TEXT PRIMARY KEY, v TEXT)"))
    begun = time.process_time()
    for start in range(0, MEASURED, BATCH):
        with database.write() as connection:
            for number in range(start, start + BATCH):
                values = [{"k": f"{begun}-{number}-{row}", "v": "x" * 200} for row in range(rows)]
                connection.execute(text("INSERT INTO floor VALUES (:k, :v)"), values)
    return time.process_time() - begun


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds for 1,000 articles."""

    wall: float
    worked: float
    alone: float
    """Processor time with a load and a write for each article, in transactions of 200."""
    reading: float
    share: float
    """Work in batches over that of making the keys."""


def measured(database: Database, begin: int) -> Cost:
    """The least of each over several rounds, each of new articles."""
    rounds = []
    for start in range(begin, begin + ROUNDS * 2 * MEASURED, 2 * MEASURED):
        some = list(articles(start, 2 * MEASURED))
        gc.collect()
        reading, wall, worked = tell(database, some[:MEASURED])
        rounds.append(Cost(wall, worked, one_by_one(database, some[MEASURED:]), reading, worked / reading))
    return Cost(*(min(getattr(one, name) for one in rounds) for name in Cost.__slots__))


@contextmanager
def opened(folder: Path, *, waiting: bool) -> Iterator[Database]:
    """The store in that folder; where it need not wait for the disk, it writes on at once."""
    database = Database(f"sqlite:///{folder / 'store.db'}")
    if not waiting:
        event.listen(database.engine, "connect", lambda made, _: made.execute("PRAGMA synchronous=OFF"))
    try:
        yield database
    finally:
        database.close()


def main(*sizes: int) -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        _main(Path(name), sizes or (10_000, 300_000))


def _main(folder: Path, sizes: Sequence[int]) -> None:
    first: Cost | None = None
    done = 0
    for place, size in enumerate(sizes):
        begin = max(done, size - ROUNDS * 2 * MEASURED)
        begun = time.perf_counter()
        with opened(folder, waiting=False) as database:
            schema.create(database)
            if done:
                held = _held(database)
                filling.fill(database, max(0, -(-(begin - RECENT) // held) - 1), 1000 ** (place - 1))
                done = begin - RECENT
            grow(database, done, begin)
        grown = time.perf_counter() - begun
        with opened(folder, waiting=True) as database:
            cost = measured(database, begin)
            held = _held(database)
        done = begin + ROUNDS * 2 * MEASURED
        first = first or cost
        disk = sum(path.stat().st_size for path in folder.glob("store.db*")) / held
        print(
            f"at {held:>9,} articles: compare + store {_ms(cost.worked)} ms of processor time in batches of {BATCH} "
            f"({cost.worked / first.worked:.2f} x; {cost.share / first.share:.2f} x against the keys; wall "
            f"{_ms(cost.wall)}), {_ms(cost.alone)} alone ({cost.alone / first.alone:.2f} x); keys "
            f"{_ms(cost.reading)} ({cost.reading / first.reading:.2f} x); {disk / 1024:.1f} kB each, "
            f"peak memory {peak_bytes() >> 20} MB (grown in {grown:.0f} s)",
            flush=True,
        )
    rows = 33
    with opened(folder, waiting=True) as database:
        print(f"floor, {rows} plain rows in the same batches: {_ms(floor(database, rows))} ms of processor time")


def _held(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(text("SELECT count(*) FROM readings")).scalar_one())


def _ms(seconds: float) -> str:
    return f"{seconds / MEASURED * 1000:.2f}"


if __name__ == "__main__":
    main()
