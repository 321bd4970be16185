"""Routing: 10,000 subscriptions, events a second through the index, beside a linear scan with the same conditions."""

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from chainwatch.matching.taxonomy import Taxonomy, load_taxonomy
from chainwatch.models import Event, EventKind, Evidence
from chainwatch.models.subscription import Filter, Subscription
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle
from consumers.conditions import Facts, Wanted, because
from consumers.route import Router, kinds_wanted

SUBSCRIPTIONS = (100, 1_000, 10_000)
EVENTS = 5_000
LINEAR = 30
"""Events that the linear scan is timed on."""
NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
KINDS = ("target.new", "target.raised", "policy.new", "policy.status", "commitment.new", "role.named", "rule.hit")
FIRMS = [f"公司{number}" for number in range(2_000)]
RULES = [f"rule-{number}" for number in range(500)]
WORDS = [f"词{number:03}目" for number in range(300)]


def subscription(chance: random.Random, number: int, nodes: Sequence[str], regions: Sequence[str]) -> Subscription:
    """As people subscribe: a chain or firm or rule or words, in a place, for a few kinds."""
    kind = chance.random()
    if kind < 0.5:
        wanted = Filter(nodes=tuple(chance.sample(nodes, 1)), regions=(chance.choice(regions),), kinds=_kinds(chance))
    elif kind < 0.8:
        wanted = Filter(firms=tuple(chance.sample(FIRMS, 3)))
    elif kind < 0.9:
        wanted = Filter(rules=tuple(chance.sample(RULES, 2)), regions=(chance.choice(regions),))
    else:
        wanted = Filter(query=" AND ".join(chance.sample(WORDS, 2)))
    return Subscription(id=f"sub-{number:06}", name="x", filter=wanted, channels=(f"ch-{number % 4_000}",))


def _kinds(chance: random.Random) -> tuple[str, ...]:
    return tuple(chance.sample(KINDS, 2))


def event(chance: random.Random, number: int, nodes: Sequence[str], regions: Sequence[str]) -> Event:
    """One new fact with its evidence."""
    sentence = "，".join(chance.sample(WORDS, 6)) + "。"
    evidence = Evidence(
        article=f"a{number}",
        revision="r",
        part="text",
        span=(0, 2),
        quote="词",
        sentence=sentence,
        title="标题",
        rule="p/1",
    )
    return Event(
        id=f"{number:032x}",
        kind=EventKind(chance.choice(KINDS)),
        subject=f"fact-{number}",
        title="标题",
        nodes=tuple(chance.sample(nodes, 2)),
        region=chance.choice(regions),
        after={"value": "1000000000", "unit": "元"},
        evidence=(evidence,),
        rules=tuple(chance.sample(RULES, 2)),
        firms=tuple(chance.sample(FIRMS, 1)),
        source="site",
    )


def main() -> None:
    taxonomy = load_taxonomy(read_bundle(rules_dir()))
    chance = random.Random(20261120)
    nodes = [node for node in taxonomy.nodes if node.count("/") >= 1]
    regions = [region for region in taxonomy.regions if region != "全国"]
    events = [event(chance, number, nodes, regions) for number in range(EVENTS)]
    for count in SUBSCRIPTIONS:
        asked = [subscription(chance, number, nodes, regions) for number in range(count)]
        _compare(asked, events, taxonomy)


def _compare(asked: Sequence[Subscription], events: Sequence[Event], taxonomy: Taxonomy) -> None:
    begun = time.perf_counter()
    router = Router(asked, taxonomy)
    built = time.perf_counter() - begun
    reasons = sum(len(message.reasons) for one in events for message in router.route([one], NOW))
    indexed = _rate(lambda: [router.route([one], NOW) for one in events], len(events))
    wanted = [Wanted.of(one, kinds_wanted(one)) for one in asked]
    linear = _rate(lambda: [_scan(wanted, router.seen(one)[None]) for one in events[:LINEAR]], LINEAR)
    print(
        f"{len(asked):>6,} subscriptions: {indexed:>8,.0f} events/s, {reasons / len(events):.1f} reasons an event;"
        f" linear scan {linear:>7,.0f} events/s, ratio {indexed / linear:,.0f}; compiled in {built:.2f} s"
    )


def _scan(wanted: Sequence[Wanted], facts: Facts) -> list[str]:
    """Every subscription asked in turn, no index."""
    return [because(one, facts) for one in wanted if all(check(one, facts) is None for check in one.checks)]


def _rate(work: Callable[[], object], count: int, rounds: int = 3) -> float:
    best = 0.0
    for _ in range(rounds):
        begun = time.perf_counter()
        work()
        best = max(best, count / (time.perf_counter() - begun))
    return best


if __name__ == "__main__":
    main()
