"""Preview: what a subscription would have sent, had it been there: the stored events routed at their own times."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from chainwatch.models import Message, from_timestamp_ms, to_timestamp_ms
from chainwatch.models.subscription import Subscription
from chainwatch.notify.view import headline, view
from chainwatch.store import events
from consumers.route import Hierarchy, Router

PAST = timedelta(days=30)
SAMPLES = 3
PAGE = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """How many messages to one channel, and the headlines of the first few."""

    count: int
    samples: tuple[str, ...]


def preview(
    connection: Connection, subscription: Subscription, taxonomy: Hierarchy, now: datetime, past: timedelta = PAST
) -> Preview:
    """Route the events of the past through one subscription, as if it had one channel. Stores nothing."""
    alone = subscription.model_copy(update={"channels": ("preview",), "paused": False, "expires": None})
    router = Router((alone,), taxonomy)
    wanted = events.Filter(since_ms=to_timestamp_ms(now - past), silent=False)
    groups: set[str] = set()
    samples: list[str] = []
    seq = 0
    while page := events.after(connection, seq, PAGE, wanted):
        seq = page[-1].seq
        for stored in page:
            for message in router.route([stored.event], from_timestamp_ms(stored.found_ms)):
                if message.group not in groups and len(samples) < SAMPLES:
                    samples.append(_sample(message.model_copy(update={"digest": False}), stored))
                groups.add(message.group)
    return Preview(len(groups), tuple(samples))


def _sample(message: Message, stored: events.Stored) -> str:
    return headline(message, [stored.event], view(message, [stored.event], names={}, first={}))
