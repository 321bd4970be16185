"""Runs the cases of the word lists: what a list says is about its node must be tagged so, what is not must not."""

from collections.abc import Iterator

from chainwatch.matching.lowering import case_article
from chainwatch.matching.rules import RuleSet
from chainwatch.matching.taxonomy import Taxonomy
from chainwatch.matching.words_file import TitledCase
from chainwatch.problem import Problem
from consumers.tag import about, tag


def broken_cases(rules: RuleSet, taxonomy: Taxonomy) -> Iterator[Problem]:
    """A Problem for every case that comes out otherwise than its list says."""
    vocabulary = rules.vocabulary
    if vocabulary is None:
        return
    for words in vocabulary.words.values():
        reached_by = {words.node, *taxonomy.descendants(words.node)}
        for hit, cases in ((True, words.cases.hits), (False, words.cases.misses)):
            for case in cases:
                title, text = (case.title, case.text) if isinstance(case, TitledCase) else ("", case)
                nodes = {made.node for made in about(tag(case_article(title, text), rules, taxonomy))}
                if hit is nodes.isdisjoint(reached_by):
                    yield _broken(words.node, words.place, title or text, hit=hit)


def _broken(node: str, place: str, text: str, *, hit: bool) -> Problem:
    what = f"{text[:40]} is {'not ' if hit else ''}about {node}"
    cure = (
        "add the word that says so to strong" if hit else "move the word to weak or passing, add to demote, or mask it"
    )
    return Problem(what, place=place, cure=cure)
