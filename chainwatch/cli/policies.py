"""`chainwatch policies`: the register of policies with their steps of life."""

from typing import Any

from cyclopts import App
from sqlalchemy import Connection

from chainwatch.cli.context import Context
from chainwatch.cli.ledger_words import print_evidence, say_data
from chainwatch.cli.output import FAIL_ON_EMPTY, JSON, LIMIT, OK, emit, emit_found, emit_json, emit_one, when
from chainwatch.locale import tr
from chainwatch.models import from_timestamp_ms
from chainwatch.models.ledger import Policy, key_ms
from chainwatch.store import ledgerview, policies
from consumers.ledger.policy_identity import alike

app = App(name="policies", help="Policies: list, show with evidence, timeline.")

COLUMNS = {
    "title": "title",
    "number": "number",
    "issuer": "issuer",
    "region": "region",
    "status_shown": "status",
    "since": "since",
    "mentions": "mentions",
    "key": "key",
}


@app.command(name="list")
def list_(
    *,
    status: str | None = None,
    region: str | None = None,
    issuer: str | None = None,
    title: str | None = None,
    seen: bool = False,
    limit: LIMIT = 50,
    fail_on_empty: FAIL_ON_EMPTY = False,
    as_json: JSON = False,
) -> int:
    """List policies, those with the newest step first.

    Parameters
    ----------
    status
        planned, draft, issued, in_force, amended, repealed or mentioned.
    region
        A place with everything in it.
    issuer
        Part of the issuer's name.
    title
        Part of the title.
    seen
        Policies that were only mentioned, too.
    as_json
        Print JSON.
    """
    wanted = policies.Filter(status=status, region=region, issuer=issuer, title=title, seen=seen)
    with Context() as context, context.database.read() as connection:
        rows = [row_of(policy) for policy in policies.listed(connection, wanted, limit)]
    return emit_found(rows, COLUMNS, as_json=as_json, fail_on_empty=fail_on_empty)


def row_of(policy: Policy) -> dict[str, Any]:
    """One policy as a row."""
    return {
        "key": policy.key,
        "title": policy.title,
        "number": policy.number or None,
        "issuer": policy.issuer or None,
        "region": policy.region or None,
        "status": policy.status,
        "status_shown": tr(policy.status),
        "since": policy.status_date or _day(policy.since),
        "programme": policy.programme,
        "mentions": policy.mentions,
    }


def _day(key: str) -> str:
    return f"{from_timestamp_ms(key_ms(key)):%Y-%m-%d}" if key_ms(key) else ""


@app.command
def show(key: str, *, as_json: JSON = False) -> int:
    """Show one policy: its names, its steps, what could not follow, and who says so; and titles like it.

    Parameters
    ----------
    key
        Key of the policy (one it had before it was joined with another works too), or the beginning of one.
    as_json
        Print JSON.
    """
    with Context() as context, context.database.read() as connection:
        policy = policies.get(connection, key)
        row = row_of(policy) | _detail(connection, policy)
    if as_json:
        emit_json(row)
        return OK
    emit_one(row, {name: heading for name, heading in COLUMNS.items() if row.get(name)}, as_json=False)
    _print_steps(row["steps"])
    for flag in row["flags"]:
        say_data("not applied, it cannot follow: {status} ({told})", status=tr(flag["status"]), told=flag["told"])
    for other in row["alike"]:
        say_data("a title like it, not joined: {title} ({key})", **other)
    print_evidence(row["evidence"])
    return OK


def _detail(connection: Connection, policy: Policy) -> dict[str, Any]:
    cards = policies.cards_of(connection, policy.key)
    claims = policies.claims_of(connection, [card.key for card in cards])
    shown = ledgerview.evidence(connection, (claim.finding for claim in claims))
    near = policies.listed(connection, policies.Filter(title=policy.title[:4], seen=True), 200)
    return {
        "names": sorted({card.title for card in cards}),
        "numbers": sorted({card.number for card in cards if card.number}),
        "steps": [{"status": status, "told": _day(at), "date": date or None} for status, at, date in policy.history],
        "flags": [{"status": status, "told": _day(at)} for status, at in policy.flags],
        "alike": [
            {"key": other.key, "title": other.title}
            for other in near
            if other.key != policy.key and alike(other.title, policy.title)
        ],
        "evidence": [
            {
                "article": claim.article,
                "status": claim.status,
                "published": when(one.published),
                "source": one.source,
                "title": one.title,
                "url": one.url,
                "sentence": one.sentence,
                "span": one.span,
                "part": one.part,
                "pattern": one.rule,
                "raw_digest": one.raw_digest,
            }
            for claim in claims
            if (one := shown.get(claim.finding)) is not None
        ],
    }


@app.command
def timeline(key: str, *, as_json: JSON = False) -> int:
    """Print what was said of one policy, in the order it was published.

    Parameters
    ----------
    key
        Key of the policy, or the beginning of one.
    as_json
        Print JSON.
    """
    with Context() as context, context.database.read() as connection:
        policy = policies.get(connection, key)
        claims = policies.claims_of(connection, [card.key for card in policies.cards_of(connection, policy.key)])
        shown = ledgerview.evidence(connection, (claim.finding for claim in claims))
    applied = {at for _, at, _ in policy.history}
    rows = [
        {
            "told": _day(claim.key),
            "status": claim.status,
            "status_shown": tr(claim.status),
            "date": claim.date or None,
            "step": claim.key in applied,
            "source": shown[claim.finding].source if claim.finding in shown else None,
            "title": shown[claim.finding].title if claim.finding in shown else None,
            "article": claim.article,
        }
        for claim in claims
    ]
    columns = {
        "told": "told",
        "status_shown": "status",
        "date": "date",
        "step": "step",
        "source": "source",
        "title": "title",
    }
    emit(rows, columns, as_json=as_json)
    return OK


def _print_steps(steps: list[dict[str, Any]]) -> None:
    rows = [step | {"status": tr(step["status"])} for step in steps]
    emit(rows, {"told": "told", "status": "status", "date": "date"}, as_json=False)
