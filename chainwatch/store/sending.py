"""Messages under way: leased by one worker at a time, with a token that a former holder cannot use."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, update

from chainwatch.store.channels import PAUSED, channels
from chainwatch.store.messages import LEASED, OPEN, PENDING, UNKNOWN, Stored, get, messages


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


def next_due(connection: Connection) -> int | None:
    """When the next waiting message may be tried, in Unix milliseconds."""
    statement = select(func.min(messages.c.next_ms)).where(messages.c.state.in_((PENDING, UNKNOWN)))
    return connection.execute(statement).scalar()
