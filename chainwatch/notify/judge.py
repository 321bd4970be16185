"""Judge: what a result means for the message and its channel. Pure: time and chance come in, values go out."""

from collections.abc import Callable
from dataclasses import dataclass

from chainwatch.models import MessageState
from chainwatch.notify.backoff import Backoff
from chainwatch.notify.job import Outcome, Result
from chainwatch.notify.services import RATES
from chainwatch.store.channels import ACTIVE, FAILING, Channel
from chainwatch.store.messages import Stored


@dataclass(frozen=True, slots=True)
class Judgement:
    """Where message and channel stand after a try. Times are Unix milliseconds."""

    state: MessageState
    next_ms: int
    failures: int
    """In a row, of the channel."""
    ready_ms: int
    channel_state: str


def judge(
    stored: Stored, channel: Channel, result: Result, *, now_ms: int, backoff: Backoff, random: Callable[[], float]
) -> Judgement:
    """Decide after one try.

    Delivered: done, and the channel works. Refused: this message is dead, the channel works. Unusable: the channel is
    at fault, the message waits. Everything else waits and is tried again under the same id.
    """
    ready = now_ms + _spacing_ms(channel)
    if result.outcome is Outcome.DELIVERED:
        return Judgement(MessageState.DELIVERED, stored.next_ms, 0, ready, ACTIVE)
    if result.outcome is Outcome.REFUSED:
        return Judgement(MessageState.DEAD, stored.next_ms, 0, ready, ACTIVE)
    limited = result.status == 429
    failures = channel.failures + (0 if limited else 1)
    failing = (
        result.outcome is Outcome.UNUSABLE or failures >= backoff.failures or (channel.state == FAILING and not limited)
    )
    pause = round(1000 * backoff.wait(max(failures, 1) if failing else stored.attempts, random, result.retry_after))
    if failing or result.retry_after:
        ready = max(ready, now_ms + pause)
    if backoff.dead(stored.attempts, (now_ms - stored.due_ms) / 1000, channel_works=not failing):
        state = MessageState.DEAD
    elif result.outcome is Outcome.UNKNOWN:
        state = MessageState.UNKNOWN
    else:
        state = MessageState.PENDING
    return Judgement(state, now_ms + pause, failures, ready, FAILING if failing else ACTIVE)


def _spacing_ms(channel: Channel) -> int:
    rate = channel.rate or RATES.get(channel.service)
    return round(60_000 / rate) if rate else 0
