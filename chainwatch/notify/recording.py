"""Recording: what came of a try is written down: attempt, message, channel, journal. Only who holds the lease may."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog
from sqlalchemy import Connection

from chainwatch.models import MessageState, from_timestamp_ms
from chainwatch.notify.backoff import Backoff
from chainwatch.notify.job import Outcome, Result
from chainwatch.notify.judge import Judgement, judge
from chainwatch.notify.leasing import Ticket
from chainwatch.notify.outages import Outages
from chainwatch.store import attempts, channels, journal, messages, sending
from chainwatch.store.channels import Channel

log = structlog.get_logger(__name__)


class Recording:
    """Writes results inside the caller's transaction.

    Args:
        backoff: when to try again, and when to give up.
        chance: a number in [0, 1).
    """

    def __init__(self, backoff: Backoff, chance: Callable[[], float]) -> None:
        self._backoff, self._chance = backoff, chance
        self.outages = Outages()

    def record(self, connection: Connection, ticket: Ticket, result: Result, took_ms: int, now_ms: int) -> None:
        """Attempt, message and channel after a try; nothing of the last two where the lease was lost."""
        stored = ticket.stored
        parts = f"{ticket.part + 1}/{len(ticket.composed.parts)}"
        attempts.end(
            connection, ticket.attempt, took_ms=took_ms, parts=parts, outcome=result.outcome, detail=result.detail
        )
        channel = channels.find(connection, ticket.channel.id)
        if channel is None:
            sending.finish(connection, stored.id, stored.token, state=messages.DEAD, done_ms=now_ms)
            return
        judged = judge(stored, channel, result, now_ms=now_ms, backoff=self._backoff, random=self._chance)
        done = judged.state in {MessageState.DELIVERED, MessageState.DEAD}
        kept = sending.finish(
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
            articles=list(ticket.articles),
            outcome=result.outcome.value,
            attempt=stored.attempts,
            took_ms=took_ms,
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
            self.outages.tell(connection, channel, after, from_timestamp_ms(now_ms))
