"""Carries the local spool over to the stream: a broker that is away neither stops nor loses a crawl.

At least once: after a crash between append and note, records go again with the same ids, and readers drop known ids.
The spool keeps what it has handed over for seven days, in case the broker loses what it acknowledged.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import structlog

from chainwatch.crash import crash_point
from chainwatch.problem import Problem
from chainwatch.stream.protocol import Draft, Stream
from chainwatch.waiting import wait

log = structlog.get_logger(__name__)

GROUP = "chainwatch.relay"
BATCH = 500
KEPT_MS = 7 * 24 * 3_600_000
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
"""Seconds between tries while the brokers are away."""


@dataclass(slots=True)
class Relay:
    """Moves records of one topic from `spool` to `stream`. One relay for a spool; a second one finds nothing to do."""

    spool: Stream
    stream: Stream
    topic: str
    wait: float = field(default=0.0, init=False)

    def run(self, stop: Callable[[], bool], poll: float = 0.5) -> int:
        """Carry over until told to stop; how many records went."""
        consumer = self.spool.consumer(
            self.topic,
            GROUP,
            on_assigned=self._positions,
            on_lost=lambda numbers: log.info("spool partitions let go", partitions=sorted(numbers)),
        )
        moved = 0
        try:
            while not stop():
                records = consumer.poll(BATCH, poll)
                if not records:
                    continue
                drafts = [Draft(one.key, one.value, one.timestamp_ms, one.headers) for one in records]
                if not self._append(drafts, stop):
                    break
                crash_point("after_relay")
                consumer.commit({one.partition: one.offset + 1 for one in records})
                moved += len(records)
        finally:
            consumer.close()
        return moved

    def _positions(self, numbers: Collection[int]) -> dict[int, int]:
        told = self.spool.committed(self.topic, GROUP)
        return {number: told.get(number, 0) for number in numbers}

    def _append(self, drafts: list[Draft], stop: Callable[[], bool]) -> bool:
        """Append until the brokers take it; False when told to stop before that."""
        while not stop():
            try:
                self.stream.append(self.topic, drafts)
            except Problem as problem:
                if not problem.retry:
                    raise
                self.wait = min(max(self.wait * 2, FIRST_WAIT), LONGEST_WAIT)
                log.warning("the stream is away, the spool keeps the records", problem=str(problem), seconds=self.wait)
                wait(self.wait, stop)
            else:
                self.wait = 0.0
                return True
        return False

    def trim(self, now_ms: int) -> int:
        """Drop from the spool what was handed over more than seven days ago; how many records went."""
        done = self.spool.committed(self.topic, GROUP)
        before = now_ms - KEPT_MS
        waiting = [
            record.timestamp_ms
            for number in range(self.spool.topics().get(self.topic, 0))
            for record in self.spool.read(self.topic, number, done.get(number, 0), 1)
        ]
        return self.spool.trim(self.topic, min([before, *waiting]))


def waiting(spool: Stream) -> int:
    """Records of a spool that were not handed over yet, over all topics."""
    behind = 0
    for topic, count in spool.topics().items():
        told = spool.committed(topic, GROUP)
        behind += sum(spool.end_offset(topic, number) - told.get(number, 0) for number in range(count))
    return behind
