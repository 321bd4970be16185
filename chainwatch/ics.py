"""Deadlines of aims as an iCalendar (RFC 5545): one whole-day entry on the last day of each."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, timedelta
from typing import Any

from chainwatch.models import from_timestamp_ms
from consumers.ledger.key import period_end_ms


def calendar(rows: Iterable[Mapping[str, Any]], now_ms: int) -> bytes:
    """The calendar of rows as `targets list --json` gives them; those without a deadline are left out."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//chainwatch//targets//ZH", "CALSCALE:GREGORIAN"]
    stamp = f"{from_timestamp_ms(now_ms).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    for row in rows:
        end_ms = period_end_ms(row["deadline"] or "")
        if end_ms:
            last = from_timestamp_ms(end_ms) - timedelta(days=1)
            lines += _entry(row, f"{last:%Y%m%d}", f"{from_timestamp_ms(end_ms):%Y%m%d}", stamp)
    lines.append("END:VCALENDAR")
    return "".join(folded + "\r\n" for line in lines for folded in _folded(line)).encode()


def _entry(row: Mapping[str, Any], begin: str, end: str, stamp: str) -> list[str]:
    place = f"{row['region']} " if row["region"] else ""
    progress = f"，{row['progress']}" if row["progress"] else ""
    return [
        "BEGIN:VEVENT",
        f"UID:{row['key']}@chainwatch",
        f"DTSTAMP:{stamp}",
        f"DTSTART;VALUE=DATE:{begin}",
        f"DTEND;VALUE=DATE:{end}",
        "SUMMARY:" + _escaped(f"{place}{row['subject']} {row['metric']} {row['aim']}{progress}"),
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n").replace("\r", "")


def _folded(line: str) -> Iterator[str]:
    """Pieces of at most 75 bytes; every further one begins with a space."""
    piece, size = "", 0
    for character in line:
        width = len(character.encode())
        if size + width > 75:
            yield piece
            piece, size = " ", 1
        piece += character
        size += width
    yield piece
