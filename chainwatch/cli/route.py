"""`chainwatch route test`: who would get an article's events, or one event, and why; and why not."""

from typing import Annotated, Any

from cyclopts import App, Parameter
from sqlalchemy import Connection

from chainwatch.cli.context import Context
from chainwatch.cli.enrolment import now
from chainwatch.cli.output import JSON, NOTHING, OK, emit
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.models import Event
from chainwatch.problem import Problem
from chainwatch.store import channels, events, subscriptions, telling
from consumers.route import Router

app = App(name="route", help="Who gets what, and why.")
COLUMNS = {
    "event": "event",
    "title": "title",
    "subscription": "subscription",
    "gets": "gets it",
    "because": "because",
    "channels": "channels",
    "told": "told already in",
}


@app.command(name="test")
def explain(
    subject: str,
    *,
    receivers: Annotated[bool, Parameter(negative="")] = False,
    fail_on_empty: Annotated[bool, Parameter(negative="")] = False,
    as_json: JSON = False,
) -> int:
    """Print for every subscription whether it gets the event, and why or why not. Sends nothing.

    Args:
        subject: id of an event, or of an article: then all its events.
        receivers: only those who get it.
        fail_on_empty: exit with 3 where nobody gets it.
        as_json: print JSON.
    """
    with Context() as context:
        taxonomy = load_taxonomy(context.bundle)
        with context.database.read() as connection:
            found = _events(connection, subject)
            router = Router(subscriptions.active(connection), taxonomy)
            names = {one.id: one.name for one in channels.listed(connection)}
            rows = [row for event in found for row in _verdicts(connection, router, event, names)]
    shown = [row for row in rows if row["gets"] or not receivers]
    emit(shown, COLUMNS, as_json=as_json)
    return NOTHING if fail_on_empty and not any(row["gets"] for row in rows) else OK


def _events(connection: Connection, subject: str) -> list[Event]:
    one = events.get(connection, subject)
    if one is not None:
        return [one.event]
    found = events.listed(connection, events.Filter(article=subject), 1_000)
    if not found:
        raise Problem(
            f"no event and no article with events has the id {subject!r}",
            cure="chainwatch events list; an article without an event reaches nobody",
        )
    return [stored.event for stored in reversed(found)]


def _verdicts(connection: Connection, router: Router, event: Event, names: dict[str, str]) -> list[dict[str, Any]]:
    told = {(one.subscription, one.channel): one.message for one in telling.telling(connection, event.id)}
    rows: list[dict[str, Any]] = []
    for verdict in router.explain(event, now()):
        mine = verdict.subscription
        rows.append(
            {
                "event": event.id,
                "kind": event.kind.value,
                "title": event.title,
                "subscription": mine.name,
                "subscription_id": mine.id,
                "gets": verdict.matched and bool(mine.channels),
                "because": verdict.because if mine.channels else "it names no channel that exists",
                "channels": [names.get(id_, id_) for id_ in mine.channels],
                "told": [message for (id_, _channel), message in told.items() if id_ == mine.id],
            }
        )
    return rows
