"""`chainwatch rules diff|backtest|stats`: what rules say, would have said, and said of late, of stored articles."""

import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from chainwatch.cli.articles import moment_ms
from chainwatch.cli.context import Context
from chainwatch.cli.output import JSON, OK, emit, emit_json, progress, say, stdout
from chainwatch.cli.rulefiles import (
    articles_of,
    bundle_named,
    count_lines,
    files_of,
    loaded_rules,
    one_rule,
    stored_articles,
)
from chainwatch.locale import tr
from chainwatch.matching.bundle import Bundle
from chainwatch.matching.lint import impossible
from chainwatch.matching.rule import Status
from chainwatch.models import SHANGHAI
from chainwatch.replay.alerts import Alerts, alerts
from chainwatch.replay.question import Question
from chainwatch.replay.rehearsal import Alert
from chainwatch.rulediff import Change, Judged, Run, counted, judged
from chainwatch.rulediff import diff as differences
from chainwatch.store import articles, bundles
from chainwatch.store.schema import open_store

_SHOWN = 20
"""Articles listed unless more are asked for."""


def diff(
    old: str,
    new: str,
    *,
    since: str | None = None,
    file: str | None = None,
    limit: Annotated[int, Parameter(name=["--limit", "-n"])] = _SHOWN,
    workers: int = 0,
    as_json: JSON = False,
) -> int:
    """Run two sets of rules over past articles: articles, tags, rule hits and alerts gained and lost. Changes nothing.

    Alerts are those that the subscriptions of today would have been sent of the stored articles; nothing is sent.

    Parameters
    ----------
    old
        active (in force), files (on disk now), a digest of the archive, or a folder of rules.
    new
        The same.
    since
        Only articles published at or after this date.
    file
        JSON Lines file of articles instead of the store.
    limit
        So many articles are listed; all of them are counted.
    workers
        Processes; by default one for each core.
    as_json
        Print JSON, with every article.
    """
    with Context() as context:
        files = files_of(context.settings)
        before, after = bundle_named(context, files, old), bundle_named(context, files, new)
        bodies, total = _bodies(context, file, since)
        workers = workers or os.cpu_count() or 1
        with progress("comparing", total) as advance:
            how = Run(workers, advance)
            found = list(differences(before, after, bodies, context.settings.home / "cache", how))
        told = None if file is not None else _alerts(context, (before, after), since, found, workers)
    changes = [change for change in found if change.shown]
    summary = _summary(changes) | {"old": before.digest, "new": after.digest}
    if as_json:
        emit_json(
            {
                **summary,
                "alerts": None if told is None else {"gained": _rows(told.gained), "lost": _rows(told.lost)},
                "articles": [asdict(change) for change in changes],
            }
        )
        return OK
    _tell_summary(summary)
    _tell_changes(changes[:limit])
    if len(changes) > limit:
        say("{more} more articles differ; --limit shows them", more=len(changes) - limit)
    _tell_alerts(told, limit)
    return OK


def _alerts(
    context: Context, sets: tuple[Bundle, Bundle], since: str | None, found: Sequence[Change], workers: int
) -> Alerts:
    settings = context.settings
    question = Question(
        *sets,
        moment_ms(since, "--since"),
        frozenset(change.article for change in found),
        timedelta(days=settings.alert_window_days),
        settings.home / "cache",
        workers,
    )
    live = open_store(settings.store_url, readonly=True)
    try:
        with tempfile.TemporaryDirectory(prefix="chainwatch-diff-") as folder:
            return alerts(live, Path(folder), question, progress)
    finally:
        live.close()


def _rows(found: Sequence[Alert]) -> list[dict[str, Any]]:
    return [
        {
            "channel": one.channel,
            "subscription": one.subscription,
            "event": one.event.id,
            "kind": one.event.kind.value,
            "title": one.event.title,
            "article": one.event.evidence[0].article if one.event.evidence else None,
            "rules": list(one.event.rules),
            "because": one.because,
        }
        for one in found
    ]


def _tell_alerts(told: Alerts | None, limit: int) -> None:
    out = stdout()
    if told is None:
        say("alerts are compared only for the articles of the store, without --file")
        return
    out.print(f"{tr('alerts gained')}: {len(told.gained)}", markup=False)
    out.print(f"{tr('alerts lost')}: {len(told.lost)}", markup=False)
    for sign, some in (("+", told.gained), ("-", told.lost)):
        for row in _rows(some[:limit]):
            out.print(f"{sign} {row['channel']}  {row['subscription']}  {row['kind']}  {row['title']}", markup=False)
            out.print(f"    {row['because']}  ({row['article'] or row['event'][:12]})", markup=False)
    more = sum(max(len(some) - limit, 0) for some in (told.gained, told.lost))
    if more:
        say("{more} more alerts differ; --limit shows them", more=more)


def _bodies(context: Context, file: str | None, since: str | None) -> tuple[Iterable[str], int | None]:
    if file is not None:
        total = None if file == "-" else count_lines(file)
        return (article.to_json().decode() for article in articles_of(context, file, None)), total
    since_ms = moment_ms(since, "--since")
    with context.database.read() as connection:
        total = articles.count(connection) if since_ms is None else None
    return stored_articles(context, since_ms), total


def _summary(changes: Sequence[Change]) -> dict[str, Any]:
    return {
        "gained_articles": sum(change.gained for change in changes),
        "lost_articles": sum(change.lost for change in changes),
        "changed_articles": len(changes),
        "rules": _balance([(change.gained_rules, change.lost_rules) for change in changes]),
        "tags": _balance([(change.gained_tags, change.lost_tags) for change in changes]),
    }


def _balance(pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> list[dict[str, Any]]:
    gained, lost = Counter[str](), Counter[str]()
    for more, fewer in pairs:
        gained.update(more)
        lost.update(fewer)
    return [{"name": name, "gained": gained[name], "lost": lost[name]} for name in sorted(gained | lost)]


def _tell_summary(summary: dict[str, Any]) -> None:
    out = stdout()
    labels = {
        "gained_articles": tr("articles gained"),
        "lost_articles": tr("articles lost"),
        "changed_articles": tr("articles that differ"),
    }
    for key, label in labels.items():
        out.print(f"{label}: {summary[key]}", markup=False)
    for kind in ("rules", "tags"):
        if summary[kind]:
            emit(summary[kind], {"name": kind, "gained": "gained", "lost": "lost"}, as_json=False)


def _tell_changes(changes: Sequence[Change]) -> None:
    out = stdout()
    for change in changes:
        signs = [f"+{name}" for name in (*change.gained_rules, *change.gained_tags)]
        signs += [f"-{name}" for name in (*change.lost_rules, *change.lost_tags)]
        out.print(f"{change.article}  {change.title}", markup=False)
        out.print(f"    {' '.join(signs)}  {change.quote}", markup=False)


def backtest(
    rule: str,
    *,
    since: str | None = None,
    file: str | None = None,
    samples: Annotated[int, Parameter(name=["--samples", "-n"])] = 5,
    as_json: JSON = False,
) -> int:
    """The weeks in which a rule would have held, how often, and for which articles.

    Parameters
    ----------
    rule
        Id of the rule.
    since
        Only articles published at or after this date.
    file
        JSON Lines file of articles instead of the store.
    samples
        Articles shown, spread over the period.
    as_json
        Print JSON, with every article.
    """
    with Context() as context:
        files = files_of(context.settings)
        one_rule(loaded_rules(files), rule)
        bodies, total = _bodies(context, file, since)
        looked = Counter[str]()
        with progress("matching", total) as advance:
            how = Run(os.cpu_count() or 1, lambda n: (looked.update(articles=n), advance(n))[1])
            found = list(judged(rule, files.bundle(), bodies, context.settings.home / "cache", how))
    weeks = Counter(_week(one) for one in found)
    rows = [{"week": week, "hits": count} for week, count in sorted(weeks.items())]
    if as_json:
        emit_json(
            {
                "rule": rule,
                "looked_at": looked["articles"],
                "hits": len(found),
                "weeks": rows,
                "articles": [
                    {"article": one.article, "title": one.title, "day": one.day.isoformat(), "quote": one.quote}
                    for one in found
                ],
            }
        )
        return OK
    say("{rule} holds for {hits} of {articles} articles", rule=rule, hits=len(found), articles=looked["articles"])
    emit(rows, {"week": "week", "hits": "hits"}, as_json=False)
    out = stdout()
    for one in _spread(found, samples):
        out.print(f"{one.day}  {one.article}  {one.title}", markup=False)
        out.print(f"    {one.quote}", markup=False)
    return OK


def _week(one: Judged) -> str:
    year, week, _ = one.day.isocalendar()
    return f"{year}-W{week:02d}"


def _spread(found: Sequence[Judged], count: int) -> list[Judged]:
    """So many of them, evenly over the list."""
    step = max(1, len(found) // max(count, 1))
    return list(found[::step][:count])


def stats(*, as_json: JSON = False) -> int:
    """Hits of each rule in 7 and 30 days, dead rules, rules that can never match, and what is in force.

    Hits are counted by matching the stored articles of the last 30 days again, so drafts count too.

    Parameters
    ----------
    as_json
        Print JSON.
    """
    with Context() as context:
        files = files_of(context.settings)
        bundle, loaded, now = files.bundle(), loaded_rules(files), datetime.now(SHANGHAI)
        with context.database.read() as connection:
            active = bundles.active(connection)
        bodies, _ = _bodies(context, None, (now - timedelta(days=30)).isoformat())
        week, month = Counter[str](), Counter[str]()
        with progress("matching", None) as advance:
            how = Run(os.cpu_count() or 1, advance)
            for day, rules in counted(bundle, bodies, context.settings.home / "cache", how):
                month.update(rules)
                week.update(rules if day >= (now - timedelta(days=7)).date() else ())
    rows = [
        {
            "id": written.rule.id,
            "status": written.rule.status.value,
            "week": week[written.rule.id],
            "month": month[written.rule.id],
            "never": impossible(written.rule) or "",
            "dead": month[written.rule.id] == 0 and written.rule.status is not Status.OFF,
        }
        for written in loaded.rules
    ]
    ruleset = files.compiled().digest
    if as_json:
        emit_json({"active": active, "files": bundle.digest, "rule_set": ruleset, "rules": rows})
        return OK
    say(
        "in force: {active}; on disk: {files}; rule set {ruleset}",
        active=(active or "-")[:12],
        files=bundle.digest[:12],
        ruleset=ruleset[:12],
    )
    if active != bundle.digest:
        say("the files differ from what is in force: a running chainwatch takes sound ones over, rules check says more")
    columns = {
        "id": "id",
        "status": "status",
        "week": "7 days",
        "month": "30 days",
        "dead": "dead",
        "never": "never matches",
    }
    emit(rows, columns, as_json=False)
    return OK
