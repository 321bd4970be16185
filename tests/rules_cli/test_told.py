"""Who is told when a rule holds: whoever asks for it; of a quick draft its owner's subscriptions alone."""

from datetime import UTC, datetime

import pytest

from chainwatch.matching.bundle import Bundle
from chainwatch.matching.lowering import case_article
from chainwatch.matching.rules import compile_rules
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.models import Event, EventKind
from chainwatch.models.known import Known
from chainwatch.models.subscription import Filter, Subscription
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle
from consumers.compare import compare
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
        pytest.param(
            "status: draft\ntags: [topic/乙]\nquick: 甲甲", ["quick//rule/r", "quick//topic/乙"], id="quick-draft"
        ),
        pytest.param("owner: 王\nstatus: draft\nquick: 甲甲", ["quick/王/rule/r"], id="quick-draft-of-an-owner"),
        pytest.param("status: test\ntags: [topic/乙]\nquick: 甲甲", ["rule/r", "topic/乙"], id="quick-approved"),
    ],
)
def test_what_a_hit_tags(rule: str, nodes: list[str]) -> None:
    bundle = Bundle({"own/r.yaml": f"id: r\n{rule}".encode()})
    tags = tag(case_article("", "说甲甲"), compile_rules(bundle), load_taxonomy(bundle))
    assert [one.node for one in tags] == nodes


def subscription(name: str, owner: str = "", **wanted: tuple[str, ...]) -> Subscription:
    return Subscription(id=name, name=name, owner=owner, channels=(name,), filter=Filter.model_validate(wanted))


CHAIN = "hz5/绿色能源/储能"
SUBSCRIPTIONS = [
    subscription(f"{owner or 'nobody'} {name}", owner, **wanted)
    for owner in ("", "王", "李")
    for name, wanted in {
        "names it": {"rules": ("r",)},
        "names another": {"rules": ("s",)},
        "the chain": {"nodes": (CHAIN,)},
        "the ecosystem": {"nodes": ("hz5/绿色能源",)},
        "another chain": {"nodes": ("hz5/绿色能源/光伏",)},
        "everything": {},
        "rules": {"kinds": ("rule.hit",)},
        "targets": {"kinds": ("target.new",)},
    }.items()
]
GETS = {"names it", "the chain", "the ecosystem", "everything", "rules"}
"""What asks for a hit of a rule that stands for the chain."""


@pytest.fixture(scope="module")
def router() -> Router:
    return Router(SUBSCRIPTIONS, load_taxonomy(read_bundle(rules_dir())))


def told(router: Router, event: Event) -> set[str]:
    return {one.channel for one in router.route([event], NOW)}


def event(kind: EventKind, rules: tuple[str, ...], *nodes: str) -> Event:
    return Event(id="e", kind=kind, subject="article:a", title="甲", nodes=nodes, after={"rules": "r"}, rules=rules)


@pytest.mark.parametrize(
    ("nodes", "expected"),
    [
        pytest.param(
            ("rule/r", CHAIN), {f"{who} {name}" for who in ("nobody", "王", "李") for name in GETS}, id="stable"
        ),
        pytest.param(("quick/王/rule/r", f"quick/王/{CHAIN}"), {f"王 {name}" for name in GETS}, id="draft-of-an-owner"),
        pytest.param(
            ("quick//rule/r", f"quick//{CHAIN}"), {f"nobody {name}" for name in GETS}, id="draft-without-owner"
        ),
    ],
)
def test_who_is_told_of_a_hit(router: Router, nodes: tuple[str, ...], expected: set[str]) -> None:
    hit = event(EventKind.RULE_HIT, ("r",), *nodes)
    assert told(router, hit) == expected
    verdicts = router.explain(hit, NOW)
    assert {one.subscription.name for one in verdicts if one.matched} == expected


def test_explain_names_whose_draft_it_is(router: Router) -> None:
    hit = event(EventKind.RULE_HIT, ("r",), "quick/王/rule/r")
    why = {one.subscription.name: one.because for one in router.explain(hit, NOW)}
    assert why["李 names it"] == why["nobody everything"] == "the rule is a draft of 王"
    assert why["王 names it"] == "rule r; rule.hit"


def test_what_a_draft_stands_for_leads_other_events_to_its_owner_only(router: Router) -> None:
    target = event(EventKind.TARGET_NEW, ("r",), f"quick/王/{CHAIN}", "quick/王/rule/r")
    assert told(router, target) == {
        "王 names it",
        "王 the chain",
        "王 the ecosystem",
        *(f"{who} {name}" for who in ("nobody", "王", "李") for name in ("everything", "targets")),
    }


def test_drafts_of_two_owners_are_told_apart() -> None:
    bundle = Bundle(
        {
            **read_bundle(rules_dir()).files,
            "own/a.yaml": "rules: [{id: r, owner: 王, quick: 甲甲}, {id: s, owner: 李, quick: 甲甲}]".encode(),
        }
    )
    article = case_article("标题", "说甲甲")
    tags = tag(article, compile_rules(bundle), load_taxonomy(bundle))
    made = compare(article, tags, (), Known(), NOW, silent=False).events
    assert [(one.kind, one.rules) for one in made] == [(EventKind.RULE_HIT, ("s",)), (EventKind.RULE_HIT, ("r",))]
    router = Router(SUBSCRIPTIONS, load_taxonomy(bundle))
    assert told(router, made[0]) == {"李 names another", "李 everything", "李 rules"}
    assert told(router, made[1]) == {"王 names it", "王 everything", "王 rules"}
