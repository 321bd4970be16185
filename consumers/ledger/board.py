"""The one map: aims with how far they are, and what each is to the others. Rows for commands and pages."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chainwatch.models import from_timestamp_ms
from chainwatch.models.ledger import ACTUAL, TARGET, Fact, Value, key_ms
from consumers.ledger import fold, wording
from consumers.ledger.key import UNDATED, number
from consumers.ledger.progress import Progress, progress


@dataclass(frozen=True, slots=True)
class Conflict:
    """Values of one period that do not round to each other."""

    period: str
    values: tuple[str, ...]


def aim(fact: Fact, line: Sequence[Fact], now_ms: int) -> dict[str, Any]:
    """One aim as a row: who, what, until when, and how far it is."""
    state = progress(fact, line, now_ms)
    return {
        "key": fact.key,
        "subject": fact.subject,
        "node": fact.node or None,
        "region": fact.region or None,
        "metric": fact.metric,
        "scope": fact.scope or None,
        "base": fact.base or None,
        "flow": fact.flow or None,
        "per_year": fact.per_year,
        "value": fact.value,
        "unit": fact.unit,
        "comparator": fact.comparator,
        "aim": wording.shown(fact.value, fact.unit, fact.comparator, level=fact.level),
        "deadline": fact.when or None,
        "issuer": fact.issuer or None,
        "told": _day(fact.since),
        "first_told": _day(fact.born),
        "values": fact.values,
        "statements": fact.statements,
        **_progress(state),
    }


def _progress(state: Progress) -> dict[str, Any]:
    actual = state.actual
    return {
        "state": state.state,
        "progress": state.percent or None,
        "actual": wording.shown(actual.value, actual.unit, actual.comparator) if actual else None,
        "as_of": actual.when.rstrip(UNDATED) if actual else None,
        "expected": wording.shown(str(state.expected), actual.unit, "eq")
        if state.expected is not None and actual
        else None,
        "reason": state.reason or None,
    }


def _day(key: str) -> str | None:
    return f"{from_timestamp_ms(key_ms(key)):%Y-%m-%d}" if key_ms(key) else None


def result(fact: Fact) -> dict[str, Any]:
    """One result as a row of a series."""
    return {
        "key": fact.key,
        "subject": fact.subject,
        "node": fact.node or None,
        "region": fact.region or None,
        "metric": fact.metric,
        "scope": fact.scope or None,
        "base": fact.base or None,
        "flow": fact.flow or None,
        "as_of": fact.when.rstrip(UNDATED) or None,
        "dated": not fact.when.endswith(UNDATED),
        "value": fact.value,
        "unit": fact.unit,
        "shown": wording.shown(fact.value, fact.unit, fact.comparator, level=fact.level),
        "values": fact.values,
        "statements": fact.statements,
    }


def history(fact: Fact, values: Sequence[Value]) -> list[dict[str, Any]]:
    """Every value a fact ever had, in the order it was told, and what each did: new, raised, lowered, stated."""
    current: dict[str, fold.Step] = {step.value.value: step for step in fold.steps(fact.kind, fact.firsts, values)}
    rows: list[dict[str, Any]] = []
    last: Value | None = None
    for value in sorted(values, key=lambda value: current[value.value].at if value.value in current else value.born):
        step = current.get(value.value)
        change = "stated"
        if step is not None:
            change = "new" if last is None else "exact" if step.refined else _direction(last.value, value.value)
            last = value
        rows.append(
            {
                "told": _day(step.at if step else value.born),
                "change": change,
                "value": value.value,
                "shown": wording.shown(value.value, fact.unit, value.comparator, level=value.level),
                "current": value.value == fact.value,
            }
        )
    return rows


def _direction(before: str, after: str) -> str:
    return "raised" if number(after) > number(before) else "lowered"


def conflicts(line: Sequence[Fact], values: Mapping[str, Sequence[Value]]) -> list[Conflict]:
    """Periods of results for which sources say different things."""
    found: list[Conflict] = []
    for fact in line:
        said = sorted({value.value for value in values.get(fact.key, ())})
        if fact.kind == ACTUAL and any(not fold.same(ACTUAL, fact.value, value) for value in said):
            found.append(Conflict(fact.when, tuple(said)))
    return found


def related(fact: Fact, others: Iterable[Fact], linked: Callable[[str, str], str]) -> list[tuple[str, Fact]]:
    """Aims that are another fact, but to be seen beside this one.

    Args:
        fact: the aim.
        others: aims of the same subject, or of nodes that `linked` knows.
        linked: (node, node) → successor, mapped or empty.
    """
    found: list[tuple[str, Fact]] = []
    for other in others:
        if other.key == fact.key or other.kind != TARGET:
            continue
        if other.subject != fact.subject:
            relation = linked(fact.node, other.node)
        elif other.region != fact.region:
            relation = "region"
        elif other.line == fact.line and other.when == fact.when:
            relation = "split"
        elif other.line == fact.line:
            relation = "moved" if (other.cue or fact.cue) and fold.same(TARGET, fact.value, other.value) else "year"
        else:
            relation = "scope" if other.metric == fact.metric else "metric"
        if relation:
            found.append((relation, other))
    return found
