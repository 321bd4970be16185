"""Where the ledger's rows lie: those of one subject on one shelf, shelves numbered as their subjects come.

Keys of facts, lines and echoes begin with their subject's digits, which are random. An index over such keys alone
has today's subjects on as many pages as there are subjects, each written anew with every batch; one that begins with
the number of the shelf has them side by side. The number says nothing, and no reader of the ledger sees it.
"""

from collections.abc import Iterable
from typing import Any

import orjson
from sqlalchemy import Column, ColumnElement, Connection, Table, Text, bindparam, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal

from chainwatch.models.ledger import SUBJECT_DIGITS, subject_digits
from chainwatch.store.among import KeyCondition, ListOf
from chainwatch.store.database import SERIAL, insert_new, metadata

shelves = Table(
    "shelves",
    metadata,
    Column("number", SERIAL, primary_key=True),
    Column("digits", Text, nullable=False, unique=True),
)
"""The first digits of a subject's keys → number of its shelf. Two subjects may share one."""

_NUMBERS_SQLITE = "SELECT digits, number FROM shelves WHERE digits IN (SELECT value FROM json_each(?))"
_NUMBERS_POSTGRES = "SELECT digits, number FROM shelves WHERE digits = ANY (%s)"


def content(table: Table) -> list[Column[Any]]:
    """The columns of a table of the ledger that say something: the same for the same articles, in whatever order."""
    return [column for column in table.columns if column.name != "shelf"]


def digits_of(key: str) -> str:
    """What a key has of its subject: `fact:ab12cd…`, `line:ab12cd…` and the echo `ab12cd…` are of one shelf."""
    begin = key.find(":") + 1
    return key[begin : begin + SUBJECT_DIGITS]


def numbered(connection: Connection, keys: Iterable[str]) -> dict[str, int]:
    """Digits → number, for these keys; shelves that are not there yet are added. Under the lock of the ledger."""
    wanted = dict.fromkeys(map(digits_of, keys))
    found = _numbers(connection, wanted)
    fresh = [digits for digits in wanted if digits not in found]
    if fresh:
        insert_new(connection, shelves, [{"digits": digits} for digits in fresh])
        found |= _numbers(connection, fresh)
    return found


def _numbers(connection: Connection, digits: Iterable[str]) -> dict[str, int]:
    """By the driver's own statement: it is asked for every article, SQLAlchemy's costs five times as much."""
    wanted = list(digits)
    if not wanted:
        return {}
    sqlite = connection.dialect.name == "sqlite"
    given = orjson.dumps(wanted).decode() if sqlite else wanted
    rows = connection.exec_driver_sql(_NUMBERS_SQLITE if sqlite else _NUMBERS_POSTGRES, (given,))
    return {row.digits: row.number for row in rows}


def on_shelf(table: Table, name: str, parameter: str = "keys", *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Rows of a table with `shelf` whose column has one of the keys, given as a list when the statement is run.

    Found in an index that begins with both. Conditions are asked while looking there, before the row is fetched.
    """
    return _OnShelf(table, table.c[name], bindparam(parameter, type_=ListOf(Text())), conditions)


def of_keys(table: Table, name: str, keys: Iterable[str]) -> ColumnElement[bool]:
    """The same, with the keys given now."""
    return _OnShelf(table, table.c[name], bindparam("keys", sorted(set(keys)), type_=ListOf(Text()), unique=True), ())


def of_subjects(table: Table, subjects: Iterable[str]) -> ColumnElement[bool]:
    """Rows on the shelves of these subjects: theirs, and maybe those of another that has the same digits."""
    digits = sorted({subject_digits(subject) for subject in subjects})
    return table.c.shelf.in_(select(shelves.c.number).where(shelves.c.digits.in_(digits)))


def beginning(table: Table, begin: str) -> ColumnElement[bool]:
    """Rows on the shelves of keys that begin so: `fact:` and some digits."""
    met = shelves.c.digits.startswith(digits_of(begin), autoescape=True)
    return table.c.shelf.in_(select(shelves.c.number).where(met))


class _OnShelf(KeyCondition):
    inherit_cache = True
    _traverse_internals = [  # noqa: RUF012  an instance variable to SQLAlchemy's types
        *KeyCondition._traverse_internals,  # noqa: SLF001  what its own subclasses extend
        ("shelf", InternalTraversal.dp_clauseelement),
        ("conditions", InternalTraversal.dp_clauseelement_tuple),
    ]

    def __init__(
        self,
        table: Table,
        column: ColumnElement[str],
        keys: ColumnElement[Any],
        conditions: tuple[ColumnElement[bool], ...],
    ) -> None:
        super().__init__(column, keys)
        self.shelf, self.conditions = table.c.shelf, conditions


@compiles(_OnShelf)
def _by_rowid(element: _OnShelf, compiler: Any, **options: Any) -> str:
    """Keys, then shelves, then the index: SQLite keeps the order of CROSS JOIN, and uses one column of a row's IN."""
    table, met = _inner(element, compiler, "json_each.value", **options)
    digits = f"substr(json_each.value, instr(json_each.value, ':') + 1, {SUBJECT_DIGITS})"
    joined = f"json_each({compiler.process(element.keys, **options)}) CROSS JOIN shelves CROSS JOIN {table}"
    return f"{table}.rowid IN (SELECT {table}.rowid FROM {joined} WHERE shelves.digits = {digits} AND {met})"  # noqa: S608  compiled parts


@compiles(_OnShelf, "postgresql")
def _by_ctid(element: _OnShelf, compiler: Any, **options: Any) -> str:
    """The same order: OFFSET 0 makes PostgreSQL ask the index for each key, by shelf and key, whatever it believes."""
    table, met = _inner(element, compiler, "listed", **options)
    digits = f"substr(listed, strpos(listed, ':') + 1, {SUBJECT_DIGITS})"
    keys = f"unnest({compiler.process(element.keys, **options)}) AS listed JOIN shelves ON shelves.digits = {digits}"
    held = f"LATERAL (SELECT {table}.ctid FROM {table} WHERE {met} OFFSET 0) AS held"  # noqa: S608  compiled parts
    return f"{table}.ctid = ANY (ARRAY(SELECT held.ctid FROM {keys} CROSS JOIN {held}))"  # noqa: S608  compiled parts


def _inner(element: _OnShelf, compiler: Any, key: str, **options: Any) -> tuple[str, str]:
    """Name of the table; what a row of it must meet inside, where that name means the row looked at there."""

    def made(clause: ColumnElement[Any]) -> str:
        return str(compiler.process(clause, **options))

    met = [f"{made(element.shelf)} = shelves.number", f"{made(element.column)} = {key}", *map(made, element.conditions)]
    return compiler.preparer.format_table(element.shelf.table), " AND ".join(met)
