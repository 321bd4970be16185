"""Outages: a channel that fails or works again is told of through other channels: its owner's, and the operator's."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Connection

from chainwatch.models import Event, EventKind, Message, Reason, event_id, message_id, to_timestamp_ms
from chainwatch.store import channels, events, journal, outbox, subscriptions
from chainwatch.store.channels import FAILING, Channel
from consumers.route import Router


class NoTaxonomy:
    """Events about channels belong to no node and no region."""

    def ancestors(self, node_id: str) -> list[str]:  # noqa: ARG002  the Protocol's shape
        """None."""
        return []

    def around(self, region_id: str) -> list[str]:  # noqa: ARG002  the Protocol's shape
        """None."""
        return []


class Outages:
    """Tells who should know, and remembers whom nobody could be told."""

    def __init__(self) -> None:
        self._unheard: list[str] = []

    def tell(self, connection: Connection, before: Channel, after: Channel, now: datetime) -> None:
        """Record the event, and address it to the operator's subscriptions and the owner's other channels."""
        event = _event(before, after, now)
        now_ms = to_timestamp_ms(now)
        if not events.put(connection, [event], now_ms):
            return
        journal.append(connection, [(event.kind.value, event.model_dump(mode="json"))], now_ms)
        routed = Router(subscriptions.active(connection), NoTaxonomy()).route([event], now)
        made = [message for message in routed if message.channel != after.id]
        reached = {message.channel for message in made}
        made += [_to_owner(event, other, now) for other in _others(connection, after) if other.id not in reached]
        outbox.put(connection, made)
        if not made and after.state == FAILING:
            self._unheard.append(after.id)

    def unheard(self) -> Iterator[str]:
        """Channels whose failing nobody could be told, each once."""
        while self._unheard:
            yield self._unheard.pop()


def _others(connection: Connection, channel: Channel) -> list[Channel]:
    """One other working channel of the owner."""
    return list(channels.others_of(connection, channel.owner, channel.id))[:1] if channel.owner else []


def _to_owner(event: Event, channel: Channel, now: datetime) -> Message:
    group = f"event:{event.id}"
    reason = Reason(event=event.id, subscription="owner", subscription_version=1, because="your channel")
    return Message.model_validate(
        {
            "id": message_id(channel.id, group),
            "channel": channel.id,
            "group": group,
            "reasons": (reason,),
            "due": now,
        }
    )


def _event(before: Channel, after: Channel, now: datetime) -> Event:
    kind = EventKind.CHANNEL_FAILING if after.state == FAILING else EventKind.CHANNEL_RECOVERED
    seen = now.isoformat(timespec="seconds")
    return Event(
        id=event_id(kind, after.id, before.state, f"{after.state} {seen}"),
        kind=kind,
        subject=after.id,
        title=f"{after.name} ({after.masked})",
        before={"state": before.state},
        after={"state": after.state, "note": after.note, "since": seen},
    )
