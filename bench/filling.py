"""Fills an SQLite store for a bench with copies of the ledger it holds, under other keys and at earlier times.

A copy has the rows of its original in other places of every index, so a store of copies has the size and shape of one
that was told as many articles, in a twentieth of the time.
"""

import sqlite3
from collections.abc import Callable, Mapping

from sqlalchemy import Connection, Table

from chainwatch.models.ledger import BAND_BITS, WINDOW_MS
from chainwatch.store import clusters, ledger, shelves
from chainwatch.store.database import Database

APART = 2
"""Windows of 30 days between two copies."""
MOVED = ("key", "line", "stem", "fact", "echo", "article", "stated", "cluster")
"""Columns that hold keys, in every table but `claims`, where `key` is a place in the order of statements."""
COPIED = (shelves.shelves, ledger.facts, ledger.fact_values, ledger.claims, ledger.readings, clusters.signatures)


def fill(database: Database, copies: int, stride: int = 1) -> None:
    """Add so many copies of what the ledger holds now, each earlier than all before it.

    A store is filled a second time with a stride beyond the copies of the first, so that no two come to lie together.
    """
    with database.read() as connection:
        tops = {
            table.name: connection.exec_driver_sql(f"SELECT coalesce(max(rowid), 0) FROM {table.name}").scalar_one()
            for table in COPIED
        }
    for number in range(stride, stride * (copies + 1), stride):
        with database.write() as connection:
            _copy(connection, number, tops)


def _copy(connection: Connection, number: int, tops: Mapping[str, int]) -> None:
    raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    raw.create_function("moved", 1, _moving(number * 0x9E3779 % (1 << 24)), deterministic=True)
    raw.create_function("renamed", 1, lambda name: chr(0x4E00 + (ord(name[0]) + 97 * number) % 2_500) + name[1:])
    _copy_shelves(raw, tops[shelves.shelves.name])
    signed = number * tops[clusters.signatures.name]
    changed = {
        "shelf": "(SELECT new FROM moved_shelves WHERE old = shelf)",
        "subject": "renamed(subject)",
        "published_ms": f"published_ms - {number * APART * WINDOW_MS}",
        "number": f"number + {signed}",
    }
    for table in COPIED[1:]:
        kept = {"key"} if table is ledger.claims else set()
        _insert(
            raw,
            table,
            {name: f"moved({name})" for name in MOVED if name not in kept} | changed,
            "rowid",
            tops[table.name],
        )
    bands = {"band": f"band - {number * APART << BAND_BITS}", "signature": f"signature + {signed}"}
    _insert(raw, clusters.bands, bands, "signature", tops[clusters.signatures.name])


def _copy_shelves(raw: sqlite3.Connection, top: int) -> None:
    """Shelves of the copy, in the order of those of the original, and which is which."""
    moved = f"SELECT number, moved(digits) AS digits FROM shelves WHERE number <= {top} ORDER BY number"
    raw.execute("DROP TABLE IF EXISTS temp.moved_shelves")
    raw.execute("CREATE TEMP TABLE moved_shelves (old INTEGER PRIMARY KEY, new INTEGER)")
    raw.execute(f"INSERT INTO shelves (digits) SELECT digits FROM ({moved}) WHERE true ON CONFLICT DO NOTHING")
    raw.execute(
        "INSERT INTO temp.moved_shelves SELECT each.number, shelves.number"
        f" FROM ({moved}) AS each JOIN shelves ON shelves.digits = each.digits"
    )


def _moving(step: int) -> Callable[[str], str]:
    """Of a key: its first six hex digits made another number."""

    def moved(text: str) -> str:
        begin = text.find(":") + 1
        return f"{text[:begin]}{(int(text[begin : begin + 6], 16) + step) % (1 << 24):06x}{text[begin + 6 :]}"

    return moved


def _insert(raw: sqlite3.Connection, table: Table, changed: Mapping[str, str], number: str, top: int) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    values = ", ".join(changed.get(column.name, f'"{column.name}"') for column in table.columns)
    raw.execute(f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {table.name} WHERE {number} <= {top}")
