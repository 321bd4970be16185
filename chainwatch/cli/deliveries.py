"""`chainwatch deliveries`: every message, where it stands, and every attempt to send it."""

from typing import Any, Literal

from cyclopts import App
from sqlalchemy import Connection

from chainwatch.cli.channels import find
from chainwatch.cli.context import Context
from chainwatch.cli.enrolment import now
from chainwatch.cli.output import (
    FAIL_ON_EMPTY,
    FAILED,
    JSON,
    LIMIT,
    OK,
    emit,
    emit_found,
    emit_json,
    emit_one,
    say,
    when,
)
from chainwatch.models import to_timestamp_ms
from chainwatch.problem import Problem
from chainwatch.store import attempts, channels, events, messages, outbox
from chainwatch.store.messages import Stored

app = App(name="deliveries", help="Messages and the attempts to deliver them.")
COLUMNS = {
    "id": "message",
    "channel": "channel",
    "state": "state",
    "due": "due",
    "attempts": "attempts",
    "next": "next try",
    "group": "group",
}


@app.command(name="list")
def list_(
    *,
    state: Literal["pending", "leased", "delivered", "unknown", "dead", "merged"] | None = None,
    channel: str | None = None,
    event: str | None = None,
    limit: LIMIT = 50,
    fail_on_empty: FAIL_ON_EMPTY = False,
    as_json: JSON = False,
) -> int:
    """Messages, the latest due first.

    Parameters
    ----------
    state
        Only those that stand there.
    channel
        Only those of a channel (id or name).
    event
        Only those that tell of an event.
    as_json
        Print JSON.
    """
    with Context() as context, context.database.read() as connection:
        id_ = find(connection, channel).id if channel else None
        found = messages.listed(connection, states=[state] if state else (), channel=id_, event=event, limit=limit)
        names = {one.id: one.name for one in channels.listed(connection)}
    rows = [_row(one, names) for one in found]
    return emit_found(rows, COLUMNS, as_json=as_json, fail_on_empty=fail_on_empty)


@app.command
def dead(*, limit: LIMIT = 50, as_json: JSON = False) -> int:
    """Messages that were given up. `deliveries resend` puts one back.

    Parameters
    ----------
    as_json
        Print JSON.
    """
    return list_(state="dead", limit=limit, as_json=as_json)


@app.command
def show(message: str, *, as_json: JSON = False) -> int:
    """One message: its reasons, events and attempts.

    Args:
        message: id, or its first digits.
        as_json: print JSON.
    """
    with Context() as context, context.database.read() as connection:
        found = _find(connection, message)
        names = {one.id: one.name for one in channels.listed(connection)}
        why = messages.reasons_of(connection, found.id)
        titles = {one.event.id: one.event.title for one in events.among(connection, {one.event for one in why})}
        tries = attempts.of_message(connection, found.id)
    row = _row(found, names) | {"merged_into": found.merged_into, "note": found.note, "done": when(found.done_ms)}
    reasons = [
        {
            "event": one.event,
            "title": titles.get(one.event, ""),
            "subscription": one.subscription,
            "because": one.because,
        }
        for one in why
    ]
    rows = [
        {
            "begun": when(one.begun_ms),
            "endpoint": one.endpoint,
            "outcome": one.outcome,
            "parts": one.parts,
            "took_ms": one.took_ms,
            "detail": one.detail,
        }
        for one in tries
    ]
    if as_json:
        emit_json({**row, "reasons": reasons, "attempts_made": rows})
        return OK
    emit_one(row, COLUMNS | {"done": "done", "merged_into": "went into", "note": "note"}, as_json=False)
    emit(reasons, {name: name for name in ("event", "title", "subscription", "because")}, as_json=False)
    emit(rows, {name: name for name in ("begun", "endpoint", "outcome", "parts", "took_ms", "detail")}, as_json=False)
    return OK


@app.command
def resend(*message: str) -> int:
    """Send messages again under their own ids: dead ones, or delivered ones that never arrived.

    Args:
        message: ids, or their first digits.
    """
    if not message:
        raise Problem("no message named", cure="chainwatch deliveries dead lists those that were given up")
    failed = 0
    with Context() as context, context.database.write() as connection:
        for reference in message:
            found = _find(connection, reference)
            if outbox.resend(connection, found.id, to_timestamp_ms(now())):
                say("{id} waits to be sent again", id=found.id)
            else:
                failed += 1
                say("{id} is {state}: it is waiting or being sent already", id=found.id, state=found.state)
    return FAILED if failed else OK


def _find(connection: Connection, reference: str) -> Stored:
    found = messages.get(connection, reference)
    if found is None:
        raise Problem(
            f"no message {reference!r}, or several begin so", cure="chainwatch deliveries list; at least 6 digits"
        )
    return found


def _row(found: Stored, names: dict[str, str]) -> dict[str, Any]:
    return {
        "id": found.id,
        "channel": names.get(found.channel, found.channel),
        "state": found.state,
        "due": when(found.due_ms),
        "next": when(found.next_ms) if found.state in messages.OPEN else "",
        "attempts": found.attempts,
        "group": found.group,
        "digest": found.digest,
    }
