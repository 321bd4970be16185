"""Messages and their reasons: what is to be sent, and where each one stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
)

from chainwatch.models import (
    Message,
    MessageState,
    Reason,
    from_timestamp_ms,
)
from chainwatch.store.database import metadata

messages = Table(
    "messages",
    metadata,
    Column("id", Text, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("group", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("digest", Boolean, nullable=False),
    Column("due_ms", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("next_ms", BigInteger, nullable=False),
    Column("token", BigInteger, nullable=False, default=0),
    Column("lease_ms", BigInteger, nullable=False, default=0),
    Column("attempts", Integer, nullable=False, default=0),
    Column("parts_done", Integer, nullable=False, default=0),
    Column("rendered", Text),
    Column("note", Text, nullable=False, default=""),
    Column("merged_into", Text),
    Column("done_ms", BigInteger),
    UniqueConstraint("channel", "group"),
    Index("ix_messages_open", "state", "next_ms"),
    Index("ix_messages_channel", "channel", "state", "next_ms"),
)
"""`next_ms`: not to be tried before; `lease_ms`: until when the holder of `token` may report.

`rendered`: digest of the wording that the `parts_done` first parts were sent of. `note`: why it is a digest.
"""

reasons = Table(
    "message_reasons",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("event", Text, primary_key=True),
    Column("subscription", Text, primary_key=True),
    Column("message", Text, nullable=False, index=True),
    Column("subscription_version", Integer, nullable=False),
    Column("because", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Index("ix_message_reasons_event", "event"),
)

PENDING, LEASED, UNKNOWN = MessageState.PENDING.value, MessageState.LEASED.value, MessageState.UNKNOWN.value
DELIVERED, DEAD, MERGED = MessageState.DELIVERED.value, MessageState.DEAD.value, MessageState.MERGED.value
OPEN = (PENDING, LEASED, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Stored:
    """A message and where it stands. Times are Unix milliseconds."""

    id: str
    channel: str
    group: str
    language: str
    template: str
    digest: bool
    due_ms: int
    state: str
    next_ms: int
    token: int
    lease_ms: int
    attempts: int
    parts_done: int
    rendered: str | None
    note: str
    merged_into: str | None
    done_ms: int | None


def get(connection: Connection, id_: str) -> Stored | None:
    """One message, by its id or an unmistakable beginning of it (at least 6 digits)."""
    if len(id_) < 6:
        return None
    rows = connection.execute(select(messages).where(messages.c.id.startswith(id_, autoescape=True)).limit(2)).all()
    return Stored(*rows[0]) if len(rows) == 1 else None


def reasons_of(connection: Connection, id_: str) -> list[Reason]:
    """Why a message exists, in the order they came."""
    rows = connection.execute(
        select(reasons.c.event, reasons.c.subscription, reasons.c.subscription_version, reasons.c.because)
        .where(reasons.c.message == id_)
        .order_by(reasons.c.place, reasons.c.event, reasons.c.subscription)
    )
    return [Reason(**row._mapping) for row in rows]  # noqa: SLF001  SQLAlchemy's public name for it


def listed(
    connection: Connection,
    *,
    states: Iterable[str] = (),
    channel: str | None = None,
    event: str | None = None,
    limit: int = 50,
) -> list[Stored]:
    """Messages, the latest due first."""
    statement = select(messages).order_by(messages.c.due_ms.desc(), messages.c.id).limit(limit)
    wanted = sorted(set(states))
    if wanted:
        statement = statement.where(messages.c.state.in_(wanted))
    if channel is not None:
        statement = statement.where(messages.c.channel == channel)
    if event is not None:
        statement = statement.where(messages.c.id.in_(select(reasons.c.message).where(reasons.c.event == event)))
    return [Stored(*row) for row in connection.execute(statement)]


def counts(connection: Connection) -> dict[str, int]:
    """State → how many messages."""
    rows = connection.execute(select(messages.c.state, func.count()).group_by(messages.c.state))
    return {row.state: row[1] for row in rows}


def as_message(stored: Stored, why: Sequence[Reason]) -> Message:
    """The wire form."""
    return Message.model_validate(
        {
            "id": stored.id,
            "channel": stored.channel,
            "group": stored.group,
            "language": stored.language,
            "template": stored.template,
            "reasons": tuple(why),
            "due": from_timestamp_ms(stored.due_ms),
            "digest": stored.digest,
        }
    )
