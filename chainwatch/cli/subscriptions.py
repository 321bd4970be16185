"""`chainwatch subscriptions`: list, show, edit, pause, resume, test, remove, import, export."""

from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from cyclopts import App, Parameter
from pydantic import ValidationError
from sqlalchemy import Connection

from chainwatch import logs
from chainwatch.cli.context import Context
from chainwatch.cli.enrolment import checked, confirmed, desk_of, filter_of, now, read_address, schedule_of
from chainwatch.cli.output import FAILED, JSON, OK, YES, emit, emit_json, say, when
from chainwatch.locale import tr
from chainwatch.models import to_timestamp_ms
from chainwatch.models.subscription import Subscription
from chainwatch.notify.canary import check_message
from chainwatch.notify.enrol import Desk, channels_for, never, resolved
from chainwatch.notify.preview import preview
from chainwatch.problem import Problem, Problems
from chainwatch.store import channels, messages, outbox, subscriptions

app = App(name="subscriptions", help="Who is told of what, where and when.")
Several = Annotated[list[str] | None, Parameter(negative="")]
Flag = Annotated[bool, Parameter(negative="")]
COLUMNS = {
    "id": "id",
    "name": "name",
    "state": "state",
    "asks": "asks for",
    "channels": "channels",
    "when": "when",
    "owner": "owner",
    "never": "can never trigger",
}


@app.command(name="list")
def list_(*, never_only: Annotated[bool, Parameter(name="--never", negative="")] = False, as_json: JSON = False) -> int:
    """All subscriptions; those that can never trigger say why.

    Args:
        never_only: only those that can never trigger.
        as_json: print JSON.
    """
    with Context() as context:
        desk, moment = desk_of(context), now()
        with context.database.read() as connection:
            known = channels.names(connection)
            rows = [
                _row(one, never(one, desk, known, moment), str(one.condition(moment)))
                for one in subscriptions.listed(connection)
            ]
    emit([row for row in rows if row["never"] or not never_only], COLUMNS, as_json=as_json)
    return OK


@app.command
def show(subscription: str, *, as_json: JSON = False) -> int:
    """One subscription with all its fields and versions.

    Args:
        subscription: id or name.
        as_json: print JSON.
    """
    with Context() as context, context.database.read() as connection:
        found = find(connection, subscription)
        versions = [
            {"number": number, "saved": when(saved)}
            for number, saved, _one in subscriptions.versions(connection, found.id)
        ]
    if as_json:
        emit_json({**found.model_dump(mode="json"), "versions": versions})
        return OK
    rows = [{"field": name, "value": value} for name, value in _flat(found.model_dump(mode="json"))]
    emit(rows, {"field": "field", "value": "value"}, as_json=False)
    emit(versions, {"number": "version", "saved": "saved"}, as_json=False)
    return OK


@app.command
def edit(  # noqa: D417  the other flags are described at subscribe
    subscription: str,
    *,
    to: Several = None,
    name: str | None = None,
    node: Annotated[list[str] | None, Parameter(name=["--node", "--ecosystem", "--chain"], negative="")] = None,
    region: Several = None,
    firm: Several = None,
    kind: Several = None,
    rule: Several = None,
    source: Several = None,
    issuer: Several = None,
    status: Several = None,
    minimum: str | None = None,
    unit: str | None = None,
    query: str | None = None,
    strength: Literal["about", "mention"] | None = None,
    when: str | None = None,
    quiet: str | None = None,
    working_days: bool | None = None,
    timezone: str | None = None,
    language: Literal["zh", "en"] | None = None,
    template: str | None = None,
    cap: int | None = None,
    owner: str | None = None,
    operator: bool | None = None,
    until: str | None = None,
    clear: Several = None,
    as_json: JSON = False,
) -> int:
    """Change a subscription: flags as in `chainwatch subscribe`; what is not named stays. Makes a new version.

    Args:
        subscription: id or name.
        clear: fields to empty: region, minimum, cap, quiet, until …
    """
    given = {
        "nodes": node, "regions": region, "firms": firm, "kinds": kind, "rules": rule, "sources": source,
        "issuers": issuer, "statuses": status, "minimum": minimum, "unit": unit, "query": query, "strength": strength,
    }  # fmt: skip
    with Context() as context:
        desk, moment = desk_of(context), now()
        with context.database.write() as connection:
            old = find(connection, subscription)
            values: dict[str, Any] = old.model_dump() | {
                "filter": resolved(desk.taxonomy, filter_of(given, old.filter, clear or ())),
                "schedule": schedule_of(
                    old.schedule, when, quiet, working_days=working_days, timezone=timezone, clear=clear or ()
                ),
            }
            plain = {
                "name": name,
                "language": language,
                "template": template,
                "cap": cap,
                "owner": owner,
                "operator": operator,
            }
            values |= {field: value for field, value in plain.items() if value is not None}
            values |= {"expires": f"{until}T00:00:00+08:00"} if until else {}
            values |= dict.fromkeys({"cap", "expires"} & {{"until": "expires"}.get(one, one) for one in clear or ()})
            if to:
                given_to = [read_address(one) for one in to]
                values["channels"] = channels_for(connection, desk, given_to, owner=values["owner"], now=moment)
            draft: Subscription = checked(Subscription, values, {"expires": "--until"})
            desk.wordings.check(draft.template)
            saved = subscriptions.save(connection, draft, to_timestamp_ms(moment))
            shown = preview(connection, saved, desk.taxonomy, moment)
            why_never = never(saved, desk, channels.names(connection), moment)
    return _told(saved, shown.count, why_never, as_json=as_json)


@app.command
def pause(subscription: str, *, until: str | None = None) -> int:
    """Send nothing for a while. What happens meanwhile is not sent later.

    Args:
        subscription: id or name.
        until: day or time from which it works again: 2026-12-01, 2026-12-01T08:00.
    """
    return _change(subscription, {"paused": True, "paused_until": _moment(until) if until else None})


@app.command
def resume(subscription: str) -> int:
    """Let a paused subscription work again.

    Args:
        subscription: id or name.
    """
    return _change(subscription, {"paused": False, "paused_until": None})


@app.command
def remove(subscription: str, *, yes: YES = False) -> int:
    """End a subscription. Its versions and messages stay as history.

    Args:
        subscription: id or name.
        yes: do not ask.
    """
    with Context() as context:
        with context.database.read() as connection:
            found = find(connection, subscription)
        if not (yes or confirmed("Remove this subscription?")):
            return FAILED
        with context.database.write() as connection:
            subscriptions.remove(connection, found, to_timestamp_ms(now()))
    say("removed: {item}", item=found.name)
    return OK


@app.command(name="test")
def send_test(subscription: str) -> int:
    """Send a check message to every channel of a subscription.

    Args:
        subscription: id or name.
    """
    from chainwatch.notify import dispatch  # noqa: PLC0415  start-up

    logs.configure("error")
    with Context() as context:
        moment = now()
        with context.database.write() as connection:
            found = find(connection, subscription)
            known = channels.names(connection)
            targets = sorted({id_ for name in found.channels for id_ in known.get(name, ())})
            checks = [check_message(id_, moment) for id_ in targets]
            outbox.put(connection, checks)
        dispatch.run(context.settings, context.database, lambda: False, once=True, only=frozenset(targets))
        with context.database.read() as connection:
            states = [messages.get(connection, one.id) for one in checks]
            names = {one.id: one.name for one in channels.listed(connection)}
    for one in states:
        if one is not None:
            say("{channel}: {state}", channel=names.get(one.channel, one.channel), state=one.state)
    arrived = [one for one in states if one is not None and one.state == messages.DELIVERED]
    return OK if states and len(arrived) == len(states) else FAILED


@app.command(name="export")
def export_(*, file: Path | None = None) -> int:
    """Print all subscriptions as JSON lines, without any address: channels by name.

    Args:
        file: where to write instead of standard output.
    """
    with Context() as context, context.database.read() as connection:
        names = {one.id: one.name for one in channels.listed(connection)}
        lines = [
            one.model_copy(update={"channels": tuple(names.get(name, name) for name in one.channels)}).to_json()
            for one in subscriptions.listed(connection)
        ]
    if file is None:
        for line in lines:
            print(line.decode())  # noqa: T201  data on standard output
    else:
        file.write_bytes(b"".join(line + b"\n" for line in lines))
        say("{count} subscriptions written to {path}", count=len(lines), path=str(file))
    return OK


@app.command(name="import")
def import_(file: Path) -> int:
    """Add the subscriptions that `export` printed; one with the same id gets a new version. All or nothing.

    Args:
        file: JSON lines.
    """
    with Context() as context:
        desk, moment = desk_of(context), now()
        with context.database.write() as connection:
            read = _read_lines(file, connection, desk)
            for one in read:
                subscriptions.save(connection, one, to_timestamp_ms(moment))
    say("{count} subscriptions imported", count=len(read))
    return OK


def find(connection: Connection, reference: str) -> Subscription:
    """The subscription with the id or name. Raises Problem."""
    found = subscriptions.find(connection, reference)
    if found is None:
        raise Problem(f"no subscription {reference!r}", cure="chainwatch subscriptions list")
    return found


def _read_lines(file: Path, connection: Connection, desk: Desk) -> list[Subscription]:
    problems: list[Problem] = []
    read: list[Subscription] = []
    known = channels.names(connection)
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        if not line.strip():
            continue
        place = f"{file}:{number}"
        try:
            one = Subscription.from_json(line)
            one = one.model_copy(update={"filter": resolved(desk.taxonomy, one.filter)})
            missing = [name for name in one.channels if name not in known]
            if missing:
                problems.append(
                    Problem(f"no channel {', '.join(missing)}", place=place, cure="chainwatch channels add")
                )
            read.append(one)
        except (ValidationError, orjson.JSONDecodeError) as error:
            what = f"not a subscription: {type(error).__name__}"
            problems.append(Problem(what, place=place, cure="chainwatch subscriptions export shows the form"))
        except Problem as problem:
            problems.append(Problem(problem.what, place=place, cure=problem.cure))
    if problems:
        raise Problems(problems)
    return read


def _change(reference: str, values: dict[str, Any]) -> int:
    with Context() as context, context.database.write() as connection:
        old = find(connection, reference)
        draft = checked(Subscription, old.model_dump() | values, {})
        subscriptions.save(connection, draft, to_timestamp_ms(now()))
    say("{name} is {state} now", name=draft.name, state=str(draft.condition(now())))
    return OK


def _moment(text: str) -> str:
    return f"{text}+08:00" if "T" in text else f"{text}T00:00:00+08:00"


def _told(saved: Subscription, count: int, why_never: list[str], *, as_json: bool) -> int:
    if as_json:
        emit_json({**saved.model_dump(mode="json"), "would_have_sent": count, "never": why_never})
        return OK
    say("would have sent {count} messages in the last 30 days", count=count)
    for why in why_never:
        say("warning: this subscription can never trigger: {why}", why=tr(why))
    say("subscription {id} ({name})", id=saved.id, name=saved.name)
    return OK


def _row(one: Subscription, why_never: list[str], state: str) -> dict[str, Any]:
    asked = [*one.filter.nodes, *one.filter.regions, *one.filter.firms, *one.filter.kinds, *one.filter.rules]
    schedule = one.schedule.every if not one.schedule.digest else f"{one.schedule.every}@{one.schedule.at}"
    return {
        "id": one.id,
        "name": one.name,
        "version": one.number,
        "state": state,
        "asks": asked,
        "channels": list(one.channels),
        "when": schedule,
        "owner": one.owner,
        "never": [tr(why) for why in why_never],
    }


def _flat(values: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{prefix}{name}.")
        elif value not in (None, [], "", False):
            rows.append((prefix + name, value))
    return rows
