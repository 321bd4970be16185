"""Evaluation: whether an expression holds for a scanned article, and the places that show it."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

import re2

from chainwatch.matching.automaton import Scan, covered, mask_shifts
from chainwatch.matching.expression import (
    ONE,
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

Numbers = Mapping[str, int]
"""Folded literal → its number in the automaton."""
Test = Callable[[Scan], bool]
Boost = Mapping[str, Decimal]
"""Field → factor."""
Span = tuple[int, int]
"""[start, end) in the joined text of the scan."""

_SENTENCE_ENDS = "。!?;！？；…\n"
"""A full stop of Latin text is none: it stands in numbers."""
_REGEX_MEMORY = 8 << 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why an expression holds: the spans of everything that counted, and the sum of its weights."""

    score: Decimal
    spans: tuple[Span, ...]


NOTHING = Evidence(Decimal(0), ())


def compile_test(expression: Expression, numbers: Numbers) -> Test:
    """A function that says quickly whether the expression holds; it keeps no places."""
    match expression:
        case Word():
            return _word_test(expression, numbers)
        case All(parts=parts):
            return _all_test(parts, numbers)
        case Any_(parts=parts):
            options = tuple(compile_test(part, numbers) for part in parts)
            return lambda scan: _some(options, scan)
        case Not(part=part):
            test = compile_test(part, numbers)
            return lambda scan: not test(scan)
        case Near():
            return lambda scan: next(_near(expression, scan, numbers), None) is not None
        case Pattern():
            return lambda scan: next(_matches(expression, scan), None) is not None


def _all_test(parts: Sequence[Expression], numbers: Numbers) -> Test:
    """Plain words are looked up in one function: most rules are nothing but these, and calls are what costs."""
    needed, groups, never, rest = list[int](), list[tuple[int, ...]](), list[int](), list[Test]()
    for part in parts:
        inner = part.part if isinstance(part, Not) else part
        plain = _plain(inner, numbers)
        if plain is None:
            rest.append(compile_test(part, numbers))
        elif isinstance(part, Not):
            never += plain
        elif len(plain) == 1:
            needed += plain
        else:
            groups.append(plain)
    lookup = _lookup(tuple(needed), tuple(groups), tuple(never))
    return (lambda scan: lookup(scan) and _every(rest, scan)) if rest else lookup


def _plain(expression: Expression, numbers: Numbers) -> tuple[int, ...] | None:
    """Numbers of words of which one is wanted, where nothing but their presence counts; else None."""
    parts = expression.parts if isinstance(expression, Any_) else (expression,)
    if all(isinstance(part, Word) and part.fields == TEXT and not part.not_inside for part in parts):
        return tuple(numbers[part.text] for part in parts if isinstance(part, Word))
    return None


def _lookup(needed: tuple[int, ...], groups: tuple[tuple[int, ...], ...], never: tuple[int, ...]) -> Test:
    def holds(scan: Scan) -> bool:
        present = scan.present
        for number in needed:
            if number not in present:
                return False
        for group in groups:
            for number in group:
                if number in present:
                    break
            else:
                return False
        for number in never:  # noqa: SIM110  a loop is twice as fast as any() here
            if number in present:
                return False
        return True

    return holds


def _every(tests: Sequence[Test], scan: Scan) -> bool:
    return all(test(scan) for test in tests)


def _some(tests: Sequence[Test], scan: Scan) -> bool:
    return any(test(scan) for test in tests)


def _word_test(word: Word, numbers: Numbers) -> Test:
    number = numbers[word.text]
    if word.fields == TEXT and not word.not_inside:
        return lambda scan: number in scan.present
    return lambda scan: ("source" in word.fields and number in scan.in_source) or bool(_spans(word, scan, numbers))


def explain(expression: Expression, scan: Scan, numbers: Numbers, boost: Boost) -> Evidence | None:
    """What shows that the expression holds; None where it does not. A Not that holds shows nothing.

    Each term counts once: its weight times the highest boost of the fields where it was found.
    """
    match expression:
        case Word(weight=weight, fields=fields):
            spans = _spans(expression, scan, numbers)
            named = "source" in fields and numbers[expression.text] in scan.in_source
            return Evidence(weight * _factor(spans, scan, boost), tuple(spans)) if spans or named else None
        case Near(weight=weight):
            pairs = [span for pair in _near(expression, scan, numbers) for span in pair]
            return Evidence(weight * _factor(pairs, scan, boost), tuple(pairs)) if pairs else None
        case Pattern(weight=weight):
            found = tuple(_matches(expression, scan))
            return Evidence(weight * _factor(found, scan, boost), found) if found else None
        case Not(part=part):
            return NOTHING if explain(part, scan, numbers, boost) is None else None
        case All(parts=parts):
            every = [explain(part, scan, numbers, boost) for part in parts]
            return None if None in every else _join([one for one in every if one])
        case Any_(parts=parts):
            some = [one for part in parts if (one := explain(part, scan, numbers, boost)) is not None]
            return _join(some) if some else None


def _factor(spans: Sequence[Span], scan: Scan, boost: Boost) -> Decimal:
    met = [
        factor
        for field, factor in boost.items()
        if any(low <= start and end <= high for low, high in scan.bounds((field,)) for start, end in spans)
    ]
    return max(met, default=ONE)


def _join(evidence: list[Evidence]) -> Evidence:
    spans = tuple(span for one in evidence for span in one.spans)
    return Evidence(sum((one.score for one in evidence), start=Decimal(0)), spans)


def _spans(word: Word, scan: Scan, numbers: Numbers) -> list[Span]:
    length = len(word.text)
    number = numbers[word.text]
    spans = [(start, start + length) for start in scan.starts[number]] if number in scan.present else []
    if spans and word.fields != TEXT:
        bounds = scan.bounds(word.fields)
        spans = [span for span in spans if any(low <= span[0] and span[1] <= high for low, high in bounds)]
    if spans and word.not_inside:
        shifts = mask_shifts(word.text, word.not_inside)
        spans = [span for span in spans if not covered(scan.text, span[0], shifts)]
    return spans


def _near(near: Near, scan: Scan, numbers: Numbers) -> Iterator[tuple[Span, Span]]:
    """Every span of either side that has a partner, with its nearest partner."""
    left = sorted({span for word in near.left for span in _spans(word, scan, numbers)})
    right = sorted({span for word in near.right for span in _spans(word, scan, numbers)})
    for these, those in ((left, right), (right, left)):
        starts = [start for start, _ in those]
        for span in these:
            after = bisect_left(starts, span[1])
            if after < len(those) and _close(scan.text, span[1], those[after][0], near.within):
                yield span, those[after]


def _close(text: str, start: int, end: int, within: int) -> bool:
    """Whether what stands between start and end is short enough, of one part, sentence or paragraph."""
    if within >= 0:
        return end - start <= within and "\x00" not in text[start:end]
    between = text[start:end]
    if "\x00" in between:
        return False
    ends = _SENTENCE_ENDS if within == SENTENCE else "\n"
    assert within in {SENTENCE, PARAGRAPH}
    return not any(end in between for end in ends)


def _matches(pattern: Pattern, scan: Scan) -> Iterator[Span]:
    regex = compiled(pattern.regex)
    for low, high in scan.bounds(pattern.fields):
        for found in regex.finditer(scan.raw[low:high]):
            if found.end() > found.start():
                yield low + found.start(), low + found.end()


@lru_cache(maxsize=4096)
def compiled(regex: str) -> "re2._Regexp[str]":
    """The pattern, compiled by RE2. Raises re2.error for what it refuses (look-around, back references)."""
    options = re2.Options()
    options.max_mem = _REGEX_MEMORY
    options.log_errors = False
    return re2.compile(regex, options)
