"""Who was told what: on which channel, for which subscription, by which message."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from chainwatch.models import Event, EventKind
from chainwatch.store.database import insert_new
from chainwatch.store.events import events
from chainwatch.store.messages import DEAD, DELIVERED, messages, reasons

Listener = tuple[str, str]
"""(channel, subscription)."""
Told = tuple[str, str, str]
"""(channel, subscription, event)."""


@dataclass(frozen=True, slots=True)
class Telling:
    """A message that told somebody of a subject."""

    channel: str
    subscription: str
    subscription_version: int
    message: str
    language: str
    template: str


_TELLING = select(
    reasons.c.channel,
    reasons.c.subscription,
    reasons.c.subscription_version,
    messages.c.id,
    messages.c.language,
    messages.c.template,
).join(messages, messages.c.id == reasons.c.message)


def told(connection: Connection, ids: Collection[str]) -> set[Told]:
    """Everybody who was told of these events."""
    rows = connection.execute(
        select(reasons.c.channel, reasons.c.subscription, reasons.c.event).where(reasons.c.event.in_(set(ids)))
    )
    return {(row.channel, row.subscription, row.event) for row in rows}


def told_of(connection: Connection, event: Event) -> list[Telling]:
    """Who was told of the event's subject or article before, each with the first message; for corrections."""
    same = events.c.subject == event.subject
    if event.kind.startswith("article."):
        same |= events.c.article == event.subject.removeprefix("article:")
    rows = connection.execute(
        _TELLING.join(events, events.c.id == reasons.c.event)
        .where(same, events.c.id != event.id, messages.c.state != DEAD)
        .order_by(messages.c.due_ms, messages.c.id)
    )
    first: dict[tuple[str, str], Telling] = {}
    for row in rows:
        first.setdefault((row.channel, row.subscription), Telling(*row))
    return list(first.values())


def told_alike(connection: Connection, made: Sequence[Event]) -> dict[str, set[Listener]]:
    """New target → who knows what it says under another key: its fact was told before it gained a region.

    `made`: events made together; one that restates the same value names the fact it was told of.
    """
    restated: dict[str, list[Event]] = {}
    for event in made:
        if event.kind is EventKind.TARGET_RESTATED:
            for evidence in event.evidence:
                restated.setdefault(evidence.article, []).append(event)
    known: dict[str, set[Listener]] = {}
    for event in made if restated else ():
        if event.kind is EventKind.TARGET_NEW:
            beside = (one for evidence in event.evidence for one in restated.get(evidence.article, ()))
            subjects = {one.subject for one in beside if one.subject != event.subject and _same_value(one, event)}
            if subjects:
                known[event.id] = _told_new(connection, subjects)
    return known


def _told_new(connection: Connection, subjects: Collection[str]) -> set[Listener]:
    """Who was told of these facts when they were new."""
    rows = connection.execute(
        select(reasons.c.channel, reasons.c.subscription)
        .join(events, events.c.id == reasons.c.event)
        .where(events.c.subject.in_(subjects), events.c.kind == EventKind.TARGET_NEW.value)
    )
    return {(row.channel, row.subscription) for row in rows}


def _same_value(one: Event, other: Event) -> bool:
    return all(one.after.get(key) == other.after.get(key) for key in ("value", "unit", "deadline"))


def telling(connection: Connection, event: str) -> list[Telling]:
    """Every message that tells of one event."""
    rows = connection.execute(_TELLING.where(reasons.c.event == event).order_by(messages.c.due_ms, messages.c.id))
    return [Telling(*row) for row in rows]


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


def carry_over(source: Connection, target: Connection, ids: Collection[str]) -> None:
    """Put the messages that told of these events, and why, into another store, as they stand."""
    why = [dict(row) for row in source.execute(select(reasons).where(reasons.c.event.in_(set(ids)))).mappings()]
    wanted = {one["message"] for one in why}
    found = [dict(row) for row in source.execute(select(messages).where(messages.c.id.in_(wanted))).mappings()]
    insert_new(target, messages, found)
    insert_new(target, reasons, why)
