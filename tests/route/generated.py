"""Random subscriptions and events over a small taxonomy, and the oracle: every rule of routing spelled out, slowly."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

from chainwatch.models import ON_REQUEST, OPERATOR, Event, EventKind, Evidence, PolicyStatus, Strength
from chainwatch.models.subscription import Filter, Subscription

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
ECOSYSTEMS = [f"hz5/圈{number}" for number in range(5)]
CHAINS = [f"{ecosystem}/链{number}" for ecosystem in ECOSYSTEMS for number in range(4)]
REGIONS = {
    "全国": None,
    "浙江": "全国",
    "杭州": "浙江",
    "杭州/滨江": "杭州",
    "杭州/余杭": "杭州",
    "宁波": "浙江",
    "江苏": "全国",
}
FIRMS = [f"公司{number}" for number in range(60)]
RULES = [f"rule-{number}" for number in range(40)]
SOURCES = [f"site-{number}" for number in range(15)]
ISSUERS = ["杭州市经信局", "浙江省经信厅", "杭州市人民政府"]
WORDS = ["储备", "基金", "算力", "工厂", "试点", "补贴", "园区", "平台"]


class Tree:
    """The taxonomy of these tests."""

    def ancestors(self, node_id: str) -> list[str]:
        if node_id not in {*ECOSYSTEMS, *CHAINS}:
            raise KeyError(node_id)
        parts = node_id.split("/")
        return ["/".join(parts[:end]) for end in range(len(parts) - 1, 0, -1)]

    def around(self, region_id: str) -> list[str]:
        found: list[str] = []
        place: str | None = region_id if region_id in REGIONS else None
        while place is not None:
            found.append(place)
            place = REGIONS[place]
        return found


def _some(chance: random.Random, values: Sequence[str], share: float, most: int = 3) -> tuple[str, ...]:
    return tuple(chance.sample(values, chance.randint(1, most))) if chance.random() < share else ()


def subscription(chance: random.Random, number: int) -> Subscription:
    nodes = _some(chance, [*ECOSYSTEMS, *CHAINS, *(f"={node}" for node in CHAINS), "hz5"], 0.8)
    kinds = _some(chance, ["target.*", "policy.*", "target.new", "target.restated", "channel.*", "rule.hit"], 0.6)
    wanted = Filter(
        nodes=nodes,
        regions=_some(chance, [*list(REGIONS)[1:], "=浙江", "=杭州"], 0.6),
        firms=_some(chance, FIRMS, 0.15),
        kinds=kinds,
        rules=_some(chance, RULES, 0.1),
        sources=_some(chance, SOURCES, 0.1),
        issuers=_some(chance, ["经信", "杭州市人民政府"], 0.05, 1),
        statuses=tuple(PolicyStatus(one) for one in _some(chance, ["issued", "draft"], 0.05, 1)),
        minimum=Decimal(chance.choice([10**8, 10**10, 10**12])) if chance.random() < 0.1 else None,
        query=" AND ".join(_some(chance, WORDS, 1, 2)) if chance.random() < 0.1 else None,
        strength=Strength.ABOUT if chance.random() < 0.2 else None,
    )
    return Subscription(
        id=f"sub-{number:05}",
        name=f"s{number}",
        filter=wanted,
        channels=tuple(f"ch-{chance.randint(0, 400)}" for _ in range(chance.randint(1, 2))),
        operator=chance.random() < 0.05,
        paused=chance.random() < 0.05,
        expires=NOW if chance.random() < 0.03 else None,
    )


def event(chance: random.Random, number: int) -> Event:
    after = {"shown": "x", "strength": chance.choice(["about", "about", "mention"])}
    if chance.random() < 0.7:
        after |= {
            "value": str(chance.choice([5, 10**9, 10**11, 2 * 10**12])),
            "unit": chance.choice(["元", "元", "家"]),
        }
    if chance.random() < 0.3:
        after["status"] = chance.choice(["issued", "draft", "planned"])
    sentence = "".join(_some(chance, WORDS, 1, 4)) + f"第{number}句"
    source = chance.choice(SOURCES)
    evidence = Evidence(
        article=f"a{number // 3}", revision="r", part="text", span=(0, 1), quote="x", sentence=sentence,
        source=None, title="标题", rule="p/1",
    )  # fmt: skip
    return Event(
        id=f"e{number:06}",
        kind=chance.choice(list(EventKind)),
        subject=f"fact-{number // 2}",
        title=chance.choice(WORDS),
        nodes=tuple(chance.sample([*CHAINS, *ECOSYSTEMS, "gone/节点"], chance.randint(0, 3))),
        region=chance.choice([*REGIONS, None, "别处"]),
        after=after,
        evidence=(evidence,),
        rules=tuple(chance.sample(RULES, chance.randint(0, 3))),
        firms=tuple(chance.sample(FIRMS, chance.randint(0, 2))),
        issuers=tuple(chance.sample(ISSUERS, chance.randint(0, 2))),
        source=source,
        silent=chance.random() < 0.05,
        bundle=f"b{number // 9}" if chance.random() < 0.1 else None,
    )


def gets(one: Subscription, kinds: frozenset[str], happened: Event) -> bool:
    """Whether the subscription gets the event, by the words of the manual. `kinds`: those it gets (`kinds_got`)."""
    return (
        happened.kind in kinds
        and not happened.silent
        and not one.paused
        and one.expires is None
        and _place(one, happened)
        and _rest(one, happened)
    )


def kinds_got(one: Subscription) -> frozenset[str]:
    """The kinds that a subscription gets, each asked for by itself."""
    return frozenset(kind for kind in EventKind if _kind(one, kind))


def _kind(one: Subscription, kind: EventKind) -> bool:
    named = one.filter.kinds
    family = kind.split(".")[0] + ".*"
    if kind in OPERATOR:
        return one.operator and (not named or kind in named or family in named)
    if not named:
        return not one.operator and kind not in ON_REQUEST
    return kind in named or (family in named and kind not in ON_REQUEST)


def _place(one: Subscription, happened: Event) -> bool:
    def under(wanted: str, nodes: Sequence[str]) -> bool:
        if wanted.startswith("="):
            return wanted[1:] in nodes
        known = [node for node in nodes if node != "gone/节点"]
        return wanted in nodes or any(node.startswith(f"{wanted}/") for node in known)

    def within(wanted: str, region: str | None) -> bool:
        if wanted.startswith("="):
            return wanted[1:] == region
        place = region
        while place is not None:
            if place == wanted:
                return True
            place = REGIONS.get(place)
        return False

    nodes, regions = one.filter.nodes, one.filter.regions
    return (not nodes or any(under(node, happened.nodes) for node in nodes)) and (
        not regions or any(within(region, happened.region) for region in regions)
    )


def _rest(one: Subscription, happened: Event) -> bool:
    asked, after = one.filter, happened.after
    text = happened.title + happened.evidence[0].sentence + happened.evidence[0].title
    return (
        (not asked.firms or bool(set(asked.firms) & set(happened.firms)))
        and (not asked.rules or bool(set(asked.rules) & set(happened.rules)))
        and (not asked.sources or happened.source in asked.sources)
        and (not asked.issuers or any(part in name for part in asked.issuers for name in happened.issuers))
        and (not asked.statuses or after.get("status") in asked.statuses)
        and (
            asked.minimum is None
            or (after.get("unit") == asked.unit and Decimal(after.get("value", "0")) >= asked.minimum)
        )
        and (asked.strength is None or after["strength"] == "about")
        and (asked.query is None or all(word in text for word in asked.query.split(" AND ")))
    )
