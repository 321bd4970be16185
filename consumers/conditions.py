"""Conditions: what a subscription wants, what an event has, and the checks between them, each naming its refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from chainwatch.models import Event, EventKind, PolicyStatus, Strength
from chainwatch.models.subscription import Condition, Subscription
from chainwatch.models.tag import RULE, owned

MANY_KINDS = 6
_STATUSES = {status.value: status for status in PolicyStatus}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A filter with its values as sets."""

    subscription: Subscription
    kinds: frozenset[EventKind]
    nodes: frozenset[str]
    regions: frozenset[str]
    firms: frozenset[str]
    rules: frozenset[str]
    sources: frozenset[str]
    issuers: tuple[str, ...]
    statuses: frozenset[PolicyStatus]
    minimum: Decimal | None
    unit: str
    query: str | None
    strength: Strength | None
    checks: "tuple[Check, ...]"
    """Those that can fail."""

    @classmethod
    def of(cls, subscription: Subscription, kinds: frozenset[EventKind]) -> "Wanted":
        """Compile one subscription."""
        wanted = subscription.filter
        return cls(
            subscription,
            kinds,
            frozenset(wanted.nodes),
            frozenset(wanted.regions),
            frozenset(wanted.firms),
            frozenset(wanted.rules),
            frozenset(wanted.sources),
            wanted.issuers,
            frozenset(wanted.statuses),
            wanted.minimum,
            wanted.unit,
            wanted.query or None,
            wanted.strength,
            (check_kind, *(check for field, check in CHECKS.items() if getattr(wanted, field) not in ((), None, ""))),
        )

    def works(self, now: datetime) -> bool:
        """Whether the subscription is neither paused nor expired."""
        one = self.subscription
        return (not one.paused and one.expires is None) or one.condition(now) is Condition.ACTIVE

    @property
    def few_kinds(self) -> bool:
        """Whether the kinds say enough to be looked up by."""
        return len(self.kinds) <= MANY_KINDS

    def anchors(self) -> set[str]:
        """The keys under the narrowest field that is set; empty where only kinds, regions or numbers are asked."""
        if self.query:
            return {f"query:{self.query}"}
        for name, values in (("firm", self.firms), ("rule", self.rules), ("node", self.nodes)):
            if values:
                return {f"{name}:{value}" for value in values}
        return {f"source:{value}" for value in self.sources}


@dataclass(frozen=True, slots=True)
class Facts:
    """An event with its keys: nodes and regions together with those above them."""

    event: Event
    nodes: frozenset[str]
    regions: frozenset[str]
    firms: frozenset[str]
    rules: frozenset[str]
    sources: frozenset[str]
    status: PolicyStatus | None
    value: Decimal | None
    unit: str | None
    queries: frozenset[str]
    hidden: str | None
    """Why this view sees nothing of the event."""
    anchors: tuple[str, ...]

    @classmethod
    def of(
        cls, event: Event, view: "View", *, nodes: frozenset[str], regions: frozenset[str], queries: frozenset[str]
    ) -> "Facts":
        """Read an event once for all subscriptions of a view. `nodes`: those of the view, with those above them."""
        firms, rules = frozenset(event.firms), view.rules
        sources = frozenset(
            name for name in (event.source, *(evidence.source for evidence in event.evidence)) if name is not None
        )
        anchors = [
            "*",
            *(f"node:{node}" for node in nodes),
            *(f"firm:{firm}" for firm in firms),
            *(f"rule:{rule}" for rule in rules),
            *(f"source:{source}" for source in sources),
            *(f"query:{query}" for query in queries),
        ]
        status = event.after.get("status")
        return cls(
            event,
            nodes,
            regions,
            firms,
            rules,
            sources,
            _STATUSES.get(status or ""),
            _decimal(event.after.get("value")),
            event.after.get("unit"),
            queries,
            view.hidden,
            tuple(anchors),
        )


@dataclass(frozen=True, slots=True)
class View:
    """What some subscriptions see of an event: quick drafts speak to those of their owner alone."""

    nodes: tuple[str, ...]
    rules: frozenset[str]
    hidden: str | None = None


def views(event: Event) -> dict[str | None, View]:
    """The view of everybody (None), and of each owner of a quick draft that hit the article."""
    drafts: dict[str, list[str]] = {}
    for node in event.nodes:
        if (mine := owned(node)) is not None:
            drafts.setdefault(mine[0], []).append(mine[1])
    if not drafts:
        return {None: View(event.nodes, frozenset(event.rules))}
    own_rules = {owner: {node.removeprefix(RULE) for node in nodes} for owner, nodes in drafts.items()}
    nodes = tuple(node for node in event.nodes if owned(node) is None)
    rules = frozenset(event.rules).difference(*own_rules.values())
    hidden = None
    if event.kind is EventKind.RULE_HIT and not nodes:
        hidden = f"the rule is a draft of {'、'.join(owner or 'whoever names no owner' for owner in drafts)}"
    seen: dict[str | None, View] = {None: View(nodes, rules, hidden)}
    for owner, own in drafts.items():
        seen[owner] = View((*nodes, *own), rules.union(own_rules[owner].intersection(event.rules)))
    return seen


Check = Callable[[Wanted, Facts], str | None]
"""None where the condition holds, else why not."""


def check_kind(wanted: Wanted, facts: Facts) -> str | None:
    """The kind is asked for; a quick rule that is still a draft speaks to its owner alone."""
    if facts.hidden is not None:
        return facts.hidden
    return None if facts.event.kind in wanted.kinds else f"kind {facts.event.kind} is not asked for"


def check_node(wanted: Wanted, facts: Facts) -> str | None:
    """It belongs to a node asked for, or to one under it."""
    return _some("node", wanted.nodes, facts.nodes)


def check_region(wanted: Wanted, facts: Facts) -> str | None:
    """It is about a region asked for, or a place in it."""
    return _some("region", wanted.regions, facts.regions)


def check_firm(wanted: Wanted, facts: Facts) -> str | None:
    """It names a firm asked for."""
    return _some("firm", wanted.firms, facts.firms)


def check_rule(wanted: Wanted, facts: Facts) -> str | None:
    """A rule asked for hit the article."""
    return _some("rule", wanted.rules, facts.rules)


def check_source(wanted: Wanted, facts: Facts) -> str | None:
    """It comes from a site or medium asked for."""
    return _some("source", wanted.sources, facts.sources)


def check_issuer(wanted: Wanted, facts: Facts) -> str | None:
    """An issuing authority asked for is named."""
    if not wanted.issuers or any(_names_issuer(name, facts) for name in wanted.issuers):
        return None
    return f"issuer: wanted {'、'.join(wanted.issuers)}, the event has {'、'.join(facts.event.issuers) or 'none'}"


def check_status(wanted: Wanted, facts: Facts) -> str | None:
    """The policy has a status asked for."""
    if not wanted.statuses or facts.status in wanted.statuses:
        return None
    return f"status: wanted {'、'.join(sorted(wanted.statuses))}, the event has {facts.status or 'none'}"


def check_minimum(wanted: Wanted, facts: Facts) -> str | None:
    """The value reaches the least one asked for, in the same unit."""
    if wanted.minimum is None:
        return None
    if facts.value is None or facts.unit != wanted.unit:
        return f"value: no value in {wanted.unit}"
    if facts.value >= wanted.minimum:
        return None
    return f"value: {facts.value:f} {facts.unit} is below {wanted.minimum:f}"


def check_query(wanted: Wanted, facts: Facts) -> str | None:
    """The text query holds for title and evidence."""
    return None if wanted.query is None or wanted.query in facts.queries else f"query {wanted.query!r} does not hold"


def check_strength(wanted: Wanted, facts: Facts) -> str | None:
    """The article is about the node, where passing mentions are not wanted."""
    if wanted.strength is not Strength.ABOUT or facts.event.after.get("strength", "about") == "about":
        return None
    return "strength: mentioned in passing"


CHECKS: dict[str, Check] = {
    "nodes": check_node,
    "regions": check_region,
    "firms": check_firm,
    "rules": check_rule,
    "sources": check_source,
    "issuers": check_issuer,
    "statuses": check_status,
    "minimum": check_minimum,
    "strength": check_strength,
    "query": check_query,
}
"""Field of a filter → its condition, the cheap ones first. Every one whose field is set must hold, and check_kind."""


def because(wanted: Wanted, facts: Facts) -> str:
    """The reason in words: the values of the filter that the event met, then its kind."""
    parts = [
        f"{name} {'、'.join(sorted(met)) if len(met) > 1 else next(iter(met))}"
        for name, asked, found in (
            ("node", wanted.nodes, facts.nodes),
            ("region", wanted.regions, facts.regions),
            ("firm", wanted.firms, facts.firms),
            ("rule", wanted.rules, facts.rules),
            ("source", wanted.sources, facts.sources),
        )
        if asked and (met := asked & found)
    ]
    if wanted.issuers:
        parts.append(f"issuer {'、'.join(name for name in wanted.issuers if _names_issuer(name, facts))}")
    if wanted.statuses:
        parts.append(f"status {facts.status}")
    if wanted.minimum is not None:
        parts.append(f"value ≥ {wanted.minimum:f} {wanted.unit}")
    if wanted.query:
        parts.append(f"query {wanted.query}")
    parts.append(facts.event.kind.value)
    return "; ".join(parts)


def _some(field: str, wanted: frozenset[str], found: frozenset[str]) -> str | None:
    if not wanted or not wanted.isdisjoint(found):
        return None
    shown = "、".join(sorted(one for one in found if not one.startswith("="))) or "none"
    return f"{field}: wanted {'、'.join(sorted(wanted))}, the event has {shown}"


def _names_issuer(name: str, facts: Facts) -> bool:
    return any(name in issuer for issuer in facts.event.issuers)


def _decimal(text: str | None) -> Decimal | None:
    try:
        value = Decimal(text) if text else None
    except InvalidOperation:
        return None
    return value if value is not None and value.is_finite() else None
