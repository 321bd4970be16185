"""Leasing: which due messages are taken now, and put into words; who has a slot already waits."""

import time
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from chainwatch.models import to_timestamp_ms
from chainwatch.notify.backlog import Backlogs
from chainwatch.notify.compose import Composed, compose, gather
from chainwatch.notify.job import Outcome
from chainwatch.notify.options import Options
from chainwatch.notify.render import Wordings
from chainwatch.store import attempts, channels, messages, sending
from chainwatch.store.channels import Channel
from chainwatch.store.database import Database
from chainwatch.store.messages import Stored

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ticket:
    """One message under way."""

    stored: Stored
    channel: Channel
    composed: Composed
    part: int
    attempt: int
    begun: float
    articles: tuple[str, ...] = ()
    """Ids of the articles that it tells of, for the log."""


class Slots:
    """Who is being sent to. One owner has one slot; channels that failed lately get half of all slots."""

    def __init__(self, most: int) -> None:
        self._slow_most = most // 2
        self._owners: dict[str, str] = {}
        self._slow: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._owners)

    def open_to(self, channel: Channel) -> bool:
        """Whether the channel may be used now."""
        if channel.id in self._owners or _owner(channel) in self._owners.values():
            return False
        return not channel.failures or len(self._slow) < self._slow_most

    def take(self, channel: Channel) -> None:
        """A message to the channel is under way."""
        self._owners[channel.id] = _owner(channel)
        if channel.failures:
            self._slow.add(channel.id)

    def leave(self, channel: Channel) -> None:
        """It no longer is."""
        self._owners.pop(channel.id, None)
        self._slow.discard(channel.id)


def _owner(channel: Channel) -> str:
    return channel.owner or channel.id


class Leasing:
    """Takes messages under leases.

    Args:
        database: the store.
        wordings: templates.
        options: limits and times.
        clock: the time.
        only: use these channels alone.
    """

    def __init__(
        self,
        database: Database,
        wordings: Wordings,
        options: Options,
        clock: Callable[[], datetime],
        only: Container[str] | None,
    ) -> None:
        self._database, self._wordings, self._options = database, wordings, options
        self._clock, self._only = clock, only
        self._backlogs = Backlogs(options.digest_over)

    def take(self, slots: Slots, most: int) -> list[Ticket]:
        """At most so many messages, one for each channel, with its slot taken. Empty where nothing is due."""
        now_ms = to_timestamp_ms(self._clock())
        with self._database.read() as connection:
            if next(self._usable(connection, slots, now_ms), None) is None:
                return []
        tickets: list[Ticket] = []
        try:
            with self._database.write() as connection:
                for channel in self._usable(connection, slots, now_ms):
                    ticket = self._lease_one(connection, channel, now_ms)
                    if ticket is not None:
                        slots.take(channel)
                        tickets.append(ticket)
                    if len(tickets) == most:
                        break
        except BaseException:  # nothing was leased, so nobody may keep a slot
            for ticket in tickets:
                slots.leave(ticket.channel)
            raise
        return tickets

    def _usable(self, connection: Connection, slots: Slots, now_ms: int) -> Iterator[Channel]:
        for backlog in sending.backlogs(connection, now_ms):
            if self._only is not None and backlog.channel not in self._only:
                continue
            channel = channels.find(connection, backlog.channel)
            if channel is not None and slots.open_to(channel):
                yield channel

    def _lease_one(self, connection: Connection, channel: Channel, now_ms: int) -> Ticket | None:
        self._backlogs.settle(connection, channel, self._clock())
        until = now_ms + round(1000 * self._options.lease_seconds)
        stored = sending.lease(connection, channel.id, now_ms, until)
        if stored is None:
            return None
        number = attempts.begin(
            connection,
            message=stored.id,
            channel=channel.id,
            token=stored.token,
            endpoint=channel.masked,
            now_ms=now_ms,
        )
        try:
            told = gather(connection, stored)
            composed = compose(told, channel, self._wordings)
        except DBAPIError:  # the store's fault, not the message's
            raise
        except Exception as error:  # one message that cannot be put into words must not stop the others
            log.exception("message cannot be composed", message=stored.id, channel=channel.id)
            detail = f"cannot be put into words: {type(error).__name__}"
            attempts.end(connection, number, took_ms=0, parts="", outcome=Outcome.REFUSED, detail=detail)
            sending.finish(connection, stored.id, stored.token, state=messages.DEAD, done_ms=now_ms)
            return None
        if stored.rendered != composed.digest:
            sending.renew(connection, stored.id, stored.token, rendered=composed.digest, parts_done=0)
            stored = replace(stored, rendered=composed.digest, parts_done=0)
        about = tuple(dict.fromkeys(one.article for event in told.events for one in event.evidence))
        return Ticket(stored, channel, composed, stored.parts_done, number, time.monotonic(), about)
