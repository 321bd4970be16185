"""Attachments → text: which kinds are read, within which limits, and why others are not.

A file is read in a child process with limits on memory and time: a hostile PDF costs its own slot, not the
crawler. The text becomes a part of the article with offsets of its own (`attachment:<digest>`).
"""

import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum

from chainwatch.models import Attachment, Reading

MAX_BYTES = 20_000_000
MAX_SECONDS = 20.0
MAX_MEMORY = 1_000_000_000
"""Address space of the reading child, in bytes."""
MAX_TEXT = 2_000_000
"""Characters kept of one file."""


class Kind(StrEnum):
    """What a file is, by its first bytes before its name."""

    PDF = "pdf"
    DOCX = "docx"
    SHEET = "sheet"
    OFD = "ofd"
    TEXT = "txt"


MEDIA = {
    Kind.PDF: "application/pdf",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.SHEET: "application/vnd.ms-excel",
    Kind.OFD: "application/ofd",
    Kind.TEXT: "text/plain",
}
_NOT_READ = {
    "doc": "the old Word format is not read",
    "wps": "the WPS format is not read",
    "et": "the WPS format is not read",
    "ppt": "presentations are not read",
    "pptx": "presentations are not read",
    "zip": "archives are not opened",
    "rar": "archives are not opened",
    "7z": "archives are not opened",
    "ceb": "the CEB format is not read",
    "rtf": "the RTF format is not read",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: bytes of the file, seconds and bytes of memory of the reader, characters of its text."""

    size: int = MAX_BYTES
    seconds: float = MAX_SECONDS
    memory: int = MAX_MEMORY
    text: int = MAX_TEXT


def read_attachment(
    name: str, url: str, data: bytes, *, media_type: str | None = None, limits: Limits | None = None
) -> Attachment:
    """The attachment with its text, or marked `not_read` with the reason. Raises nothing for any bytes."""
    limits = limits or Limits()
    kind, note = tell(name, data)
    text = ""
    if len(data) > limits.size:
        note = f"larger than {limits.size} bytes"
    elif kind is not None:
        text, note = _in_child(kind, data, limits)
    return Attachment(
        name=name,
        url=url,
        digest=hashlib.sha256(data).hexdigest(),
        media_type=MEDIA[kind] if kind else media_type,
        size=len(data),
        reading=Reading.READ if text else Reading.NOT_READ,
        note=note,
        text=text,
    )


def not_fetched(name: str, url: str, reason: str) -> Attachment:
    """An attachment whose bytes are not there."""
    return Attachment(name=name, url=url, note=reason)


def tell(name: str, data: bytes) -> tuple[Kind | None, str]:
    """(kind, "") of a file that can be read, (None, reason) of one that cannot."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if b"%PDF-" in data[:1024]:
        return Kind.PDF, ""
    if data.startswith(b"PK\x03\x04"):
        return _zipped(ending, data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        return _old_office(ending, data)
    if data.lstrip()[:1] == b"<" and b"<html" in data[:2000].lower():
        return None, "a web page came in place of the file"
    known = Kind.TEXT if ending in {"txt", "csv"} and data else None
    return known, "" if known else _NOT_READ.get(ending, "unknown format" if data else "empty file")


def _old_office(ending: str, data: bytes) -> tuple[Kind | None, str]:
    """Compound files: the stream of a workbook has a name of its own."""
    if ending == "xls" or (ending not in {"doc", "wps", "ppt"} and "Workbook".encode("utf-16-le") in data):
        return Kind.SHEET, ""
    return None, _NOT_READ.get(ending, _NOT_READ["doc"])


def _zipped(ending: str, data: bytes) -> tuple[Kind | None, str]:
    """Office and OFD files are archives; their member names stand in clear."""
    if b"word/document" in data:
        return Kind.DOCX, ""
    if b"xl/workbook" in data:
        return Kind.SHEET, ""
    if b"OFD.xml" in data:
        return Kind.OFD, ""
    return None, _NOT_READ.get(ending, _NOT_READ["zip"])


def _in_child(kind: Kind, data: bytes, limits: Limits) -> tuple[str, str]:
    """(text, note) of the reader's answer; ("", reason) where it ran out of time or memory or failed."""
    command = [
        sys.executable,
        "-m",
        "crawlers.attachment_reader",
        kind.value,
        str(limits.memory),
        str(int(limits.seconds) + 1),
        str(limits.text),
    ]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=limits.seconds, check=False)  # noqa: S603  our own module, no shell
    except subprocess.TimeoutExpired:
        return "", f"not read within {limits.seconds:g} s"
    if done.returncode != 0:
        return "", "reading it took more memory or time than allowed" if done.returncode < 0 else "the file is damaged"
    answer = json.loads(done.stdout)
    return answer["text"], answer["note"]
