"""Every word list is broad, tried on its cases, and refused with its fault."""

import pytest

from chainwatch import resources
from chainwatch.matching.bundle import Bundle
from chainwatch.matching.rules import compile_rules
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.problem import Problems
from chainwatch.rulebook import read_bundle
from consumers.casebook import broken_cases

SHIPPED = read_bundle(resources.rules_dir())
TAXONOMY = load_taxonomy(SHIPPED)
RULES = compile_rules(SHIPPED)
GOOD = "node: hz5/绿色能源/光伏\nwhy: PV.\nstrong: [光伏]\ncases: {hits: [光伏电站并网。], misses: [晴。]}\n"
FIVE = TAXONOMY.descendants("hz5")


def test_every_case_of_every_list_comes_out_as_written() -> None:
    assert [str(problem) for problem in broken_cases(RULES, TAXONOMY)] == []


@pytest.mark.parametrize("node", FIVE)
def test_every_node_of_the_five_has_ten_hits_and_ten_near_misses(node: str) -> None:
    assert RULES.vocabulary is not None
    cases = RULES.vocabulary.words[node].cases
    assert len(cases.hits) >= 10
    assert len(cases.misses) >= 10


def test_every_node_but_the_schemes_has_words_or_a_mapping() -> None:
    assert RULES.vocabulary is not None
    roots = {scheme.id for scheme in TAXONOMY.schemes()}
    without = [
        node
        for node in TAXONOMY.nodes
        if node not in RULES.vocabulary.words
        and node not in roots
        and not TAXONOMY.map(node, "hz5")
        and not TAXONOMY.map(node, "zj10")
    ]
    assert without == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (GOOD.replace("hz5/绿色能源/光伏", "hz5/光伏"), "unknown node hz5/光伏"),
        (GOOD.replace("strong: [光伏]", "strong: [光伏]\nweak: [光伏]"), "光伏 stands already under strong"),
        (GOOD.replace("misses: [晴。]", "misses: []"), "a word list needs hits and misses"),
        (GOOD.replace("why: PV.\n", ""), "'why' is missing"),
        (GOOD.replace("strong", "strnog"), "unknown key 'strnog'"),
    ],
)
def test_a_faulty_list_is_refused(text: str, what: str) -> None:
    with pytest.raises(Problems) as caught:
        compile_rules(Bundle({**SHIPPED.files, "ecosystems/photovoltaics.yaml": text.encode()}))
    assert what in [problem.what for problem in caught.value.problems]
    assert all(problem.place and problem.cure for problem in caught.value.problems)


def test_a_list_of_the_user_replaces_the_shipped_one() -> None:
    own = GOOD.replace("strong: [光伏]", "strong: [光电板]").replace("光伏电站并网。", "光电板量产。")
    rules = compile_rules(Bundle({**SHIPPED.files, "own/ecosystems/photovoltaics.yaml": own.encode()}))
    assert rules.vocabulary is not None
    assert "光电板" in rules.vocabulary.senses
    assert "光伏组件" not in rules.vocabulary.senses
    assert rules.digest != RULES.digest


def test_a_case_that_fails_is_told_with_its_list() -> None:
    wrong = GOOD.replace("misses: [晴。]", "misses: [光伏板涨价。]")
    bundle = Bundle({**SHIPPED.files, "ecosystems/photovoltaics.yaml": wrong.encode()})
    (problem,) = broken_cases(compile_rules(bundle), load_taxonomy(bundle))
    assert (problem.place, problem.what) == (
        "ecosystems/photovoltaics.yaml:1:7",
        "光伏板涨价。 is about hz5/绿色能源/光伏",
    )
