"""Job and Result: what goes to a child process and what comes back. Both are small values that travel as JSON."""

from dataclasses import asdict, dataclass, field
from enum import StrEnum

import orjson


class Outcome(StrEnum):
    """What came of one send."""

    DELIVERED = "delivered"
    RETRY = "retry"
    """A passing failure: later it may work."""
    REFUSED = "refused"
    """The service refuses this message for good."""
    UNUSABLE = "unusable"
    """The channel itself is wrong: address, token, permission. Its messages wait until somebody mends it."""
    UNKNOWN = "unknown"
    """No answer: it may have arrived."""


@dataclass(frozen=True, slots=True)
class Job:
    """One body to send to one address."""

    message: str
    url: str = field(repr=False)
    title: str = field(repr=False)
    body: str = field(repr=False)
    """Text in the service's format; for a webhook the JSON document."""
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    """For webhooks."""

    def to_bytes(self) -> bytes:
        """For the pipe."""
        return orjson.dumps(asdict(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Job":
        """From the pipe."""
        return cls(**orjson.loads(data))


@dataclass(frozen=True, slots=True)
class Result:
    """What a child says of a job."""

    outcome: Outcome
    detail: str = ""
    """For people; holds no part of the address."""
    retry_after: float | None = None
    """Seconds that the service asks to wait."""
    status: int | None = None
    """HTTP status, where it was seen."""

    def to_bytes(self) -> bytes:
        """For the pipe."""
        return orjson.dumps(asdict(self))

    @classmethod
    def from_bytes(cls, data: bytes) -> "Result":
        """From the pipe."""
        values = orjson.loads(data)
        return cls(Outcome(values.pop("outcome")), **values)


def of_status(status: int) -> Outcome:
    """What an HTTP status means: 2xx arrived, some may pass, some condemn the channel, the rest this message."""
    if 200 <= status < 300:
        return Outcome.DELIVERED
    if status in {408, 425, 429} or status >= 500:
        return Outcome.RETRY
    return Outcome.UNUSABLE if status in {401, 403, 404, 405, 410} or status < 400 else Outcome.REFUSED
