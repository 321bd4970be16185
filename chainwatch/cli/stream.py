"""`chainwatch stream …`: topics, tail, groups, lag, reset-offsets and copy, with the flags that Kafka's users know."""

import sys
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import orjson
from cyclopts import App, Parameter

from chainwatch.cli.articles import moment_ms
from chainwatch.cli.context import Context
from chainwatch.cli.output import FAILED, JSON, OK, emit, emit_jsonl, progress, say, when
from chainwatch.cli.stopping import stop_signals
from chainwatch.problem import Problem
from chainwatch.store import journal, positions
from chainwatch.stream import offsets
from chainwatch.stream.offsets import Goal, Move, Part
from chainwatch.stream.open import open_stream
from chainwatch.stream.protocol import ARTICLES, CONSUMERS, Draft, Record, Stream

app = App(name="stream", help="Topics of the article stream, and how far each group has read.")

Flag = Annotated[bool, Parameter(negative="")]
BATCH = 500


@app.command
def topics(*, as_json: JSON = False) -> int:
    """List topics with their partitions, records and, on Kafka, how they are kept."""
    stream = Context().stream
    rows = []
    for topic, count in stream.topics().items():
        begins = [stream.begin_offset(topic, number) for number in range(count)]
        ends = [stream.end_offset(topic, number) for number in range(count)]
        rows.append({"topic": topic, "partitions": count, "records": sum(ends) - sum(begins), "end": sum(ends)})
    emit(rows, {name: name for name in ("topic", "partitions", "records", "end")}, as_json=as_json)
    return OK


@app.command
def tail(
    topic: str = ARTICLES,
    *,
    from_beginning: Flag = False,
    since: str | None = None,
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
    max_messages
        Stop after so many.
    follow
        Go on with what arrives, until Ctrl-C.
    """
    stream = Context().stream
    count = stream.topics().get(topic)
    if count is None:
        raise Problem("no such topic", place=topic, cure="chainwatch stream topics")
    at = moment_ms(since, "--since")
    start = {number: _start(stream, topic, number, at, from_beginning=from_beginning) for number in range(count)}
    with stop_signals() as stopping:
        for shown, record in enumerate(_records(stream, topic, start, follow=follow), 1):
            emit_jsonl([_shown(record)])
            if stopping() or (max_messages is not None and shown >= max_messages):
                break
    return OK


def _start(stream: Stream, topic: str, number: int, at: int | None, *, from_beginning: bool) -> int:
    if at is not None:
        return stream.offset_at(topic, number, at)
    begin = stream.begin_offset(topic, number)
    return begin if from_beginning else max(begin, stream.end_offset(topic, number) - 10)


def _records(stream: Stream, topic: str, start: dict[int, int], *, follow: bool) -> Iterator[Record]:
    while True:
        quiet = True
        for number, offset in list(start.items()):
            for record in stream.read(topic, number, offset, BATCH):
                quiet = False
                start[number] = record.offset + 1
                yield record
        if quiet and not follow:
            return
        if quiet:
            time.sleep(0.2)


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
    """List groups with their live members and what they have not consumed yet."""
    context = Context()
    rows = [
        {"group": name, "members": members, "lag": offsets.lag(_parts(context, ARTICLES, name))}
        for name, members in context.stream.groups().items()
    ]
    emit(rows, {"group": "group", "members": "members", "lag": "lag"}, as_json=as_json)
    return OK


@app.command
def lag(*, topic: str = ARTICLES, group: str = CONSUMERS, as_json: JSON = False) -> int:
    """How far a group is behind in each partition: the store's position is the truth, the stream's follows it."""
    context = Context()
    told = context.stream.committed(topic, group)
    rows = [
        {
            "partition": part.number,
            "begin": part.begin,
            "end": part.end,
            "position": part.position,
            "committed": told.get(part.number),
            "lag": part.end - part.position,
        }
        for part in _parts(context, topic, group)
    ]
    columns = {name: name for name in ("partition", "begin", "end", "position", "committed", "lag")}
    emit(rows, columns, as_json=as_json)
    return OK


def _parts(context: Context, topic: str, group: str) -> list[Part]:
    stream = context.stream
    count = stream.topics().get(topic)
    if count is None:
        raise Problem("no such topic", place=topic, cure="chainwatch stream topics")
    with context.database.read() as connection:
        there = positions.listed(connection, topic, group)
    return [
        Part(number, stream.begin_offset(topic, number), stream.end_offset(topic, number), there.get(number, 0))
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
        The topic.
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
    execute
        Carry it out.
    as_json
        Print the plan as JSON.
    """
    context = Context()
    now = int(time.time() * 1000)
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
    moves = offsets.plan(topic, _parts(context, topic, group), offsets.chosen(named))
    if execute:
        _carry_out(context, group, moves, now)
    if export:
        sys.stdout.write(offsets.to_csv(moves))
        return OK
    rows = [asdict(move) for move in moves]
    emit(rows, {"topic": "topic", "partition": "partition", "before": "before", "after": "after"}, as_json=as_json)
    if not execute:
        say("This is a plan; nothing was changed. Add --execute to carry it out.")
    return OK


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


def _carry_out(context: Context, group: str, moves: list[Move], now_ms: int) -> None:
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


@app.command
def copy(to: str, *, topic: str = ARTICLES, execute: Flag = False, as_json: JSON = False) -> int:
    """Copy a topic to another stream (from the embedded log to Kafka, or back), keys, times and headers kept.

    Run it again to go on after an interruption: what the other stream already has is told by record id and left out.

    Parameters
    ----------
    to
        The other stream: sqlite:///PATH or kafka://HOST:PORT.
    topic
        The topic.
    execute
        Copy; without it only the plan is shown.
    as_json
        Print the counts as JSON.
    """
    context = Context()
    source, target = context.stream, open_stream(to)
    count = source.topics().get(topic)
    if count is None:
        raise Problem("no such topic", place=topic, cure="chainwatch stream topics")
    target.ensure_topic(topic, count)
    there = {_name(record) for record in _all(target, topic)}
    total = sum(source.end_offset(topic, number) - source.begin_offset(topic, number) for number in range(count))
    copied = known = 0
    with progress("copying", total) as advance:
        batch: list[Draft] = []
        for record in _all(source, topic):
            advance(1)
            if _name(record) in there:
                known += 1
                continue
            batch.append(Draft(record.key, record.value, record.timestamp_ms, record.headers))
            if len(batch) >= BATCH:
                copied += _append(target, topic, batch, execute=execute)
        copied += _append(target, topic, batch, execute=execute)
    target.close()
    row = {"topic": topic, "copied" if execute else "to copy": copied, "already there": known}
    emit([row], {name: name for name in row}, as_json=as_json)
    if not execute:
        say("This is a plan; nothing was changed. Add --execute to carry it out.")
    return OK if copied + known == total else FAILED


def _append(target: Stream, topic: str, batch: list[Draft], *, execute: bool) -> int:
    if execute:
        target.append(topic, batch)
    count = len(batch)
    batch.clear()
    return count


def _all(stream: Stream, topic: str) -> Iterator[Record]:
    start = {number: stream.begin_offset(topic, number) for number in range(stream.topics().get(topic, 0))}
    return _records(stream, topic, start, follow=False)


def _name(record: Record) -> bytes:
    return record.headers.get("ce_id", b"") or record.key.encode()
