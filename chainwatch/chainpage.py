"""What one chain's page holds: aims with progress, results, policies by status, roles, articles a week, newest events.

For the command line and the web; reads the store, decides nothing.
"""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from chainwatch.matching.taxonomy import Taxonomy
from chainwatch.models import SHANGHAI, from_timestamp_ms, to_timestamp_ms
from chainwatch.models.ledger import ACTUAL, TARGET, Policy
from chainwatch.store import events, ledgerview, policies
from consumers.ledger import board

WEEKS = 12
_MOST = 500


def counterparts(taxonomy: Taxonomy, node: str) -> frozenset[str]:
    """The node and what covers it in other schemes: successors, predecessors, the province's chain."""
    found = {node}
    for scheme in taxonomy.schemes():
        found.update(taxonomy.map(node, scheme.id))
    return frozenset(found)


def chain_page(connection: Connection, taxonomy: Taxonomy, node: str, now: datetime) -> dict[str, Any]:
    """Everything about one node, as rows ready to show or to write as JSON. `node` is an id of the taxonomy."""
    around = counterparts(taxonomy, node)
    now_ms = to_timestamp_ms(now)
    aims = ledgerview.listed(connection, ledgerview.Filter(frozenset({TARGET}), around), _MOST)
    lines = ledgerview.of_lines(connection, (fact.line for fact in aims))
    results = ledgerview.listed(connection, ledgerview.Filter(frozenset({ACTUAL}), around), _MOST)
    named = policies.listed(
        connection, policies.Filter(keys=policies.named_about(connection, around), seen=True), _MOST
    )
    here = taxonomy.nodes[node]
    return {
        "node": node,
        "name": here.name,
        "scheme": here.scheme,
        "successor": here.successor,
        "counterparts": sorted(around - {node}),
        "children": taxonomy.children(node),
        "aims": sorted(
            (board.aim(fact, lines[fact.line], now_ms) for fact in aims),
            key=lambda row: (row["node"] or "", row["metric"], row["deadline"] or "", row["region"] or "", row["key"]),
        ),
        "results": sorted(
            (board.result(fact) for fact in results),
            key=lambda row: (row["node"] or "", row["metric"], row["as_of"] or "", row["key"]),
        ),
        "policies": _by_status(named),
        "roles": _roles(connection, around),
        "articles_per_week": weeks(ledgerview.published_about(connection, around, *_span(now)), now),
        "events": [
            {
                "found_ms": one.found_ms,
                "kind": one.event.kind.value,
                "title": one.event.title,
                "before": one.event.before,
                "after": one.event.after,
            }
            for one in events.listed(connection, events.Filter(nodes=around), 10)
        ],
    }


def _by_status(found: list[Policy]) -> dict[str, list[dict[str, Any]]]:
    grouped: dict[str, list[dict[str, Any]]] = {}
    for policy in found:
        row = {
            "key": policy.key,
            "title": policy.title,
            "number": policy.number or None,
            "issuer": policy.issuer or None,
        }
        grouped.setdefault(policy.status, []).append(row)
    return grouped


def _roles(connection: Connection, nodes: frozenset[str]) -> list[dict[str, Any]]:
    found = ledgerview.roles_of(connection, nodes)
    shown = ledgerview.role_findings(connection, (role.key for role in found))
    return [
        {
            "role": role.role,
            "holder": role.holder,
            "subject": role.subject,
            "node": role.node,
            "statements": role.statements,
            "sentence": shown[role.key].sentence if role.key in shown else None,
        }
        for role in found
    ]


def _span(now: datetime) -> tuple[int, int]:
    monday = _monday(now)
    return to_timestamp_ms(monday - timedelta(weeks=WEEKS - 1)), to_timestamp_ms(monday + timedelta(weeks=1))


def _monday(at: datetime) -> datetime:
    day = at.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def weeks(published: list[int], now: datetime) -> list[dict[str, Any]]:
    """Articles of each of the last twelve weeks, by the Monday they begin with; empty weeks are there too."""
    counts = Counter(_monday(from_timestamp_ms(at)) for at in published)
    mondays = [_monday(now) - timedelta(weeks=ago) for ago in range(WEEKS - 1, -1, -1)]
    return [{"week": f"{monday:%Y-%m-%d}", "articles": counts[monday]} for monday in mondays]
