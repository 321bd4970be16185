"""`chainwatch events`: what happened, newest first, and one event with its evidence."""

from typing import Annotated, Any

from cyclopts import App, Parameter

from chainwatch.cli.articles import moment_ms
from chainwatch.cli.context import Context
from chainwatch.cli.ledger_words import node_of, print_evidence, taxonomy_of
from chainwatch.cli.output import FAIL_ON_EMPTY, JSON, LIMIT, OK, emit, emit_found, emit_json, emit_one, when
from chainwatch.locale import tr
from chainwatch.models import EventKind, Evidence
from chainwatch.models.subscription import kinds_of
from chainwatch.problem import Problem
from chainwatch.store import events

app = App(name="events", help="Events: list, show with evidence.")

COLUMNS = {
    "found": "found",
    "kind": "event",
    "title": "title",
    "region": "region",
    "change": "what",
    "silent": "silent",
    "id": "id",
}


@app.command(name="list")
def list_(
    *,
    kind: Annotated[tuple[str, ...], Parameter(name="--kind", negative="")] = (),
    node: str | None = None,
    region: str | None = None,
    subject: str | None = None,
    article: str | None = None,
    since: str | None = None,
    until: str | None = None,
    loud: bool = False,
    limit: LIMIT = 50,
    fail_on_empty: FAIL_ON_EMPTY = False,
    as_json: JSON = False,
) -> int:
    """List events, the newest first.

    Parameters
    ----------
    kind
        target.new, target.*, policy.status …; may be repeated.
    node
        A chain, ecosystem or topic with everything below it.
    region
        A place with everything in it.
    subject
        Key of the fact, policy, article or source.
    article
        Id of the article that brought it.
    since
        Found at or after this date: 2026-11-20.
    until
        Found before this date.
    loud
        Only those that alert somebody: neither backfill nor outside the alert window.
    as_json
        Print JSON.
    """
    kinds = frozenset[EventKind]().union(*(_kinds(pattern) for pattern in kind))
    with Context() as context, context.database.read() as connection:
        wanted = events.Filter(
            kinds=kinds or None,
            nodes=frozenset({node_of(taxonomy_of(context), node)}) if node else None,
            regions=frozenset({region}) if region else None,
            subject=subject,
            article=article,
            since_ms=moment_ms(since, "--since"),
            until_ms=moment_ms(until, "--until"),
            silent=False if loud else None,
        )
        rows = [row_of(stored) for stored in events.listed(connection, wanted, limit)]
    return emit_found(rows, COLUMNS, as_json=as_json, fail_on_empty=fail_on_empty)


def _kinds(pattern: str) -> frozenset[EventKind]:
    found = kinds_of(pattern)
    if not found:
        raise Problem("no such event kind", place=f"--kind {pattern}", cure="see docs/reference/events.md")
    return found


def row_of(stored: events.Stored) -> dict[str, Any]:
    """One event as a row."""
    event = stored.event
    return {
        "found": when(stored.found_ms),
        "kind": event.kind.value,
        "title": event.title,
        "region": event.region,
        "change": change_of(event.before, event.after),
        "silent": event.silent,
        "nodes": event.nodes,
        "subject": event.subject,
        "bundle": event.bundle,
        "id": event.id,
    }


def change_of(before: dict[str, str] | None, after: dict[str, str]) -> str:
    """超1万亿元 2035 → 超1万亿元 2027."""

    def said(one: dict[str, str]) -> str:
        return " ".join(part for part in (one.get("shown"), one.get("deadline"), one.get("progress")) if part)

    return f"{said(before)} → {said(after)}" if before else said(after)


@app.command
def show(event_id: str, *, as_json: JSON = False) -> int:
    """Show one event: what it says, against what was known before, with the sentences.

    Parameters
    ----------
    event_id
        Id of the event.
    as_json
        Print JSON.
    """
    with Context() as context, context.database.read() as connection:
        stored = events.get(connection, event_id)
        if stored is None:
            raise Problem("no such event", place=event_id, cure="chainwatch events list shows the ids")
    if as_json:
        emit_json({"found": when(stored.found_ms), **stored.event.model_dump(mode="json")})
        return OK
    emit_one(row_of(stored), {**COLUMNS, "subject": "key"}, as_json=False)
    rows = [
        {"what": tr(name), "before": (stored.event.before or {}).get(name), "after": value}
        for name, value in stored.event.after.items()
        if value
    ]
    emit(rows, {"what": "what", "before": "before", "after": "after"}, as_json=False)
    print_evidence([_shown(one) for one in stored.event.evidence])
    return OK


def _shown(one: Evidence) -> dict[str, str | None]:
    return {
        "article": one.article,
        "published": when(one.published),
        "source": one.source,
        "title": one.title,
        "url": one.url,
        "sentence": one.sentence,
    }
