"""Options: how one dispatcher works."""

from dataclasses import dataclass, field

from chainwatch.notify.backoff import Backoff


@dataclass(frozen=True, slots=True)
class Options:
    """How one dispatcher works. Times are seconds."""

    send_seconds: float = 20.0
    lease_seconds: float = 60.0
    children: int = 4
    most_children: int = 32
    digest_over: int = 10
    """So many messages that waited for a broken channel become one digest."""
    idle_seconds: float = 1.0
    """Between two looks for what became due by the clock alone."""
    backoff: Backoff = field(default_factory=Backoff)
