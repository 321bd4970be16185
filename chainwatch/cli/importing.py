"""`chainwatch import`: saved pages, WARC files and article files, as a backfill that alerts nobody."""

from collections import Counter as Tally
from datetime import UTC, datetime
from pathlib import Path

from chainwatch import logs
from chainwatch.archive import Archive
from chainwatch.cli.consume import consume_with_progress
from chainwatch.cli.context import Context
from chainwatch.cli.main import tell
from chainwatch.cli.output import FAILED, JSON, OK, emit_one, progress, say
from chainwatch.models import to_timestamp_ms
from chainwatch.problem import Problem
from chainwatch.store import articles, runs
from chainwatch.stream.envelope import article_draft
from chainwatch.stream.protocol import ARTICLES, Draft
from crawlers.saved import Loaded, Terms, count, load

BATCH = 200
"""Articles appended in one transaction."""


class Intake:
    """Takes loaded items one after the other: counts each, tells each problem, appends what is new."""

    def __init__(self, context: Context, now: datetime) -> None:
        self._context, self._now = context, now
        self.counts = runs.Counts()
        self.unused: Tally[str] = Tally()
        self.places: set[str] = set()
        self._seen: set[articles.Key] = set()
        self._waiting: list[tuple[articles.Key, Draft]] = []

    def take(self, loaded: Loaded) -> None:
        """One item, whatever became of it."""
        self.unused.update(loaded.unused)
        if loaded.article is not None:
            key = articles.key_of(loaded.article)
            if key in self._seen:
                self.counts.duplicate += 1
                return
            self._seen.add(key)
            self._waiting.append((key, article_draft(loaded.article, self._now)))
            if len(self._waiting) >= BATCH:
                self.flush()
        elif loaded.filtered is not None:
            self.counts.filtered[loaded.filtered] += 1
        else:
            self.counts.failed += 1
            tell(loaded.problem or Problem("cannot be read", place=loaded.place))

    def flush(self) -> None:
        """Append what waits and is not stored yet."""
        with self._context.database.read() as connection:
            known = articles.known(connection, [key for key, _draft in self._waiting])
        drafts = [draft for key, draft in self._waiting if key not in known]
        placed = self._context.stream.append(ARTICLES, drafts)
        self.places |= {f"{ARTICLES}/{partition}@{offset}" for partition, offset in placed}
        self.counts.published += len(drafts)
        self.counts.duplicate += len(self._waiting) - len(drafts)
        self._waiting.clear()


def import_(*paths: Path, consume: bool = True, as_json: JSON = False) -> int:
    """Import saved HTML pages (files, WARC, folders with or without index.jsonl) and article JSONL, also gzipped.

    Everything counts as a backfill: it is stored, tagged and compared, and alerts nobody.

    Parameters
    ----------
    paths
        Files and folders.
    consume
        Consume at once, so that results are there when the command ends; --no-consume only appends to the stream.
    as_json
        Print the counts as JSON.
    """
    if not paths:
        raise Problem("nothing to import", place="chainwatch import", cure="chainwatch import FOLDER or FILE.jsonl.gz")
    with Context() as context:
        intake = _import(context, paths, consume=consume)
    return report(intake, as_json=as_json)


def _import(context: Context, paths: tuple[Path, ...], *, consume: bool) -> Intake:
    logs.configure("warning" if context.settings.log_level == "info" else context.settings.log_level)
    if consume:
        consume_with_progress(context, "consuming what waits on the stream")
    now = datetime.now(UTC)
    with context.database.write() as connection:
        run = runs.begin(connection, "import", " ".join(map(str, paths)), to_timestamp_ms(now))
    intake = Intake(context, now)
    outcome = "stopped"
    try:
        _read(intake, paths, Terms(now, live=False, run=run, archive=Archive(context.settings.archive_dir).put))
        if consume:
            counter = consume_with_progress(context, "consuming")
            aside = sum(record.place in intake.places for record, _failure in counter.aside)
            intake.counts.published -= aside
            intake.counts.quarantined += aside
        outcome = "failed" if intake.counts.failed else "ok"
    finally:
        with context.database.write() as connection:
            runs.end(connection, run, intake.counts, outcome, to_timestamp_ms(datetime.now(UTC)))
    return intake


def _read(intake: Intake, paths: tuple[Path, ...], terms: Terms) -> None:
    with progress("reading", sum(count(path) for path in paths)) as advance:
        for path in paths:
            for loaded in load(path, terms):
                intake.take(loaded)
                advance(1)
        intake.flush()


def report(intake: Intake, *, as_json: bool) -> int:
    """Print what became of everything; 1 where an item failed or was set aside."""
    if intake.unused:
        named = ", ".join(f"{name} ({n})" for name, n in sorted(intake.unused.items()))
        say("fields that were not used: {fields}", fields=named)
    row = intake.counts.as_row()
    if not as_json:
        why = ", ".join(f"{reason} {n}" for reason, n in row["filtered"].items())
        row["filtered"] = f"{intake.counts.filtered.total()}" + (f" ({why})" if why else "")
    emit_one(row, {name: name for name in row}, as_json=as_json)
    return FAILED if intake.counts.failed or intake.counts.quarantined else OK
