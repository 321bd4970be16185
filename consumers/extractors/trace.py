"""What an observer of the extraction is told: every candidate that was refused, and why. Costs nothing when absent."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Refusal:
    """A candidate that became no finding."""

    part: str
    start: int
    end: int
    kind: str
    """number or title."""
    reason: str
    """Short English words, the same for the same reason: vague number, no deadline, outsider's forecast."""


Observer = Callable[[Refusal], None]
