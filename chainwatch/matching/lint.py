"""Lint: rules that load but cannot do what their writer meant, and short words that sit in longer ones."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal

from chainwatch.matching.expression import All, Any_, Expression, Near, Not, Pattern, Word
from chainwatch.matching.folding import fold
from chainwatch.matching.rule import Rule

SHORT = 2
"""Characters up to which a word is likely to sit in others."""
_HAN = re.compile(r"[\u3400-\u9fff0-9a-z]+")


def impossible(rule: Rule) -> str | None:
    """Why the rule can never hold; None where nothing says so."""
    if rule.min_score is not None:
        most = _most(rule.match) * max([Decimal(1), *rule.boost.values()])
        if most < rule.min_score:
            return f"min_score is {rule.min_score}, but everything together weighs {most}"
    return _contradiction(rule.match)


def _most(expression: Expression) -> Decimal:
    match expression:
        case Word(weight=weight) | Near(weight=weight) | Pattern(weight=weight):
            return weight
        case All(parts=parts) | Any_(parts=parts):
            return sum(map(_most, parts), start=Decimal(0))
        case Not():
            return Decimal(0)


def _contradiction(expression: Expression) -> str | None:
    """A word that must occur and holds a word that must not."""
    if not isinstance(expression, All):
        return None
    banned = [word for part in expression.parts if isinstance(part, Not) for word in _plain_words(part.part)]
    for part in expression.parts:
        if isinstance(part, Not):
            continue
        options = part.parts if isinstance(part, Any_) else (part,)
        clashes = [_clash(option, banned) for option in options]
        if clashes and all(clashes):
            return clashes[0]
    return None


def _plain_words(expression: Expression) -> list[Word]:
    parts = expression.parts if isinstance(expression, Any_) else (expression,)
    return [part for part in parts if isinstance(part, Word)]


def _clash(option: Expression, banned: Iterable[Word]) -> str | None:
    if not isinstance(option, Word):
        return None
    for word in banned:
        bordered = word.text[0].isascii() or word.text[-1].isascii()
        inside = word.text == option.text or (word.text in option.text and not bordered and not word.not_inside)
        if inside and set(option.fields) <= set(word.fields):
            return f"{option.text} must occur and {word.text} must not"
    return None


def longer_words(words: Iterable[str], texts: Iterable[str], most: int = 5) -> Mapping[str, list[tuple[str, int]]]:
    """For each folded word the commonest longer runs (one or two characters more) it sits in, with their counts."""
    counts: dict[str, Counter[str]] = {word: Counter() for word in words if len(word) <= SHORT}
    if not counts:
        return {}
    pattern = re.compile("|".join(map(re.escape, sorted(counts, key=len, reverse=True))))
    for text in texts:
        folded = fold(text)
        for run in _HAN.finditer(folded):
            for found in pattern.finditer(run.group()):
                counts[found.group()].update(_around(run.group(), found.start(), found.end()))
    return {word: _maximal(counter, most) for word, counter in counts.items() if counter}


def _around(run: str, start: int, end: int) -> Iterable[str]:
    for left in range(3):
        for right in range(3 - left):
            if left + right and start >= left and end + right <= len(run):
                yield run[start - left : end + right]


def _maximal(counter: Counter[str], most: int) -> list[tuple[str, int]]:
    """Commonest first; a run is left out where a longer one that holds it is nearly as common."""
    kept: list[tuple[str, int]] = []
    for run, count in sorted(counter.items(), key=lambda item: (-item[1], -len(item[0]), item[0])):
        if count < 2 or any(run in other or (other in run and count < many / 2) for other, many in kept):
            continue
        kept.append((run, count))
        if len(kept) == most:
            break
    return kept
