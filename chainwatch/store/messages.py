"""Messages and their reasons: what is to be sent, leased by one worker at a time, and where each one stands.

Unique per (channel, group); an (event, subscription) pair is told once on a channel, however often it is routed.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    insert,
    select,
    update,
)

from chainwatch.models import (
    Event,
    EventKind,
    Message,
    MessageState,
    Reason,
    from_timestamp_ms,
    message_id,
    to_timestamp_ms,
)
from chainwatch.store.channels import PAUSED, channels
from chainwatch.store.database import insert_all, insert_new, metadata
from chainwatch.store.events import events

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


Listener = tuple[str, str]
"""(channel, subscription)."""


def put(
    connection: Connection, made: Sequence[Message], alike: Mapping[str, Collection[Listener]] | None = None
) -> int:
    """Store messages; a (event, subscription) pair already told on the channel is left out. How many rows are new.

    `alike`: event id → who was told the same as another event (`told_alike`): left out too.

    A message of the same (channel, group) that has not been tried yet takes the further reasons; where it has been,
    a follow-up message carries them, so that nothing is lost.
    """
    told = _told(connection, made)
    told |= {(channel, event, one) for event, known in (alike or {}).items() for channel, one in known}
    held = _held(connection, made)
    first: dict[tuple[str, str], tuple[Message, list[Reason]]] = {}
    fresh = 0
    for message in made:
        new = [one for one in message.reasons if (message.channel, one.event, one.subscription) not in told]
        if message.reasons and not new:
            continue
        told |= {(message.channel, one.event, one.subscription) for one in new}
        place = (message.channel, message.group)
        if place in held:
            fresh += _put_one(connection, message, new)
        elif place in first:
            first[place][1].extend(new)
        else:
            first[place] = message, new
    _put_first(connection, list(first.values()))
    return fresh + len(first)


def _put_first(connection: Connection, made: Sequence[tuple[Message, Sequence[Reason]]]) -> None:
    """Store messages of groups that have none yet."""
    insert_all(connection, messages, [_row(message, message.id, message.group) for message, _ in made])
    rows = [row for message, why in made for row in _reasons(message.channel, message.id, why, 0)]
    insert_all(connection, reasons, rows)


def _held(connection: Connection, made: Sequence[Message]) -> set[tuple[str, str]]:
    """Those (channel, group) of these, and others of their channels and groups, that have a message already."""
    where = messages.c.channel.in_({one.channel for one in made}), messages.c.group.in_({one.group for one in made})
    rows = connection.execute(select(messages.c.channel, messages.c.group).where(*where))
    return {(row.channel, row.group) for row in rows}


def told(connection: Connection, ids: Collection[str]) -> set[tuple[str, str, str]]:
    """(channel, subscription, event) of everybody who was told of these events."""
    rows = connection.execute(
        select(reasons.c.channel, reasons.c.subscription, reasons.c.event).where(reasons.c.event.in_(set(ids)))
    )
    return {(row.channel, row.subscription, row.event) for row in rows}


def carry_over(source: Connection, target: Connection, ids: Collection[str]) -> None:
    """Put the messages that told of these events, and why, into another store, as they stand."""
    why = [dict(row) for row in source.execute(select(reasons).where(reasons.c.event.in_(set(ids)))).mappings()]
    wanted = {one["message"] for one in why}
    found = [dict(row) for row in source.execute(select(messages).where(messages.c.id.in_(wanted))).mappings()]
    insert_new(target, messages, found)
    insert_new(target, reasons, why)


def _told(connection: Connection, made: Sequence[Message]) -> set[tuple[str, str, str]]:
    wanted = {reason.event for message in made for reason in message.reasons}
    rows = connection.execute(
        select(reasons.c.channel, reasons.c.event, reasons.c.subscription).where(reasons.c.event.in_(wanted))
    )
    return {(row.channel, row.event, row.subscription) for row in rows}


def _put_one(connection: Connection, message: Message, new: Sequence[Reason]) -> int:
    group, id_ = message.group, message.id
    while True:
        row = connection.execute(
            select(messages.c.id, messages.c.state, messages.c.token, messages.c.due_ms)
            .where(messages.c.channel == message.channel, messages.c.group == group)
            .with_for_update()
        ).first()
        if row is None:
            connection.execute(insert(messages).values(**_row(message, id_, group)))
            _add_reasons(connection, message.channel, id_, new)
            return 1
        if row.state == PENDING and row.token == 0:
            _add_reasons(connection, message.channel, row.id, new)
            return 0
        if not new:
            return 0
        group = f"{group}+{new[0].event[:16]}"
        id_ = message_id(message.channel, group)


def _row(message: Message, id_: str, group: str) -> dict[str, Any]:
    due = to_timestamp_ms(message.due)
    return {
        "id": id_,
        "channel": message.channel,
        "group": group,
        "language": message.language,
        "template": message.template,
        "digest": message.digest,
        "due_ms": due,
        "state": PENDING,
        "next_ms": due,
    }


def _add_reasons(connection: Connection, channel: str, id_: str, new: Sequence[Reason]) -> None:
    if not new:
        return
    statement = select(func.coalesce(func.max(reasons.c.place), -1)).where(reasons.c.message == id_)
    first = connection.execute(statement).scalar_one() + 1
    insert_all(connection, reasons, _reasons(channel, id_, new, first))


def _reasons(channel: str, id_: str, new: Sequence[Reason], first: int) -> list[dict[str, Any]]:
    return [
        {"channel": channel, "message": id_, "place": first + place, **reason.model_dump(exclude={"version"})}
        for place, reason in enumerate(new)
    ]


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for one channel now."""

    channel: str
    count: int
    oldest_ms: int


def backlogs(connection: Connection, now_ms: int) -> list[Backlog]:
    """Channels that may be used now and have something due, the longest waiting first.

    A channel with a message under lease is left out: one message at a time for each subscriber, in order.
    """
    held = select(messages.c.channel).where(messages.c.state == LEASED, messages.c.lease_ms > now_ms)
    statement = (
        select(messages.c.channel, func.count(), func.min(messages.c.due_ms).label("oldest"))
        .join(channels, channels.c.id == messages.c.channel)
        .where(
            messages.c.state.in_(OPEN),
            messages.c.next_ms <= now_ms,
            channels.c.state != PAUSED,
            channels.c.ready_ms <= now_ms,
            messages.c.channel.not_in(held),
        )
        .group_by(messages.c.channel)
        .order_by("oldest")
    )
    return [Backlog(*row) for row in connection.execute(statement)]


def lease(connection: Connection, channel: str, now_ms: int, until_ms: int) -> Stored | None:
    """Take the next due message of a channel, with a new fencing token; None where another worker was faster.

    A message whose lease ran out is taken over: its former holder can no longer report. One worker at a time leases
    for a channel: what it sees free is still free when it writes.
    """
    mine = select(channels.c.id).where(channels.c.id == channel).with_for_update(skip_locked=True)
    if connection.execute(mine).first() is None:
        return None
    held = select(messages.c.id).where(
        messages.c.channel == channel, messages.c.state == LEASED, messages.c.lease_ms > now_ms
    )
    if connection.execute(held.limit(1)).first():
        return None
    row = connection.execute(
        select(messages)
        .where(messages.c.channel == channel, messages.c.state.in_(OPEN), messages.c.next_ms <= now_ms)
        .order_by(messages.c.due_ms, messages.c.id)
        .limit(1)
    ).first()
    if row is None:
        return None
    values = {"state": LEASED, "token": row.token + 1, "lease_ms": until_ms, "attempts": row.attempts + 1}
    connection.execute(update(messages).where(messages.c.id == row.id).values(**values))
    return get(connection, row.id)


def renew(connection: Connection, id_: str, token: int, **values: Any) -> bool:
    """Change a leased message (lease_ms, parts_done, rendered); False where the lease belongs to another now."""
    statement = update(messages).where(messages.c.id == id_, messages.c.token == token, messages.c.state == LEASED)
    return connection.execute(statement.values(**values)).rowcount == 1


def finish(connection: Connection, id_: str, token: int, **values: Any) -> bool:
    """Record where a leased message stands now (state, next_ms, done_ms …); False where the lease was lost."""
    return renew(connection, id_, token, lease_ms=0, **values)


def annotate(connection: Connection, id_: str, note: str) -> None:
    """Put a line on top of a message that is not sent yet."""
    connection.execute(update(messages).where(messages.c.id == id_, messages.c.state == PENDING).values(note=note))


def merge(connection: Connection, ids: Collection[str], into: Message, note: str) -> None:
    """Give the reasons of untried messages to one digest message that stands for them all."""
    target = messages.c.id == into.id
    if connection.execute(select(messages.c.id).where(target)).first() is None:
        connection.execute(insert(messages).values(**_row(into, into.id, into.group), note=note))
    gone = [id_ for id_ in ids if id_ != into.id]
    connection.execute(
        update(messages)
        .where(messages.c.id.in_(gone), messages.c.state == PENDING)
        .values(state=MERGED, merged_into=into.id)
    )
    connection.execute(update(reasons).where(reasons.c.message.in_(gone)).values(message=into.id))


def untried(connection: Connection, channel: str, now_ms: int, limit: int) -> list[Stored]:
    """Due messages of a channel that nobody has tried to send, oldest first."""
    rows = connection.execute(
        select(messages)
        .where(
            messages.c.channel == channel,
            messages.c.state == PENDING,
            messages.c.token == 0,
            messages.c.next_ms <= now_ms,
        )
        .order_by(messages.c.due_ms, messages.c.id)
        .limit(limit)
    )
    return [Stored(*row) for row in rows]


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


def resend(connection: Connection, id_: str, now_ms: int) -> bool:
    """Put a message back in the queue under its own id; False where it is waiting or being sent already."""
    done = (DEAD, DELIVERED, UNKNOWN)
    statement = update(messages).where(messages.c.id == id_, messages.c.state.in_(done))
    values = {"state": PENDING, "next_ms": now_ms, "attempts": 0, "parts_done": 0, "done_ms": None}
    return connection.execute(statement.values(**values)).rowcount == 1


def sent_since(connection: Connection, channel: str, subscription: str, since_ms: int) -> int:
    """How many single messages a subscription got on a channel since a time."""
    statement = (
        select(func.count(messages.c.id.distinct()))
        .join(reasons, reasons.c.message == messages.c.id)
        .where(
            messages.c.channel == channel,
            reasons.c.subscription == subscription,
            messages.c.state == DELIVERED,
            messages.c.done_ms >= since_ms,
            ~messages.c.digest,
        )
    )
    return connection.execute(statement).scalar_one()


@dataclass(frozen=True, slots=True)
class Telling:
    """A message that told somebody of a subject."""

    channel: str
    subscription: str
    subscription_version: int
    message: str
    language: str
    template: str


def told_of(connection: Connection, event: Event) -> list[Telling]:
    """Who was told of the event's subject or article before, each with the first message; for corrections."""
    same = events.c.subject == event.subject
    if event.kind.startswith("article."):
        same |= events.c.article == event.subject.removeprefix("article:")
    rows = connection.execute(
        select(
            reasons.c.channel,
            reasons.c.subscription,
            reasons.c.subscription_version,
            messages.c.id,
            messages.c.language,
            messages.c.template,
        )
        .join(events, events.c.id == reasons.c.event)
        .join(messages, messages.c.id == reasons.c.message)
        .where(same, events.c.id != event.id, messages.c.state != DEAD)
        .order_by(messages.c.due_ms, messages.c.id)
    )
    first: dict[tuple[str, str], Telling] = {}
    for row in rows:
        first.setdefault((row.channel, row.subscription), Telling(*row))
    return list(first.values())


def told_alike(connection: Connection, event: Event, beside: Sequence[Event]) -> set[Listener]:
    """Who knows what a new target says under another key: its fact was told before it gained a region.

    `beside`: the events made together with it; one that restates the same value names the fact it was told of.
    """
    if event.kind is not EventKind.TARGET_NEW:
        return set()
    subjects = {
        other.subject
        for other in beside
        if other.kind is EventKind.TARGET_RESTATED and other.subject != event.subject and _same_words(other, event)
    }
    if not subjects:
        return set()
    rows = connection.execute(
        select(reasons.c.channel, reasons.c.subscription)
        .join(events, events.c.id == reasons.c.event)
        .where(events.c.subject.in_(subjects), events.c.kind == EventKind.TARGET_NEW.value)
    )
    return {(row.channel, row.subscription) for row in rows}


def _same_words(one: Event, other: Event) -> bool:
    articles = {evidence.article for evidence in one.evidence} & {evidence.article for evidence in other.evidence}
    return bool(articles) and all(one.after.get(key) == other.after.get(key) for key in ("value", "unit", "deadline"))


def telling(connection: Connection, event: str) -> list[Telling]:
    """Every message that tells of one event."""
    rows = connection.execute(
        select(
            reasons.c.channel,
            reasons.c.subscription,
            reasons.c.subscription_version,
            messages.c.id,
            messages.c.language,
            messages.c.template,
        )
        .join(messages, messages.c.id == reasons.c.message)
        .where(reasons.c.event == event)
        .order_by(messages.c.due_ms, messages.c.id)
    )
    return [Telling(*row) for row in rows]


def hurry(connection: Connection, channel: str, now_ms: int) -> None:
    """What waits out a failure on the channel may be tried at once."""
    connection.execute(
        update(messages)
        .where(
            messages.c.channel == channel,
            messages.c.state.in_((PENDING, UNKNOWN)),
            messages.c.due_ms <= now_ms,
            messages.c.next_ms > now_ms,
        )
        .values(next_ms=now_ms)
    )


def counts(connection: Connection) -> dict[str, int]:
    """State → how many messages."""
    rows = connection.execute(select(messages.c.state, func.count()).group_by(messages.c.state))
    return {row.state: row[1] for row in rows}


def next_due(connection: Connection) -> int | None:
    """When the next waiting message may be tried, in Unix milliseconds."""
    statement = select(func.min(messages.c.next_ms)).where(messages.c.state.in_((PENDING, UNKNOWN)))
    return connection.execute(statement).scalar()


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
