"""Attempts: every try to send a message to its channel, and what came of it. Never holds an address."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Table, Text, insert, select, update

from chainwatch.store.database import SERIAL, metadata

attempts = Table(
    "attempts",
    metadata,
    Column("number", SERIAL, primary_key=True),
    Column("message", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("token", BigInteger, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("begun_ms", BigInteger, nullable=False),
    Column("took_ms", Integer),
    Column("parts", Text, nullable=False, default=""),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False, default=""),
    Index("ix_attempts_message", "message", "number"),
    Index("ix_attempts_channel", "channel", "number"),
)
"""`endpoint`: the masked address. `outcome`: begun, delivered, retry, refused, unusable, unknown; `parts`: 2/3."""

BEGUN = "begun"
"""Of an attempt whose worker never came back: whether the message arrived is not known."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try."""

    number: int
    message: str
    channel: str
    token: int
    endpoint: str
    begun_ms: int
    took_ms: int | None
    parts: str
    outcome: str
    detail: str


def begin(connection: Connection, *, message: str, channel: str, token: int, endpoint: str, now_ms: int) -> int:
    """Note that a try begins; its number."""
    statement = insert(attempts).values(
        message=message, channel=channel, token=token, endpoint=endpoint, begun_ms=now_ms, outcome=BEGUN
    )
    return int(connection.execute(statement.returning(attempts.c.number)).scalar_one())


def end(connection: Connection, number: int, *, took_ms: int, parts: str, outcome: str, detail: str) -> None:
    """Note what came of it."""
    values = {"took_ms": took_ms, "parts": parts, "outcome": outcome, "detail": detail}
    connection.execute(update(attempts).where(attempts.c.number == number).values(**values))


def of_message(connection: Connection, message: str) -> list[Attempt]:
    """All tries of a message, first to last."""
    rows = connection.execute(select(attempts).where(attempts.c.message == message).order_by(attempts.c.number))
    return [Attempt(*row) for row in rows]


def of_channel(connection: Connection, channel: str, limit: int) -> list[Attempt]:
    """The last tries on a channel, newest first."""
    statement = select(attempts).where(attempts.c.channel == channel).order_by(attempts.c.number.desc())
    return [Attempt(*row) for row in connection.execute(statement.limit(limit))]
