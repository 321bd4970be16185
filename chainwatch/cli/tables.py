"""Tables of words in CSV and XLSX: cells are text, never formulas."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import python_calamine
import xlsxwriter

from chainwatch.problem import Problem

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a CSV cell that begins with one of these."""


def read_table(path: Path, kind: Literal["csv", "xlsx"]) -> list[dict[str, str]]:
    """Rows by the names of the first row. Raises Problem."""
    try:
        lines = _csv(path) if kind == "csv" else _xlsx(path)
    except (OSError, UnicodeDecodeError, csv.Error, python_calamine.CalamineError) as error:
        raise Problem(f"cannot read: {error}", place=str(path), cure="save it as CSV in UTF-8, or as XLSX") from error
    if not lines:
        raise Problem("an empty table", place=str(path), cure="name the columns in the first row: any, all, none …")
    return [dict(zip(lines[0], line, strict=False)) for line in lines[1:]]


def _csv(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            [cell[1:] if cell[:1] == "'" and cell[1:2] in FORMULA else cell for cell in row] for row in csv.reader(file)
        ]


def _xlsx(path: Path) -> list[list[str]]:
    sheet = python_calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0)
    return [[_cell(cell) for cell in row] for row in sheet.to_python()]


def _cell(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def write_table(
    path: Path, kind: Literal["csv", "xlsx"], columns: Sequence[str], rows: Sequence[Mapping[str, str]]
) -> None:
    """Write rows of text under the column names."""
    lines = [list(columns), *([row.get(name, "") for name in columns] for row in rows)]
    if kind == "csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows([["'" + c if c.startswith(FORMULA) else c for c in line] for line in lines])
        return
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(lines):
            for column, cell in enumerate(line):
                sheet.write_string(number, column, cell)
