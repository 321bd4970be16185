"""The fold of a fact: from statements sorted by publication to one current value. Arrival plays no part.

A value is accepted when it is first said before any higher witness spoke; the last accepted one is current. A value
that only rounds the current one changes nothing, nor does a mute statement after the first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from chainwatch.models.ledger import ACTUAL, Claim, Fact, Value, Witness, echo_of
from consumers.ledger.key import number

TOLERANCE = {ACTUAL: Decimal("0.02")}
"""How far a rounded figure may lie from the exact one, by kind; aims and promises: 1 %."""


Firsts = tuple[str, str, str, str]
"""First sort key by witness rank."""


@dataclass(frozen=True, slots=True)
class Step:
    """One change of the current value."""

    value: Value
    at: str
    """Sort key of the statement that brought it."""
    refined: bool
    """The same aim said exactly, after a bare level."""


def same(kind: str, left: str, right: str) -> bool:
    """Whether one value is the other, rounded to its own significant digits."""
    if left == right:
        return True
    if "~" in left or "~" in right:
        return False
    a, b = Decimal(left), Decimal(right)
    if not a or not b or (a < 0) != (b < 0):
        return False
    coarse, fine = sorted((a, b), key=_digits)
    exponent = coarse.normalize().as_tuple().exponent
    place = Decimal((0, (1,), int(exponent)))
    within = _digits(coarse) < _digits(fine) and abs(fine - coarse) < place
    return within and abs(fine - coarse) <= TOLERANCE.get(kind, Decimal("0.01")) * abs(fine)


def _digits(value: Decimal) -> int:
    return len(value.normalize().as_tuple().digits)


def contains(level: str, value: str) -> bool:
    """Whether a bare level (千亿级) covers the value."""
    low = number(level)
    return low <= number(value) < low * 10


def steps(kind: str, firsts: Firsts, values: Iterable[Value]) -> list[Step]:
    """The history of a fact: each value that became current, in order."""
    accepted = sorted((at, value.value, value) for value in values if (at := value.accepted(firsts)))
    history: list[Step] = []
    for at, _, value in accepted:
        if not history:
            history.append(Step(value, at, refined=False))
        elif at != value.leads[Witness.MUTE] and not same(kind, value.value, (current := history[-1].value).value):
            history.append(Step(value, at, refined=current.level and contains(current.value, value.value)))
    return history


def with_claim(value: Value | None, claim: Claim, fact: Fact) -> Value:
    """The value's row with one more statement of the fact."""
    if value is None:
        leads = with_first(("", "", "", ""), claim)
        echo = echo_of(fact, claim.value)
        return Value(fact.key, claim.value, leads, claim.comparator, claim.level, claim.key, echo)
    value = value._replace(leads=with_first(value.leads, claim))
    if claim.key < value.born:
        return value._replace(comparator=claim.comparator, level=claim.level, born=claim.key)
    return value


def with_first(firsts: Firsts, claim: Claim) -> Firsts:
    """The first sort keys by rank, one more statement counted in."""
    if firsts[claim.rank] and firsts[claim.rank] <= claim.key:
        return firsts
    zero, one, two, three = (
        claim.key if rank == claim.rank and (not first or claim.key < first) else first
        for rank, first in enumerate(firsts)
    )
    return zero, one, two, three


def counted(fact: Fact, claim: Claim, *, new_value: bool) -> Fact:
    """The fact with one more statement; its current value is left to `settled` or `appended`."""
    first = not fact.born or claim.key < fact.born
    issuer = claim.issuer and (not fact.issuer_key or claim.key < fact.issuer_key)
    node = claim.node and (not fact.node_key or claim.key < fact.node_key)
    return fact._replace(
        firsts=with_first(fact.firsts, claim),
        born=claim.key if first else fact.born,
        cue=claim.cue if first else fact.cue,
        plan=claim.plan if first else fact.plan,
        latest=max(fact.latest, claim.key),
        values=fact.values + new_value,
        statements=fact.statements + 1,
        issuer=claim.issuer if issuer else fact.issuer,
        issuer_key=claim.key if issuer else fact.issuer_key,
        node=claim.node if node else fact.node,
        node_key=claim.key if node else fact.node_key,
    )


def rebuilt(fact: Fact, claims: Iterable[Claim]) -> tuple[Fact, dict[str, Value]]:
    """The fact and its values as these claims make them; at least one claim."""
    values: dict[str, Value] = {}
    made = fact.bare()
    for claim in sorted(claims, key=lambda claim: (claim.key, claim.value)):
        made = counted(made, claim, new_value=claim.value not in values)
        values[claim.value] = with_claim(values.get(claim.value), claim, made)
    return settled(made, values.values()), values


def settled(fact: Fact, values: Iterable[Value]) -> Fact:
    """The fact with its current value decided from all its values."""
    return _current(fact, steps(fact.kind, fact.firsts, values)[-1])


def appended(before: Fact, fact: Fact, value: Value, claim: Claim) -> Fact:
    """Like `settled`, for a statement later than all others: only the current value need be known."""
    if not before.born:
        return _current(fact, Step(value, claim.key, refined=False))
    spoken = claim.rank != Witness.MUTE and value.accepted(fact.firsts) == claim.key
    if not spoken or same(fact.kind, value.value, before.value):
        return fact
    return _current(fact, Step(value, claim.key, refined=False))


def _current(fact: Fact, step: Step) -> Fact:
    value = step.value
    return fact._replace(
        value=value.value,
        comparator=value.comparator,
        level=value.level,
        rank=9 - int(step.at.split("|", 3)[2]),
        since=step.at,
    )
