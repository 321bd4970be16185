"""Hot reload: what goes into force when files were edited, broken, mended or deleted."""

import pytest

from chainwatch.matching.bundle import Bundle
from chainwatch.matching.lowering import case_article
from chainwatch.matching.rules import RuleSet, compile_rules
from chainwatch.problem import Problems
from chainwatch.rulebook import settle

SHIPPED = "id: topic.a\nstatus: test\nmatch: {any: [储能]}\n"


def bundle(**own: str) -> Bundle:
    files = {f"own/{name}.yaml": text.encode() for name, text in own.items()}
    return Bundle({"extra/a.yaml": SHIPPED.encode()} | files)


def matching(rules: RuleSet, text: str) -> list[str]:
    return [hit.rule for hit in rules.match(case_article("", text))]


def test_a_broken_file_keeps_its_last_good_version_and_the_others_go_on() -> None:
    last = bundle(b="id: b\nquick: 光伏", c="id: c\nquick: 风电")
    fresh = bundle(b="id: b\nquick: '", c="id: c\nquick: 氢能")
    settled = settle(fresh, last, compile_rules)
    assert matching(settled.compiled, "光伏风电氢能") == ["b", "c"]
    assert matching(settled.compiled, "风电") == []
    assert settled.kept == ("own/b.yaml",)
    assert [(problem.place or "").split(":")[0] for problem in settled.problems] == ["own/b.yaml"]


def test_what_is_in_force_is_a_bundle_that_compiles_alone() -> None:
    settled = settle(bundle(b="id: b\nquick: '"), bundle(b="id: b\nquick: 光伏"), compile_rules)
    assert compile_rules(settled.bundle).digest == settled.compiled.digest
    assert settled.bundle.digest == bundle(b="id: b\nquick: 光伏").digest


def test_a_new_faulty_file_is_left_out_and_told() -> None:
    settled = settle(bundle(b="id: b\nmatch: {}"), None, compile_rules)
    assert settled.left_out == ("own/b.yaml",)
    assert settled.problems
    assert list(settled.compiled.rules) == ["topic.a"]


def test_a_mended_and_a_deleted_file_take_effect() -> None:
    last = bundle(b="id: b\nquick: 光伏", c="id: c\nquick: 风电")
    settled = settle(bundle(b="id: b\nquick: 光热"), last, compile_rules)
    assert list(settled.compiled.rules) == ["topic.a", "b"]
    assert matching(settled.compiled, "光热") == ["b"]
    assert not settled.problems


def test_an_id_taken_twice_keeps_the_earlier_file() -> None:
    last = bundle(b="id: b\nquick: 光伏", c="id: c\nquick: 风电")
    settled = settle(bundle(b="id: b\nquick: 光伏", c="id: b\nquick: 风电"), last, compile_rules)
    assert list(settled.compiled.rules) == ["topic.a", "b", "c"]


def test_a_broken_shipped_file_stays_as_it_was_or_is_refused_at_the_first_start() -> None:
    broken = Bundle({"extra/a.yaml": b"id: ["})
    assert list(settle(broken, bundle(), compile_rules).compiled.rules) == ["topic.a"]
    with pytest.raises(Problems):
        settle(broken, None, compile_rules)


def test_a_shipped_rule_is_switched_off_or_replaced_without_editing_it() -> None:
    off = compile_rules(bundle(z="disabled: [topic.a]"))
    assert matching(off, "储能") == []
    other = compile_rules(bundle(z="id: topic.a\noverride: true\nquick: 光伏"))
    assert (matching(other, "储能"), matching(other, "光伏")) == ([], ["topic.a"])


def test_a_switch_survives_the_end_of_its_shipped_rule() -> None:
    rules = compile_rules(bundle(z="disabled: [topic.gone]", y="id: topic.gone2\noverride: true\nquick: 光伏"))
    assert list(rules.rules) == ["topic.a", "topic.gone2"]


def test_a_shipped_id_is_not_taken_by_accident() -> None:
    with pytest.raises(Problems, match="stands also at"):
        compile_rules(bundle(z="id: topic.a\nquick: 光伏"))
