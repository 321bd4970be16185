"""`chainwatch dlq`: the records that were set aside; look at them, put them back on the stream, or drop them."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from cyclopts import App
from sqlalchemy import Connection

from chainwatch.cli.context import Context
from chainwatch.cli.output import JSON, OK, emit, emit_one, say, when
from chainwatch.models import to_timestamp_ms
from chainwatch.problem import Problem
from chainwatch.store import journal, quarantine
from chainwatch.stream.protocol import ARTICLES, DAMAGED, Draft

app = App(name="dlq", help="Records that could not be consumed and were set aside.")

COLUMNS = {"number": "number", "state": "state", "at": "time", "place": "record", "key": "article", "reason": "reason"}


@app.command(name="list")
def list_(
    *, state: Literal["held", "retried", "dropped"] | None = "held", limit: int = 50, as_json: JSON = False
) -> int:
    """List records set aside, the newest first.

    Parameters
    ----------
    state
        held, retried or dropped.
    limit
        So many at most.
    as_json
        Print JSON.
    """
    with Context() as context, context.database.read() as connection:
        rows = [{**row, "at": when(row["at_ms"])} for row in quarantine.listed(connection, limit, state)]
    emit(rows, COLUMNS, as_json=as_json)
    return OK


@app.command
def show(number: int, *, as_json: JSON = False) -> int:
    """Show one record with its bytes, as text where they are text.

    Parameters
    ----------
    number
        As `list` prints it.
    as_json
        Print JSON.
    """
    with Context() as context, context.database.read() as connection:
        row = _get(connection, number)
    shown = {**row, "at": when(row["at_ms"]), "value": row["value"].decode("utf-8", "backslashreplace")}
    labels = {**COLUMNS, "error": "error", "bundle": "rules", "headers": "headers", "value": "value"}
    emit_one(shown, labels, as_json=as_json)
    return OK


@app.command
def retry(*numbers: int) -> int:
    """Append records to the stream again, as they were; they are consumed like new ones.

    Parameters
    ----------
    numbers
        As `list` prints them.
    """
    with Context() as context:
        for number in numbers:
            with context.database.read() as connection:
                row = _get(connection, number)
            if row["state"] != "held":
                raise Problem(f"record {number} is {row['state']} already", place="chainwatch dlq retry")
            headers = {name: value.encode("latin-1") for name, value in json.loads(row["headers"]).items()}
            if DAMAGED in headers:
                raise Problem(
                    f"the bytes of record {number} are lost",
                    place=row["place"],
                    cure="chainwatch stream copy from the spool brings back what the stream has lost",
                )
            context.stream.append(ARTICLES, [Draft(row["key"], row["value"], row["timestamp_ms"], headers)])
            _mark(context, number, "retried")
    say("put back on the stream: {count}", count=len(numbers))
    return OK


@app.command
def drop(*numbers: int) -> int:
    """Give records up; their bytes stay in the store as history.

    Parameters
    ----------
    numbers
        As `list` prints them.
    """
    with Context() as context:
        for number in numbers:
            with context.database.read() as connection:
                _get(connection, number)
            _mark(context, number, "dropped")
    say("dropped: {count}", count=len(numbers))
    return OK


def _mark(context: Context, number: int, state: str) -> None:
    now_ms = to_timestamp_ms(datetime.now(UTC))
    with context.database.write() as connection:
        if quarantine.mark(connection, number, state):
            journal.append(connection, [(f"quarantine.{state}", {"number": number})], now_ms)


def _get(connection: Connection, number: int) -> Mapping[str, Any]:
    row = quarantine.get(connection, number)
    if row is None:
        raise Problem(f"no record {number} was set aside", place="chainwatch dlq", cure="chainwatch dlq list")
    return row
