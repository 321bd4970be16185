"""`chainwatch chains`: every ecosystem and chain, and one with all that is known of it."""

from datetime import UTC, datetime
from typing import Any

from cyclopts import App

from chainwatch.chainpage import chain_page
from chainwatch.cli.context import Context
from chainwatch.cli.events import change_of
from chainwatch.cli.ledger_words import node_of, taxonomy_of
from chainwatch.cli.output import JSON, OK, emit, emit_json, stdout, when
from chainwatch.cli.targets import BOARD, RESULTS, worded
from chainwatch.locale import tr
from chainwatch.store import ledgerview

app = App(name="chains", help="Ecosystems and chains: list, show one with aims, policies, firms and news.")


@app.command(name="list")
def list_(*, all_nodes: bool = False, as_json: JSON = False) -> int:
    """List ecosystems and chains with how many aims are known of each.

    Parameters
    ----------
    all_nodes
        Topics, programmes and all other nodes, too.
    as_json
        Print JSON.
    """
    with Context() as context, context.database.read() as connection:
        taxonomy = taxonomy_of(context)
        counts = ledgerview.aims_by_node(connection)
        rows = [
            {
                "node": node.id,
                "name": node.name,
                "kind": node.kind,
                "region": node.region,
                "valid_from": str(node.valid_from) if node.valid_from else None,
                "valid_until": str(node.valid_until) if node.valid_until else None,
                "successor": node.successor,
                "aims": sum(counts.get(each, 0) for each in (node.id, *taxonomy.descendants(node.id))),
            }
            for node in taxonomy.nodes.values()
            if all_nodes or node.kind in {"scheme", "ecosystem", "chain"}
        ]
    columns = {
        "node": "node",
        "name": "name",
        "kind": "kind",
        "region": "region",
        "aims": "aims",
        "successor": "successor",
    }
    emit(rows, columns, as_json=as_json)
    return OK


@app.command
def show(node: str, *, as_json: JSON = False) -> int:
    """Show one chain: aims with progress, results, policies by status, who is named, articles a week, newest events.

    Parameters
    ----------
    node
        Name or id: 智能物联, hz5/智能物联/视觉智能.
    as_json
        Print JSON.
    """
    with Context() as context, context.database.read() as connection:
        taxonomy = taxonomy_of(context)
        page = chain_page(connection, taxonomy, node_of(taxonomy, node), datetime.now(UTC))
    if as_json:
        emit_json(page)
        return OK
    stdout().print(f"{page['name']}  {page['node']}", style="bold", markup=False)
    _table("aims", [worded(row) for row in page["aims"]], BOARD)
    _table("results", [worded(row) for row in page["results"]], RESULTS)
    policies = [row | {"status": tr(status)} for status, rows in page["policies"].items() for row in rows]
    _table("policies", policies, {"status": "status", "title": "title", "number": "number", "issuer": "issuer"})
    roles = [row | {"role": tr(row["role"])} for row in page["roles"]]
    _table("roles", roles, {"role": "role", "holder": "holder", "subject": "subject"})
    _table("articles a week", page["articles_per_week"], {"week": "week", "articles": "articles"})
    news = [
        {
            "found": when(row["found_ms"]),
            "kind": row["kind"],
            "title": row["title"],
            "what": change_of(row["before"], row["after"]),
        }
        for row in page["events"]
    ]
    _table("newest events", news, {"found": "found", "kind": "event", "title": "title", "what": "what"})
    return OK


def _table(title: str, rows: list[dict[str, Any]], columns: dict[str, str]) -> None:
    if rows:
        stdout().print(f"\n{tr(title)}", style="bold", markup=False)
        emit(rows, columns, as_json=False)
