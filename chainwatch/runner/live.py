"""The hops in force on the live store: follows rule files, the active bundle and subscriptions, between batches."""

import contextlib
import time
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path

import structlog
from sqlalchemy import Connection

from chainwatch.matching.bundle import Bundle
from chainwatch.matching.taxonomy import Taxonomy, load_taxonomy
from chainwatch.models import Event, Message, to_timestamp_ms
from chainwatch.models.event import CORRECTING
from chainwatch.models.ledger import Changes, Needs
from chainwatch.problem import Problem
from chainwatch.rulebook import read_bundle, settle
from chainwatch.runner.decide import Case, Judged
from chainwatch.runner.hops import compile_hops, compile_packed
from chainwatch.runner.loop import Machinery
from chainwatch.runner.pool import make_readers
from chainwatch.runner.reading import Read
from chainwatch.store import bundles, journal, ledger, outbox, subscriptions, telling
from chainwatch.store.database import Database
from consumers.compare import compare
from consumers.route import Router

log = structlog.get_logger(__name__)

LOOK_SECONDS = 2.0
"""Between two looks at the rule files."""
ADDRESSING = ("subscription.saved", "subscription.removed", "channel.added", "channel.removed", "channel.state")
"""Journal entries after which the router is made anew."""


class Ledger:
    """The ledger hop on a store: needs, load, compare, apply."""

    def judge(self, connection: Connection, cases: Sequence[Case], now: datetime) -> Sequence[Judged]:
        """The events of each article; the ledger holds their statements afterwards."""
        known = ledger.load(connection, Needs.of_batch(case.reading.needs for case in cases))
        made: list[Changes] = []
        for case in cases:
            changes = compare(case.article, case.reading.tags, case.reading.findings, known, now, silent=case.silent)
            known.take(changes)
            made.append(changes)
        ledger.apply_all(connection, made)
        return [Judged(changes.events, changes.again) for changes in made]


class Outbox:
    """Routes events by the subscriptions of the store, and puts the messages into its outbox."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        self._taxonomy = taxonomy
        self._router: Router | None = None
        self._made_at = -1

    def address(self, connection: Connection, made: Sequence[Event], now: datetime) -> Sequence[Message]:
        """The messages that the events make. What comes again is told only to whom its fact is news."""
        if not made:
            return []
        told = {event.id: telling.told_of(connection, event) for event in made if event.kind in CORRECTING}
        routed = self._current(connection).route(made, now, told)
        outbox.put(connection, routed, telling.told_alike(connection, made))
        return routed

    def _current(self, connection: Connection) -> Router:
        newest = journal.newest(connection, ADDRESSING)
        if self._router is None or newest != self._made_at:
            self._router, self._made_at = Router(subscriptions.active(connection), self._taxonomy), newest
        return self._router


class Live:
    """Gives the machinery for the next batch; compiles it anew when the active bundle has changed.

    Rule files are looked at every two seconds. A faulty one is logged and stays as it last was; the others go on.
    """

    def __init__(self, database: Database, shipped: Path, own: Path, workers: int) -> None:
        self._database, self._shipped, self._own, self._workers = database, shipped, own, workers
        self._cache = own.parent / "cache"
        self._stamps: dict[str, tuple[int, int]] = {}
        self._next_look = 0.0
        self._compiled: tuple[str, Read] | None = None
        self._machinery: Machinery | None = None

    def activate(self, now: datetime) -> None:
        """Put the rule files in force. Raises Problem where they are faulty and nothing was in force before."""
        self._stamps = self._look()
        self._next_look = time.monotonic() + LOOK_SECONDS
        with self._database.read() as connection:
            before = bundles.active(connection)
            last = bundles.load(connection, before) if before else None
        settled = settle(read_bundle(self._shipped, self._own), last, self._compile)
        for problem in settled.problems:
            log.error("rule file is faulty", problem=str(problem), cure=problem.cure)
        if settled.problems:
            log.warning("rule files stay as they last were", kept=settled.kept, left_out=settled.left_out)
        self._compiled = (settled.bundle.digest, settled.compiled)
        with self._database.write() as connection:
            if bundles.activate(connection, settled.bundle, to_timestamp_ms(now)):
                log.info("rules in force", bundle=settled.bundle.digest[:12])

    def _compile(self, bundle: Bundle) -> Read:
        return compile_hops(bundle, self._cache)

    def _look(self) -> dict[str, tuple[int, int]]:
        found: dict[str, tuple[int, int]] = {}
        for folder in (self._shipped, self._own):
            for path in folder.rglob("*.yaml"):
                with contextlib.suppress(FileNotFoundError):  # deleted since: the next look sees it gone
                    status = path.stat()
                    found[str(path)] = (status.st_mtime_ns, status.st_size)
        return found

    def __call__(self) -> Machinery:
        """The hops for the next batch."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + LOOK_SECONDS
            if self._look() != self._stamps:
                self.activate(datetime.now().astimezone())
        with self._database.read() as connection:
            digest = bundles.active(connection)
            if self._machinery is not None and self._machinery.bundle == digest:
                return self._machinery
            bundle = bundles.load(connection, digest) if digest else None
        if bundle is None:
            raise Problem("no rules are in force", cure="chainwatch consume puts the rule files in force")
        self._replace(bundle)
        assert self._machinery is not None
        return self._machinery

    def _replace(self, bundle: Bundle) -> None:
        compiled = self._compiled
        here = compiled[1] if compiled and compiled[0] == bundle.digest else self._compile(bundle)
        make = partial(compile_packed, cache=self._cache)
        readers = make_readers(here, make, bundle.to_bytes(), self._workers)
        self.close()
        self._machinery = Machinery(bundle.digest, readers, Ledger(), Outbox(load_taxonomy(bundle)))

    def close(self) -> None:
        """End the child processes."""
        if self._machinery is not None:
            self._machinery.readers.close()
