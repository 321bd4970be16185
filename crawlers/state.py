"""CrawlState: all that spiders remember between requests, runs and workers.

`crawlers/stored.py` keeps it in the store; NoState keeps nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from chainwatch.health import RunFacts
from chainwatch.models import Event
from chainwatch.store.crawl import Coverage, Known


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one discovered page ended, and what to remember of it (None: nothing new)."""

    outcome: str
    reason: str = ""
    page: Known | None = None
    raw_digest: str | None = None


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended: `reason` "finished" lets the source be judged by the facts; `break_ms` opens the breaker."""

    reason: str
    facts: RunFacts
    notes: tuple[str, ...] = ()
    break_ms: int = 0


class CrawlState(Protocol):
    """What one run of one source reads and writes."""

    run: str
    first: bool
    """No run of the source has ended well yet."""
    hole: bool
    """The last run did not end well: known ground on a list's first page says nothing about the pages behind it."""

    def known(self, keys: Sequence[str]) -> Mapping[str, Known]:
        """What is remembered of these pages."""

    def revision(self, article: str) -> str | None:
        """Content digest of the article's newest published revision."""

    def listed(self, discovered: int, outcomes: Sequence[Outcome]) -> None:
        """A list named new pages; those that need no fetching end here."""

    def settle(self, outcome: Outcome) -> None:
        """One discovered page has ended."""

    def recheckable(self, since_ms: int, checked_before_ms: int, failed_before_ms: int, limit: int) -> list[Known]:
        """Live pages that are due for another look."""

    def newest(self) -> Known | None:
        """The page seen last: read again where a run would otherwise read none."""

    def cursor(self, name: str) -> str | None:
        """Where a walk left off."""

    def set_cursor(self, name: str, value: str | None) -> None:
        """Remember where a walk stands."""

    def renew(self) -> None:
        """Keep the lease. Raises LeaseLost."""

    def finish(self, end: End, tell: Callable[[Event], None]) -> Coverage:
        """Close the run, judge the source's health, tell of a change, give the lease back."""


@dataclass(slots=True)
class NoState:
    """Remembers nothing: for `scrapy parse`, `scrapy shell` and a checkout without an installation."""

    run: str = "none"
    first: bool = True
    hole: bool = False

    def known(self, keys: Sequence[str]) -> Mapping[str, Known]:  # noqa: ARG002  the Protocol's names
        """Nothing is known."""
        return {}

    def revision(self, article: str) -> str | None:  # noqa: ARG002  the Protocol's names
        """Nothing is known."""
        return None

    def listed(self, discovered: int, outcomes: Sequence[Outcome]) -> None:
        """Forgotten."""

    def settle(self, outcome: Outcome) -> None:
        """Forgotten."""

    def recheckable(self, since_ms: int, checked_before_ms: int, failed_before_ms: int, limit: int) -> list[Known]:  # noqa: ARG002
        """Nothing is known."""
        return []

    def newest(self) -> Known | None:
        """Nothing is known."""
        return None

    def cursor(self, name: str) -> str | None:  # noqa: ARG002  the Protocol's names
        """Nothing is known."""
        return None

    def set_cursor(self, name: str, value: str | None) -> None:
        """Forgotten."""

    def renew(self) -> None:
        """There is no lease."""

    def finish(self, end: End, tell: Callable[[Event], None]) -> Coverage:  # noqa: ARG002  the Protocol's names
        """Nothing is kept; an empty row comes back."""
        return Coverage(self.run, "", False, True, 0, 0, end.reason, 0, notes=end.notes)
