"""Dispatch: takes due messages under a lease, has them sent by the pool, records what came of it.

Effects are at least once at a channel: a dispatcher that dies between sending and recording leaves a lease that runs
out, and the message is sent again under the same id. Nothing is recorded by whoever lost the lease.
A store that is away is waited for: what was sent meanwhile is recorded when it is back.
"""

import random
import sys
import time
from collections.abc import Callable, Container, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import structlog

from chainwatch.crash import crash_point
from chainwatch.models import to_timestamp_ms
from chainwatch.notify import webhook
from chainwatch.notify.addresses import Policy
from chainwatch.notify.canary import daily
from chainwatch.notify.job import Job, Outcome, Result
from chainwatch.notify.leasing import Leasing, Slots, Ticket
from chainwatch.notify.options import Options
from chainwatch.notify.pool import Pool
from chainwatch.notify.recording import Recording
from chainwatch.notify.render import Wordings
from chainwatch.notify.secrets import Keyring, open_keyring
from chainwatch.notify.services import TERMINAL, WEBHOOK
from chainwatch.notify.wake import Wake
from chainwatch.problem import Problem
from chainwatch.settings import Settings
from chainwatch.store import channels, outbox, sending
from chainwatch.store.database import Database
from chainwatch.store.patience import Patience

log = structlog.get_logger(__name__)

LEASED_AT_ONCE = 16
"""Messages leased in one transaction."""
CANARY_SECONDS = 60.0
"""Between two looks whether daily check messages are due."""
GRACE = 15.0
"""Seconds that sends under way get when the dispatcher is told to stop."""
LONGEST_PAUSE = 5.0
"""Seconds between two tries to use a store that is away: well within a lease, so that its holder records in time."""


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
        self._database, self._keyring, self._pool, self._options = database, keyring, pool, options
        self._webhook_secret, self._clock, self._terminal = webhook_secret, clock, terminal
        self._leasing = Leasing(database, wordings, options, clock, only)
        self._recording = Recording(options.backoff, chance)
        self._slots = Slots(options.most_children)
        self._store = Patience(database, lambda: False, patient=False)

    def run(self, stopping: Callable[[], bool], *, once: bool = False) -> int:
        """Send what is due until `stopping()`; with `once`, until nothing is due. How many sends were recorded.

        Raises Problem where the store is away and nobody is to wait for it: with `once`, or when told to stop.
        """
        self._store = Patience(self._database, stopping, patient=not once, longest=LONGEST_PAUSE)
        sent, look_at, canary_at = 0, 0.0, 0.0
        with Wake(self._database) as wake:
            while not stopping():
                if wake.changed() or time.monotonic() >= look_at:
                    look_at = time.monotonic() + self._options.idle_seconds
                    if time.monotonic() >= canary_at:
                        canary_at = time.monotonic() + CANARY_SECONDS
                        self._canaries()
                    self._take()
                if once and not self._slots:
                    return sent
                sent += sum(1 for _ in self._settle(wake.pause))
        until = time.monotonic() + GRACE
        while self._slots and time.monotonic() < until:
            sent += sum(1 for _ in self._settle(0.1))
        return sent

    def _canaries(self) -> None:
        checks = self._store.read(lambda c: daily(channels.listed(c), self._clock()))
        if checks:
            self._store.write(lambda c: outbox.put(c, checks))

    def _take(self) -> None:
        """Lease what may be sent now, and hand it to the pool."""
        while self._pool.free:
            tickets = self._store(lambda: self._leasing.take(self._slots, min(self._pool.free, LEASED_AT_ONCE)))
            if not tickets:
                return
            for ticket in tickets:
                crash_point("before_send")
                self._send(ticket)

    def _send(self, ticket: Ticket) -> None:
        if ticket.channel.service == TERMINAL:
            self._terminal("\n".join(ticket.composed.parts))
            self._finish(ticket, Result(Outcome.DELIVERED))
        else:
            self._submit(ticket)

    def _submit(self, ticket: Ticket) -> None:
        secret = self._store.read(lambda c: channels.address(c, ticket.channel.id))
        try:
            self._pool.submit(self._job(ticket, secret), ticket)
        except Problem as problem:
            self._finish(ticket, Result(Outcome.UNUSABLE, problem.what))

    def _job(self, ticket: Ticket, secret: bytes | None) -> Job:
        channel = ticket.channel
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
        kept = self._store.write(
            lambda c: sending.renew(c, ticket.stored.id, ticket.stored.token, parts_done=following.part, lease_ms=until)
        )
        if not kept:
            self._slots.leave(ticket.channel)
            log.warning("lease lost", message=ticket.stored.id, channel=ticket.channel.id)
            return
        self._submit(following)

    def _finish(self, ticket: Ticket, result: Result) -> None:
        self._slots.leave(ticket.channel)
        took_ms = round(1000 * (time.monotonic() - ticket.begun))
        self._store.write(lambda c: self._recording.record(c, ticket, result, took_ms, self._now_ms()))
        crash_point("after_record")
        if any(True for _ in self._recording.outages.unheard()):
            log.error("a channel fails and nobody can be told", channel=ticket.channel.id)

    def _now_ms(self) -> int:
        return to_timestamp_ms(self._clock())


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
