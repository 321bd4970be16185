"""Ledger dataclasses as table rows and back: one column for each field, tuples as JSON."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import orjson
from sqlalchemy import Column, Connection, Table
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
    if not found:
        return
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    keys = [column.name for column in table.primary_key]
    statement = insert(table)
    rest = {name: statement.excluded[name] for name in found[0] if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest), found)
