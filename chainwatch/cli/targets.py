"""`chainwatch targets`: the aims that are known, who says them, how they changed, and how far they are."""

import time
from collections.abc import Sequence
from typing import Any, Literal

from cyclopts import App
from sqlalchemy import Connection

from chainwatch.chainpage import counterparts
from chainwatch.cli.articles import moment_ms
from chainwatch.cli.context import Context
from chainwatch.cli.ledger_words import node_of, print_evidence, say_data, taxonomy_of, titled
from chainwatch.cli.output import FAIL_ON_EMPTY, JSON, LIMIT, OK, emit, emit_found, emit_json, emit_one, when
from chainwatch.locale import tr
from chainwatch.matching.taxonomy import Taxonomy
from chainwatch.models.ledger import ACTUAL, TARGET, Fact
from chainwatch.store import ledgerview
from consumers.ledger import board, wording

app = App(name="targets", help="Aims: list, show with evidence, history, and the board of progress.")

COLUMNS = {
    "subject": "subject",
    "region": "region",
    "what": "metric",
    "aim": "aim",
    "deadline": "deadline",
    "told": "told",
    "statements": "statements",
    "key": "key",
}
BOARD = {
    "subject": "subject",
    "region": "region",
    "what": "metric",
    "aim": "aim",
    "deadline": "deadline",
    "actual": "result",
    "as_of": "as of",
    "progress": "progress",
    "state_shown": "state",
}
RESULTS = {
    "subject": "subject",
    "region": "region",
    "what": "metric",
    "shown": "result",
    "as_of": "as of",
    "key": "key",
}
STATES = {"met": "met", "lagging": "lagging", "on track": "on track", "moved": "moved to {year}", "open": ""}
RELATIONS = {
    "scope": "another scope",
    "metric": "another metric",
    "year": "another year",
    "split": "split off by an editor",
    "moved": "the same aim moved",
    "region": "another place",
    "successor": "successor scheme",
    "mapped": "counterpart in another scheme",
}


@app.command(name="list")
def list_(
    *,
    node: str | None = None,
    region: str | None = None,
    metric: str | None = None,
    year: str | None = None,
    name: str | None = None,
    kind: Literal["target", "actual", "commitment"] = "target",
    limit: LIMIT = 50,
    fail_on_empty: FAIL_ON_EMPTY = False,
    as_json: JSON = False,
) -> int:
    """List aims, those told last first.

    Parameters
    ----------
    node
        A chain or ecosystem with everything below it: 智能物联, hz5/智能物联.
    region
        A place with everything in it: 杭州.
    metric
        规模, 产值, 数量 …
    year
        Deadline (of results: the period) begins so: 2025.
    name
        Part of the subject.
    kind
        target, actual or commitment.
    as_json
        Print JSON.
    """
    with Context() as context, context.database.read() as connection:
        nodes = frozenset({node_of(taxonomy_of(context), node)}) if node else None
        wanted = ledgerview.Filter(frozenset({kind}), nodes, region=region, metric=metric, year=year, name=name)
        found = ledgerview.listed(connection, wanted, limit)
        rows = rows_of(connection, found)
    return emit_found(rows, COLUMNS if kind == TARGET else _columns(kind), as_json=as_json, fail_on_empty=fail_on_empty)


def _columns(kind: str) -> dict[str, str]:
    if kind == ACTUAL:
        return RESULTS
    return {name: heading for name, heading in COLUMNS.items() if name != "deadline"}


def rows_of(connection: Connection, found: Sequence[Fact], now_ms: int | None = None) -> list[dict[str, Any]]:
    """Facts as rows, aims with how far they are now."""
    lines = ledgerview.of_lines(connection, (fact.line for fact in found))
    now_ms = int(time.time() * 1000) if now_ms is None else now_ms
    rows = [board.result(fact) if fact.kind == ACTUAL else board.aim(fact, lines[fact.line], now_ms) for fact in found]
    return [worded(row) for row in rows]


def worded(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the board with its metric and state in the reader's words."""
    per_year = tr("a year") if row.get("per_year") else ""
    added = tr("newly added") if row["flow"] == "new" else ""
    words = [row["scope"], row["metric"], row["base"] and f"({row['base']})", added, per_year]
    return row | {
        "what": " ".join(word for word in words if word),
        "state_shown": tr(STATES.get(row.get("state", ""), ""), year=row.get("reason")),
    }


@app.command
def show(key: str, *, as_json: JSON = False) -> int:
    """Show one aim: value, progress, everyone who states it with the sentence, and what is related.

    Parameters
    ----------
    key
        Key of the fact, or the beginning of one.
    as_json
        Print JSON.
    """
    with Context() as context, context.database.read() as connection:
        fact = ledgerview.get(connection, key)
        row = rows_of(connection, [fact])[0]
        values = ledgerview.values_of(connection, [fact.key])
        said = ledgerview.said_of(connection, [fact.key, *ledgerview.echoing(connection, fact)])
        beside = _related(connection, taxonomy_of(context), fact)
        line = ledgerview.of_lines(connection, [fact.line])[fact.line]
        periods = {each.key: ledgerview.values_of(connection, [each.key]) for each in line if each.values > 1}
    row |= {
        "history": board.history(fact, values),
        "evidence": [_evidence_row(one) for one in said],
        "results": [board.result(each) for each in line if each.kind == ACTUAL],
        "conflicts": [{"period": one.period, "values": one.values} for one in board.conflicts(line, periods)],
        "related": [{"relation": relation, **_brief(other)} for relation, other in beside],
    }
    if as_json:
        emit_json(row)
        return OK
    emit_one(row, {name: heading for name, heading in {**BOARD, **COLUMNS}.items() if row.get(name)}, as_json=False)
    _print_history(row["history"])
    for conflict in row["conflicts"]:
        say_data(
            "sources differ for {period}: {values}", period=conflict["period"], values="、".join(conflict["values"])
        )
    for one in row["related"]:
        say_data("{relation}: {title} {aim} {deadline}", **(one | {"relation": tr(RELATIONS[one["relation"]])}))
    print_evidence(row["evidence"])
    return OK


def _related(connection: Connection, taxonomy: Taxonomy, fact: Fact) -> list[tuple[str, Fact]]:
    nodes = counterparts(taxonomy, fact.node) if fact.node in taxonomy.nodes else frozenset[str]()
    others = ledgerview.beside(connection, [fact.subject], nodes)

    def linked(one: str, other: str) -> str:
        nodes_of = [taxonomy.nodes.get(node) for node in (one, other)]
        succeeds = any(a and b and a.successor == b.id for a, b in (nodes_of, nodes_of[::-1]))
        return "successor" if succeeds else "mapped"

    return board.related(fact, others, linked)


def _brief(fact: Fact) -> dict[str, Any]:
    return {
        "key": fact.key,
        "title": titled(fact),
        "aim": wording.shown(fact.value, fact.unit, fact.comparator, level=fact.level),
        "deadline": fact.when,
    }


def _evidence_row(one: ledgerview.Said) -> dict[str, Any]:
    shown = one.evidence
    return {
        "article": one.claim.article,
        "value": one.claim.value,
        "published": when(shown.published) if shown else "",
        "source": shown.source if shown else None,
        "title": shown.title if shown else None,
        "url": shown.url if shown else None,
        "sentence": shown.sentence if shown else "",
        "quote": shown.quote if shown else "",
        "span": shown.span if shown else None,
        "part": shown.part if shown else None,
        "pattern": shown.rule if shown else None,
        "raw_digest": shown.raw_digest if shown else None,
    }


@app.command
def history(key: str, *, as_json: JSON = False) -> int:
    """Print every value an aim ever had, in the order it was published.

    Parameters
    ----------
    key
        Key of the fact, or the beginning of one.
    as_json
        Print JSON.
    """
    with Context() as context, context.database.read() as connection:
        fact = ledgerview.get(connection, key)
        rows = board.history(fact, ledgerview.values_of(connection, [fact.key]))
    if as_json:
        emit_json(rows)
    else:
        _print_history(rows)
    return OK


def _print_history(rows: Sequence[dict[str, Any]]) -> None:
    shown = [row | {"change": tr(row["change"])} for row in rows]
    emit(shown, {"told": "told", "change": "change", "shown": "aim", "current": "current"}, as_json=False)


@app.command(name="board")
def board_(
    *,
    region: str | None = None,
    node: str | None = None,
    lagging: bool = False,
    at: str | None = None,
    limit: LIMIT = 500,
    fail_on_empty: FAIL_ON_EMPTY = False,
    as_json: JSON = False,
) -> int:
    """Print all aims of a place on one page, with results, progress and lag.

    Parameters
    ----------
    region
        The place, with everything in it; aims of the places around it stand beside. Default: everywhere.
    node
        Only this chain or ecosystem, with everything below it.
    lagging
        Only aims that are behind.
    at
        Judge lag as of this date; default: now.
    as_json
        Print JSON.
    """
    with Context() as context, context.database.read() as connection:
        taxonomy = taxonomy_of(context)
        nodes = counterparts(taxonomy, node_of(taxonomy, node)) if node else None
        places = taxonomy.around(region)[:2] if region else [None]
        found: dict[str, Fact] = {}
        for place in places or [region]:
            wanted = ledgerview.Filter(nodes=nodes, region=place)
            for fact in ledgerview.listed(connection, wanted, limit):
                if place in {region, fact.region}:
                    found[fact.key] = fact
        rows = rows_of(connection, list(found.values()), moment_ms(at, "--at"))
    order = ("node", "subject", "what", "deadline", "region")
    rows.sort(key=lambda row: tuple(row[name] or "~" for name in order))
    if lagging:
        rows = [row for row in rows if row["state"] == "lagging"]
    return emit_found(rows, BOARD, as_json=as_json, fail_on_empty=fail_on_empty)
