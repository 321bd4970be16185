"""Why: what a rule asks of an article, line by line, what of it is there, and what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass

from chainwatch.matching.automaton import Place, Scan
from chainwatch.matching.evaluate import explain
from chainwatch.matching.expression import (
    PARAGRAPH,
    SENTENCE,
    TEXT,
    All,
    Any_,
    Expression,
    Near,
    Not,
    Pattern,
    Word,
)
from chainwatch.matching.rule import Rule
from chainwatch.matching.rules import RuleSet

_MOST = 5
"""Places shown of one term."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that a rule asks for."""

    depth: int
    asks: str
    holds: bool
    places: tuple[Place, ...] = ()
    note: str = ""
    """Why words that stand in the text did not count."""


def why(rule: Rule, rules: RuleSet, scan: Scan) -> Iterator[Line]:
    """The rule as a list of what it asks for, outermost first. The first line says whether it holds."""
    found = explain(rule.match, scan, rules.numbers, rule.boost)
    of_kind = rules.comes_from(rule, scan.article)
    enough = found is not None and (rule.min_score is None or found.score >= rule.min_score)
    yield Line(0, rule.id, enough and of_kind)
    if rule.regions or rule.sources:
        yield Line(1, "; ".join(_conditions(rule)), of_kind)
    if rule.min_score is not None:
        reached = found.score if found else 0
        yield Line(1, f"score ≥ {rule.min_score}", enough, note=f"reached {reached}")
    yield from _lines(rule.match, rules, scan, 1)


def _conditions(rule: Rule) -> Iterator[str]:
    if rule.regions:
        yield "region: " + ", ".join(rule.regions)
    if rule.sources:
        yield "source: " + ", ".join(rule.sources)


def _lines(expression: Expression, rules: RuleSet, scan: Scan, depth: int) -> Iterator[Line]:
    found = explain(expression, scan, rules.numbers, {})
    holds = found is not None
    match expression:
        case All(parts=parts) | Any_(parts=parts):
            if len(parts) > 1:
                yield Line(depth, "all of" if isinstance(expression, All) else "one of", holds)
            for part in parts:
                yield from _lines(part, rules, scan, depth + (len(parts) > 1))
        case Not(part=part):
            yield Line(depth, "none of", holds)
            yield from _lines(part, rules, scan, depth + 1)
        case Word() | Near() | Pattern():
            spans = sorted(set(found.spans)) if found else []
            places = tuple(scan.place(start, end) for start, end in spans[:_MOST])
            note = "" if holds else _note(expression, scan)
            yield Line(depth, describe(expression), holds, places, note)


def describe(expression: Word | Near | Pattern) -> str:
    """What one term asks for, in a line."""
    match expression:
        case Word(text=text, fields=fields, weight=weight):
            return f"{text}{_fields(fields)}" + (f" ^{weight}" if weight != 1 else "")
        case Pattern(regex=regex, fields=fields):
            return f"/{regex}/{_fields(fields)}"
        case Near(left=left, right=right, within=within):
            distance = {SENTENCE: "same sentence", PARAGRAPH: "same paragraph"}.get(within, f"within {within}")
            sides = ["|".join(word.text for word in side) for side in (left, right)]
            return f"{sides[0]} near {sides[1]}, {distance}"


def _fields(fields: tuple[str, ...]) -> str:
    return "" if fields == TEXT else f" in {', '.join(fields)}"


def _note(expression: Word | Near | Pattern, scan: Scan) -> str:
    if isinstance(expression, Near):
        absent = [word.text for word in (*expression.left, *expression.right) if word.text not in scan.text]
        return f"absent: {', '.join(absent)}" if absent else "both are there, but too far apart"
    if isinstance(expression, Pattern) or expression.text not in scan.text:
        return "absent"
    return "is there, but in another field, inside a longer word, or without a word border"
