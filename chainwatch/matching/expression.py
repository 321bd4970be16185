"""Expression: what a rule asks of an article, in whatever form it was written: a tree of frozen values."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

ONE = Decimal(1)
FIELDS = ("title", "body", "first", "source", "attachment")
"""Parts of an article that a rule can name; `first` is the first paragraph of the body."""
TEXT = ("title", "body", "attachment")
"""Where a rule looks unless it says otherwise."""

SENTENCE, PARAGRAPH = -1, -2
"""`Near.within` for "in the same sentence" and "in the same paragraph"."""


@dataclass(frozen=True, slots=True)
class Word:
    """A literal, folded. Letters and digits at its ends need a word border."""

    text: str
    fields: tuple[str, ...] = TEXT
    weight: Decimal = ONE
    not_inside: tuple[str, ...] = ()
    """Longer folded words; an occurrence inside one of them does not count."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression in RE2's syntax, on the text as written."""

    regex: str
    required: tuple[str, ...]
    """Folded literals one of which every match contains; empty where none could be found."""
    fields: tuple[str, ...] = TEXT
    weight: Decimal = ONE


@dataclass(frozen=True, slots=True)
class Near:
    """One of `left` and one of `right`, in any order, not overlapping, with at most `within` characters between."""

    left: tuple[Word, ...]
    right: tuple[Word, ...]
    within: int
    weight: Decimal = ONE


@dataclass(frozen=True, slots=True)
class All:
    """Every part holds."""

    parts: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Any_:  # noqa: N801  the builtin and typing.Any keep their name
    """At least one part holds."""

    parts: "tuple[Expression, ...]"


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Expression"


Expression = Word | Pattern | Near | All | Any_ | Not


def words(expression: Expression) -> Iterator[Word]:
    """Every literal of the tree, those under Not too."""
    match expression:
        case Word():
            yield expression
        case Near(left=left, right=right):
            yield from left
            yield from right
        case All(parts=parts) | Any_(parts=parts):
            for part in parts:
                yield from words(part)
        case Not(part=part):
            yield from words(part)
        case Pattern():
            pass


def trigger(expression: Expression) -> frozenset[str] | None:
    """Literals one of which is in every article that the expression holds for; None where there is no such set.

    Of several possible sets the one that will be met most rarely is taken: fewest literals weighed by shortness.
    """
    match expression:
        case Word(text=text):
            return frozenset((text,))
        case Pattern(required=required):
            return frozenset(required) or None
        case Near(left=left, right=right):
            sides = (frozenset(word.text for word in side) for side in (left, right))
            return min(sides, key=_commonness)
        case All(parts=parts):
            known = [found for found in map(trigger, parts) if found is not None]
            return min(known, key=_commonness, default=None)
        case Any_(parts=parts):
            some = [found for found in map(trigger, parts) if found is not None]
            return frozenset[str]().union(*some) if some and len(some) == len(parts) else None
        case Not():
            return None


def _commonness(literals: frozenset[str]) -> tuple[float, list[str]]:
    """About how often one of the literals is met: each further character makes a literal some 30 times rarer."""
    return sum(30.0 ** -min(len(literal), 12) for literal in literals), sorted(literals)


def to_wire(expression: Expression) -> list[Any]:
    """Nested lists of JSON values: for digests and for the cache on disk."""
    match expression:
        case Word(text=text, fields=fields, weight=weight, not_inside=inside):
            return ["w", text, fields, str(weight), inside]
        case Pattern(regex=regex, required=required, fields=fields, weight=weight):
            return ["p", regex, required, fields, str(weight)]
        case Near(left=left, right=right, within=within, weight=weight):
            return ["n", [to_wire(word) for word in left], [to_wire(word) for word in right], within, str(weight)]
        case All(parts=parts):
            return ["&", *map(to_wire, parts)]
        case Any_(parts=parts):
            return ["|", *map(to_wire, parts)]
        case Not(part=part):
            return ["!", to_wire(part)]


def from_wire(data: list[Any]) -> Expression:
    """Read what `to_wire` wrote."""
    kind, *rest = data
    match kind:
        case "w":
            return _word(data)
        case "p":
            regex, required, fields, weight = rest
            return Pattern(regex, tuple(required), tuple(fields), Decimal(weight))
        case "n":
            left, right, within, weight = rest
            return Near(tuple(map(_word, left)), tuple(map(_word, right)), within, Decimal(weight))
        case "&":
            return All(tuple(map(from_wire, rest)))
        case "|":
            return Any_(tuple(map(from_wire, rest)))
        case "!":
            return Not(from_wire(rest[0]))
        case _:
            raise ValueError(f"no such kind of expression: {kind!r}")


def _word(data: list[Any]) -> Word:
    _, text, fields, weight, inside = data
    return Word(text, tuple(fields), Decimal(weight), tuple(inside))
