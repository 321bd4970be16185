"""Dispatch: takes due messages under a lease, has them sent by the pool, records what came of it.

Effects are at least once at a channel: a dispatcher that dies between sending and recording leaves a lease that runs
out, and the message is sent again under the same id. Nothing is recorded by whoever lost the lease.
"""

import random
import sys
import time
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import structlog
from sqlalchemy import Connection

from chainwatch.crash import crash_point
from chainwatch.models import MessageState, from_timestamp_ms, to_timestamp_ms
from chainwatch.notify import webhook
from chainwatch.notify.addresses import Policy
from chainwatch.notify.backlog import Backlogs
from chainwatch.notify.backoff import Backoff
from chainwatch.notify.canary import daily
from chainwatch.notify.compose import Composed, compose, gather
from chainwatch.notify.job import Job, Outcome, Result
from chainwatch.notify.judge import Judgement, judge
from chainwatch.notify.outages import Outages
from chainwatch.notify.pool import Pool
from chainwatch.notify.render import Wordings
from chainwatch.notify.secrets import Keyring, open_keyring
from chainwatch.notify.services import TERMINAL, WEBHOOK
from chainwatch.notify.wake import Wake
from chainwatch.problem import Problem
from chainwatch.settings import Settings
from chainwatch.store import attempts, channels, journal, messages
from chainwatch.store.channels import Channel
from chainwatch.store.database import Database
from chainwatch.store.messages import Stored

log = structlog.get_logger(__name__)

LEASED_AT_ONCE = 16
"""Messages leased in one transaction."""
CANARY_SECONDS = 60.0
"""Between two looks whether daily check messages are due."""
GRACE = 15.0
"""Seconds that sends under way get when the dispatcher is told to stop."""


@dataclass(frozen=True, slots=True)
class Options:
    """How one dispatcher works. Times are seconds."""

    send_seconds: float = 20.0
    lease_seconds: float = 60.0
    children: int = 4
    most_children: int = 32
    digest_over: int = 10
    """So many messages that waited for a broken channel become one digest."""
    idle_seconds: float = 1.0
    """Between two looks for what became due by the clock alone."""
    backoff: Backoff = field(default_factory=Backoff)


@dataclass(frozen=True, slots=True)
class Ticket:
    """One message under way."""

    stored: Stored
    channel: Channel
    composed: Composed
    part: int
    attempt: int
    begun: float


class Dispatcher:
    """One dispatcher; several may run at once, on one store.

    Args:
        database: the store.
        keyring: opens the channels' addresses.
        pool: started; sends.
        wordings: templates.
        options: limits and times.
        webhook_secret: key of all webhook signatures; None: one derived for each channel.
        clock: the time.
        chance: a number in [0, 1).
        terminal: where a terminal channel writes.
        only: use these channels alone.
    """

    def __init__(
        self,
        database: Database,
        keyring: Keyring,
        pool: Pool,
        wordings: Wordings,
        options: Options,
        *,
        webhook_secret: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        chance: Callable[[], float] = random.random,
        terminal: Callable[[str], None] = print,
        only: Container[str] | None = None,
    ) -> None:
        self._database, self._keyring, self._pool = database, keyring, pool
        self._wordings, self._options = wordings, options
        self._webhook_secret, self._clock, self._chance, self._terminal = webhook_secret, clock, chance, terminal
        self._only = only
        self._busy: dict[str, str] = {}
        self._slow = 0
        self._backlogs = Backlogs(options.digest_over)
        self._outages = Outages()

    def run(self, stopping: Callable[[], bool], *, once: bool = False) -> int:
        """Send what is due until `stopping()`; with `once`, until nothing is due. How many sends were recorded."""
        sent, look_at, canary_at = 0, 0.0, 0.0
        with Wake(self._database) as wake:
            while not stopping():
                if wake.changed() or time.monotonic() >= look_at:
                    look_at = time.monotonic() + self._options.idle_seconds
                    if time.monotonic() >= canary_at:
                        canary_at = time.monotonic() + CANARY_SECONDS
                        self._canaries()
                    self._take()
                if once and not self._busy:
                    return sent
                sent += sum(1 for _ in self._settle(wake.pause))
        until = time.monotonic() + GRACE
        while self._busy and time.monotonic() < until:
            sent += sum(1 for _ in self._settle(0.1))
        return sent

    def _canaries(self) -> None:
        with self._database.read() as connection:
            checks = daily(channels.listed(connection), self._clock())
        if checks:
            with self._database.write() as connection:
                messages.put(connection, checks)

    def _take(self) -> None:
        """Lease what may be sent now, and hand it to the pool."""
        while self._pool.free:
            tickets = self._lease(min(self._pool.free, LEASED_AT_ONCE))
            if not tickets:
                return
            for ticket in tickets:
                crash_point("before_send")
                self._send(ticket)

    def _lease(self, most: int) -> list[Ticket]:
        now_ms = self._now_ms()
        with self._database.read() as connection:
            if next(self._usable(connection, now_ms), None) is None:
                return []
        tickets: list[Ticket] = []
        with self._database.write() as connection:
            for channel in self._usable(connection, now_ms):
                ticket = self._lease_one(connection, channel, now_ms)
                if ticket is not None:
                    self._busy[channel.id] = _owner(channel)
                    self._slow += bool(channel.failures)
                    tickets.append(ticket)
                if len(tickets) == most:
                    break
        return tickets

    def _usable(self, connection: Connection, now_ms: int) -> Iterator[Channel]:
        """Channels with something due whose owner has no slot; those that failed lately get half of the slots."""
        for backlog in messages.backlogs(connection, now_ms):
            if self._only is not None and backlog.channel not in self._only:
                continue
            channel = channels.find(connection, backlog.channel)
            if channel is None or channel.id in self._busy or _owner(channel) in self._busy.values():
                continue
            if channel.failures and self._slow >= self._options.most_children // 2:
                continue
            yield channel

    def _lease_one(self, connection: Connection, channel: Channel, now_ms: int) -> Ticket | None:
        self._backlogs.settle(connection, channel, self._clock())
        until = now_ms + round(1000 * self._options.lease_seconds)
        stored = messages.lease(connection, channel.id, now_ms, until)
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
            composed = compose(gather(connection, stored), channel, self._wordings)
        except Exception as error:  # one message that cannot be put into words must not stop the others
            log.exception("message cannot be composed", message=stored.id, channel=channel.id)
            detail = f"cannot be put into words: {type(error).__name__}"
            attempts.end(connection, number, took_ms=0, parts="", outcome=Outcome.REFUSED, detail=detail)
            messages.finish(connection, stored.id, stored.token, state=messages.DEAD, done_ms=now_ms)
            return None
        if stored.rendered != composed.digest:
            messages.renew(connection, stored.id, stored.token, rendered=composed.digest, parts_done=0)
            stored = replace(stored, rendered=composed.digest, parts_done=0)
        return Ticket(stored, channel, composed, stored.parts_done, number, time.monotonic())

    def _send(self, ticket: Ticket) -> None:
        if ticket.channel.service == TERMINAL:
            self._terminal("\n".join(ticket.composed.parts))
            self._finish(ticket, Result(Outcome.DELIVERED))
            return
        try:
            self._pool.submit(self._job(ticket), ticket)
        except Problem as problem:
            self._finish(ticket, Result(Outcome.UNUSABLE, problem.what))

    def _job(self, ticket: Ticket) -> Job:
        channel = ticket.channel
        with self._database.read() as connection:
            secret = channels.address(connection, channel.id)
        if secret is None:
            raise Problem("the channel was removed")
        url = self._keyring.decrypt(secret, channel.id)
        body = ticket.composed.parts[ticket.part]
        headers: dict[str, str] = {}
        if channel.service in WEBHOOK:
            key = self._webhook_secret or self._keyring.signing_key(channel.id)
            at = int(self._clock().timestamp())
            headers = webhook.headers(ticket.stored.id, body.encode(), key, at)
        return Job(ticket.stored.id, url, ticket.composed.title, body, headers)

    def _settle(self, timeout: float) -> Iterator[Ticket]:
        """Record what is done."""
        for given, result in self._pool.collect(timeout):
            ticket: Ticket = given
            crash_point("after_send")
            if result.outcome is Outcome.DELIVERED and ticket.part + 1 < len(ticket.composed.parts):
                self._next_part(ticket)
                continue
            self._finish(ticket, result)
            yield ticket

    def _next_part(self, ticket: Ticket) -> None:
        following = replace(ticket, part=ticket.part + 1)
        until = self._now_ms() + round(1000 * self._options.lease_seconds)
        with self._database.write() as connection:
            kept = messages.renew(
                connection, ticket.stored.id, ticket.stored.token, parts_done=following.part, lease_ms=until
            )
        if not kept:
            self._release(ticket)
            log.warning("lease lost", message=ticket.stored.id, channel=ticket.channel.id)
            return
        try:
            self._pool.submit(self._job(following), following)
        except Problem as problem:
            self._finish(following, Result(Outcome.UNUSABLE, problem.what))

    def _finish(self, ticket: Ticket, result: Result) -> None:
        self._release(ticket)
        now_ms = self._now_ms()
        with self._database.write() as connection:
            self._record(connection, ticket, result, now_ms)
        crash_point("after_record")
        if any(True for _ in self._outages.unheard()):
            log.error("a channel fails and nobody can be told", channel=ticket.channel.id)

    def _record(self, connection: Connection, ticket: Ticket, result: Result, now_ms: int) -> None:
        stored, took = ticket.stored, round(1000 * (time.monotonic() - ticket.begun))
        parts = f"{ticket.part + 1}/{len(ticket.composed.parts)}"
        attempts.end(
            connection, ticket.attempt, took_ms=took, parts=parts, outcome=result.outcome, detail=result.detail
        )
        channel = channels.find(connection, ticket.channel.id)
        if channel is None:
            messages.finish(connection, stored.id, stored.token, state=messages.DEAD, done_ms=now_ms)
            return
        judged = judge(stored, channel, result, now_ms=now_ms, backoff=self._options.backoff, random=self._chance)
        done = judged.state in {MessageState.DELIVERED, MessageState.DEAD}
        kept = messages.finish(
            connection,
            stored.id,
            stored.token,
            state=judged.state.value,
            next_ms=judged.next_ms,
            done_ms=now_ms if done else None,
        )
        if not kept:
            log.warning("lease lost", message=stored.id, channel=channel.id)
            return
        if done:
            entry = {"message": stored.id, "channel": channel.id, "attempts": stored.attempts}
            journal.append(connection, [(f"message.{judged.state}", entry)], now_ms)
        self._channel(connection, channel, judged, result, now_ms)
        log.info(
            "message tried",
            message=stored.id,
            channel=channel.id,
            outcome=result.outcome.value,
            attempt=stored.attempts,
            took_ms=took,
        )

    def _channel(
        self, connection: Connection, channel: Channel, judged: Judgement, result: Result, now_ms: int
    ) -> None:
        values: dict[str, Any] = {"failures": judged.failures, "ready_ms": judged.ready_ms}
        if result.outcome is Outcome.DELIVERED:
            values["delivered_ms"] = now_ms
        changed = channel.state not in {channels.PAUSED, judged.channel_state}
        if changed:
            values |= {"state": judged.channel_state, "note": result.detail}
        channels.change(connection, channel.id, now_ms, **values)
        if changed:
            after = replace(channel, state=judged.channel_state, failures=judged.failures, note=result.detail)
            self._outages.tell(connection, channel, after, from_timestamp_ms(now_ms))

    def _release(self, ticket: Ticket) -> None:
        self._busy.pop(ticket.channel.id, None)
        self._slow -= bool(ticket.channel.failures)

    def _now_ms(self) -> int:
        return to_timestamp_ms(self._clock())


def _owner(channel: Channel) -> str:
    return channel.owner or channel.id


def run(
    settings: Settings,
    database: Database,
    stopping: Callable[[], bool],
    *,
    once: bool = False,
    options: Options | None = None,
    terminal: Callable[[str], None] | None = None,
    only: Container[str] | None = None,
) -> int:
    """Send what is due until told to stop (or, with `once`, until nothing is due). How many sends were recorded.

    Args:
        settings: of the installation.
        database: the store.
        stopping: whether to stop.
        once: stop by itself when nothing is due.
        options: limits and times.
        terminal: where terminal channels write; standard output by default.
        only: use these channels alone.
    """
    options = options or Options()
    policy = Policy(settings.allow_networks, frozenset(settings.allow_services))
    secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else None
    pool = Pool(policy, options.children, options.most_children, options.send_seconds)
    with pool:
        dispatcher = Dispatcher(
            database,
            open_keyring(settings, create=True),
            pool,
            Wordings(settings.home / "wording"),
            options,
            webhook_secret=secret,
            terminal=terminal or _print,
            only=only,
        )
        return dispatcher.run(stopping, once=once)


def _print(text: str) -> None:
    sys.stdout.write(text + "\n\n")
    sys.stdout.flush()
