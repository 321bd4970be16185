"""Rows of the ledger as table rows and back: one column for each field, tuples as JSON."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

import orjson
from sqlalchemy import Column, ColumnElement, Connection, Table, or_

from chainwatch.problem import Problem
from chainwatch.store.database import insert_new, upsert_all

Row = TypeVar("Row", bound=tuple[Any, ...])
"""A named tuple with a field for each column."""


def to_row(value: Any) -> dict[str, Any]:
    """Field → column value of a row of the ledger."""
    return {
        name: orjson.dumps(held).decode() if type(held) is tuple else held
        for name, held in zip(value._fields, value, strict=True)
    }


def from_row(kind: type[Row], row: Sequence[Any], tuples: frozenset[str]) -> Row:
    """The named tuple of a row whose columns stand in the order of its fields; `tuples` names the JSON ones."""
    names = kind._fields  # type: ignore[attr-defined]  # named tuples
    return kind(
        *(_tuple(orjson.loads(held)) if name in tuples else held for name, held in zip(names, row, strict=True))
    )


def _tuple(value: Any) -> Any:
    return tuple(_tuple(item) for item in value) if isinstance(value, list) else value


def columns_of(table: Table, kind: type[Any]) -> list[Column[Any]]:
    """The table's columns in the order of the named tuple's fields."""
    return [table.c[name] for name in kind._fields]


def put_all(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert the rows, or replace those with the same primary key, in one statement."""
    upsert_all(connection, table, list(rows))


def add_all(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert the rows whose primary key is not there yet, in one statement."""
    insert_new(connection, table, list(rows))


SEVERAL = 6
"""How many rows to ask for where one is meant: enough to name some where there are several."""


def the_one(found: Sequence[str], begin: str, what: str, cure: str) -> str:
    """The only key that begins so. Raises Problem, with the cure where there is none.

    Args:
        found: the keys that do, up to `SEVERAL`.
        begin: as the user wrote it.
        what: policy, fact.
        cure: what shows the keys.
    """
    if begin in found:
        return begin
    if len(found) == 1:
        return found[0]
    if not found:
        raise Problem(f"no such {what}", place=begin, cure=cure)
    named = ", ".join(found[: SEVERAL - 1]) + (" …" if len(found) == SEVERAL else "")
    raise Problem(f"several keys begin so: {named}", place=begin, cure="write more of the key")


def below(column: ColumnElement[Any], names: Iterable[str]) -> ColumnElement[bool]:
    """Nodes or regions of these names, and those below them: 杭州 finds 杭州/滨江."""
    held = sorted(names)
    return or_(column.in_(held), *(column.startswith(f"{name}/", autoescape=True) for name in held))
