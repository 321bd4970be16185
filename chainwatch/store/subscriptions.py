"""Subscriptions, every version of each. Changes are journalled: they decide who is told."""

from collections.abc import Collection
from datetime import datetime
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
    insert,
    select,
    update,
)

from chainwatch.models import to_timestamp_ms
from chainwatch.models.subscription import Subscription
from chainwatch.store import channels, journal
from chainwatch.store.database import metadata

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("removed", Boolean, nullable=False, default=False),
    Column("saved_ms", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Index("ix_subscriptions_current", "current", "id"),
)


def active(connection: Connection) -> list[Subscription]:
    """The current version of every subscription, its channels as ids: what a Router is made of.

    Paused and expired ones are among them: whether they work at a moment is asked when routing.
    """
    known = channels.names(connection)
    return [
        one.model_copy(
            update={"channels": tuple(dict.fromkeys(id_ for name in one.channels for id_ in known.get(name, ())))}
        )
        for one in listed(connection)
    ]


def listed(connection: Connection) -> list[Subscription]:
    """The current version of every subscription as written, by name."""
    statement = select(subscriptions.c.body).where(subscriptions.c.current, ~subscriptions.c.removed)
    rows = connection.execute(statement.order_by(subscriptions.c.name, subscriptions.c.id)).scalars()
    return [Subscription.from_json(body) for body in rows]


def find(connection: Connection, reference: str) -> Subscription | None:
    """The current version of the subscription with this id or name."""
    statement = select(subscriptions.c.body).where(
        subscriptions.c.current,
        ~subscriptions.c.removed,
        (subscriptions.c.id == reference) | (subscriptions.c.name == reference),
    )
    body = connection.execute(statement.order_by(subscriptions.c.id)).scalar()
    return Subscription.from_json(body) if body is not None else None


def names(connection: Connection, ids: Collection[str]) -> dict[str, str]:
    """Id → name, of removed ones too."""
    statement = select(subscriptions.c.id, subscriptions.c.name).where(
        subscriptions.c.id.in_(set(ids)), subscriptions.c.current
    )
    return {row.id: row.name for row in connection.execute(statement)}


def versions(connection: Connection, id_: str) -> list[tuple[int, int, Subscription]]:
    """(number, saved_ms, subscription) of every version, oldest first."""
    rows = connection.execute(select(subscriptions).where(subscriptions.c.id == id_).order_by(subscriptions.c.number))
    return [(row.number, row.saved_ms, Subscription.from_json(row.body)) for row in rows]


def in_force(connection: Connection, at: datetime) -> list[Subscription]:
    """The version of every subscription that was the current one at a moment, as written."""
    rows = connection.execute(
        select(subscriptions)
        .where(subscriptions.c.saved_ms <= to_timestamp_ms(at))
        .order_by(subscriptions.c.id, subscriptions.c.number)
    )
    newest = {row.id: row for row in rows}
    return [Subscription.from_json(row.body) for row in newest.values() if not row.removed]


def save(connection: Connection, subscription: Subscription, now_ms: int) -> Subscription:
    """Store a new subscription, or the next version of a known one; the version as stored."""
    return _append(connection, subscription, now_ms, removed=False)


def remove(connection: Connection, subscription: Subscription, now_ms: int) -> None:
    """No longer in force; its versions stay as history."""
    _append(connection, subscription, now_ms, removed=True)


def _append(connection: Connection, subscription: Subscription, now_ms: int, *, removed: bool) -> Subscription:
    statement = select(subscriptions.c.number).where(subscriptions.c.id == subscription.id)
    last = connection.execute(statement.order_by(subscriptions.c.number.desc()).limit(1)).scalar() or 0
    saved = subscription.model_copy(update={"number": last + 1})
    connection.execute(
        update(subscriptions).where(subscriptions.c.id == saved.id, subscriptions.c.current).values(current=False)
    )
    row: dict[str, Any] = {
        "id": saved.id,
        "number": saved.number,
        "name": saved.name,
        "current": True,
        "removed": removed,
        "saved_ms": now_ms,
        "body": saved.to_json().decode(),
    }
    connection.execute(insert(subscriptions).values(**row))
    kind = "subscription.removed" if removed else "subscription.saved"
    journal.append(connection, [(kind, saved.model_dump(mode="json"))], now_ms)
    return saved
