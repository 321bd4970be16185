"""Who is told when a rule holds: whoever names it; of a quick draft nobody else."""

from datetime import UTC, datetime

import pytest

from chainwatch.matching.bundle import Bundle
from chainwatch.matching.lowering import case_article
from chainwatch.matching.rules import compile_rules
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.models import Event, EventKind
from chainwatch.models.subscription import Filter, Subscription
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle
from consumers.route import Router
from consumers.tag import tag

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("rule", "nodes"),
    [
        pytest.param("status: test\nmatch: {any: [甲甲]}", ["rule/r"], id="rule-without-tags"),
        pytest.param(
            "status: test\ntags: [topic/乙]\nmatch: {any: [甲甲]}", ["rule/r", "topic/乙"], id="rule-with-tags"
        ),
        pytest.param("status: draft\ntags: [topic/乙]\nmatch: {any: [甲甲]}", [], id="draft"),
        pytest.param("status: draft\ntags: [topic/乙]\nquick: 甲甲", ["quick/r"], id="quick-draft"),
        pytest.param("status: test\ntags: [topic/乙]\nquick: 甲甲", ["rule/r", "topic/乙"], id="quick-approved"),
    ],
)
def test_what_a_hit_tags(rule: str, nodes: list[str]) -> None:
    bundle = Bundle({"own/r.yaml": f"id: r\n{rule}".encode()})
    tags = tag(case_article("", "说甲甲"), compile_rules(bundle), load_taxonomy(bundle))
    assert [one.node for one in tags] == nodes


def subscription(name: str, **wanted: tuple[str, ...]) -> Subscription:
    return Subscription(id=name, name=name, channels=(name,), filter=Filter.model_validate(wanted))


@pytest.mark.parametrize(
    ("node", "told"),
    [
        pytest.param("quick/r", {"names-it"}, id="quick-draft"),
        pytest.param("rule/r", {"names-it", "everything", "all-rules"}, id="rule"),
    ],
)
def test_who_is_told(node: str, told: set[str]) -> None:
    taxonomy = load_taxonomy(read_bundle(rules_dir()))
    subscriptions = [
        subscription("names-it", rules=("r",)),
        subscription("names-another", rules=("s",)),
        subscription("everything"),
        subscription("all-rules", kinds=("rule.hit",)),
    ]
    event = Event(
        id="e",
        kind=EventKind.RULE_HIT,
        subject="article:a",
        title="甲",
        nodes=(node,),
        after={"rules": "r"},
        rules=("r",),
    )
    assert {one.channel for one in Router(subscriptions, taxonomy).route([event], NOW)} == told
