"""`chainwatch stream …`: topics, tail, groups, lag, reset-offsets and copy, with the flags that Kafka's users know."""

import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import orjson
from cyclopts import App, Parameter

from chainwatch.cli.articles import moment_ms
from chainwatch.cli.context import Context
from chainwatch.cli.output import JSON, OK, emit, emit_jsonl, say, when
from chainwatch.cli.stopping import stop_signals
from chainwatch.cli.stream_copy import copy
from chainwatch.problem import Problem
from chainwatch.runner.outgoing import GROUP as OUTGOING
from chainwatch.store import journal, positions
from chainwatch.stream import offsets
from chainwatch.stream.offsets import Goal, Move, Part
from chainwatch.stream.protocol import ARTICLES, CONSUMERS, Record, Stream
from chainwatch.stream.walk import partitions_of, records_of

app = App(name="stream", help="Topics of the article stream, and how far each group has read.")

Flag = Annotated[bool, Parameter(negative="")]
app.command(copy)


@app.command
def topics(*, as_json: JSON = False) -> int:
    """List topics with their partitions, records and, on Kafka, how they are kept."""
    with Context() as context:
        rows = [_topic(context.stream, topic, count) for topic, count in context.stream.topics().items()]
    columns = {name: name for name in ("topic", "partitions", "records", "end", "copies", "in step", "kept")}
    emit(rows, columns, as_json=as_json)
    return OK


def _topic(stream: Stream, topic: str, count: int) -> dict[str, Any]:
    begins = [stream.begin_offset(topic, number) for number in range(count)]
    ends = [stream.end_offset(topic, number) for number in range(count)]
    keeping = stream.keeping(topic)
    row = {"topic": topic, "partitions": count, "records": sum(ends) - sum(begins), "end": sum(ends)}
    return row | (keeping.shown() if keeping else {})


@app.command
def tail(
    topic: str = ARTICLES,
    *,
    from_beginning: Flag = False,
    since: str | None = None,
    partition: int | None = None,
    offset: int | None = None,
    max_messages: int | None = None,
    follow: Flag = False,
) -> int:
    """Print records as JSON lines: the newest ten of each partition, or from the beginning or a time on.

    Parameters
    ----------
    topic
        Its name.
    from_beginning
        From the oldest record kept.
    since
        From the first record at or after this time (2026-11-20T09:15; Asia/Shanghai where no zone is named).
    partition
        Of this partition alone.
    offset
        From this offset on; needs --partition.
    max_messages
        Stop after so many.
    follow
        Go on with what arrives, until Ctrl-C.
    """
    if offset is not None and partition is None:
        raise Problem("an offset is one of a partition", place="--offset", cure="name --partition too")
    at = moment_ms(since, "--since")
    with Context() as context, stop_signals() as stopping:
        stream = context.stream
        count = partitions_of(stream, topic)
        if partition is not None and not 0 <= partition < count:
            raise Problem(f"{topic} has {count} partitions", place="--partition", cure=f"0 to {count - 1}")
        numbers = range(count) if partition is None else [partition]
        start = {number: _start(stream, topic, number, at, from_beginning=from_beginning) for number in numbers}
        if partition is not None and offset is not None:
            start[partition] = offset
        for shown, record in enumerate(records_of(stream, topic, start, stopping if follow else None), 1):
            emit_jsonl([_shown(record)])
            if stopping() or (max_messages is not None and shown >= max_messages):
                break
    return OK


def _start(stream: Stream, topic: str, number: int, at: int | None, *, from_beginning: bool) -> int:
    if at is not None:
        return stream.offset_at(topic, number, at)
    begin = stream.begin_offset(topic, number)
    return begin if from_beginning else max(begin, stream.end_offset(topic, number) - 10)


def _shown(record: Record) -> dict[str, Any]:
    try:
        value = orjson.loads(record.value)
    except orjson.JSONDecodeError:
        value = record.value.decode("utf-8", "replace")
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "time": when(record.timestamp_ms),
        "key": record.key,
        "headers": {name: data.decode("utf-8", "replace") for name, data in record.headers.items()},
        "value": value,
    }


@app.command
def groups(*, as_json: JSON = False) -> int:
    """List groups with their live members, and what those that consume articles have not consumed yet."""
    rows = []
    with Context() as context:
        for name, members in context.stream.groups().items():
            known = [part for part in _parts(context, ARTICLES, name) if part.position is not None]
            rows.append({"group": name, "members": members, "lag": sum(map(_behind, known)) if known else None})
    emit(rows, {"group": "group", "members": "members", "lag": "lag"}, as_json=as_json)
    return OK


@app.command
def lag(*, topic: str = ARTICLES, group: str = CONSUMERS, as_json: JSON = False) -> int:
    """How far a group is behind in each partition: the store's position is the truth, the stream's follows it.

    Of a group of another program, whose positions the store does not know, the stream's own word counts.
    """
    with Context() as context:
        parts = _parts(context, topic, group)
    if all(part.position is None for part in parts) and group != CONSUMERS:
        raise Problem(f"the group {group} has not read this topic", place=topic, cure="chainwatch stream groups")
    rows = [
        {
            "partition": part.number,
            "begin": part.begin,
            "end": part.end,
            "position": part.position,
            "committed": part.committed,
            "lag": _behind(part),
        }
        for part in parts
    ]
    columns = {name: name for name in ("partition", "begin", "end", "position", "committed", "lag")}
    emit(rows, columns, as_json=as_json)
    return OK


@dataclass(frozen=True, slots=True)
class _There:
    """One partition, and where a group stands: by the store, by the stream's word where the store knows nothing."""

    number: int
    begin: int
    end: int
    stored: int | None
    committed: int | None

    @property
    def position(self) -> int | None:
        return self.committed if self.stored is None else self.stored


def _behind(part: _There) -> int:
    return max(part.end - max(part.position or 0, part.begin), 0)


def _parts(context: Context, topic: str, group: str) -> list[_There]:
    stream = context.stream
    count = partitions_of(stream, topic)
    with context.database.read() as connection:
        there = positions.listed(connection, topic, group)
    told = stream.committed(topic, group)
    return [
        _There(
            number,
            stream.begin_offset(topic, number),
            stream.end_offset(topic, number),
            there.get(number),
            told.get(number),
        )
        for number in range(count)
    ]


@app.command(name="reset-offsets")
def reset_offsets(
    *,
    group: str = CONSUMERS,
    topic: str = ARTICLES,
    to_earliest: Flag = False,
    to_latest: Flag = False,
    to_current: Flag = False,
    to_offset: int | None = None,
    to_datetime: str | None = None,
    by_duration: str | None = None,
    shift_by: int | None = None,
    from_file: Path | None = None,
    export: Flag = False,
    dry_run: Flag = False,
    execute: Flag = False,
    as_json: JSON = False,
) -> int:
    """Plan where a group goes on, and with --execute set it there. Refused while the group is active.

    Known articles are not taken twice: going back re-reads them and changes nothing. To decide anew about the
    past, use `chainwatch replay`.

    Parameters
    ----------
    group
        The group.
    topic
        The topic; `NAME:0,1` for these partitions alone.
    to_earliest
        The oldest record kept.
    to_latest
        The end.
    to_current
        Where it is (for --export).
    to_offset
        This offset in every partition.
    to_datetime
        The first record at or after a time (Asia/Shanghai where no zone is named).
    by_duration
        So long ago: P1D, PT6H.
    shift_by
        So many records further; negative: back.
    from_file
        A plan as --export wrote it.
    export
        Print the plan as CSV.
    dry_run
        Only show the plan, as without --execute.
    execute
        Carry it out.
    as_json
        Print the plan as JSON.
    """
    if dry_run and execute:
        raise Problem("--dry-run and --execute exclude each other", place="stream reset-offsets", cure="choose one")
    now = int(time.time() * 1000)
    with Context() as context:
        topic, chosen = offsets.topic_and_partitions(topic)
        named: dict[str, Goal | None] = {
            "--to-earliest": (lambda part: part.begin) if to_earliest else None,
            "--to-latest": (lambda part: part.end) if to_latest else None,
            "--to-current": (lambda part: part.position) if to_current else None,
            "--to-offset": None if to_offset is None else lambda _part: to_offset,
            "--to-datetime": _at(context, topic, moment_ms(to_datetime, "--to-datetime"), now),
            "--by-duration": _at(context, topic, _ago(by_duration, now), now),
            "--shift-by": None if shift_by is None else lambda part: part.position + shift_by,
            "--from-file": None if from_file is None else offsets.from_csv(_text(from_file), topic, str(from_file)),
        }
        goal = offsets.chosen(named)
        moves = offsets.plan(topic, offsets.among(_ours(context, topic, group), chosen, topic), goal)
        if execute:
            _carry_out(context, topic, group, moves, now)
    if export:
        sys.stdout.write(offsets.to_csv(moves))
        return OK
    rows = [asdict(move) for move in moves]
    emit(rows, {"topic": "topic", "partition": "partition", "before": "before", "after": "after"}, as_json=as_json)
    if not execute:
        say("This is a plan; nothing was changed. Add --execute to carry it out.")
    return OK


def _ours(context: Context, topic: str, group: str) -> list[Part]:
    """Where one of our groups stands. Raises Problem for a group whose positions are not in the store."""
    parts = _parts(context, topic, group)
    if group == OUTGOING or (group != CONSUMERS and all(part.stored is None for part in parts)):
        what = f"the store does not keep the offsets of the group {group} in {topic}"
        cure = "kafka-consumer-groups.sh moves groups of other programs"
        raise Problem(what, place="--group", cure=cure)
    return [Part(part.number, part.begin, part.end, part.stored or 0) for part in parts]


def _at(context: Context, topic: str, timestamp_ms: int | None, now_ms: int) -> Goal | None:
    if timestamp_ms is None:
        return None
    return offsets.to_time(lambda number, at: context.stream.offset_at(topic, number, at), timestamp_ms, now_ms)


def _ago(text: str | None, now_ms: int) -> int | None:
    return None if text is None else now_ms - int(offsets.duration(text).total_seconds() * 1000)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Problem(f"cannot read: {error}", place=str(path), cure="give a plan as --export wrote it") from error


def _carry_out(context: Context, topic: str, group: str, moves: list[Move], now_ms: int) -> None:
    members = context.stream.groups().get(group, 0)
    if members:
        cure = "stop its consumers first (chainwatch stream groups)"
        raise Problem(f"the group {group} is active: {members} members", cure=cure)
    with context.database.write() as connection:
        for move in moves:
            taken = positions.take(connection, move.topic, group, [move.partition])[move.partition]
            there = positions.Position(move.after, taken.epoch)
            positions.advance(connection, move.topic, group, {move.partition: there})
        body = {"group": group, "moves": [asdict(move) for move in moves]}
        journal.append(connection, [("offsets.reset", body)], now_ms)
    context.stream.tell(topic, group, {move.partition: move.after for move in moves})
