"""`chainwatch export`: the ledger as CSV (with BOM, as spreadsheets want it), XLSX, JSON lines; deadlines as ICS."""

import csv
import io
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
import xlsxwriter
from cyclopts import Parameter

from chainwatch.cli.articles import moment_ms
from chainwatch.cli.context import Context
from chainwatch.cli.events import row_of as event_row
from chainwatch.cli.ledger_words import node_of, taxonomy_of
from chainwatch.cli.output import OK, say
from chainwatch.cli.policies import row_of as policy_row
from chainwatch.cli.targets import rows_of
from chainwatch.ics import calendar
from chainwatch.problem import Problem
from chainwatch.store import events, ledgerview, policies

Format = Literal["csv", "xlsx", "jsonl", "ics"]
_MOST = 1_000_000
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so would run as a formula in a spreadsheet."""


def export(
    what: Literal["targets", "actuals", "commitments", "policies", "events"],
    *,
    format_: Annotated[Format, Parameter(name=["--format", "-f"])] = "csv",
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    node: str | None = None,
    region: str | None = None,
    since: str | None = None,
) -> int:
    """Write a part of the ledger to a file, or to standard output.

    Parameters
    ----------
    what
        Which part.
    format_
        csv, xlsx, jsonl; ics: the deadlines of targets as a calendar.
    output
        The file; XLSX needs one.
    node
        A chain or ecosystem with everything below it (targets, actuals, commitments, events).
    region
        A place with everything in it.
    since
        Events found at or after this date.
    """
    if format_ == "ics" and what != "targets":
        raise Problem(
            "only targets have deadlines", place="--format ics", cure="chainwatch export targets --format ics"
        )
    if format_ == "xlsx" and output is None:
        raise Problem("an XLSX is no text", place="--format xlsx", cure="name a file: --output aims.xlsx")
    with Context() as context:
        rows = _rows(context, what, node, region, since)
    data = _written(rows, format_)
    if output is None:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    else:
        output.write_bytes(data)
        say("{count} rows written to {file}", count=len(rows), file=output)
    return OK


def _rows(context: Context, what: str, node: str | None, region: str | None, since: str | None) -> list[dict[str, Any]]:
    nodes = frozenset({node_of(taxonomy_of(context), node)}) if node else None
    with context.database.read() as connection:
        if what == "policies":
            wanted = policies.Filter(region=region, seen=True)
            return [policy_row(policy) for policy in policies.listed(connection, wanted, _MOST)]
        if what == "events":
            regions = frozenset({region}) if region else None
            asked = events.Filter(nodes=nodes, regions=regions, since_ms=moment_ms(since, "--since"))
            return [event_row(stored) for stored in events.listed(connection, asked, _MOST)]
        kinds = frozenset({what.removesuffix("s")})
        found = ledgerview.listed(connection, ledgerview.Filter(kinds, nodes, region=region), _MOST)
        return rows_of(connection, found)


def _written(rows: Sequence[dict[str, Any]], format_: Format) -> bytes:
    if format_ == "jsonl":
        return b"".join(orjson.dumps(row) + b"\n" for row in rows)
    if format_ == "ics":
        return calendar(rows, int(time.time() * 1000))
    return as_csv(rows) if format_ == "csv" else as_xlsx(rows)


def as_csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """UTF-8 with BOM, CRLF; cells that would run as formulas are quoted with an apostrophe."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    heads = list(rows[0]) if rows else []
    writer.writerow(heads)
    writer.writerows([_cell(row.get(head)) for head in heads] for row in rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    return f"'{text}" if text.startswith(FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(".", "", 1).isdigit()


def as_xlsx(rows: Sequence[dict[str, Any]]) -> bytes:
    """One sheet with a fixed head row; every cell is text, so that nothing runs and no digit is lost."""
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet("chainwatch")
    heads = list(rows[0]) if rows else []
    bold = book.add_format({"bold": True})
    for column, head in enumerate(heads):
        sheet.write_string(0, column, head, bold)
    for number, row in enumerate(rows, 1):
        for column, head in enumerate(heads):
            value = row.get(head)
            sheet.write_string(number, column, "" if value is None else _plain(value))
    sheet.freeze_panes(1, 0)
    book.close()
    return data.getvalue()


def _plain(value: Any) -> str:
    return "、".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
