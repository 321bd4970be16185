"""What lies on disk already: folders of saved pages (with `index.jsonl` where there is one), WARC files, article JSONL.

Every item ends as an article, as filtered, or as a Problem with its place; none stops the others.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from chainwatch.models import SHANGHAI, Article, Precision, article_id, content_digest
from chainwatch.problem import Problem
from crawlers.templates import Reason, Refused, parse_bytes
from crawlers.templates.address import canonical

PAGES = (".html", ".htm", ".shtml", ".xhtml")
LINES = (".jsonl", ".ndjson", ".jsonl.gz", ".ndjson.gz")
TYPES = frozenset({"text/html", "application/xhtml+xml", "application/json"})
"""Media types that may be an article's page; some families serve JSON."""
WARCS = (".warc", ".warc.gz")
KINDS = f"pages ({', '.join(PAGES)}), WARC files or article lines ({', '.join(LINES)})"
INDEX = "index.jsonl"
LONGEST_LINE = 16 << 20
"""Bytes of one line, and of one page; longer ones fail by themselves."""
NO_ARTICLE = frozenset({Reason.LIST, Reason.REDIRECT, Reason.CHALLENGE})
"""Pages that are no articles: filtered, not failed."""
FIELDS = frozenset({"id", "title", "text", "published", "date", "source", "url", "fetched"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """One item: an article, or why there is none. `unused` names fields of a line that were not read."""

    place: str
    article: Article | None = None
    filtered: str | None = None
    problem: Problem | None = None
    unused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Terms:
    """What all items share.

    Args:
        fetched: when they count as fetched, where a line does not say so itself.
        live: whether lines may say when they were fetched, and whether items may alert.
        run: id of the run.
        archive: keeps a page's bytes and gives their SHA-256.
    """

    fetched: datetime
    live: bool
    run: str | None
    archive: Callable[[bytes], str]


def count(path: Path) -> int:
    """How many items a path seems to hold, for a progress bar; no error is raised here."""
    if path.is_dir():
        listed = path / INDEX
        return len(_page_files(path)) if not listed.exists() else max(_lines(listed), len(_page_files(path)))
    return _lines(path) if _is_lines(path) else 1


def load(path: Path, terms: Terms) -> Iterator[Loaded]:
    """Every item of a file or folder, in a stable order."""
    if path.is_dir():
        yield from _folder(path, terms)
    elif not path.exists():
        yield Loaded(str(path), problem=Problem("no such file", place=str(path), cure="check the path"))
    elif _is_lines(path):
        yield from load_lines(path, terms)
    elif path.name.lower().endswith(WARCS):
        yield from _warc(path, terms)
    elif path.suffix.lower() in PAGES:
        yield _page(path, {}, terms)
    else:
        what = f"not a kind of file that can be imported: {path.suffix or path.name}"
        yield Loaded(str(path), problem=Problem(what, place=str(path), cure=KINDS))


def _is_lines(path: Path) -> bool:
    return path.name.lower().endswith(LINES)


def _page_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in PAGES and path.is_file())


def _lines(path: Path) -> int:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
    except (OSError, EOFError, zlib.error):
        return 0


def _folder(folder: Path, terms: Terms) -> Iterator[Loaded]:
    """Pages by the index first, then those that it does not name, then files of article lines."""
    done: set[Path] = set()
    index = folder / INDEX
    if index.exists():
        for place, row, problem in _rows(index):
            if problem is not None or row is None:
                yield Loaded(place, problem=problem)
                continue
            path = _named(folder, row)
            if path is None or not path.is_file():
                missing = Problem(f"no page for {row.get('id')!r}", place=place, cure=f"put <id>.html into {folder}")
                yield Loaded(place, problem=missing)
                continue
            done.add(path)
            yield _page(path, row, terms)
    pages = [path for path in _page_files(folder) if path not in done]
    files = sorted(path for path in folder.rglob("*") if path.is_file() and _is_lines(path) and path != index)
    for path in pages:
        yield _page(path, {}, terms)
    for path in files:
        yield from load_lines(path, terms)
    if not (index.exists() or pages or files):
        yield Loaded(str(folder), problem=Problem("nothing to import in this folder", place=str(folder), cure=KINDS))


def _named(folder: Path, row: dict[str, Any]) -> Path | None:
    """The page of an index line: `file`, else `<id>.html`; never outside the folder."""
    name = row.get("file") or (f"{row['id']}.html" if row.get("id") else None)
    if not isinstance(name, str) or "\0" in name:
        return None
    path = folder / name
    return path if path.resolve().is_relative_to(folder.resolve()) else None


def _page(path: Path, row: dict[str, Any], terms: Terms) -> Loaded:
    place = str(path)
    if str(row.get("kind", "")).startswith("list"):
        return Loaded(place, filtered="list")
    url = row.get("url")
    encoding = row.get("encoding")
    try:
        data = path.read_bytes()
    except OSError as error:
        return Loaded(place, problem=Problem(f"cannot read: {error.strerror}", place=place, retry=True))
    charset = encoding if isinstance(encoding, str) else None
    try:
        return _read(data, url if isinstance(url, str) else None, charset, terms, place)
    except Refused as refused:
        return _refused(refused, place)


def _warc(path: Path, terms: Terms) -> Iterator[Loaded]:
    """Every page of a WARC file that was answered well; what else it holds (pictures, files, errors) is filtered."""
    from chainwatch.warc import read_warc  # noqa: PLC0415  few imports are of WARC files
    from crawlers.reading import Raw  # noqa: PLC0415  as above

    try:
        for number, capture in enumerate(read_warc(path), 1):
            place = f"{path}#{number} {capture.url}"
            raw = Raw(capture.url, capture.body, capture.headers, capture.status)
            if raw.status != 200:
                yield Loaded(place, filtered=f"HTTP {raw.status}")
            elif (raw.media_type or "text/html") not in TYPES:
                yield Loaded(place, filtered="no page")
            else:
                url = raw.url if raw.url.startswith("http") else None
                try:
                    yield _read(raw.body, url, raw.charset, terms, place)
                except Refused as refused:
                    other = refused.reason == Reason.NOT_HTML
                    yield Loaded(place, filtered="no page") if other else _refused(refused, place)
    except Problem as problem:
        yield Loaded(str(path), problem=problem)


def _read(data: bytes, url: str | None, charset: str | None, terms: Terms, place: str) -> Loaded:
    """The article of a page's bytes, which are kept. Raises Refused where it is none."""
    article = parse_bytes(data, url, fetched=terms.fetched, header_charset=charset)
    changes = {"raw_digest": terms.archive(data), "run_id": terms.run, "backfill": not terms.live}
    return Loaded(place, article.model_copy(update=changes))


def _refused(refused: Refused, place: str) -> Loaded:
    if refused.reason in NO_ARTICLE:
        return Loaded(place, filtered=refused.reason.value)
    return Loaded(place, problem=Problem(refused.what, place=place, cure=refused.cure))


def load_lines(path: Path, terms: Terms) -> Iterator[Loaded]:
    """Articles of a JSONL file: `title` and `text`; `published` or `date`, `source`, `url`, `id` where known."""
    empty = True
    for place, row, problem in _rows(path):
        empty = False
        if problem is not None or row is None:
            yield Loaded(place, problem=problem)
            continue
        try:
            article = article_of(row, terms, place)
        except Problem as fault:
            yield Loaded(place, problem=fault)
        else:
            yield Loaded(place, article, unused=frozenset(row) - FIELDS)
    if empty:
        yield Loaded(str(path), problem=Problem("the file is empty", place=str(path), cure="fetch or save it again"))


def _rows(path: Path) -> Iterator[tuple[str, dict[str, Any] | None, Problem | None]]:
    """(place, object, problem) of each line that is not blank; a broken file ends with a problem."""
    number = 0
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            while line := file.readline(LONGEST_LINE):
                number += 1
                place = f"{path}:{number}"
                if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                    _skip_line(file)
                    yield place, None, Problem("the line is longer than 16 MiB", place=place, cure="split the text")
                elif line.strip():
                    yield _row(line.removeprefix(b"\xef\xbb\xbf"), place)
    except gzip.BadGzipFile as error:
        yield _broken(path, number, f"not a gzip file: {error}", "rename it without .gz, or compress it again")
    except (EOFError, zlib.error) as error:
        yield _broken(path, number, f"the archive is cut short or damaged: {error}", "fetch the file again")
    except OSError as error:
        yield _broken(path, number, f"cannot read: {error.strerror or error}", "make it readable for this user")


def _skip_line(file: Any) -> None:
    while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass


def _broken(path: Path, number: int, what: str, cure: str) -> tuple[str, None, Problem]:
    place = f"{path}:{number}"
    return place, None, Problem(f"{what}; {number} lines before it were read", place=place, cure=cure)


def _row(line: bytes, place: str) -> tuple[str, dict[str, Any] | None, Problem | None]:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return place, None, Problem(f"not JSON: {error}", place=place, cure="one JSON object on each line, in UTF-8")
    if not isinstance(row, dict):
        what = f"a JSON object is expected, this is {type(row).__name__}"
        return place, None, Problem(what, place=place, cure='{"title": …, "text": …} on each line')
    return place, row, None


def article_of(row: dict[str, Any], terms: Terms, place: str) -> Article:
    """The article of one line. Raises Problem naming the field."""
    title, text = _text(row, "title", place, needed=True), _text(row, "text", place, needed=True)
    url, source, given = (_text(row, name, place) for name in ("url", "source", "id"))
    address = canonical(url) if url else None
    name = "published" if row.get("published") not in (None, "") else "date"
    published, precision = _when(row.get(name), f"{place}: {name}")
    fetched = terms.fetched
    if row.get("fetched") not in (None, ""):
        if not terms.live:
            raise Problem("an imported article counts as fetched now", place=f"{place}: fetched", cure="leave it out")
        moment, _precision = _when(row["fetched"], f"{place}: fetched")
        fetched = moment or fetched
    if len(given) > 200:
        raise Problem("an id has at most 200 characters", place=f"{place}: id", cure="shorten it")
    written = published.isoformat() if published else ""
    return Article(
        id=article_id(document_id=given or None, canonical_url=address, title=title, published=written, text=text),
        url=url or None,
        canonical_url=address,
        site=(urlsplit(address).hostname if address else None) or "import",
        source=source or None,
        title=title,
        text=text,
        published=published,
        precision=precision,
        fetched=fetched,
        content_digest=content_digest(title, text),
        run_id=terms.run,
        backfill=not terms.live,
    )


def _text(row: dict[str, Any], name: str, place: str, *, needed: bool = False) -> str:
    value: Any = row.get(name)
    if name == "id" and type(value) is int:
        return str(value)
    if value is None and not needed:
        return ""
    if not isinstance(value, str):
        what = "is missing" if value is None else f"must be text, this is {type(value).__name__}"
        raise Problem(f"{name} {what}", place=place, cure='{"title": "…", "text": "…"}')
    plain = value.replace("\0", "").replace("\r\n", "\n").strip()
    if needed and not plain:
        raise Problem(f"{name} is empty", place=place, cure=f"give a {name}")
    return plain


_FORMS = (("%Y-%m-%d", Precision.DAY), ("%Y-%m", Precision.MONTH), ("%Y", Precision.YEAR))


def _when(value: Any, place: str) -> tuple[datetime | None, Precision]:
    """A moment and how much of it is known: a bare date has day precision; without a zone it is Shanghai's."""
    if value is None or value == "":
        return None, Precision.UNKNOWN
    if isinstance(value, str):
        plain = value.strip()
        for form, precision in _FORMS:
            try:
                return datetime.strptime(plain, form).replace(tzinfo=SHANGHAI), precision
            except ValueError:
                continue
        try:
            moment = datetime.fromisoformat(plain)
        except ValueError:
            pass
        else:
            return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI), Precision.MINUTE
    raise Problem(f"no date or time: {str(value)[:40]!r}", place=place, cure="2026-11-20 or 2026-11-20T09:15:00+08:00")
