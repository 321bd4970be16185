"""Plans where a group shall go on: decided on values, shown first, carried out only when asked (`--execute`)."""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chainwatch.problem import Problem, Problems


@dataclass(frozen=True, slots=True)
class Part:
    """One partition as it is: offsets of its oldest record and of the next one, and where the group stands."""

    number: int
    begin: int
    end: int
    position: int


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a plan."""

    topic: str
    partition: int
    before: int
    after: int


Goal = Callable[[Part], int]
"""The offset that a partition shall go on at, before it is held within the partition."""


def plan(topic: str, parts: Sequence[Part], goal: Goal) -> list[Move]:
    """Where each partition goes on: the goal, held between the oldest record and the end."""
    return [Move(topic, one.number, one.position, min(max(goal(one), one.begin), one.end)) for one in parts]


def to_time(offset_at: Callable[[int, int], int], timestamp_ms: int, now_ms: int) -> Goal:
    """The first record at or after a time. A future time would skip everything: refused."""
    if timestamp_ms > now_ms:
        raise Problem("the time lies in the future: everything would be skipped", cure="--to-latest, if that is meant")
    return lambda part: offset_at(part.number, timestamp_ms)


def from_csv(text: str, topic: str, place: str) -> Goal:
    """A plan as `--export` wrote it: topic,partition,offset. Raises Problems naming each wrong line."""
    wanted: dict[int, int] = {}
    problems: list[Problem] = []
    for number, row in enumerate(csv.reader(io.StringIO(text)), 1):
        if not row or row == ["topic", "partition", "offset"]:
            continue
        if len(row) != 3 or not row[1].isdigit() or not row[2].isdigit():
            problems.append(Problem("a line is topic,partition,offset", place=f"{place}:{number}", cure="see --export"))
        elif row[0] != topic:
            problems.append(
                Problem(f"a line of the topic {row[0]}", place=f"{place}:{number}", cure=f"--topic {row[0]}")
            )
        else:
            wanted[int(row[1])] = int(row[2])
    if problems:
        raise Problems(problems)
    return lambda part: wanted.get(part.number, part.position)


def to_csv(moves: Sequence[Move]) -> str:
    """The plan as `--from-file` takes it back."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["topic", "partition", "offset"])
    writer.writerows([(move.topic, move.partition, move.after) for move in moves])
    return out.getvalue()


_DURATION = re.compile(r"P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+)S)?)?")


def duration(text: str) -> timedelta:
    """An ISO 8601 duration of days and less: P1D, PT6H, P1DT30M."""
    match = _DURATION.fullmatch(text)
    if match is None or not any(match.groups()):
        raise Problem(f"{text!r} is no duration", place="--by-duration", cure="P1D, PT6H, P1DT30M")
    return timedelta(**{name: int(value) for name, value in match.groupdict().items() if value})


def topic_and_partitions(text: str) -> tuple[str, frozenset[int] | None]:
    """`NAME`, or `NAME:0,1` for these partitions alone, as Kafka's own tool takes it."""
    name, colon, numbers = text.partition(":")
    if not colon:
        return name, None
    parts = [part.strip() for part in numbers.split(",")]
    if not all(part.isdecimal() for part in parts):
        raise Problem(f"{numbers!r} names no partitions", place="--topic", cure="NAME, or NAME:0,1")
    return name, frozenset(map(int, parts))


def among(parts: Sequence[Part], chosen: frozenset[int] | None, topic: str) -> list[Part]:
    """The partitions that were chosen; all where none were. Raises Problem for one that is not there."""
    missing = sorted((chosen or frozenset()) - {part.number for part in parts})
    if missing:
        what = f"no partition {', '.join(map(str, missing))}"
        raise Problem(what, place=topic, cure=f"0 to {len(parts) - 1}")
    return [part for part in parts if chosen is None or part.number in chosen]


def chosen(goals: Mapping[str, Goal | None]) -> Goal:
    """The one goal that was named. Raises Problem for none or several."""
    named = {name: goal for name, goal in goals.items() if goal is not None}
    if len(named) != 1:
        what = "no goal" if not named else f"several goals: {', '.join(named)}"
        raise Problem(what, cure=f"name one of {', '.join(goals)}")
    return next(iter(named.values()))
