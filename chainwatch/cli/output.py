"""How commands speak: data on stdout (a table, or JSON with --json), talk and progress on stderr."""

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import orjson
from cyclopts import Parameter
from pydantic import BaseModel

from chainwatch.locale import tr
from chainwatch.models import SHANGHAI, from_timestamp_ms

if TYPE_CHECKING:
    from rich.console import Console

JSON = Annotated[bool, Parameter(name="--json", negative="")]
"""The `--json` flag of every reading command."""
LIMIT = Annotated[int, Parameter(name=["--limit", "-n"], help="So many at most.")]
"""The `--limit` option of listing commands."""
FAIL_ON_EMPTY = Annotated[
    bool, Parameter(name="--fail-on-empty", negative="", help="Exit with 3 where nothing is found.")
]
"""The `--fail-on-empty` flag of listing commands; `emit_found` heeds it."""
YES = Annotated[bool, Parameter(name=["--yes", "-y"], negative="")]
"""The `--yes` flag of commands that ask."""

OK, FAILED, USAGE, NOTHING, INTERRUPTED = 0, 1, 2, 3, 130
"""Exit codes: done; failed or problems found; wrong call; nothing matched (with --fail-on-empty); interrupted."""


def stdout() -> "Console":
    """Where data goes."""
    from rich.console import Console  # noqa: PLC0415  a fifth of the start-up time of commands that print JSON

    return Console(file=sys.stdout, soft_wrap=not sys.stdout.isatty(), highlight=False)


def stderr() -> "Console":
    """Where talk goes."""
    from rich.console import Console  # noqa: PLC0415  a fifth of the start-up time of commands that print JSON

    return Console(file=sys.stderr, soft_wrap=not sys.stderr.isatty(), highlight=False)


def say(english: str, **values: Any) -> None:
    """One line of talk, translated."""
    stderr().print(tr(english, **values), markup=False)


def when(moment: datetime | int | None) -> str:
    """A time as people read it: 2026-11-20 09:15, in Asia/Shanghai. Takes Unix milliseconds too."""
    if moment is None:
        return ""
    at = from_timestamp_ms(moment) if isinstance(moment, int) else moment
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else str(value)


def emit_json(data: Any) -> None:
    """One JSON document on stdout, Chinese as it is."""
    sys.stdout.write(json.dumps(data, ensure_ascii=False, indent=2, default=_plain) + "\n")


def emit_jsonl(rows: Iterable[Any]) -> None:
    """One JSON line for each row on stdout, as they come."""
    for row in rows:
        sys.stdout.buffer.write(orjson.dumps(row, default=_plain) + b"\n")
        sys.stdout.buffer.flush()


def emit(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, as_json: bool, title: str = "") -> None:
    """The rows as JSON, or as a table with the given columns (key → English heading)."""
    if as_json:
        emit_json(list(rows))
        return
    if not rows:
        say("nothing found")
        return
    from rich.table import Table  # noqa: PLC0415  a fifth of the start-up time of commands that print JSON

    table = Table(title=title or None, show_edge=False, pad_edge=False, header_style="bold")
    for heading in columns.values():
        table.add_column(tr(heading), overflow="fold")
    for row in rows:
        table.add_row(*(_cell(row.get(key)) for key in columns))
    stdout().print(table)


def emit_found(
    rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, as_json: bool, fail_on_empty: bool
) -> int:
    """`emit`, and the exit code of a listing command."""
    emit(rows, columns, as_json=as_json)
    return NOTHING if fail_on_empty and not rows else OK


def emit_one(row: Mapping[str, Any], labels: Mapping[str, str], *, as_json: bool) -> None:
    """One thing as JSON, or as a list of `label  value` lines (key → English label)."""
    if as_json:
        emit_json(dict(row))
        return
    from rich.table import Table  # noqa: PLC0415  a fifth of the start-up time of commands that print JSON

    table = Table(show_header=False, show_edge=False, box=None, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for key, label in labels.items():
        table.add_row(tr(label), _cell(row.get(key)))
    stdout().print(table)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, datetime):
        return when(value)
    if isinstance(value, list | tuple):
        return "、".join(map(str, value))
    return str(value).replace("[", "\\[")


@contextmanager
def progress(english: str, total: int | None, **values: Any) -> Iterator[Callable[[int], None]]:
    """Yields `advance(n)`. A bar on a terminal; elsewhere one line each 10 s with rate and remaining time."""
    label = tr(english, **values)
    if sys.stderr.isatty():
        from rich.progress import (  # noqa: PLC0415  only where a terminal shows the bar
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=stderr()
        )
        with bar:
            task = bar.add_task(label, total=total)
            yield lambda n: bar.advance(task, n)
        return
    yield _Lines(label, total).advance


class _Lines:
    def __init__(self, label: str, total: int | None) -> None:
        self.label, self.total, self.done = label, total, 0
        self.begun = self.last = time.monotonic()

    def advance(self, n: int) -> None:
        self.done += n
        now = time.monotonic()
        if now - self.last < 10:
            return
        self.last = now
        rate = self.done / (now - self.begun)
        rest = f", {max(self.total - self.done, 0) / rate:.0f} s" if self.total and rate else ""
        stderr().print(f"{self.label}: {self.done}/{self.total or '?'} ({rate:.0f}/s{rest})", markup=False)
