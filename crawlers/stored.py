"""CrawlState in the store: every write of a run first checks, in its own transaction, that the lease is still ours."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from sqlalchemy import Connection

from chainwatch.health import Verdict, judge, symptoms
from chainwatch.models import Event, event_id
from chainwatch.store import crawl, leases
from chainwatch.store import sources as source_rows
from chainwatch.store.crawl import Coverage, Known
from chainwatch.store.database import Database
from crawlers.source import Source
from crawlers.state import End, Outcome

LEASE_MS = 90_000
"""A worker that says nothing for so long has lost its source."""
HOLE = "unfinished"
"""Name of the cursor that stands while a run has not ended well."""
LONGEST_BREAK_MS = 6 * 3_600_000
"""The breaker's longest pause."""


@dataclass(slots=True)
class StoreState:
    """The run of a leased source, kept in the store.

    Args:
        clock: Unix milliseconds of now.
        token: fencing token of a lease that a scheduler took for this run; None: take one.
    """

    database: Database
    source: Source
    clock: Callable[[], int]
    backfill: bool = False
    token: int | None = None
    run: str = field(default_factory=lambda: uuid4().hex)
    first: bool = True
    hole: bool = False

    def open(self) -> bool:
        """Take or adopt the lease and open the run. False where another worker has the source."""
        now, name = self.clock(), self.source.name
        with self.database.write() as connection:
            mine = leases.this_process()
            if self.token is None:
                self.token = leases.acquire(connection, name, mine, now_ms=now, ttl_ms=LEASE_MS)
            else:
                leases.renew(connection, name, self.token, now_ms=now, ttl_ms=LEASE_MS, holder=mine)
            if self.token is None:
                return False
            self.first = not crawl.first_good_run_done(connection, name)
            crawl.begin_run(
                connection, self.run, name, backfill=self.backfill, first=self.first, token=self.token, now_ms=now
            )
            if not self.backfill:
                self.hole = crawl.cursor(connection, name, HOLE) is not None
                crawl.set_cursor(connection, name, HOLE, self.run)
            status = source_rows.status(connection, name)
            source_rows.put(connection, _with(status, last_started_ms=now))
        return True

    def known(self, keys: Sequence[str]) -> Mapping[str, Known]:
        """See CrawlState."""
        with self.database.read() as connection:
            return crawl.known(connection, keys)

    def revision(self, article: str) -> str | None:
        """See CrawlState."""
        with self.database.read() as connection:
            return crawl.revision(connection, article)

    def listed(self, discovered: int, outcomes: Sequence[Outcome]) -> None:
        """See CrawlState."""
        if not discovered:
            return
        with self.database.write() as connection:
            self._check(connection)
            crawl.discover(connection, self.run, discovered)
            for outcome in outcomes:
                self._settle(connection, outcome)

    def settle(self, outcome: Outcome) -> None:
        """See CrawlState."""
        with self.database.write() as connection:
            self._check(connection)
            self._settle(connection, outcome)

    def _settle(self, connection: Connection, one: Outcome) -> None:
        crawl.settle(connection, self.run, one.outcome, one.reason)
        if one.page is None:
            return
        crawl.remember(connection, one.page)
        if one.outcome in {"failed", "quarantined"}:
            crawl.trouble(
                connection, self.run, one.page, outcome=one.outcome, reason=one.reason, raw_digest=one.raw_digest
            )

    def recheckable(self, since_ms: int, checked_before_ms: int, failed_before_ms: int, limit: int) -> list[Known]:
        """See CrawlState."""
        with self.database.read() as connection:
            return crawl.recheckable(
                connection,
                self.source.name,
                since_ms=since_ms,
                checked_before_ms=checked_before_ms,
                failed_before_ms=failed_before_ms,
                limit=limit,
            )

    def newest(self) -> Known | None:
        """See CrawlState."""
        with self.database.read() as connection:
            return crawl.newest(connection, self.source.name)

    def cursor(self, name: str) -> str | None:
        """See CrawlState."""
        with self.database.read() as connection:
            return crawl.cursor(connection, self.source.name, name)

    def set_cursor(self, name: str, value: str | None) -> None:
        """See CrawlState."""
        with self.database.write() as connection:
            self._check(connection)
            crawl.set_cursor(connection, self.source.name, name, value)

    def renew(self) -> None:
        """See CrawlState."""
        with self.database.write() as connection:
            token = self._check(connection)
            leases.renew(connection, self.source.name, token, now_ms=self.clock(), ttl_ms=LEASE_MS)

    def finish(self, end: End, tell: Callable[[Event], None]) -> Coverage:
        """See CrawlState. A run that was stopped from outside says nothing about the source's health.

        The event is told before the transaction commits: a kill in between tells it again, under the same id.
        """
        now, ended, notes = self.clock(), end.reason, list(end.notes)
        with self.database.write() as connection:
            token = self._check(connection)
            status = source_rows.status(connection, self.source.name)
            verdict = None
            if ended == "finished" and self.backfill:  # its lists cannot be compared with those of other runs
                found = symptoms(source_rows.Health(), end.facts)
                ended, notes = ("faulty" if found else "good"), [*notes, *found]
            elif ended == "finished":
                silent_after = int(self.source.silent_after_hours * 3_600_000)
                verdict = judge(status.health, end.facts, silent_after_ms=silent_after, now_ms=now)
                ended = "good" if verdict.good else "faulty"
                notes += verdict.symptoms
            coverage = crawl.finish_run(connection, self.run, ended, notes, now)
            trips = status.trips + 1 if end.break_ms else 0
            pause = min(end.break_ms * 2 ** min(trips - 1, 10), LONGEST_BREAK_MS) if end.break_ms else 0
            changes: dict[str, object] = {
                "last_finished_ms": now,
                "trips": trips,
                "not_before_ms": now + pause if pause else None,
            }
            if verdict is not None:
                changes |= {"health": verdict.health}
                event = event_of(self.source, status.health, verdict)
                if event is not None:
                    tell(event)
            if ended == "good" and not self.backfill:
                changes["last_good_ms"] = now
                crawl.set_cursor(connection, self.source.name, HOLE, None)
            source_rows.put(connection, _with(status, **changes))
            leases.release(connection, self.source.name, token)
        return coverage

    def _check(self, connection: Connection) -> int:
        if self.token is None:
            raise RuntimeError("the run is not open")
        leases.check(connection, self.source.name, self.token)
        return self.token


def _with(status: source_rows.SourceStatus, **changes: object) -> source_rows.SourceStatus:
    values = {name: getattr(status, name) for name in source_rows.SourceStatus.__slots__}
    return source_rows.SourceStatus(**{**values, **changes})


def event_of(source: Source, before: source_rows.Health, verdict: Verdict) -> Event | None:
    """The operator event of a change of condition; None where there was none.

    Its id rests on the condition that is left and since when, so the same change never makes two events.
    """
    if verdict.event is None:
        return None
    was, now = before.condition.value, verdict.health.condition.value
    return Event(
        id=event_id(verdict.event, f"source:{source.name}", f"{was}@{before.since_ms}", now),
        kind=verdict.event,
        subject=f"source:{source.name}",
        title=source.title,
        region=source.region,
        before={"condition": was},
        after={"condition": now, "reasons": "；".join(verdict.health.reasons)},
        source=source.name,
    )
