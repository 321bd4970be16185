"""`chainwatch sources`: what is crawled, how it fares, and whether a site still reads."""

import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import orjson
from cyclopts import App, Parameter

from chainwatch.cli.context import Context
from chainwatch.cli.crawl import COLUMNS
from chainwatch.cli.output import FAILED, JSON, OK, YES, emit, emit_json, emit_one, say, when
from chainwatch.crawling import child_environment
from chainwatch.health import BAD
from chainwatch.models import SHANGHAI
from chainwatch.problem import Problem, Problems
from chainwatch.schedule import next_due, read_sources
from chainwatch.store import crawl as crawl_rows
from chainwatch.store.sources import SourceStatus, put, status, statuses
from crawlers.edit import add_source, remove_source

app = App(name="sources", help="Sources: list, status, check, add, pause, resume, remove, coverage.")


@app.command(name="list")
def list_(*, json: JSON = False) -> int:
    """Every source in force, and every fault of the files they come from."""
    sources = read_sources(Context().settings)
    rows = [
        {
            "name": one.name,
            "title": one.title,
            "kind": one.listing.kind,
            "region": one.region,
            "schedule": one.schedule,
            "enabled": one.enabled,
            "own": one.name in sources.own,
            "address": one.addresses[0],
        }
        for one in sources.by_name.values()
    ]
    columns = {
        "name": "Name",
        "title": "Title",
        "kind": "Kind",
        "region": "Region",
        "schedule": "Schedule",
        "own": "Own",
    }
    emit(rows, columns, as_json=json)
    if sources.problems:
        raise Problems(list(sources.problems))
    return OK


@app.command(name="status")
def status_(*names: str, json: JSON = False) -> int:
    """Health of each source, since when, why, and when it is crawled next. Ends with 1 where one is unwell."""
    context = Context()
    sources = read_sources(context.settings)
    now = datetime.now(SHANGHAI)
    with context.database.read() as connection:
        known = statuses(connection)
    rows: list[dict[str, Any]] = []
    for one in sources.named(names) if names else sources.by_name.values():
        row = known.get(one.name, SourceStatus(one.name))
        due = next_due(one, row, now)
        rows.append(
            {
                "name": one.name,
                "condition": "paused" if row.paused is not None else row.health.condition.value,
                "since": when(row.health.since_ms or None),
                "reasons": list(row.health.reasons) if row.paused is None else [row.paused],
                "last_run": when(row.last_finished_ms),
                "last_good": when(row.last_good_ms),
                "last_new": when(row.health.last_new_ms),
                "next": when(due) if due else "",
            }
        )
    columns = {
        "name": "Name",
        "condition": "Condition",
        "since": "Since",
        "last_run": "Last run",
        "last_new": "Last news",
    }
    emit(rows, {**columns, "next": "Next run", "reasons": "Reasons"}, as_json=json)
    return FAILED if any(row["condition"] in {bad.value for bad in BAD} for row in rows) else OK


@app.command
def check(name: str, *, json: JSON = False) -> int:
    """Fetch one list and one article of a source; print each field with the selector that found it.

    Nothing is remembered or published. Ends with 1 where something is wrong.
    """
    settings = Context().settings
    (source,) = read_sources(settings).named([name])
    say("asking {address}", address=source.addresses[0])
    with tempfile.TemporaryDirectory() as folder:
        report_path = Path(folder) / "report.json"
        done = subprocess.run(  # noqa: S603  our own command
            [sys.executable, "-m", "scrapy", "crawl", name, "-a", f"probe={report_path}"],
            env=child_environment(settings),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=600,
            check=False,
        )
        if not report_path.exists():
            lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
            raise Problem(lines[-1] if lines else "the check gave no report", place=name, cure="see the source's entry")
        report: dict[str, Any] = orjson.loads(report_path.read_bytes())
    article = report.get("article")
    if json:
        emit_json(report)
    else:
        emit_one(
            {**report, "sample": [row["title"] for row in report.get("sample", [])]},
            {"list": "List", "rows": "Rows", "dated": "With a date", "sample": "First rows"},
            as_json=False,
        )
        emit(_fields(article) if article else [], {"field": "Field", "value": "Value", "by": "Found by"}, as_json=False)
        for fault, count in report["faults"].items():
            say("fault: {fault} ({count}×)", fault=fault, count=count)
    return OK if article and not report["faults"] else FAILED


def _fields(article: dict[str, Any]) -> list[dict[str, Any]]:
    by = article["selectors"]
    shown = ("title", "subtitle", "published", "published_meta", "source", "author", "editor", "channel", "keywords")
    rows = [{"field": name, "value": article[name], "by": by.get(name, "")} for name in shown if article.get(name)]
    document = article.get("document") or {}
    rows += [{"field": name, "value": v, "by": by.get(f"document.{name}", "")} for name, v in document.items() if v]
    rows += [{"field": "attachment", "value": one["name"], "by": one["url"]} for one in article["attachments"]]
    text = article["text"]
    rows.append({"field": "text", "value": f"{text[:60]}… ({len(text)})", "by": by.get("text", "")})
    return [{"field": "template", "value": article["template"], "by": ""}, *rows]


@app.command
def add(file: Path) -> int:
    """Add the sources of a YAML file to the user's own. Refused as a whole where one has a fault.

    Parameters
    ----------
    file
        A file as docs/reference/sources.md describes: `version: 1` and `sources:`.
    """
    settings = Context().settings
    names = add_source(file, settings.sources_file)
    say("added: {names}", names=", ".join(names))
    return OK


@app.command
def pause(name: str, *, reason: str = "by hand") -> int:
    """Stop crawling a source until `resume`. Its schedule is kept."""
    return _set_pause(name, reason)


@app.command
def resume(name: str) -> int:
    """Crawl a paused source again."""
    return _set_pause(name, None)


def _set_pause(name: str, reason: str | None) -> int:
    context = Context()
    read_sources(context.settings).named([name])
    with context.database.write() as connection:
        before = status(connection, name)
        values = {slot: getattr(before, slot) for slot in SourceStatus.__slots__}
        put(connection, SourceStatus(**{**values, "paused": reason, "not_before_ms": None}))
    if reason is None:
        say("{name} is crawled again", name=name)
    else:
        say("{name} is paused: {reason}", name=name, reason=reason)
    return OK


@app.command
def remove(name: str, *, yes: YES = False) -> int:
    """Take one of the user's own sources out of their file. What it found stays."""
    settings = Context().settings
    sources = read_sources(settings)
    sources.named([name])
    if name not in sources.own:
        cure = f"chainwatch sources pause {name}"
        raise Problem(f"{name} is shipped with chainwatch; only your own can be removed", cure=cure)
    if not yes:
        raise Problem(f"this removes {name} from {settings.sources_file}", cure="say --yes")
    remove_source(name, settings.sources_file)
    say("removed: {name}", name=name)
    return OK


@app.command
def coverage(
    *names: str,
    limit: int = 20,
    run: Annotated[str | None, Parameter(name="--run")] = None,
    json: JSON = False,
) -> int:
    """What became of every page, by source and run.

    Parameters
    ----------
    names
        Only these sources.
    limit
        So many newest runs.
    run
        The pages of this run that failed or were quarantined, each with its reason and the digest of its bytes.
    json
        One JSON document.
    """
    context = Context()
    with context.database.read() as connection:
        if run is not None:
            columns = {"outcome": "Outcome", "reason": "Reason", "url": "Address", "raw_digest": "Page"}
            emit(crawl_rows.troubles_of(connection, run), columns, as_json=json)
            return OK
        found = crawl_rows.coverage(connection, names, limit)
    rows = [{**one.as_row(), "started": when(one.started_ms)} for one in found]
    shown = {"started": "Started", **{key: heading for key, heading in COLUMNS.items() if key != "notes"}}
    emit(rows, {**shown, "run": "Run", "notes": "Notes"}, as_json=json)
    return OK
