"""What the clock alone tells: aims whose deadline passed unmet. Time is an argument."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from chainwatch.models import Event, EventKind, Evidence, event_id, to_timestamp_ms
from chainwatch.models.known import Known
from consumers.ledger import wording
from consumers.ledger.progress import progress


def tick(known: Known, evidence: Mapping[str, Evidence], now: datetime, window: timedelta) -> list[Event]:
    """The events of a clock tick.

    Args:
        known: aims whose deadline passed since the last tick (`facts`), with their `lines`.
        evidence: fact → where it is said.
        now: the moment of the tick.
        window: a deadline longer ago than this is told silently (the first tick of a new installation).
    """
    now_ms = to_timestamp_ms(now)
    events: list[Event] = []
    for key in sorted(known.facts):
        target = known.facts[key]
        state = progress(target, list(known.lines[target.line].values()), now_ms)
        if state.state != "lagging" or state.actual is None:
            continue
        actual = state.actual
        after = wording.described(target) | wording.progressed(actual, state.percent) | {"reason": state.reason}
        shown = [evidence[fact] for fact in (target.key, actual.key) if fact in evidence]
        events.append(
            Event(
                id=event_id(EventKind.TARGET_LAGGING, key, target.value, f"{state.state}:{state.reason}"),
                kind=EventKind.TARGET_LAGGING,
                subject=key,
                title=wording.headline(target),
                nodes=(target.node,) if target.node else (),
                region=target.region or None,
                after=after,
                evidence=tuple(shown),
                issuers=(target.issuer,) if target.issuer else (),
                silent=now_ms - target.ends_ms > window // timedelta(milliseconds=1),
            )
        )
    return events
