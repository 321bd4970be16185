"""Route: events and subscriptions in, messages out, each with every reason. Says also why not.

Costs by matches, not by subscriptions: each subscription is posted under one anchor of its filter (a node, firm,
rule, issuer, source or query) together with its regions and kinds, and an event looks up only its own keys.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Protocol

from chainwatch.models import CORRECTING, ON_REQUEST, OPERATOR, Event, EventKind, Message, Reason, digest, message_id
from chainwatch.models.subscription import ONLY, Condition, Subscription, kinds_of
from consumers.conditions import Facts, View, Wanted, because, views

ANY = "*"
UNASKED = frozenset(EventKind) - ON_REQUEST - OPERATOR
"""Kinds that a subscription gets without naming them."""
MOST_POSTS = 64
"""A subscription is posted under at most so many (anchor, region, kind) triples for one anchor."""


class Hierarchy(Protocol):
    """What routing asks of the taxonomy."""

    def ancestors(self, node_id: str) -> list[str]:
        """Ids above the node. Raises KeyError for an unknown one."""

    def around(self, region_id: str) -> list[str]:
        """The region and those around it, near to far; empty for an unknown one."""


class Told(Protocol):
    """Somebody who was told of the subject of an event earlier."""

    @property
    def channel(self) -> str:
        """Where."""

    @property
    def subscription(self) -> str:
        """Why."""

    @property
    def subscription_version(self) -> int:
        """Its version then."""

    @property
    def message(self) -> str:
        """Id of the first message that said so."""

    @property
    def language(self) -> str:
        """Of that message."""

    @property
    def template(self) -> str:
        """Of that message."""


class Queries(Protocol):
    """Which of the subscribers' text queries hold for an event."""

    def holding(self, event: Event) -> frozenset[str]:
        """The query texts that hold."""


class NoQueries:
    """Nobody asks by text."""

    def holding(self, event: Event) -> frozenset[str]:  # noqa: ARG002  the Protocol's shape
        """None."""
        return frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What routing says of one subscription and one event."""

    subscription: Subscription
    matched: bool
    because: str
    """Why it matched, or the first thing that kept it from matching."""


class Router:
    """All subscriptions, compiled once; immutable, deterministic, knows no clock.

    Args:
        subscriptions: with channel ids resolved (`store.subscriptions.active`).
        taxonomy: hierarchy of nodes and regions.
        queries: compiles the text queries of all subscriptions.
    """

    def __init__(
        self,
        subscriptions: Iterable[Subscription],
        taxonomy: Hierarchy,
        queries: Callable[[Sequence[str]], Queries] | None = None,
    ) -> None:
        self._taxonomy = taxonomy
        self._above: dict[str, tuple[str, ...]] = {}
        self._regions: dict[str | None, frozenset[str]] = {}
        self._wanted = [Wanted.of(one, kinds_wanted(one)) for one in sorted(subscriptions, key=lambda one: one.id)]
        texts = sorted({one.query for one in self._wanted if one.query})
        compile_queries = queries or _compile_queries
        self._queries: Queries = compile_queries(texts) if texts else NoQueries()
        self._posts: dict[str, dict[tuple[str, str], list[int]]] = {}
        for number, wanted in enumerate(self._wanted):
            for anchor, region, kind in _triples(wanted):
                self._posts.setdefault(anchor, {}).setdefault((region, kind), []).append(number)

    def route(
        self, events: Sequence[Event], now: datetime, told: Mapping[str, Sequence[Told]] | None = None
    ) -> list[Message]:
        """The messages that the events make, at most one for each (channel, group).

        Args:
            events: as recorded; silent ones make none.
            now: the moment schedules are read at.
            told: event id → who was told of its subject before (for corrections and withdrawals).
        """
        drafts: dict[tuple[str, str], _Draft] = {}
        for event in events:
            if event.silent:
                continue
            group = group_of(event)
            for wanted, why in self._matches(event, now):
                reason = _reason(event, wanted.subscription, why)
                self._draft(drafts, wanted.subscription, group, reason, now)
            for earlier in (told or {}).get(event.id, ()) if event.kind in CORRECTING else ():
                _correct(drafts, event, group, earlier, now)
        return [draft.message(channel, group) for (channel, group), draft in drafts.items()]

    def explain(self, event: Event, now: datetime) -> list[Verdict]:
        """For every subscription: whether it gets the event, and why or why not."""
        seen = self.seen(event)
        return [self._verdict(wanted, seen.get(wanted.subscription.owner, seen[None]), now) for wanted in self._wanted]

    def _verdict(self, wanted: Wanted, facts: Facts, now: datetime) -> Verdict:
        subscription = wanted.subscription
        condition = subscription.condition(now)
        if condition is not Condition.ACTIVE:
            return Verdict(subscription, matched=False, because=f"the subscription is {condition}")
        for check in wanted.checks:
            against = check(wanted, facts)
            if against is not None:
                return Verdict(subscription, matched=False, because=against)
        if facts.event.silent:
            return Verdict(subscription, matched=False, because="the event is silent (backfill, first run or too old)")
        return Verdict(subscription, matched=True, because=because(wanted, facts))

    def _matches(self, event: Event, now: datetime) -> Iterator[tuple[Wanted, str]]:
        seen = self.seen(event)
        for number in sorted(set().union(*map(self._candidates, seen.values()))):
            wanted = self._wanted[number]
            facts = seen.get(wanted.subscription.owner, seen[None])
            if _holds(wanted, facts) and wanted.works(now):
                yield wanted, because(wanted, facts)

    def _candidates(self, facts: Facts) -> set[int]:
        found: set[int] = set()
        keys = list(product((ANY, *facts.regions), (ANY, facts.event.kind)))
        for anchor in facts.anchors:
            posted = self._posts.get(anchor)
            if posted is not None:
                for key in keys:
                    found.update(posted.get(key, ()))
        return found

    def seen(self, event: Event) -> dict[str | None, Facts]:
        """The event with its keys, read once for all subscriptions; and as the owners of quick drafts see it."""
        regions, queries = self._around(event.region), self._queries.holding(event)
        return {
            owner: Facts.of(event, view, nodes=self._keys(view), regions=regions, queries=queries)
            for owner, view in views(event).items()
        }

    def _keys(self, view: View) -> frozenset[str]:
        nodes = {above for node in view.nodes for above in self._with_ancestors(node)}
        return frozenset(nodes) | {ONLY + node for node in view.nodes}

    def _around(self, region: str | None) -> frozenset[str]:
        if region not in self._regions:
            around = self._taxonomy.around(region) or [region] if region else []
            self._regions[region] = frozenset((*around, ONLY + around[0])) if around else frozenset()
        return self._regions[region]

    def _with_ancestors(self, node: str) -> tuple[str, ...]:
        if node not in self._above:
            try:
                self._above[node] = (node, *self._taxonomy.ancestors(node))
            except KeyError:
                self._above[node] = (node,)
        return self._above[node]

    @staticmethod
    def _draft(
        drafts: "dict[tuple[str, str], _Draft]", subscription: Subscription, group: str, reason: Reason, now: datetime
    ) -> None:
        schedule = subscription.schedule
        due = schedule.due(now)
        if schedule.digest:
            group = f"digest:{due.isoformat(timespec='minutes')}"
        for channel in subscription.channels:
            draft = drafts.get((channel, group))
            if draft is None:
                language, template = subscription.language, subscription.template
                drafts[(channel, group)] = _Draft(language, template, due, [reason], digest=schedule.digest)
            else:
                draft.reasons.append(reason)
                draft.due = min(draft.due, due)


@dataclass(slots=True)
class _Draft:
    language: str
    template: str
    due: datetime
    reasons: list[Reason]
    digest: bool = False

    def message(self, channel: str, group: str) -> Message:
        return Message.model_validate(
            {
                "id": message_id(channel, group),
                "channel": channel,
                "group": group,
                "language": self.language,
                "template": self.template,
                "reasons": tuple(self.reasons),
                "due": self.due,
                "digest": self.digest,
            }
        )


def _holds(wanted: Wanted, facts: Facts) -> bool:
    for check in wanted.checks:  # noqa: SIM110  a loop is twice as fast as all() here
        if check(wanted, facts) is not None:
            return False
    return True


def group_of(event: Event) -> str:
    """What shares a message: a bundle, or what one article says anew of one fact or policy."""
    if event.bundle:
        return f"bundle:{event.bundle}"
    first = event.evidence[0] if event.evidence else None
    if first is None or event.kind in CORRECTING:
        return f"event:{event.id}"
    return f"fact:{digest(event.subject, first.article, first.revision)[:32]}"


def kinds_wanted(subscription: Subscription) -> frozenset[EventKind]:
    """The kinds that a subscription gets: those named; of a family those that come unasked; by default these all."""
    named: set[EventKind] = set()
    for pattern in subscription.filter.kinds:
        named |= kinds_of(pattern) - (ON_REQUEST if pattern.endswith(".*") else frozenset())
    if subscription.operator:
        return frozenset(named or OPERATOR)
    return frozenset(named - OPERATOR) if subscription.filter.kinds else UNASKED


def _triples(wanted: Wanted) -> Iterator[tuple[str, str, str]]:
    """Where a subscription is posted: its rarest anchor, with regions and kinds while they are few."""
    anchors = wanted.anchors() or {ANY}
    regions = wanted.regions if 0 < len(wanted.regions) <= MOST_POSTS else {ANY}
    kinds = wanted.kinds if len(wanted.kinds) * len(regions) <= MOST_POSTS and wanted.few_kinds else {ANY}
    yield from product(anchors, regions, kinds)


def _reason(event: Event, subscription: Subscription, why: str) -> Reason:
    return Reason(event=event.id, subscription=subscription.id, subscription_version=subscription.number, because=why)


def _correct(drafts: dict[tuple[str, str], _Draft], event: Event, group: str, earlier: Told, now: datetime) -> None:
    reason = Reason(
        event=event.id,
        subscription=earlier.subscription,
        subscription_version=earlier.subscription_version,
        because=f"corrects message {earlier.message}",
    )
    draft = drafts.get((earlier.channel, group))
    if draft is None:
        drafts[(earlier.channel, group)] = _Draft(earlier.language, earlier.template, now, [reason])
    elif all(one.subscription != earlier.subscription for one in draft.reasons if one.event == event.id):
        draft.reasons.append(reason)


def _compile_queries(texts: Sequence[str]) -> Queries:
    from consumers.queries import compile_queries  # noqa: PLC0415  the query grammar loads only where somebody uses it

    return compile_queries(texts)
