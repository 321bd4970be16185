"""What crawling remembers: pages seen, runs with their coverage, cursors of walks that a kill interrupted.

discovered = published + duplicate + filtered + failed + quarantined holds for every finished run: an outcome is
counted in the transaction that records it, and what a killed run left open is closed as failed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from chainwatch.store.database import metadata, upsert

OUTCOMES = ("published", "duplicate", "filtered", "failed", "quarantined")
"""Every way a discovered page can end."""
ATTEMPTS = 3
"""Runs that try a page which cannot be read."""

pages = Table(
    "crawl_pages",
    metadata,
    Column("key", String, primary_key=True),
    Column("source", String, nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("article_id", String),
    Column("content_digest", String),
    Column("published_ms", BigInteger),
    Column("first_ms", BigInteger, nullable=False),
    Column("checked_ms", BigInteger, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("fields", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("state", String, nullable=False),
    Index("ix_crawl_pages_source_first_ms", "source", "first_ms"),
    Index("ix_crawl_pages_article_id", "article_id"),
)
runs = Table(
    "crawl_runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("source", String, nullable=False),
    Column("backfill", Boolean, nullable=False),
    Column("first", Boolean, nullable=False),
    Column("token", Integer, nullable=False),
    Column("started_ms", BigInteger, nullable=False),
    Column("finished_ms", BigInteger),
    Column("ended", String),
    Column("discovered", Integer, nullable=False),
    Column("notes", Text, nullable=False),
    Index("ix_crawl_runs_source_started_ms", "source", "started_ms"),
)
counts = Table(
    "crawl_counts",
    metadata,
    Column("run", String, primary_key=True),
    Column("outcome", String, primary_key=True),
    Column("reason", String, primary_key=True),
    Column("count", Integer, nullable=False),
)
troubles = Table(
    "crawl_troubles",
    metadata,
    Column("run", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("outcome", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("raw_digest", String),
)
cursors = Table(
    "crawl_cursors",
    metadata,
    Column("source", String, primary_key=True),
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Known:
    """What is remembered of a page. `state`: live, withdrawn, or trouble (failed or quarantined, never published)."""

    key: str
    source: str
    url: str
    title: str = ""
    article_id: str | None = None
    content_digest: str | None = None
    published_ms: int | None = None
    first_ms: int = 0
    checked_ms: int = 0
    etag: str | None = None
    last_modified: str | None = None
    fields: tuple[str, ...] = ()
    """Fields that the page gave when it was last read well."""
    attempts: int = 0
    """Runs in a row that could not read it."""
    state: str = "live"


@dataclass(frozen=True, slots=True)
class Coverage:
    """One run in numbers. `counts`: outcome → reason → pages."""

    run: str
    source: str
    backfill: bool
    first: bool
    started_ms: int
    finished_ms: int | None
    ended: str | None
    discovered: int
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def total(self, outcome: str) -> int:
        """Pages with this outcome."""
        return sum(self.counts.get(outcome, {}).values())

    @property
    def open(self) -> int:
        """Pages without an outcome yet; 0 once the run is finished."""
        return self.discovered - sum(map(self.total, OUTCOMES))

    def as_row(self) -> dict[str, Any]:
        """Flat, for tables and JSON."""
        reasons = {f"{o}: {r}": n for o in OUTCOMES for r, n in sorted(self.counts.get(o, {}).items()) if r}
        return {
            "source": self.source,
            "run": self.run,
            "backfill": self.backfill,
            "started_ms": self.started_ms,
            "finished_ms": self.finished_ms,
            "ended": self.ended,
            "discovered": self.discovered,
            **{outcome: self.total(outcome) for outcome in OUTCOMES},
            "reasons": reasons,
            "notes": list(self.notes),
        }


def known(connection: Connection, keys: Sequence[str]) -> dict[str, Known]:
    """What is remembered of these pages."""
    found: dict[str, Known] = {}
    for start in range(0, len(keys), 500):
        for row in connection.execute(select(pages).where(pages.c.key.in_(keys[start : start + 500]))):
            found[row.key] = _known(row)
    return found


def _known(row: Any) -> Known:
    values = dict(row._mapping)  # noqa: SLF001  the documented name of a row's mapping
    return Known(**{**values, "fields": tuple(filter(None, values["fields"].split(",")))})


def revision(connection: Connection, article: str) -> str | None:
    """Content digest of the article's newest revision that was published."""
    newest = select(pages.c.content_digest).where(pages.c.article_id == article, pages.c.content_digest.is_not(None))
    return connection.execute(newest.order_by(pages.c.checked_ms.desc()).limit(1)).scalar_one_or_none()


def recheckable(
    connection: Connection, source: str, *, since_ms: int, checked_before_ms: int, failed_before_ms: int, limit: int
) -> list[Known]:
    """Pages of the source since then that wait for another look; the longest waiting first.

    Published ones, withdrawn ones too, if last looked at before `checked_before_ms`; pages that could not be read yet
    if last tried before `failed_before_ms`, up to `ATTEMPTS` times.
    """
    read = (pages.c.state != "trouble") & (pages.c.checked_ms < checked_before_ms)
    failed = (pages.c.state == "trouble") & (pages.c.checked_ms < failed_before_ms) & (pages.c.attempts < ATTEMPTS)
    wanted = select(pages).where(pages.c.source == source, pages.c.first_ms >= since_ms).where(read | failed)
    return [_known(row) for row in connection.execute(wanted.order_by(pages.c.checked_ms, pages.c.key).limit(limit))]


def newest(connection: Connection, source: str) -> Known | None:
    """The live page of the source that was seen last."""
    query = select(pages).where(pages.c.source == source, pages.c.state == "live")
    row = connection.execute(query.order_by(pages.c.first_ms.desc(), pages.c.key).limit(1)).one_or_none()
    return None if row is None else _known(row)


def remember(connection: Connection, page: Known) -> None:
    """Write what is known of a page."""
    names = [column.name for column in pages.columns]
    upsert(connection, pages, {name: getattr(page, name) for name in names} | {"fields": ",".join(page.fields)})


def begin_run(
    connection: Connection, run: str, source: str, *, backfill: bool, first: bool, token: int, now_ms: int
) -> None:
    """Open a run, after closing what killed ones left open."""
    open_runs = select(runs.c.id).where(runs.c.source == source, runs.c.finished_ms.is_(None))
    for abandoned in connection.execute(open_runs).scalars().all():
        finish_run(connection, abandoned, "killed", ("closed by the next run",), now_ms)
    connection.execute(
        runs.insert().values(
            id=run,
            source=source,
            backfill=backfill,
            first=first,
            token=token,
            started_ms=now_ms,
            discovered=0,
            notes="[]",
        )
    )


def discover(connection: Connection, run: str, count: int) -> None:
    """Count pages that a list named for the first time in this run."""
    connection.execute(update(runs).where(runs.c.id == run).values(discovered=runs.c.discovered + count))


def settle(connection: Connection, run: str, outcome: str, reason: str = "", count: int = 1) -> None:
    """Count outcomes of discovered pages."""
    if outcome not in OUTCOMES:
        raise ValueError(f"no outcome: {outcome}")
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(counts).values(run=run, outcome=outcome, reason=reason, count=count)
    more = {"count": counts.c.count + statement.excluded.count}
    connection.execute(statement.on_conflict_do_update(index_elements=["run", "outcome", "reason"], set_=more))


def trouble(
    connection: Connection, run: str, page: Known, *, outcome: str, reason: str, raw_digest: str | None
) -> None:
    """Write down a page that failed or was quarantined, and where its bytes are."""
    row = {"run": run, "key": page.key, "outcome": outcome, "reason": reason, "url": page.url, "raw_digest": raw_digest}
    upsert(connection, troubles, row)


def finish_run(connection: Connection, run: str, ended: str, notes: Iterable[str], now_ms: int) -> Coverage:
    """Close a run; pages without an outcome become failed, so that the equation holds."""
    before = coverage_of(connection, run)
    if before.finished_ms is None:
        if before.open > 0:
            settle(connection, run, "failed", f"unfinished: {ended}", before.open)
        values = {"finished_ms": now_ms, "ended": ended, "notes": orjson.dumps(list(notes)).decode()}
        connection.execute(update(runs).where(runs.c.id == run).values(**values))
    return coverage_of(connection, run)


def coverage_of(connection: Connection, run: str) -> Coverage:
    """The run in numbers. Raises KeyError for an unknown run."""
    row = connection.execute(select(runs).where(runs.c.id == run)).one_or_none()
    if row is None:
        raise KeyError(run)
    return _coverage(connection, row)


def _coverage(connection: Connection, row: Any) -> Coverage:
    table: dict[str, dict[str, int]] = {}
    for _, outcome, reason, number in connection.execute(select(counts).where(counts.c.run == row.id)):
        table.setdefault(outcome, {})[reason] = number
    return Coverage(
        run=row.id,
        source=row.source,
        backfill=row.backfill,
        first=row.first,
        started_ms=row.started_ms,
        finished_ms=row.finished_ms,
        ended=row.ended,
        discovered=row.discovered,
        counts=table,
        notes=tuple(orjson.loads(row.notes)),
    )


def coverage(connection: Connection, sources: Sequence[str] = (), limit: int = 50) -> list[Coverage]:
    """The newest runs, of these sources or of all."""
    query = select(runs).order_by(runs.c.started_ms.desc(), runs.c.id.desc()).limit(limit)
    if sources:
        query = query.where(runs.c.source.in_(sources))
    return [_coverage(connection, row) for row in connection.execute(query).all()]


def troubles_of(connection: Connection, run: str) -> list[dict[str, Any]]:
    """Pages of the run that failed or were quarantined."""
    query = select(troubles).where(troubles.c.run == run).order_by(troubles.c.key)
    return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001  the documented name


def cursor(connection: Connection, source: str, name: str) -> str | None:
    """Where a walk of this source left off."""
    found = select(cursors.c.value).where(cursors.c.source == source, cursors.c.name == name)
    return connection.execute(found).scalar_one_or_none()


def set_cursor(connection: Connection, source: str, name: str, value: str | None) -> None:
    """Remember where a walk stands; None forgets it."""
    if value is None:
        connection.execute(delete(cursors).where(cursors.c.source == source, cursors.c.name == name))
    else:
        upsert(connection, cursors, {"source": source, "name": name, "value": value})


def first_good_run_done(connection: Connection, source: str) -> bool:
    """Whether a run of this source has once ended well; before that its articles raise no alert."""
    good = (
        select(func.count())
        .select_from(runs)
        .where(runs.c.source == source, runs.c.ended == "good", runs.c.backfill.is_(False))
    )
    return bool(connection.execute(good).scalar_one())
