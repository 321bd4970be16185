"""Back-off: how long to wait after a failure, when to give a message up, when a channel counts as failing."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Full jitter: anywhere between nothing and 2, 4, 8 … seconds, at most an hour. Times are seconds."""

    first: float = 2.0
    longest: float = 3_600.0
    tries: int = 12
    """A message that fails so often on a channel that otherwise works is dead."""
    age: float = 7 * 86_400.0
    """A message so long overdue is dead."""
    failures: int = 5
    """Failures in a row after which a channel is failing: tried with one message now and then, its owner told."""

    def wait(self, attempt: int, random: Callable[[], float], retry_after: float | None = None) -> float:
        """Seconds until the next try; never less than the service asked for.

        Args:
            attempt: 1 after the first failure.
            random: a number in [0, 1).
            retry_after: seconds that the service named.
        """
        ceiling = min(self.longest, self.first * 2.0 ** min(attempt - 1, 30))
        return max(ceiling * random(), retry_after or 0.0)

    def dead(self, attempt: int, overdue: float, *, channel_works: bool) -> bool:
        """Whether to give the message up."""
        return overdue > self.age or (channel_works and attempt >= self.tries)
