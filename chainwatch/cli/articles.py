"""`chainwatch articles`: list, show and search what is stored."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from cyclopts import App, Parameter
from sqlalchemy import Connection

from chainwatch.cli.context import Context
from chainwatch.cli.output import (
    FAIL_ON_EMPTY,
    JSON,
    LIMIT,
    OK,
    emit_found,
    emit_json,
    emit_one,
    progress,
    stdout,
)
from chainwatch.models import SHANGHAI, Article, to_timestamp_ms
from chainwatch.problem import Problem
from chainwatch.store import articles, clusters, findings, search, tags

app = App(name="articles", help="List, show and search stored articles.")

COLUMNS = {"published": "published", "source": "source", "title": "title", "nodes": "tags", "id": "id"}
INDEX_BATCH = 500


@app.command(name="list")
def list_(
    *,
    node: str | None = None,
    region: str | None = None,
    site: str | None = None,
    since: str | None = None,
    until: str | None = None,
    limit: LIMIT = 20,
    fail_on_empty: FAIL_ON_EMPTY = False,
    as_json: JSON = False,
) -> int:
    """List articles, the newest stored first.

    Parameters
    ----------
    node
        Tagged with this taxonomy node or one below it: hz5/智能物联.
    region
        Region hint of the source.
    site
        Source it was found by, or host of an import.
    since
        Published at or after this date: 2026-11-20.
    until
        Published before this date.
    as_json
        Print JSON.
    """
    wanted = articles.Filter(
        site=site, node=node, region=region, since_ms=moment_ms(since, "--since"), until_ms=moment_ms(until, "--until")
    )
    with Context() as context, context.database.read() as connection:
        rows = _with_nodes(connection, articles.listed(connection, wanted, limit))
    return emit_found(rows, COLUMNS, as_json=as_json, fail_on_empty=fail_on_empty)


@app.command(name="search")
def search_(
    *words: str,
    limit: LIMIT = 20,
    fail_on_empty: FAIL_ON_EMPTY = False,
    as_json: JSON = False,
) -> int:
    """Find articles that hold every word, each as written; Chinese words of any length.

    Parameters
    ----------
    words
        Words or phrases: 储能 补贴.
    as_json
        Print JSON.
    """
    if not any(re.search(r"\w", word) for word in words):
        raise Problem("no word to look for", place="chainwatch articles search", cure="chainwatch articles search 储能")
    with Context() as context:
        _catch_up(context)
        with context.database.read() as connection:
            numbers = search.search(connection, words, limit)
            found = articles.listed(connection, articles.Filter(numbers=frozenset(numbers)), limit)
            rows = [
                {**row, "passage": passage(articles.get(connection, row["id"]), words)}
                for row in _with_nodes(connection, found)
            ]
    return emit_found(rows, {**COLUMNS, "passage": "passage"}, as_json=as_json, fail_on_empty=fail_on_empty)


def _catch_up(context: Context) -> None:
    """Take into the index what no worker has had an idle moment for."""
    with context.database.read() as connection:
        waiting = search.lag(connection)
    if not waiting:
        return
    with progress("indexing", waiting) as advance:
        while True:
            with context.database.write() as connection:
                done = search.index_next(connection, INDEX_BATCH)
            if not done:
                return
            advance(done)


def passage(article: Article | None, words: Sequence[str], around: int = 16) -> str:
    """The place where the first of the words stands, in the text or else in the title."""
    for part in (article.text, article.title) if article else ():
        for word in words:
            at = part.find(word)
            if at >= 0:
                start, end = max(at - around, 0), at + len(word) + around
                cut = part[start:end].replace("\n", " ")
                return f"{'…' if start else ''}{cut}{'…' if end < len(part) else ''}"
    return ""


def _with_nodes(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    nodes = tags.nodes(connection, [row["number"] for row in rows])
    return [{**row, "nodes": nodes.get(row["number"], [])} for row in rows]


@app.command
def show(id_: Annotated[str, Parameter(name="id")], *, revision: int | None = None, as_json: JSON = False) -> int:
    """Show one article: fields, text, tags, findings, its revisions, and its reprints, the fullest text first.

    Parameters
    ----------
    id_
        Its id, as the lists print it.
    revision
        Which revision; the current one by default.
    as_json
        Print JSON.
    """
    with Context() as context, context.database.read() as connection:
        article = articles.get(connection, id_, revision)
        if article is None:
            what = f"no article {id_}" + (f" with revision {revision}" if revision else "")
            raise Problem(what, place="chainwatch articles show", cure="chainwatch articles list")
        made = tags.of_article(connection, id_, revision)
        found = findings.of_article(connection, id_, revision)
        history = articles.history(connection, id_)
        same = [each for each, _size in clusters.cluster_of(connection, id_)]
    if as_json:
        emit_json({"article": article, "tags": made, "findings": found, "revisions": history, "reprints": same})
        return OK
    row = article.model_dump() | {
        "revision": f"{revision or len(history)} / {len(history)}",
        "tags": [f"{tag.node} ({tag.strength})" for tag in made],
        "findings": [f"{finding.kind}: {finding.quote}" for finding in found],
        "reprints": same if len(same) > 1 else None,
    }
    labels = ("id", "title", "published", "source", "site", "url", "state", "revision", "tags", "findings", "reprints")
    emit_one(row, {name: name for name in labels}, as_json=False)
    stdout().print("\n" + article.text, markup=False)
    return OK


def moment_ms(given: str | None, place: str) -> int | None:
    """Unix milliseconds of a date or time as users write it; without a zone it is Shanghai's."""
    if given is None:
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError as error:
        raise Problem(f"no date: {given}", place=place, cure="2026-11-20 or 2026-11-20T09:15") from error
    return to_timestamp_ms(moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI))
