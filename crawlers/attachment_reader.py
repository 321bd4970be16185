"""The child process that reads one attachment: bytes on standard input, {"text", "note"} as JSON on standard output.

`python -m crawlers.attachment_reader KIND MEMORY SECONDS CHARACTERS`. It limits itself before it looks at a byte.
"""

import io
import json
import re
import resource
import sys
import zipfile
from collections.abc import Callable, Iterator

_MAX_MEMBER = 50_000_000
"""Unpacked bytes of one member of an archive."""
_MAX_UNPACKED = 200_000_000


class TooLargeError(Exception):
    """An archive that unpacks to more than a reader may take."""


def read_pdf(data: bytes) -> Iterator[str]:
    """Text of each page."""
    import pypdfium2  # noqa: PLC0415  one kind a process, one library a kind

    document = pypdfium2.PdfDocument(data)
    for page in document:
        yield page.get_textpage().get_text_bounded().replace("\r\n", "\n").replace("\r", "\n")


def read_docx(data: bytes) -> Iterator[str]:
    """Paragraphs and table rows in their order."""
    from docx import Document  # noqa: PLC0415  as above
    from docx.table import Table  # noqa: PLC0415  as above

    _check_archive(data)
    for block in Document(io.BytesIO(data)).iter_inner_content():
        if isinstance(block, Table):
            for row in block.rows:
                yield "\t".join(dict.fromkeys(cell.text.strip().replace("\n", " ") for cell in row.cells))
        else:
            yield block.text


def read_sheet(data: bytes) -> Iterator[str]:
    """Rows of all sheets, cells by tab; a sheet's name before it where there are several."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415  as above

    if data.startswith(b"PK"):
        _check_archive(data)
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for name in book.sheet_names:
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
        if len(book.sheet_names) > 1 and rows:
            yield name
        for row in rows:
            yield "\t".join(_cell(value) for value in row).strip()


def read_ofd(data: bytes) -> Iterator[str]:
    """Text codes of the page files, a line each, pages in number order."""
    from lxml import etree  # noqa: PLC0415  as above

    archive = _check_archive(data)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    pages = [name for name in archive.namelist() if re.search(r"Pages/Page_\d+/Content\.xml$", name)]
    for name in sorted(pages, key=lambda name: [int(number) for number in re.findall(r"\d+", name)]):
        tree = etree.fromstring(archive.read(name), parser)
        for node in tree.iter("{*}TextObject"):
            yield "".join("".join(map(str, code.itertext())) for code in node.iter("{*}TextCode"))


def read_text(data: bytes) -> Iterator[str]:
    """The file itself, decoded as a page is."""
    from crawlers.encoding import decode  # noqa: PLC0415  as above

    yield decode(data).text


READERS: dict[str, Callable[[bytes], Iterator[str]]] = {
    "pdf": read_pdf,
    "docx": read_docx,
    "sheet": read_sheet,
    "ofd": read_ofd,
    "txt": read_text,
}


def _check_archive(data: bytes) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(data))
    sizes = [member.file_size for member in archive.infolist()]
    if max(sizes, default=0) > _MAX_MEMBER or sum(sizes) > _MAX_UNPACKED:
        raise TooLargeError
    return archive


def _cell(value: object) -> str:
    """A cell as shown: whole numbers without .0."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\n", " ")


def collect(lines: Iterator[str], limit: int) -> tuple[str, str]:
    """(text, note): lines without blank ends and empty ones, up to the limit."""
    kept: list[str] = []
    length = 0
    for piece in lines:
        for line in piece.split("\n"):
            plain = re.sub(r"[ \xa0\u3000]+", " ", line).strip(" ")
            if not plain.strip():
                continue
            if length + len(plain) > limit:
                return "\n".join([*kept, plain[: limit - length]]), f"cut after {limit} characters"
            kept.append(plain)
            length += len(plain) + 1
    return "\n".join(kept), ""


def main(arguments: list[str]) -> int:
    """Read standard input as one file; 0 with an answer, 1 where the file cannot be read."""
    kind, memory, seconds, limit = arguments[0], int(arguments[1]), int(arguments[2]), int(arguments[3])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    data = sys.stdin.buffer.read()
    try:
        text, note = collect(READERS[kind](data), limit)
    except TooLargeError:
        text, note = "", "the archive unpacks to more than it may"
    except MemoryError:
        text, note = "", "reading it took more memory than allowed"
    except Exception as problem:  # noqa: BLE001  four libraries, each with errors of its own; the parent records the reason
        text, note = "", f"the file is damaged ({type(problem).__name__})"
    if not text and not note:
        note = "no text in it: a scan, or pictures only"
    json.dump({"text": text.encode("utf-8", "replace").decode(), "note": note}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
