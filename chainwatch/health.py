"""Is a source well? Decides from the values of a run, and never acts: no clock, no network, no store.

A fault is believed when two runs in a row show one, so one bad answer alarms nobody; silence is measured in time.
"""

from dataclasses import dataclass, field, replace

from chainwatch.models import EventKind
from chainwatch.store.sources import Condition, Health

STRIKES = 2
"""Faulty runs in a row that make a source broken or blocked."""
ENOUGH = 20
"""Articles after which the share of a field is known."""
MEMORY = 0.9
"""Weight of the past in the running shares."""


BAD = frozenset({Condition.SILENT, Condition.BROKEN, Condition.BLOCKED})

BLOCKING = ("blocked", "robots", "challenge", "breaker")
"""Faults whose name starts like this mean that the site keeps us out."""


@dataclass(slots=True)
class RunFacts:
    """What one run saw, collected while it runs."""

    lists: int = 0
    """List pages read."""
    rows: int = 0
    """Rows of the first page of every list, with address and title."""
    dated: int = 0
    """Of these, rows with a date."""
    bad_rows: int = 0
    """Rows without address or title."""
    future: int = 0
    """Rows or articles dated more than two days ahead."""
    unchanged: bool = False
    """The server said that the list has not changed."""
    articles: int = 0
    """Article pages read with a template that fits."""
    present: dict[str, int] = field(default_factory=dict)
    """Field → articles that had it."""
    known_read: int = 0
    """Known pages that were read again."""
    lost: dict[str, int] = field(default_factory=dict)
    """Field → known pages that had it before and have lost it."""
    faults: dict[str, int] = field(default_factory=dict)
    """Kind of fault → how often."""
    pages_tried: int = 0
    """Article pages asked for."""
    published: int = 0
    newest_ms: int | None = None
    """Publication time of the newest row or article."""
    same_text: int = 0
    """Most articles of this run that share one text."""

    def fault(self, kind: str) -> None:
        """Count a fault."""
        self.faults[kind] = self.faults.get(kind, 0) + 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """The health after a run, what was wrong with the run, and the event that tells of a change."""

    health: Health
    symptoms: tuple[str, ...]
    event: EventKind | None

    @property
    def good(self) -> bool:
        """Whether the run counts as a good one."""
        return not self.symptoms


def judge(before: Health, facts: RunFacts, *, silent_after_ms: int, now_ms: int) -> Verdict:
    """The health after a run."""
    found = symptoms(before, facts)
    news = facts.published > 0 or before.last_new_ms is None
    last_new = now_ms if news else before.last_new_ms
    if facts.newest_ms is not None and before.last_new_ms is None:
        last_new = min(now_ms, facts.newest_ms)
    after = replace(before, strikes=before.strikes + 1 if found else 0, last_new_ms=last_new)
    if not found:
        after = _learn(after, facts)
    condition, reasons = _condition(before, after, found, silent_after_ms, now_ms)
    if condition != before.condition:
        after = replace(after, condition=condition, since_ms=now_ms)
    after = replace(after, reasons=reasons)
    return Verdict(after, found, _event(before.condition, condition))


def symptoms(before: Health, facts: RunFacts) -> tuple[str, ...]:
    """Everything wrong with one run, each a short sentence, worst first."""
    found = [f"{kind} ({count}×)" for kind, count in sorted(facts.faults.items()) if _counts(kind, count, facts)]
    if facts.lists and not facts.unchanged and not facts.rows:
        found.append("a list without rows")
    if not facts.lists and not facts.faults and not facts.unchanged:
        found.append("no list was there")
    if facts.bad_rows and facts.bad_rows >= facts.rows:
        found.append(f"{facts.bad_rows} rows without address or title")
    if before.rows >= 8 and 0 < facts.rows < before.rows * 0.3:
        found.append(f"{facts.rows} rows where {before.rows:.0f} are usual")
    if before.shares.get("row.dated", 0) >= 0.9 and facts.rows >= 5 and facts.dated < facts.rows * 0.3:
        found.append(f"{facts.dated} of {facts.rows} rows have a date")
    if facts.future >= 3 or (facts.future and facts.future >= facts.rows + facts.articles):
        found.append(f"{facts.future} dates lie in the future")
    found += [
        f"known pages have lost their {name}" for name in sorted(facts.lost) if facts.lost[name] * 2 >= facts.known_read
    ]
    if facts.same_text >= 3 and facts.same_text * 2 > facts.articles:
        found.append(f"{facts.same_text} articles with the same text")
    return (*found, *_missing(before, facts))


def _counts(kind: str, count: int, facts: RunFacts) -> bool:
    """Faults of a list always count; faults of single articles only where they are the rule."""
    if not kind.startswith("article:"):
        return True
    return count * 2 >= facts.pages_tried and count >= 1


def _missing(before: Health, facts: RunFacts) -> list[str]:
    if before.articles < ENOUGH or facts.articles < 3:
        return []
    return [
        f"{facts.present.get(name, 0)} of {facts.articles} articles have a {name}"
        for name, share in sorted(before.shares.items())
        if not name.startswith("row.") and share >= 0.9 and facts.present.get(name, 0) < facts.articles * 0.3
    ]


def _learn(health: Health, facts: RunFacts) -> Health:
    shares = dict(health.shares)
    if facts.articles:
        for name in {*shares, *facts.present} - {"row.dated"}:
            share = facts.present.get(name, 0) / facts.articles
            shares[name] = MEMORY * shares[name] + (1 - MEMORY) * share if name in shares else share
    if facts.rows:
        share = facts.dated / facts.rows
        shares["row.dated"] = MEMORY * shares["row.dated"] + (1 - MEMORY) * share if "row.dated" in shares else share
    rows = health.rows
    if facts.rows and not facts.unchanged:
        rows = MEMORY * rows + (1 - MEMORY) * facts.rows if rows else float(facts.rows)
    return replace(health, shares=shares, articles=health.articles + facts.articles, rows=rows)


def _condition(
    before: Health, after: Health, found: tuple[str, ...], silent_after_ms: int, now_ms: int
) -> tuple[Condition, tuple[str, ...]]:
    if found:
        if after.strikes < STRIKES:
            return before.condition, found
        blocked = any(reason.removeprefix("article: ").startswith(BLOCKING) for reason in found)
        return (Condition.BLOCKED if blocked else Condition.BROKEN), found
    if after.last_new_ms is not None and now_ms - after.last_new_ms > silent_after_ms:
        hours = (now_ms - after.last_new_ms) / 3_600_000
        return Condition.SILENT, (f"nothing new for {hours:.0f} hours",)
    return Condition.HEALTHY, ()


def _event(before: Condition, after: Condition) -> EventKind | None:
    if after == before:
        return None
    if after == Condition.SILENT:
        return EventKind.SOURCE_SILENT
    if after in BAD:
        return EventKind.SOURCE_BROKEN
    return EventKind.SOURCE_RECOVERED if before in BAD else None
