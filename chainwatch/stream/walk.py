"""All records of a topic from some offsets on, read piece by piece without a group."""

from collections.abc import Callable, Iterator

from chainwatch.problem import Problem
from chainwatch.stream.protocol import Record, Stream
from chainwatch.waiting import wait

PIECE = 500
"""Records read at a time."""
PAUSE_S = 0.2
"""Between two looks for what arrives."""


def partitions_of(stream: Stream, topic: str) -> int:
    """How many the topic has. Raises Problem where there is no such topic."""
    count = stream.topics().get(topic)
    if count is None:
        raise Problem("no such topic", place=topic, cure="chainwatch stream topics")
    return count


def records_of(
    stream: Stream, topic: str, start: dict[int, int], following: Callable[[], bool] | None = None
) -> Iterator[Record]:
    """The records from these offsets on, to the end; with `following`, what arrives too, until that is true."""
    while following is None or not following():
        quiet = True
        for number, offset in list(start.items()):
            for record in stream.read(topic, number, offset, PIECE):
                quiet = False
                start[number] = record.offset + 1
                yield record
        if quiet:
            if following is None:
                return
            wait(PAUSE_S, following)
