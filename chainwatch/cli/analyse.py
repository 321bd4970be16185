"""`chainwatch analyse`: tags and findings of articles in a JSON Lines file, one line out for each line in."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import orjson
from cyclopts import Parameter
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chainwatch.cli.context import Context
from chainwatch.cli.output import FAILED, JSON, OK, emit_jsonl, progress
from chainwatch.models import SHANGHAI, Article, Precision, article_id, content_digest
from chainwatch.problem import Problem

LARGEST_LINE = 20_000_000
"""Bytes of the longest line read."""
_DATE = re.compile(
    r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?))?)?)?"
)
_WHEN = datetime(2000, 1, 1, tzinfo=UTC)
"""Fetch time of an article that was never fetched; no hop asks for it."""


class Line(BaseModel):
    """What a line may say; other keys are left alone."""

    model_config = ConfigDict(extra="ignore", strict=True)

    title: str = Field(max_length=2000)
    text: str
    id: str | None = Field(default=None, min_length=1, max_length=200)
    published: str | None = None
    source: str | None = None
    region: str | None = None


def analyse(
    file: Annotated[str, Parameter(allow_leading_hyphen=True)],
    *,
    region: str | None = None,
    as_json: JSON = False,
) -> int:
    """Print tags and findings of the articles of a file, a JSON line for each.

    Args:
        file: JSON Lines, each with title and text, and id, published (2022, 2022-05, 2022-05-31 or with a time),
            source and region if known; `-` reads standard input.
        region: place that articles are about where neither they nor their line say one: 浙江, 杭州, 杭州/滨江, 全国.
        as_json: accepted as everywhere; the output is JSON lines in any case.
    """
    from chainwatch.matching.rules import compile_rules  # noqa: PLC0415  start-up: the field is compiled when needed
    from chainwatch.matching.taxonomy import load_taxonomy  # noqa: PLC0415  start-up
    from consumers.extract import extract  # noqa: PLC0415  start-up
    from consumers.extractors.lexicon import load_lexicon  # noqa: PLC0415  start-up
    from consumers.tag import about, mentions, tag  # noqa: PLC0415  start-up

    del as_json
    bundle = Context().bundle
    rules, taxonomy, lexicon = compile_rules(bundle), load_taxonomy(bundle), load_lexicon(bundle)
    bad: list[Problem] = []

    def rows() -> Iterator[dict[str, Any]]:
        with open_lines(file) as (lines, total), _bar(file, total) as advance:
            for place, raw in lines:
                try:
                    article = read_line(raw, place, region)
                except Problem as problem:
                    bad.append(problem)
                    _tell(problem)
                    continue
                tags = tag(article, rules, taxonomy)
                yield {
                    "id": article.id,
                    "tags": [one.model_dump(mode="json") for one in about(tags)],
                    "mentions": [one.model_dump(mode="json") for one in mentions(tags)],
                    "findings": [one.model_dump(mode="json") for one in extract(article, lexicon, taxonomy)],
                }
                advance(1)

    emit_jsonl(rows())
    return FAILED if bad else OK


def _tell(problem: Problem) -> None:
    from chainwatch.cli.main import tell  # noqa: PLC0415  main imports the commands lazily, so they may ask it back

    tell(problem)


@contextmanager
def _bar(file: str, total: int | None) -> Iterator[Any]:
    with nullcontext(lambda _: None) if file == "-" else progress("analysing", total) as advance:
        yield advance


@contextmanager
def open_lines(file: str) -> Iterator[tuple[Iterator[tuple[str, bytes]], int | None]]:
    """(place, bytes) of each line that holds anything, and how many there are where that is known."""
    if file == "-":
        yield _numbered("<stdin>", sys.stdin.buffer), None
        return
    path = Path(file)
    try:
        total = path.read_bytes().count(b"\n")
        with path.open("rb") as stream:
            yield _numbered(file, stream), total
    except OSError as error:
        raise Problem(f"cannot read: {error.strerror}", place=file, cure="name a JSON Lines file, or -") from error


def _numbered(name: str, stream: BinaryIO) -> Iterator[tuple[str, bytes]]:
    number = 0
    while line := stream.readline(LARGEST_LINE + 1):
        number += 1
        if len(line) > LARGEST_LINE:
            what = f"a line of more than {LARGEST_LINE:,} bytes"
            raise Problem(what, place=f"{name}:{number}", cure="split the article or the file")
        if line.strip():
            yield f"{name}:{number}", line


def read_line(raw: bytes, place: str, region: str | None = None) -> Article:
    """The article of a line. Raises Problem with place and cure."""
    try:
        line = Line.model_validate(orjson.loads(raw))
    except orjson.JSONDecodeError as error:
        raise Problem(f"no JSON: {error}", place=place, cure="one JSON object a line, in UTF-8") from error
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc'])) or 'line'}: {e['msg']}" for e in error.errors())
        raise Problem(
            faults, place=place, cure='a line is {"title": "…", "text": "…", "published": "2022-05-31"}'
        ) from error
    published, precision = read_date(line.published, place)
    return Article(
        id=line.id or article_id(title=line.title, published=line.published or "", text=line.text),
        title=line.title,
        text=line.text,
        published=published,
        precision=precision,
        fetched=published or _WHEN,
        source=line.source,
        region=line.region or region,
        content_digest=content_digest(line.title, line.text),
    )


def read_date(written: str | None, place: str) -> tuple[datetime | None, Precision]:
    """A day as far as it is known; a month counts to its last day. Raises Problem for anything else."""
    if not written:
        return None, Precision.UNKNOWN
    match = _DATE.fullmatch(written.strip())
    try:
        if match is None:
            raise ValueError("no date")  # noqa: TRY301  joins the other faults below
        year, month, day = int(match[1]), int(match[2] or 12), int(match[3] or 28)
        if match[4]:
            moment = datetime.fromisoformat(f"{year:04d}-{month:02d}-{day:02d}T{match[4]}")
            return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI), Precision.MINUTE
        precision = Precision.DAY if match[3] else Precision.MONTH if match[2] else Precision.YEAR
        return datetime(year, month, day, tzinfo=SHANGHAI), precision
    except ValueError as error:
        what = f"published is no date: {written[:40]!r}"
        raise Problem(what, place=place, cure="write 2022, 2022-05, 2022-05-31 or 2022-05-31T09:00+08:00") from error
