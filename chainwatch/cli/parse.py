"""`chainwatch parse`: saved pages → Articles, one JSON line a page, also for a page that fails."""

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from chainwatch.cli.output import FAILED, JSON, OK, emit_jsonl
from chainwatch.models import Article, Precision
from chainwatch.problem import Problem

_EMPTY: dict[str, Any] = {
    "title": "", "published": None, "source": None, "author": None, "editor": None, "text": "",
    "document": {"number": None, "index": None, "issuer": None, "written": None, "published": None},
}  # fmt: skip


def parse(
    *files: Annotated[str, Parameter(allow_leading_hyphen=True)],
    url: str | None = None,
    no_templates: Annotated[bool, Parameter(name="--no-templates", negative="")] = False,
    template: str | None = None,
    charset: str | None = None,
    as_json: JSON = False,
) -> int:
    """Read saved pages and print the Article of each as a JSON line.

    Args:
        files: page files; `-` reads lines `path<TAB>address` from standard input.
        url: address of the one page given; without it the template is told by the page's marks.
        no_templates: read every page the generic way.
        template: name of the template to try first (sina, hanweb_jcms, jpaas, govcn, zj_policy, trs, epaper …).
        charset: charset the server's header declared.
        as_json: accepted as everywhere; the output is JSON lines in any case.
    """
    from crawlers.templates.registry import BY_NAME  # noqa: PLC0415  start-up: the parser is loaded when a page is there

    del as_json
    if not files:
        raise Problem(
            "no page given",
            place="chainwatch parse",
            cure="name page files, or - for lines path<TAB>address on standard input",
        )
    if url and len(files) != 1:
        raise Problem(
            "--url fits one file only",
            place="--url",
            cure="give path<TAB>address lines on standard input: chainwatch parse -",
        )
    if template and template not in BY_NAME:
        raise Problem(f"no template is called {template}", place="--template", cure=f"one of {', '.join(BY_NAME)}")
    failed = 0

    def rows() -> Iterator[dict[str, Any]]:
        nonlocal failed
        for path, address in _pages(files, url):
            row = _row(path, address, use_templates=not no_templates, template=template, charset=charset)
            failed += "error" in row
            yield row

    emit_jsonl(rows())
    return FAILED if failed and "-" not in files else OK


def _pages(files: Iterable[str], url: str | None) -> Iterator[tuple[str, str | None]]:
    for name in files:
        if name != "-":
            yield name, url
            continue
        for line in sys.stdin.buffer:
            path, _, address = line.decode("utf-8", "surrogateescape").rstrip("\r\n").partition("\t")
            if path:
                yield path, address.strip() or None


def _row(
    path: str, url: str | None, *, use_templates: bool, template: str | None, charset: str | None
) -> dict[str, Any]:
    """The article of one file as a row; a row with `error`, `reason` and `path` where there is none."""
    from crawlers.templates import Refused, parse_bytes  # noqa: PLC0415  start-up

    try:
        article = parse_bytes(
            Path(path).read_bytes(),
            url,
            fetched=datetime.now(UTC),
            header_charset=charset,
            template=template,
            use_templates=use_templates,
        )
    except Refused as refused:
        return _EMPTY | {"error": str(refused), "reason": refused.reason.value, "path": path, "url": url}
    except OSError as problem:
        return _EMPTY | {"error": f"{path}: {problem.strerror}", "reason": "unreadable", "path": path, "url": url}
    return _written(article) | {"path": path}


def _written(article: Article) -> dict[str, Any]:
    """The article as JSON; a publication known to the day only is a bare date."""
    row = article.model_dump(mode="json")
    if article.published and article.precision == Precision.DAY:
        row["published"] = article.published.date().isoformat()
    row["document"] = row["document"] or _EMPTY["document"]
    return row
