"""Backlog: before a channel is used, what piled up for it is put in order: many missed ones and what is over a cap."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from chainwatch.locale import text
from chainwatch.models import Message, message_id, to_timestamp_ms
from chainwatch.models.subscription import Subscription
from chainwatch.store import messages, outbox, subscriptions, telling
from chainwatch.store.channels import Channel
from chainwatch.store.messages import Stored

MISSED = timedelta(minutes=5)
"""A message so long overdue was kept waiting by its channel."""
MOST = 1_000
"""Messages that go into one digest."""


@dataclass(frozen=True, slots=True)
class Backlogs:
    """Settles what waits for a channel.

    Args:
        digest_over: more missed messages than this become one digest.
    """

    digest_over: int

    def settle(self, connection: Connection, channel: Channel, now: datetime) -> None:
        """Merge what was missed, hold back what is over a cap. Inside the transaction that leases."""
        waiting = outbox.untried(connection, channel.id, to_timestamp_ms(now), MOST)
        if self._merge_missed(connection, waiting, now):
            return
        for first in waiting:
            if first.digest or not _held_back(connection, first, now):
                return

    def _merge_missed(self, connection: Connection, waiting: Sequence[Stored], now: datetime) -> bool:
        single = [one for one in waiting if not one.digest]
        if len(single) <= self.digest_over or single[0].due_ms > to_timestamp_ms(now - MISSED):
            return False
        first = single[0]
        group = f"missed:{first.id}"
        into = _digest_like(first, group, now)
        note = text(into.language, "{count} messages waited while this channel could not be reached", count=len(single))
        outbox.merge(connection, [one.id for one in single], into, note)
        return True


def _held_back(connection: Connection, first: Stored, now: datetime) -> bool:
    """Hold a message back where every subscription it serves had its share today; the last one announces it."""
    why = {reason.subscription for reason in messages.reasons_of(connection, first.id)}
    serving = [one for one in (subscriptions.find(connection, id_) for id_ in sorted(why)) if one is not None]
    if not serving or any(one.cap is None for one in serving):
        return False
    left = [_left(connection, first.channel, one, now) for one in serving]
    if max(left) > 1:
        return False
    widest = max(serving, key=lambda one: one.cap or 0)
    due = _tomorrow(widest, now)
    at = due.astimezone(ZoneInfo(widest.schedule.timezone)).strftime("%m-%d %H:%M")
    if max(left) == 1:
        note = text(
            widest.language,
            "This is message {cap} of {cap} for today: what follows comes in one digest at {at}",
            cap=widest.cap,
            at=at,
        )
        outbox.annotate(connection, first.id, note)
        return False
    group = f"over:{widest.id}:{due.date().isoformat()}"
    into = _digest_like(first, group, due)
    note = text(widest.language, "Held back: more than {cap} messages in one day", cap=widest.cap)
    outbox.merge(connection, [first.id], into, note)
    return True


def _left(connection: Connection, channel: str, subscription: Subscription, now: datetime) -> int:
    zone = ZoneInfo(subscription.schedule.timezone)
    midnight = datetime.combine(now.astimezone(zone).date(), time(0), zone)
    sent = telling.sent_since(connection, channel, subscription.id, to_timestamp_ms(midnight))
    return max((subscription.cap or 0) - sent, 0)


def _tomorrow(subscription: Subscription, now: datetime) -> datetime:
    zone = ZoneInfo(subscription.schedule.timezone)
    at = time.fromisoformat(subscription.schedule.at)
    day = now.astimezone(zone).date() + timedelta(days=1)
    instant = subscription.schedule.model_copy(update={"every": "now"})
    return instant.due(datetime.combine(day, at, zone))


def _digest_like(first: Stored, group: str, due: datetime) -> Message:
    return Message.model_validate(
        {
            "id": message_id(first.channel, group),
            "channel": first.channel,
            "group": group,
            "language": first.language,
            "template": first.template,
            "reasons": (),
            "due": due,
            "digest": True,
        }
    )
