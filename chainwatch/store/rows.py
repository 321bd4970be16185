"""Ledger dataclasses as table rows and back: one column for each field, tuples as JSON."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, TypeVar

import orjson
from sqlalchemy import Column, ColumnElement, Connection, Insert, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite

Row = TypeVar("Row")


def to_row(value: Any) -> dict[str, Any]:
    """Field → column value of a ledger dataclass."""
    row: dict[str, Any] = {}
    for name in value.__slots__:
        held = getattr(value, name)
        row[name] = orjson.dumps(held).decode() if type(held) is tuple else held
    return row


def from_row(kind: type[Row], row: Sequence[Any], tuples: frozenset[str]) -> Row:
    """The dataclass of a row whose columns stand in the order of its fields; `tuples` names the JSON ones."""
    names = kind.__slots__  # type: ignore[attr-defined]  # slotted dataclasses
    return kind(
        *(_tuple(orjson.loads(held)) if name in tuples else held for name, held in zip(names, row, strict=True))
    )


def _tuple(value: Any) -> Any:
    return tuple(_tuple(item) for item in value) if isinstance(value, list) else value


def columns_of(table: Table, kind: type[Any]) -> list[Column[Any]]:
    """The table's columns in the order of the dataclass's fields."""
    return [table.c[one.name] for one in fields(kind)]


def put_all(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert the rows, or replace those with the same primary key, in one statement."""
    found = list(rows)
    if found:
        connection.execute(_upsert(connection.dialect.name, table), found)


@cache
def _upsert(dialect: str, table: Table) -> Insert:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    statement = insert(table)
    keys = [column.name for column in table.primary_key]
    rest = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
    return statement.on_conflict_do_update(index_elements=keys, set_=rest)


def add_all(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert the rows whose primary key is not there yet, in one statement."""
    found = list(rows)
    if found:
        connection.execute(_insert(connection.dialect.name, table), found)


@cache
def _insert(dialect: str, table: Table) -> Insert:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def among(column: Column[Any], name: str = "keys") -> ColumnElement[bool]:
    """`column IN (:keys)`, the list given when the statement is run."""
    return column.in_(bindparam(name, expanding=True))
