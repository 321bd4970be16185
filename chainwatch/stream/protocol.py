"""What a stream backend must do. Two live here: the embedded SQLite log (default) and Kafka.

The consumer's position is the store's, not the stream's: a caller seeks to the offset that its own
transaction recorded. `commit` only tells lag tools how far the group has come.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from chainwatch.stream.keeping import Keeping

ARTICLES = "chainwatch.articles"
"""Topic of articles; key = article id, value = Article JSON."""
EVENTS = "chainwatch.events"
"""Topic of events, for other programs; key = subject, value = Event JSON."""

PARTITIONS = 4
"""Of each topic, where nobody chose otherwise."""
CONSUMERS = "consume"
"""Group of the workers that consume articles."""
DAMAGED = "chainwatch_damaged"
"""Header of a record that stands for one whose bytes the log has lost: why. Nothing else of it is known."""
ARCHIVED = "chainwatch_archived"
"""Header of a record whose value stands in the archive: the digest (SHA-256, hex) of that value. One that is read with
this header still on it is one whose value the archive could not give."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A record to append. `timestamp_ms` is the fetch time in Unix milliseconds, never a page's own date."""

    key: str
    value: bytes
    timestamp_ms: int
    headers: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """A record as read."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: str
    value: bytes
    headers: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """`topic/partition@offset`, for errors and logs."""
        return f"{self.topic}/{self.partition}@{self.offset}"


class Consumer(Protocol):
    """One member of a group. Not shared between threads."""

    def poll(self, limit: int, timeout: float) -> list[Record]:
        """Up to `limit` records of the assigned partitions, in offset order per partition; waits up to `timeout` s."""

    def seek(self, partition: int, offset: int) -> None:
        """Next `poll` starts at `offset` in an assigned partition."""

    def pause(self, partition: int) -> None:
        """Stop fetching a partition (a record newer than this code, say); the assignment is kept."""

    def assignment(self) -> frozenset[int]:
        """Partitions this member holds now."""

    def commit(self, offsets: Mapping[int, int]) -> None:
        """Tell the stream how far the group has come. Never raises for a lost partition: the store decides."""

    def close(self) -> None:
        """Leave the group."""


class Stream(Protocol):
    """Topics of partitions of records. `append` returns only when the records are durable."""

    def ensure_topic(self, topic: str, partitions: int, retention_ms: int | None = None) -> None:
        """Create the topic, or check that it has at least these partitions."""

    def topics(self) -> dict[str, int]:
        """Topic → number of partitions."""

    def keeping(self, topic: str) -> Keeping | None:
        """How brokers keep the topic; None where there are none. Raises Problem for an unknown topic."""

    def append(self, topic: str, drafts: Sequence[Draft]) -> list[tuple[int, int]]:
        """Append all or nothing; (partition, offset) of each, in order. Partition follows from the key."""

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        """Up to `limit` records from `offset` on, without a group. Trimmed offsets are skipped."""

    def begin_offset(self, topic: str, partition: int) -> int:
        """Offset of the oldest record kept."""

    def end_offset(self, topic: str, partition: int) -> int:
        """Offset that the next record will get."""

    def offset_at(self, topic: str, partition: int, timestamp_ms: int) -> int:
        """Offset of the first record whose timestamp is at or after the time; the end offset where there is none."""

    def consumer(
        self,
        topic: str,
        group: str,
        *,
        on_assigned: Callable[[frozenset[int]], Mapping[int, int]],
        on_lost: Callable[[frozenset[int]], None],
    ) -> Consumer:
        """Join a group. `on_assigned` returns the offset each new partition starts at, before its first read."""

    def committed(self, topic: str, group: str) -> dict[int, int]:
        """What the group last told by `commit`."""

    def tell(self, topic: str, group: str, offsets: Mapping[int, int]) -> None:
        """Set what a group without members last told, for lag tools; a failure is only logged."""

    def groups(self) -> dict[str, int]:
        """Group → number of live members."""

    def trim(self, topic: str, before_ms: int) -> int:
        """Drop records older than the time; how many went."""

    def close(self) -> None:
        """Release files and sockets."""
