"""What is to be sent, stored once: unique per (channel, group).

An (event, subscription) pair is told once on a channel, however often it is routed.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from chainwatch.models import Message, Reason, message_id, to_timestamp_ms
from chainwatch.store.database import insert_all
from chainwatch.store.messages import DEAD, DELIVERED, MERGED, PENDING, UNKNOWN, Stored, messages, reasons
from chainwatch.store.telling import Listener, told


def put(
    connection: Connection, made: Sequence[Message], alike: Mapping[str, Collection[Listener]] | None = None
) -> int:
    """Store messages; a (event, subscription) pair already told on the channel is left out. How many rows are new.

    `alike`: event id → who was told the same as another event (`told_alike`): left out too.

    A message of the same (channel, group) that has not been tried yet takes the further reasons; where it has been,
    a follow-up message carries them, so that nothing is lost.
    """
    known_to = told(connection, {reason.event for message in made for reason in message.reasons})
    known_to |= {(*listener, event) for event, listeners in (alike or {}).items() for listener in listeners}
    held = _held(connection, made)
    first: dict[tuple[str, str], tuple[Message, list[Reason]]] = {}
    fresh = 0
    for message in made:
        new = [one for one in message.reasons if (message.channel, one.subscription, one.event) not in known_to]
        if message.reasons and not new:
            continue
        known_to |= {(message.channel, one.subscription, one.event) for one in new}
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


def annotate(connection: Connection, id_: str, note: str) -> None:
    """Put a line on top of a message that is not sent yet."""
    connection.execute(update(messages).where(messages.c.id == id_, messages.c.state == PENDING).values(note=note))


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


def resend(connection: Connection, id_: str, now_ms: int) -> bool:
    """Put a message back in the queue under its own id; False where it is waiting or being sent already."""
    done = (DEAD, DELIVERED, UNKNOWN)
    statement = update(messages).where(messages.c.id == id_, messages.c.state.in_(done))
    values = {"state": PENDING, "next_ms": now_ms, "attempts": 0, "parts_done": 0, "done_ms": None}
    return connection.execute(statement.values(**values)).rowcount == 1


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
