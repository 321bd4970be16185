"""Near-duplicates: looking up, comparing and storing one signature, as they grow. `python -m bench duplicates [SIZE…]`.

As many articles a day as `bench ledger` has, one in twenty a reprint; from the second size on filled as there. Times
of this process in ms an article, without making the signature; the least of several rounds of 1,000. Beside it rensa's
own LSH index in memory, which keeps no time and asks no figures. The million: `python -m bench duplicates 10_000
300_000 1_000_000`.
"""

import gc
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rensa import RMinHash, RMinHashLSH
from sqlalchemy import func, select

from bench import filling
from bench.ledger import RECENT, articles, opened
from chainwatch.memory import peak_bytes
from chainwatch.models.known import Known
from chainwatch.models.ledger import Changes, Signature
from chainwatch.store import clusters, schema
from chainwatch.store.database import Database
from consumers.ledger import reprint
from consumers.ledger.desk import Desk

BATCH = 200
GROWN_AT_ONCE = 2_000
MEASURED = 1_000
ROUNDS = 3


def signatures(begin: int, count: int) -> list[Signature]:
    made = (reprint.signature(article, ()) for article, _ in articles(begin, count))
    return [one for one in made if one is not None]


def tell(database: Database, some: Sequence[Signature], size: int) -> int:
    """Look up, compare and store in transactions of `size`; how many were reprints."""
    found = 0
    for start in range(0, len(some), size):
        batch = some[start : start + size]
        with database.write() as connection:
            known = Known()
            clusters.load(connection, known, [band for one in batch for band in one.around])
            made = []
            for one in batch:
                desk = Desk(known)
                reprint.record(desk, one)
                found += desk.reprint
                made.append(desk.changes())
                known.take(made[-1])
            clusters.apply(connection, Changes.of_batch(made))
    return found


def measured(database: Database, begin: int) -> tuple[float, int]:
    """Processor seconds of the quickest round of 1,000, and the reprints found in it."""
    rounds = []
    for start in range(begin, begin + ROUNDS * MEASURED, MEASURED):
        some = signatures(start, MEASURED)
        gc.collect()
        worked = time.process_time()
        found = tell(database, some, BATCH)
        rounds.append((time.process_time() - worked, found))
    return min(rounds)


def peer(count: int) -> float:
    """Processor seconds for rensa's own LSH in memory to look up and insert so many."""
    index = RMinHashLSH(threshold=0.6, num_perm=128, num_bands=16)
    sketches = []
    for article, _ in articles(0, count):
        sketch = RMinHash(num_perm=128, seed=1)
        sketch.update([article.text[place : place + 4] for place in range(len(article.text) - 3)])
        sketches.append(sketch)
    worked = time.process_time()
    for number, sketch in enumerate(sketches):
        index.query(sketch)
        index.insert(number, sketch)
    return time.process_time() - worked


def main(*sizes: int) -> None:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        _main(Path(name), sizes or (10_000, 300_000))


def _main(folder: Path, sizes: Sequence[int]) -> None:
    first, done = 0.0, 0
    for place, size in enumerate(sizes):
        begin = max(done, size - ROUNDS * MEASURED)
        with opened(folder, waiting=False) as database:
            schema.create(database)
            if done:
                held = _held(database)
                filling.fill(database, max(0, -(-(begin - RECENT) // held) - 1), 1000 ** (place - 1))
                done = begin - RECENT
            for start in range(done, begin, GROWN_AT_ONCE):
                tell(database, signatures(start, min(GROWN_AT_ONCE, begin - start)), GROWN_AT_ONCE)
        with opened(folder, waiting=True) as database:
            worked, found = measured(database, begin)
            held = _held(database)
        done = begin + ROUNDS * MEASURED
        first = first or worked
        print(
            f"at {held:>9,} signatures: {_ms(worked)} ms of processor time each ({worked / first:.2f} x), {found} of "
            f"{MEASURED:,} found to be reprints, peak memory {peak_bytes() >> 20} MB",
            flush=True,
        )
    print(f"peer, rensa's LSH in memory, lookup and insert among {MEASURED:,}: {_ms(peer(MEASURED))} ms")


def _held(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(clusters.signatures)).scalar_one())


def _ms(seconds: float) -> str:
    return f"{seconds / MEASURED * 1000:.3f}"


if __name__ == "__main__":
    main()
