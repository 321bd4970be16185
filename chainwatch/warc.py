"""Exchanges archived pages as WARC 1.1: what other archives and auditors read."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from chainwatch.problem import Problem

ORIGINAL = "X-Archive-Orig-"
"""Goes before the name of a header that was true on the wire only: the body is kept decoded."""


@dataclass(frozen=True, slots=True)
class Capture:
    """One response as it came. `headers` is the block of `Name: value` lines, without the status line."""

    url: str
    fetched: datetime
    status: int
    headers: bytes
    body: bytes


def write_warc(path: Path, captures: Iterable[Capture]) -> int:
    """Write the captures as response records, gzipped where the name ends in .gz; how many."""
    count = 0
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=path.suffix == ".gz", warc_version="WARC/1.1")
        for capture in captures:
            record = _record(writer, capture)
            writer.write_record(record)
            record.raw_stream.close()
            count += 1
    return count


def _record(writer: WARCWriter, capture: Capture) -> ArcWarcRecord:
    lines = (line.partition(":") for line in capture.headers.decode("latin-1").splitlines())
    kept = [(ORIGINAL + n if n.lower().endswith("-encoding") else n, v.strip()) for n, _, v in lines if n]
    return writer.create_warc_record(
        capture.url,
        "response",
        payload=BytesIO(capture.body),
        http_headers=StatusAndHeaders(f"{capture.status} status", kept, protocol="HTTP/1.1"),
        warc_headers_dict={"WARC-Date": capture.fetched.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")},
    )


def read_warc(path: Path) -> Iterator[Capture]:
    """Every response record of a WARC file, length and digest checked.

    Raises:
        Problem: with the place where the file is cut or broken, or a page is not what its digest says.
    """
    with path.open("rb") as file:
        records = ArchiveIterator(file, check_digests="raise")
        try:
            for record in records:
                if record.format != "warc":
                    raise ValueError(f"this is {record.format}")  # noqa: TRY301  told below like any other fault
                if capture := _capture(record):
                    yield capture
            size, end = path.stat().st_size, _end(records)
            if size > end + len(b"\r\n\r\n") or (size and not end):  # warcio stops at a broken record in silence
                raise ValueError("it is cut short")  # noqa: TRY301  as above
        except Exception as error:  # warcio raises many kinds on broken headers; each means the same to us
            if isinstance(error, OSError):
                raise
            cure = "fetch or export the file again"
            raise Problem(f"no WARC record: {error}", place=f"{path}@{_end(records)}", cure=cure) from error


def _end(records: ArchiveIterator) -> int:
    """Where the last whole record ends in the file, bytes."""
    offset, length = records.member_info or (0, 0)
    return int(offset + length)


def _capture(record: ArcWarcRecord) -> Capture | None:
    """The response of a record; None where it is another kind. Raises ValueError where the record is cut short."""
    headers = record.rec_headers
    if not (headers.get_header("WARC-Type") and headers.get_header("Content-Length")):
        raise ValueError("its header is cut short")
    if record.rec_type != "response" or record.http_headers is None:
        return None
    body = record.content_stream().read()
    if record.raw_stream.limit:
        raise ValueError(f"{record.raw_stream.limit} bytes are missing at its end")
    return Capture(
        url=headers.get_header("WARC-Target-URI"),
        fetched=datetime.fromisoformat(headers.get_header("WARC-Date")),
        status=int(record.http_headers.get_statuscode()),
        headers=_block(record.http_headers.headers),
        body=body,
    )


def _block(headers: Iterable[tuple[str, str]]) -> bytes:
    """The header block as it was before it was written."""
    return "".join(f"{name.removeprefix(ORIGINAL)}: {value}\r\n" for name, value in headers).encode(
        "latin-1", "replace"
    )
