"""How brokers keep a topic, and whether that is safe for a log that audits read. Decided on values."""

from collections.abc import Iterator
from dataclasses import dataclass

LARGEST = 900_000
"""Bytes of key, value and headers that a record may have on a broker; larger values stand in the archive."""
FRAME = 20_000
"""Bytes that the broker's limit must leave for the batch around the largest record."""
COPIES = 3
"""Of each partition, where there are so many brokers."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """One topic as its brokers keep it. -1: without limit."""

    brokers: int
    copies: int
    """Of the partition that has the fewest."""
    in_step: int
    """Copies that are in step, of the partition that has the fewest."""
    least_in_step: int
    """min.insync.replicas: an append is acknowledged by so many, or refused."""
    retention_ms: int
    retention_bytes: int
    cleanup: str
    largest_batch: int
    unclean_election: bool

    def shown(self) -> dict[str, str]:
        """In few words: copies, those in step, the least of them, and for how long."""
        days = "for ever" if self.retention_ms < 0 else f"{self.retention_ms / 86_400_000:g} days"
        return {"copies": f"{self.copies} of {self.brokers}", "in step": str(self.in_step), "kept": days}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, how to mend it, and whether data may be lost by it."""

    what: str
    cure: str
    grave: bool


def faults(topic: str, there: Keeping, wanted_ms: int = -1) -> Iterator[Fault]:
    """Everything about the topic that is not as it should be. `wanted_ms`: the retention that the settings ask for."""

    def change(setting: str) -> str:
        return f"kafka-configs.sh --alter --entity-type topics --entity-name {topic} --add-config {setting}"

    if there.retention_ms != wanted_ms:
        grave = there.retention_ms >= 0 and (wanted_ms < 0 or there.retention_ms < wanted_ms)
        yield Fault(f"{topic}: retention.ms is {there.retention_ms}", change(f"retention.ms={wanted_ms}"), grave)
    if there.retention_bytes >= 0:
        what = f"{topic}: retention.bytes is {there.retention_bytes}, the oldest records are dropped"
        yield Fault(what, change("retention.bytes=-1"), grave=True)
    if "compact" in there.cleanup:
        what = f"{topic}: cleanup.policy is {there.cleanup}, older revisions of a page are dropped"
        yield Fault(what, change("cleanup.policy=delete"), grave=True)
    if there.largest_batch < LARGEST + FRAME:
        what = f"{topic}: max.message.bytes is {there.largest_batch}, large records are refused"
        yield Fault(what, change(f"max.message.bytes={LARGEST + FRAME}"), grave=True)
    if there.unclean_election:
        what = f"{topic}: a copy that is behind may become the leader, and acknowledged records be lost"
        yield Fault(what, change("unclean.leader.election.enable=false"), grave=True)
    yield from _of_copies(topic, there, change(f"min.insync.replicas={max(there.copies - 1, 1)}"))


def _of_copies(topic: str, there: Keeping, change: str) -> Iterator[Fault]:
    if there.copies < min(COPIES, there.brokers):
        cure = "more copies: kafka-reassign-partitions.sh (docs/deploy.md)"
        yield Fault(f"{topic}: {there.copies} copies on {there.brokers} brokers", cure, grave=False)
    elif there.copies == 1:
        cure = "three brokers, where the log must survive a disk"
        yield Fault(f"{topic}: one copy, on one broker", cure, grave=False)
    if there.copies >= COPIES and there.least_in_step < 2:
        what = f"{topic}: min.insync.replicas is 1, an acknowledged record may be on one broker only"
        yield Fault(what, change, grave=True)
    if 1 < there.copies <= there.least_in_step:
        what = f"{topic}: min.insync.replicas is {there.least_in_step}, one broker away stops every append"
        yield Fault(what, change, grave=False)
    if there.in_step < there.least_in_step:
        cure = "start the brokers that are away"
        yield Fault(f"{topic}: {there.in_step} copies in step, appends are refused", cure, grave=True)
    elif there.in_step < there.copies:
        cure = "start the brokers that are away, or wait until they have caught up"
        yield Fault(f"{topic}: {there.in_step} of {there.copies} copies in step", cure, grave=False)
