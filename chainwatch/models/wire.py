"""What every wire model shares: frozen, strict about unknown fields, written by orjson, numbers without floats."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Self

import orjson
from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, PlainSerializer

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has had one zone and no summer time since 1991; every time is shown in it."""


class Precision(StrEnum):
    """How much of a publication time is known."""

    MINUTE = "minute"
    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    UNKNOWN = "unknown"


def canonical_decimal(value: Decimal) -> str:
    """The one spelling of a number on the wire: no exponent, no trailing zeros, no negative zero.

    >>> canonical_decimal(Decimal("1.20E+12"))
    '1200000000000'
    """
    if not value.is_finite():
        raise ValueError(f"{value} is no finite number")
    text = format(value.normalize(), "f")
    return "0" if text in {"-0", ""} else text


def _no_float(value: Any) -> Any:
    if isinstance(value, float):
        raise ValueError("numbers travel as decimal strings or integers, never as floats")  # noqa: TRY004  pydantic reads ValueError
    return value


Number = Annotated[Decimal, BeforeValidator(_no_float), PlainSerializer(canonical_decimal, return_type=str)]
"""An exact number: a canonical decimal string on the wire, a Decimal in code."""

Moment = Annotated[
    AwareDatetime,
    AfterValidator(lambda value: value.astimezone(SHANGHAI)),
    PlainSerializer(lambda value: value.isoformat(), return_type=str),
]
"""An instant, kept and written in Asia/Shanghai."""

Span = tuple[int, int]
"""[start, end) in Unicode code points of the named part's text."""


class Wire(BaseModel):
    """Base of every model that is stored or sent: immutable, unknown fields refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def to_json(self) -> bytes:
        """Canonical bytes: sorted keys, UTF-8, no white space. Equal models give equal bytes."""
        return orjson.dumps(self.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_json(cls, data: bytes | str) -> Self:
        """Read what `to_json` wrote. Raises pydantic.ValidationError naming each wrong field."""
        return cls.model_validate(orjson.loads(data))

    @classmethod
    def assured(cls, values: dict[str, Any]) -> Self:
        """A model of values that are right by construction, one for each field in order: nothing is looked at.

        It is `model_construct` for the inner loops, at a fifth of its cost; the dict is kept.
        """
        model = cls.__new__(cls)
        object.__setattr__(model, "__dict__", values)
        object.__setattr__(model, "__pydantic_fields_set__", set(values))
        object.__setattr__(model, "__pydantic_extra__", None)
        object.__setattr__(model, "__pydantic_private__", None)
        return model


def digest(*parts: str | bytes) -> str:
    """SHA-256 (hex) of the parts, each preceded by its length so that no two lists share a digest."""
    pieces = [part.encode() if isinstance(part, str) else part for part in parts]
    return hashlib.sha256(b"".join([len(piece).to_bytes(8, "big") + piece for piece in pieces])).hexdigest()


def from_timestamp_ms(milliseconds: int) -> datetime:
    """The moment of a Unix time in milliseconds."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)).astimezone(SHANGHAI)


def to_timestamp_ms(moment: datetime) -> int:
    """Unix time in milliseconds of an aware moment."""
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
