"""`chainwatch replay`: what would have been found and told in a period, against what was. Sends nothing."""

import tempfile
import time
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from chainwatch.cli.articles import moment_ms
from chainwatch.cli.context import Context
from chainwatch.cli.output import FAILED, JSON, OK, emit, emit_json, progress, say
from chainwatch.matching.bundle import Bundle
from chainwatch.models import Event
from chainwatch.problem import Problem
from chainwatch.replay import history as replaying
from chainwatch.replay.history import Report
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_set
from chainwatch.store import journal, schema
from chainwatch.store.database import Database
from chainwatch.store.schema import open_store
from chainwatch.store.telling import Told

COLUMNS = {"change": "change", "kind": "event", "title": "what", "now": "now", "sentence": "said in"}
TOLD = {"change": "change", "channel": "channel", "subscription": "subscription", "event": "event"}


def replay(
    *,
    since: str | None = None,
    until: str | None = None,
    rules: Path | None = None,
    fail_on_difference: bool = False,
    as_json: JSON = False,
) -> int:
    """Replay what was consumed in a period. Nothing is sent, stored or moved.

    Parameters
    ----------
    since
        Consumed at or after this time: 2026-11-20 or 2026-11-20T09:15; from the beginning where it is left out.
    until
        Consumed before this time; up to now where it is left out.
    rules
        Read with the rules of this folder: a whole rules folder, or own rules that join the shipped ones. Without it
        each article is read with the rules that were in force then.
    fail_on_difference
        Exit with 1 where anything differs.
    as_json
        Print JSON.
    """
    chosen = _bundle(rules) if rules is not None else None
    since_ms = moment_ms(since, "--since") or 0
    until_ms = moment_ms(until, "--until") or time.time_ns() // 1_000_000
    if since_ms >= until_ms:
        raise Problem("the period is empty", place="--since, --until", cure="give a --since before --until")
    with Context() as context:
        report = _run(context, chosen, since_ms, until_ms)
    _show(report, as_json=as_json)
    return FAILED if fail_on_difference and not report.same else OK


def _bundle(folder: Path) -> Bundle:
    if not folder.is_dir():
        raise Problem("no such folder", place=str(folder), cure="--rules FOLDER with rule files (*.yaml)")
    return read_set(folder, rules_dir())


def _run(context: Context, chosen: Bundle | None, since_ms: int, until_ms: int) -> Report:
    live = open_store(context.settings.store_url, readonly=True)
    with tempfile.TemporaryDirectory(prefix="chainwatch-replay-") as folder:
        scratch = Database(f"sqlite:///{folder}/scratch.db")
        schema.create(scratch)
        try:
            with live.read() as connection:
                total = connection.execute(
                    select(func.count()).where(journal.journal.c.kind.in_(("article", "event")))
                ).scalar_one()
            with progress("replaying", total) as advance:
                run = replaying.Replay(
                    live,
                    context.stream,
                    scratch,
                    rules=chosen,
                    window=timedelta(days=context.settings.alert_window_days),
                    on_progress=advance,
                )
                return run.run(since_ms, until_ms)
        finally:
            scratch.close()
            live.close()


def _show(report: Report, *, as_json: bool) -> None:
    events = [*_events("gained", report.gained), *_events("lost", report.lost)]
    told = [*_told("gained", report.told_now - report.told_then), *_told("lost", report.told_then - report.told_now)]
    counts = {
        "articles": report.articles,
        "events then": len(report.events_then),
        "events now": len(report.events_now),
        "told then": len(report.told_then),
        "told now": len(report.told_now),
    }
    failed = [{"record": record, "why": why} for record, why in report.failed]
    if as_json:
        emit_json({"counts": counts, "events": events, "told": told, "failed": failed, "missing": report.missing})
        return
    say("replayed: {counts}", counts=", ".join(f"{name} {n}" for name, n in counts.items()))
    if events:
        emit(events, COLUMNS, as_json=False, title="events")
    if told:
        emit(told, TOLD, as_json=False, title="who would be told, or no longer")
    if failed:
        emit(failed, {"record": "record", "why": "why"}, as_json=False, title="could not be read")
    if report.missing:
        say("no longer kept: {records}", records=", ".join(report.missing[:10]))
    if report.same:
        say("nothing differs")


def _events(change: str, found: Iterable[Event]) -> list[dict[str, Any]]:
    return [
        {
            "change": change,
            "kind": event.kind.value,
            "title": event.title,
            "now": _words(event.after),
            "sentence": event.evidence[0].sentence if event.evidence else "",
            "id": event.id,
        }
        for event in found
    ]


def _words(after: Mapping[str, str]) -> str:
    return " ".join(after[name] for name in ("value", "unit", "deadline", "status") if after.get(name))


def _told(change: str, found: Iterable[Told]) -> list[dict[str, Any]]:
    return [
        {"change": change, "channel": channel, "subscription": subscription, "event": event}
        for channel, subscription, event in sorted(found)
    ]
