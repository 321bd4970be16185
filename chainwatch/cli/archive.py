"""`chainwatch archive`: the kept pages as WARC files, out and in, and whether each is still what its digest says."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from cyclopts import App

from chainwatch.archive import Archive
from chainwatch.cli.articles import moment_ms
from chainwatch.cli.context import Context
from chainwatch.cli.main import tell
from chainwatch.cli.output import FAILED, JSON, OK, emit_one, progress
from chainwatch.models import Article, to_timestamp_ms
from chainwatch.problem import Problem
from chainwatch.store import articles
from chainwatch.warc import Capture, read_warc, write_warc

app = App(name="archive", help="The archive of fetched pages: export, import (WARC), check.")

PAGE = 200
"""Revisions read from the store at once."""


@app.command
def export(
    file: Path, *, site: str | None = None, since: str | None = None, until: str | None = None, as_json: JSON = False
) -> int:
    """Write the pages of stored articles, and the files they link to, as WARC 1.1. Ends with 1 where one is missing.

    Parameters
    ----------
    file
        The file to write, gzipped where its name ends in .gz; it appears when it is whole.
    site
        Only pages that this source found.
    since
        Only pages fetched at or after this date: 2026-11-20.
    until
        Only pages fetched before this date.
    as_json
        Print the counts as JSON.
    """
    _named_as_warc(file)
    first, last = moment_ms(since, "--since"), moment_ms(until, "--until")

    def wanted(article: Article) -> bool:
        at = to_timestamp_ms(article.fetched)
        return (site is None or article.site == site) and (first is None or at >= first) and (last is None or at < last)

    part = file.with_name(f".{file.name.removesuffix('.gz')}.part{'.gz' if file.suffix == '.gz' else ''}")
    with Context() as context:
        reading = _Reading(context, wanted)
        try:
            count = write_warc(part, reading.captures())
            part.replace(file)
        except OSError as error:
            cure = "name a file in a folder that can be written, on a disk with room"
            raise Problem(f"cannot write: {error.strerror}", place=str(file), cure=cure) from error
        finally:
            part.unlink(missing_ok=True)
    emit_one({"pages": count, "missing": reading.missing}, {"pages": "Pages", "missing": "Missing"}, as_json=as_json)
    return FAILED if reading.missing else OK


@app.command(name="import")
def import_(*files: Path, as_json: JSON = False) -> int:
    """Keep the pages of WARC files in the archive, each once; `chainwatch import FILE` makes articles of them.

    Parameters
    ----------
    files
        WARC files, gzipped or not.
    as_json
        Print the counts as JSON.
    """
    if not files:
        raise Problem(
            "no file given", place="chainwatch archive import", cure="chainwatch archive import pages.warc.gz"
        )
    counts = {"pages": 0, "new": 0, "known": 0}
    with Context() as context, progress("reading pages", None) as advance:
        archive = Archive(context.settings.archive_dir)
        for file in files:
            for capture in _read(file):
                known = hashlib.sha256(capture.body).hexdigest() in archive
                archive.put(capture.body)
                archive.put(capture.headers)
                counts["pages"] += 1
                counts["known" if known else "new"] += 1
                advance(1)
    emit_one(counts, {"pages": "Pages", "new": "New", "known": "Known"}, as_json=as_json)
    return OK


@app.command
def check(*, as_json: JSON = False) -> int:
    """Read every kept page again and compare it with its digest. Ends with 1 where one is damaged.

    Parameters
    ----------
    as_json
        Print the counts as JSON.
    """
    counts = {"pages": 0, "damaged": 0}
    with Context() as context:
        archive = Archive(context.settings.archive_dir)
    with progress("checking pages", None) as advance:
        for digest in archive.digests():
            counts["pages"] += 1
            counts["damaged"] += _get(archive, digest) is None
            advance(1)
    emit_one(counts, {"pages": "Pages", "damaged": "Damaged"}, as_json=as_json)
    return FAILED if counts["damaged"] else OK


class _Reading:
    """Captures of every stored revision, in the order they were stored; pages that the archive lacks are told."""

    def __init__(self, context: Context, wanted: Callable[[Article], bool]) -> None:
        self.archive = Archive(context.settings.archive_dir)
        self.database, self.wanted = context.database, wanted
        self.missing = 0
        self._done: set[tuple[str, str]] = set()

    def captures(self) -> Iterator[Capture]:
        """Each page and file once for each address."""
        with self.database.read() as connection:
            total = articles.count_revisions(connection)
        after = 0
        with progress("exporting pages", total) as advance:
            while True:
                with self.database.read() as connection:
                    found = articles.bodies(connection, after, PAGE)
                if not found:
                    return
                for number, article in found:
                    after = number
                    if self.wanted(article):
                        yield from self._of(article)
                advance(len(found))

    def _of(self, article: Article) -> Iterator[Capture]:
        if article.raw_digest:
            block = article.headers_digest and _get(self.archive, article.headers_digest)
            status = article.http_status or 200
            yield from self._one(article, article.url, article.raw_digest, status, block or b"")
        for file in article.attachments:
            if file.digest:
                block = f"Content-Type: {file.media_type}\r\n".encode("latin-1", "replace") if file.media_type else b""
                yield from self._one(article, file.url, file.digest, 200, block)

    def _one(self, article: Article, url: str | None, digest: str, status: int, headers: bytes) -> Iterator[Capture]:
        address = url or f"urn:sha256:{digest}"
        if (address, digest) in self._done:
            return
        self._done.add((address, digest))
        body = _get(self.archive, digest)
        if body is None:
            self.missing += 1
            return
        yield Capture(address, article.fetched, status, headers, body)


def _get(archive: Archive, digest: str) -> bytes | None:
    try:
        return archive.get(digest)
    except Problem as problem:
        tell(problem)
        return None


def _named_as_warc(file: Path) -> None:
    if not file.name.endswith((".warc", ".warc.gz")):
        raise Problem("not the name of a WARC file", place=str(file), cure="a name that ends in .warc or .warc.gz")


def _read(file: Path) -> Iterator[Capture]:
    try:
        yield from read_warc(file)
    except FileNotFoundError:
        raise Problem("no such file", place=str(file), cure="check the path") from None
    except OSError as error:
        raise Problem(
            f"cannot read: {error.strerror}", place=str(file), cure="make it readable for this user"
        ) from error
