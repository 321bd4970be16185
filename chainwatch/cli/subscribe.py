"""`chainwatch subscribe`: a new subscription, every answer a flag. Says what it would have sent before it is saved."""

from typing import Annotated, Any, Literal

from cyclopts import Parameter

from chainwatch.cli.context import Context
from chainwatch.cli.enrolment import (
    asked_for_address,
    checked,
    confirmed,
    desk_of,
    filter_of,
    now,
    read_address,
    schedule,
)
from chainwatch.cli.output import JSON, OK, YES, emit_json, say
from chainwatch.locale import tr
from chainwatch.models import to_timestamp_ms
from chainwatch.models.subscription import Filter, Subscription
from chainwatch.notify.enrol import channels_for, never, new_id, resolved
from chainwatch.notify.preview import preview
from chainwatch.store import channels, subscriptions

Several = Annotated[list[str] | None, Parameter(negative="")]
Flag = Annotated[bool, Parameter(negative="")]


def subscribe(
    *,
    to: Annotated[list[str] | None, Parameter(name=["--to"], negative="", allow_leading_hyphen=True)] = None,
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
    unit: str = "元",
    query: str | None = None,
    strength: Literal["about", "mention"] | None = None,
    when: str = "now",
    quiet: str | None = None,
    working_days: Flag = False,
    timezone: str = "Asia/Shanghai",
    language: Literal["zh", "en"] = "zh",
    template: str = "default",
    cap: int | None = None,
    owner: str = "",
    operator: Flag = False,
    until: str | None = None,
    dry_run: Flag = False,
    test: Flag = False,
    yes: YES = False,
    as_json: JSON = False,
) -> int:
    """Subscribe a channel to ecosystems, chains, regions, firms or kinds of events.

    Args:
        to: where to send: an Apprise URL (or `-`, or `@FILE`), the name of a channel, or `tag:NAME`. May be repeated.
        name: of the subscription; by default made of what it asks for.
        node: ecosystem, chain or topic, by name or id, with everything under it; `=NAME` for it alone.
        region: 浙江, 杭州, 杭州/滨江 …, with the places in it.
        firm: name of a firm.
        kind: kind of event (target.new) or family (policy.*); by default all that go to readers.
        rule: id of a rule that must have hit.
        source: site or medium.
        issuer: issuing authority, or a part of its name.
        status: policy status: planned, draft, issued, in_force, amended, repealed, interpreted.
        minimum: least value, in --unit.
        unit: unit of --minimum.
        query: text query over title and evidence, in the language of rules.
        strength: `about` leaves out articles that mention a node in passing.
        when: now, hourly@00:15, daily@08:00 or weekly@mon-08:00.
        quiet: hours in which nothing is sent: 22:00-07:00.
        working_days: send from Monday to Friday only.
        timezone: of --when and --quiet.
        language: of the messages.
        template: wording.
        cap: at most so many messages a day on each channel; what is over comes in one digest that says so.
        owner: whom the channel belongs to: told on another channel where this one fails. Quick rules of the same owner
            are live for the subscription.
        operator: receive what concerns the operator: silent sources, failing channels.
        until: day on which it expires, 2027-01-31.
        dry_run: save nothing, only say what it would have sent.
        test: send a check message to each channel.
        yes: save without asking.
        as_json: print the subscription and the preview as JSON.
    """
    context = Context()
    desk, moment = desk_of(context), now()
    given = {
        "nodes": node, "regions": region, "firms": firm, "kinds": kind, "rules": rule, "sources": source,
        "issuers": issuer, "statuses": status, "minimum": minimum, "unit": unit, "query": query, "strength": strength,
    }  # fmt: skip
    wanted = resolved(desk.taxonomy, filter_of(given))
    desk.wordings.check(template)
    values: dict[str, Any] = {
        "id": new_id("sub"),
        "name": name or _name(wanted, operator=operator),
        "owner": owner,
        "filter": wanted,
        "schedule": schedule(when, quiet, working_days=working_days, timezone=timezone),
        "language": language,
        "template": template,
        "cap": cap,
        "operator": operator,
        "expires": f"{until}T00:00:00+08:00" if until else None,
    }
    draft: Subscription = checked(Subscription, values, {"expires": "--until"})
    with context.database.read() as connection:
        shown = preview(connection, draft, desk.taxonomy, moment)
    if not as_json:
        say("would have sent {count} messages in the last 30 days", count=shown.count)
        for sample in shown.samples:
            say("  {line}", line=sample)
    if dry_run or not (yes or as_json or confirmed("Save this subscription?")):
        return _done(draft, shown.count, list(shown.samples), as_json=as_json)
    with context.database.write() as connection:
        targets = [read_address(one) for one in to or asked_for_address()]
        draft = draft.model_copy(update={"channels": channels_for(connection, desk, targets, owner=owner, now=moment)})
        saved = subscriptions.save(connection, draft, to_timestamp_ms(moment))
        for why in never(saved, desk, channels.names(connection), moment):
            say("warning: this subscription can never trigger: {why}", why=tr(why))
    _done(saved, shown.count, list(shown.samples), as_json=as_json)
    if not test:
        return OK
    from chainwatch.cli.subscriptions import send_test  # noqa: PLC0415  loads the dispatcher, only where asked

    return send_test(saved.id)


def _done(subscription: Subscription, count: int, samples: list[str], *, as_json: bool) -> int:
    if as_json:
        emit_json({**subscription.model_dump(mode="json"), "would_have_sent": count, "samples": samples})
    else:
        say("subscription {id} ({name})", id=subscription.id, name=subscription.name)
    return OK


def _name(wanted: Filter, *, operator: bool) -> str:
    parts = [one.removeprefix("=").rsplit("/", 1)[-1] for one in (*wanted.nodes, *wanted.regions, *wanted.firms)]
    parts += [*wanted.rules, *wanted.kinds]
    return "、".join(parts)[:60] or ("operator" if operator else "all")
