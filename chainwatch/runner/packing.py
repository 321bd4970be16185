"""Readings as bytes between processes: frozen values go as their fields alone, which is quicker than pickle's own way.

Only between processes of one installation and one version; what is kept or sent is JSON.
"""

import io
import pickle
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from typing import Any

from chainwatch.models.wire import Wire

Way = Callable[[Any], Any]


class _Ways(dict[type, Way]):
    """How an instance of a class is taken apart, found out once for each class."""

    def __missing__(self, kind: type) -> Way:
        way: Way
        if issubclass(kind, Wire):
            way = _wire
        elif is_dataclass(kind) and all(field.init and not field.kw_only for field in fields(kind)):
            way = _dataclass(kind)
        elif issubclass(kind, tuple):
            way = _tuple
        elif issubclass(kind, type):
            raise KeyError(kind)  # a class goes by its name
        else:
            way = _own
        self[kind] = way
        return way


def _own(one: Any) -> Any:
    return one.__reduce_ex__(pickle.HIGHEST_PROTOCOL)


def _tuple(named: tuple[Any, ...]) -> tuple[Any, ...]:
    """A named tuple; plain ones never come here."""
    return type(named), tuple(named)


def _wire(model: Wire) -> tuple[Any, ...]:
    return _model, (type(model), *model.__dict__.values())


def _model(kind: type[Wire], *values: Any) -> Wire:
    """A model of values that were validated when it was first made, in the order of its fields."""
    return kind.assured(dict(zip(_names(kind), values, strict=True)))


@cache
def _names(kind: type[Wire]) -> tuple[str, ...]:
    return tuple(kind.model_fields)


def _dataclass(kind: type) -> Way:
    names = [field.name for field in fields(kind)]
    if len(names) < 2:  # attrgetter of one name gives no tuple
        return lambda one: (kind, tuple(getattr(one, name) for name in names))
    values = attrgetter(*names)
    return lambda one: (kind, values(one))


class _Packer(pickle.Pickler):
    dispatch_table = _Ways()


def pack(value: object) -> bytes:
    """The bytes of a value made of wire models, dataclasses, named tuples and plain types."""
    buffer = io.BytesIO()
    _Packer(buffer, pickle.HIGHEST_PROTOCOL).dump(value)
    return buffer.getvalue()


def unpack(data: bytes) -> Any:
    """The value again. Only for bytes of this installation's own processes."""
    return pickle.loads(data)  # noqa: S301  from our own child, over a pipe
