"""Running the cases of rules and word lists, and reporting them the way test tools read."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from chainwatch.matching.bundle import Bundle
from chainwatch.matching.compiled import compiled
from chainwatch.matching.loading import load_rules
from chainwatch.matching.lowering import case_article
from chainwatch.matching.rule import Status
from chainwatch.matching.rules import RuleSet, compile_rules
from chainwatch.matching.taxonomy import Taxonomy, load_taxonomy
from chainwatch.models import Strength
from consumers.tag import tag


@dataclass(frozen=True, slots=True)
class Result:
    """One case that was run."""

    rule: str
    place: str
    text: str
    expected: bool
    """Whether the rule should hold."""
    passed: bool


def run_cases(bundle: Bundle, only: frozenset[str]) -> list[Result]:
    """Every case of the rules and word lists with these ids; of all where none is named. Raises Problems."""
    loaded = load_rules(bundle)
    chosen = [w for w in loaded.rules if (not only or w.rule.id in only) and w.rule.status is not Status.OFF]
    rules = RuleSet(compiled([written.rule for written in chosen], loaded.masks))
    results = []
    for written in chosen:
        for case in written.cases:
            holds = any(hit.rule == written.rule.id for hit in rules.match(case.article))
            text = f"{case.article.title} {case.article.text}".strip()
            results.append(Result(written.rule.id, case.place, text, case.hit, holds == case.hit))
    return [*results, *_of_word_lists(compile_rules(bundle), load_taxonomy(bundle), only)]


def _of_word_lists(rules: RuleSet, taxonomy: Taxonomy, only: frozenset[str]) -> Iterator[Result]:
    for words in rules.vocabulary.words.values() if rules.vocabulary else ():
        if only and words.rule not in only:
            continue
        for expected, cases in ((True, words.cases.hits), (False, words.cases.misses)):
            for case in cases:
                title, text = ("", case) if isinstance(case, str) else (case.title, case.text)
                tags = tag(case_article(title, text), rules, taxonomy)
                about = any(one.node == words.node and one.strength is Strength.ABOUT for one in tags)
                yield Result(words.rule, words.place, f"{title} {text}".strip(), expected, about == expected)


def failures(results: Sequence[Result]) -> list[dict[str, Any]]:
    """The cases that failed, as rows."""
    return [
        {"rule": one.rule, "place": one.place, "expected": "hit" if one.expected else "miss", "text": one.text[:120]}
        for one in results
        if not one.passed
    ]


def junit(results: Sequence[Result]) -> str:
    """A JUnit report."""
    failed = sum(not one.passed for one in results)
    head = f'<testsuite name="chainwatch rules" tests="{len(results)}" failures="{failed}" errors="0" skipped="0">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *map(_case, results), "</testsuite>"]) + "\n"


def _case(one: Result) -> str:
    kind = "hit" if one.expected else "miss"
    name = quoteattr(_printable(f"{kind}: {one.text[:80]}"))
    head = f"  <testcase classname={quoteattr(one.rule)} name={name} file={quoteattr(one.place.split(':')[0])}"
    if one.passed:
        return head + "/>"
    told = _printable(f"{one.place}: should be a {kind}: {one.text}")
    return head + f'><failure message="should be a {kind}">{escape(told)}</failure></testcase>'


def _printable(text: str) -> str:
    """Without what XML cannot hold."""
    return "".join(max(character, " ") for character in text)
