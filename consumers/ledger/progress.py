"""How far an aim is: the result so far against it, and against the straight line to it. Time is an argument."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from chainwatch.models import canonical_decimal
from chainwatch.models.ledger import ACTUAL, TARGET, Fact, key_ms
from consumers.ledger.fold import same
from consumers.ledger.key import UNDATED, number

MARGIN = Decimal("0.1")
"""Lag begins where a tenth of the way from start to aim is missing against the straight line."""
_YEARLY = frozenset(
    {
        "产值",
        "增加值",
        "营收",
        "利润",
        "税收",
        "投资",
        "出口",
        "销售额",
        "产量",
        "消费量",
        "能耗",
        "排放",
        "收入",
        "金额",
    }
)
"""Metrics of a year: a result of part of a year may reach the aim, but is no measure of the way to it."""
_RATES = frozenset({"增速", "贡献率"})
"""Metrics of the period itself: only the aim's own period tells anything."""

State = Literal["met", "lagging", "on track", "moved", "open"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where an aim stands. `open` is no verdict: nothing to compare with. `moved`: another year took its place."""

    state: State
    actual: Fact | None = None
    """The newest result that can be compared."""
    ratio: Decimal | None = None
    """Result over aim, four places."""
    expected: Decimal | None = None
    """What the straight line asks for at the result's own time."""
    reason: str = ""
    """unmet at deadline, behind the line, the year it was moved to, or empty."""

    @property
    def percent(self) -> str:
        """78 %, or nothing."""
        return f"{canonical_decimal((self.ratio * 100).quantize(Decimal(1)))} %" if self.ratio is not None else ""


def comparable(target: Fact, actual: Fact) -> bool:
    """Whether the result is a measure of the way to the aim."""
    if actual.kind != ACTUAL or actual.unit != target.unit or not actual.when:
        return False
    own_period = actual.when[:4] == target.when[:4]
    whole_year = len(actual.when) == 4
    if target.metric in _RATES or target.per_year or target.flow == "new":
        return own_period and whole_year
    return whole_year or target.metric not in _YEARLY or reached(target, actual)


def reached(target: Fact, actual: Fact) -> bool:
    """Whether the result is what the aim asks for."""
    have, want = number(actual.value), number(target.value)
    if target.comparator in {"le", "lt"}:
        return actual.ends_ms >= target.ends_ms and have <= want
    return have >= want


def progress(target: Fact, line: Sequence[Fact], now_ms: int) -> Progress:
    """Where the aim stands at a time, given the aims and results of its line."""
    later = moved_to(target, line)
    if later:
        return Progress("moved", reason=later)
    results = _results(target, line)
    if not results or not target.when:
        return Progress("open")
    newest = results[-1]
    ratio = _ratio(target, newest)
    if any(reached(target, fact) for fact in results):
        return Progress("met", newest, ratio)
    if now_ms >= target.ends_ms:
        unmet = newest.ends_ms > key_ms(target.born)
        return Progress("lagging" if unmet else "open", newest, ratio, reason="unmet at deadline" if unmet else "")
    return _against_the_line(target, results, ratio)


def _results(target: Fact, line: Sequence[Fact]) -> list[Fact]:
    """Comparable results up to the aim's own period, oldest first; a later one where there is no other."""
    found = (fact for fact in line if fact.value and comparable(target, fact))
    ordered = _without_repeats(sorted(found, key=lambda fact: (fact.ends_ms, fact.key)))
    return [fact for fact in ordered if fact.ends_ms <= target.ends_ms or fact.when == target.when] or ordered[:1]


def _against_the_line(target: Fact, results: Sequence[Fact], ratio: Decimal | None) -> Progress:
    """Against the straight line from the last result before the aim was published; none: no verdict."""
    newest = results[-1]
    start = next((fact for fact in reversed(results) if fact.ends_ms <= key_ms(target.born)), None)
    expected = _expected(start, target, newest)
    if start is None or expected is None or newest is start:
        return Progress("open", newest, ratio)
    missing = (expected - number(newest.value)) * (1 if number(target.value) >= number(start.value) else -1)
    behind = missing > MARGIN * abs(number(target.value) - number(start.value))
    reason = "behind the line" if behind else ""
    return Progress("lagging" if behind else "on track", newest, ratio, expected, reason)


def moved_to(target: Fact, line: Sequence[Fact]) -> str:
    """The year that took the place of this aim's by an explicit word; empty where none did."""
    moved = [
        fact
        for fact in line
        if fact.kind == TARGET and fact.cue and fact.born > target.born and same(TARGET, fact.value, target.value)
    ]
    return max(moved, key=lambda fact: fact.born).when if moved else ""


def _without_repeats(results: Sequence[Fact]) -> list[Fact]:
    """An undated figure below one of an earlier period is an old one said again, no fall."""
    kept: list[Fact] = []
    for fact in results:
        repeated = fact.when.endswith(UNDATED) and any(number(fact.value) < number(other.value) for other in kept)
        if not repeated:
            kept.append(fact)
    return kept


def _ratio(target: Fact, actual: Fact) -> Decimal | None:
    want = number(target.value)
    if target.comparator in {"le", "lt"} or want <= 0:
        return None
    return (number(actual.value) / want).quantize(Decimal("0.0001"))


def _expected(start: Fact | None, target: Fact, newest: Fact) -> Decimal | None:
    if start is None or target.ends_ms <= start.ends_ms:
        return None
    way = Decimal(newest.ends_ms - start.ends_ms) / Decimal(target.ends_ms - start.ends_ms)
    return (number(start.value) + (number(target.value) - number(start.value)) * way).quantize(Decimal("0.01"))
