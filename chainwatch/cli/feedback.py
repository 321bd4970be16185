"""`chainwatch feedback`: what a reader says of an alert; how right rules and extractors are by it."""

from typing import Annotated, Any, Literal

from cyclopts import App, Parameter
from sqlalchemy import Connection

from chainwatch.cli.context import Context
from chainwatch.cli.enrolment import now
from chainwatch.cli.output import JSON, OK, emit, say, when
from chainwatch.models import Event, to_timestamp_ms
from chainwatch.problem import Problem
from chainwatch.store import events, feedback, messages

app = App(name="feedback", help="Answers of readers to alerts.")
Verdict = Literal["right", "wrong", "scope", "old", "known"]


@app.default
def say_it(
    id_: Annotated[str, Parameter(name="ID")], verdict: Verdict, *, note: str = "", event: str | None = None
) -> int:
    """Say what is wrong (or right) with an alert. It waits for an editor.

    Args:
        id_: id that the message shows (or its first digits), or the event's.
        verdict: right; wrong: misread; scope: true of another subject or region; old: no news; known: known before.
        note: in your words.
        event: which event of a message with several.
    """
    with Context() as context, context.database.write() as connection:
        message, told = _events(connection, id_, event)
        for one in told:
            number = feedback.add(
                connection,
                event=one.id,
                verdict=verdict,
                note=note,
                rule=one.evidence[0].rule if one.evidence else "、".join(one.rules),
                message=message,
                now_ms=to_timestamp_ms(now()),
            )
            say("feedback {number} on {title}: {verdict}", number=number, title=one.title, verdict=verdict)
    return OK


@app.command(name="list")
def list_(*, done: Annotated[bool, Parameter(negative="")] = False, limit: int = 100, as_json: JSON = False) -> int:
    """Answers that wait for an editor, newest first.

    Args:
        done: those that an editor has dealt with instead.
        limit: at most so many.
        as_json: print JSON.
    """
    with Context() as context, context.database.read() as connection:
        found = feedback.listed(connection, state="done" if done else "open", limit=limit)
        titles = {one.event.id: one.event.title for one in events.among(connection, {one.event for one in found})}
    rows: list[dict[str, Any]] = [
        {
            "number": one.number,
            "said": when(one.said_ms),
            "verdict": one.verdict,
            "event": one.event,
            "title": titles.get(one.event, ""),
            "rule": one.rule,
            "note": one.note,
            "message": one.message,
        }
        for one in found
    ]
    emit(
        rows, {name: name for name in ("number", "said", "verdict", "title", "rule", "note", "event")}, as_json=as_json
    )
    return OK


@app.command
def close(number: int) -> int:
    """Note that an editor has dealt with an answer.

    Args:
        number: as `feedback list` shows it.
    """
    with Context() as context, context.database.write() as connection:
        if not feedback.close(connection, number):
            raise Problem(f"no feedback {number}", cure="chainwatch feedback list")
    return OK


@app.command
def precision(*, as_json: JSON = False) -> int:
    """How often readers found each rule and extraction pattern right, among the events they answered on."""
    with Context() as context, context.database.read() as connection:
        counted = feedback.verdicts(connection)
    rows = []
    for rule, by_verdict in sorted(counted.items()):
        wrong = by_verdict["wrong"] + by_verdict["scope"]
        total = sum(by_verdict.values())
        rows.append({"rule": rule, **by_verdict, "answers": total, "precision": f"{(total - wrong) / total:.0%}"})
    columns = ("rule", "answers", "right", "wrong", "scope", "old", "known", "precision")
    emit(rows, {name: name for name in columns}, as_json=as_json)
    return OK


def _events(connection: Connection, reference: str, event: str | None) -> tuple[str | None, list[Event]]:
    found = messages.get(connection, reference)
    if found is None:
        one = events.get(connection, reference)
        if one is None:
            raise Problem(f"no message or event {reference!r}", cure="the id stands at the end of every alert")
        return None, [one.event]
    wanted = [reason.event for reason in messages.reasons_of(connection, found.id)]
    told = [one.event for one in events.among(connection, wanted)]
    if event is not None:
        told = [one for one in told if one.id.startswith(event)]
    elif len(told) > 1:
        raise Problem(
            f"the message tells of {len(told)} events",
            place="--event",
            cure=f"name one: {', '.join(one.id[:12] for one in told[:8])}",
        )
    if not told:
        raise Problem(
            f"the message tells of no event {event or ''}", place="--event", cure="see chainwatch deliveries show"
        )
    return found.id, told
