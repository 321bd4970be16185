"""Shipped keyword rules prove themselves."""

from chainwatch.cli.rules_cases import failures, run_cases
from chainwatch.matching.lint import impossible
from chainwatch.matching.loading import load_rules
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle


def test_every_shipped_rule_has_a_reason_both_titles_and_cases_of_each_kind() -> None:
    rules = load_rules(read_bundle(rules_dir())).rules
    assert rules
    for written in rules:
        assert written.rule.why, written.rule.id
        assert set(written.rule.title) == {"zh", "en"}, written.rule.id
        assert {case.hit for case in written.cases} == {True, False}, written.rule.id
        assert impossible(written.rule) is None, written.rule.id


def test_the_cases_of_every_shipped_rule_pass() -> None:
    bundle = read_bundle(rules_dir())
    named = frozenset(written.rule.id for written in load_rules(bundle).rules)
    results = run_cases(bundle, named)
    assert len(results) >= 2 * len(named)
    assert failures(results) == []
