"""Conditions on a list of keys that is one parameter, so that a statement is prepared once for any number of them."""

from typing import Any, Self

import orjson
from sqlalchemy import ARRAY, Boolean, ColumnElement, Text, TypeDecorator, bindparam
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine


class ListOf(TypeDecorator[Any]):
    """A list as one parameter: JSON on SQLite, an array of `item` on PostgreSQL."""

    impl = Text
    cache_ok = True

    def __init__(self, item: TypeEngine[Any]) -> None:
        super().__init__()
        self.item = item

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """SQLAlchemy asks for the column type of a database."""
        return dialect.type_descriptor(ARRAY(self.item) if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """And for what is handed to its driver."""
        return list(value) if dialect.name == "postgresql" else orjson.dumps(list(value)).decode()


class KeyCondition(ColumnElement[bool]):
    """A condition that compares `column` with the list `keys`, and that each database is told in its own words."""

    inherit_cache = True
    type = Boolean()
    _traverse_internals = [  # noqa: RUF012  an instance variable to SQLAlchemy's types
        ("column", InternalTraversal.dp_clauseelement),
        ("keys", InternalTraversal.dp_clauseelement),
    ]

    def __init__(self, column: ColumnElement[Any], keys: ColumnElement[Any]) -> None:
        self.column, self.keys = column, keys

    def self_group(self, against: Any = None) -> Self:  # noqa: ARG002  SQLAlchemy's signature
        """Itself: a condition already. Else SQLite is asked whether it equals 1, and scans the table for that."""
        return self

    @property
    def _from_objects(self) -> list[Any]:
        return list(self.column._from_objects)  # noqa: SLF001  what SQLAlchemy's own elements do


def among(column: ColumnElement[Any], name: str = "keys") -> ColumnElement[bool]:
    """`column IN (:keys)`, the list given when the statement is run."""
    return _Among(column, bindparam(name, type_=ListOf(column.type)))


class _Among(KeyCondition):
    inherit_cache = True


@compiles(_Among)
def _in(element: _Among, compiler: Any, **options: Any) -> str:
    column, keys = (compiler.process(part, **options) for part in (element.column, element.keys))
    return f"{column} IN (SELECT value FROM json_each({keys}))"  # noqa: S608  compiled parts


@compiles(_Among, "postgresql")
def _any(element: _Among, compiler: Any, **options: Any) -> str:
    column, keys = (compiler.process(part, **options) for part in (element.column, element.keys))
    return f"{column} = ANY ({keys})"
