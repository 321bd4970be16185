"""A run with one set of rules in a scratch store: the hops, `decide` and outbox of `consume`, and nobody who sends."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Table, insert, select

from chainwatch import clock
from chainwatch.matching.bundle import Bundle
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.models import Event, from_timestamp_ms
from chainwatch.models.known import Known
from chainwatch.models.ledger import Changes, Needs
from chainwatch.rulediff import chunks
from chainwatch.runner.decide import Case, Item, Judged, Terms, decide
from chainwatch.runner.live import Ledger, Outbox
from chainwatch.store import channels, edits, events, ledger, messages, schema, subscriptions
from chainwatch.store.database import Database

PAGE = 500
Told = tuple[str, str, str]
"""(channel, subscription, event)."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An event that a subscription is told of on a channel, by name, and why."""

    channel: str
    subscription: str
    event: Event
    because: str


@dataclass(frozen=True, slots=True)
class _Given:
    """A judge whose judgements are there already."""

    judged: Sequence[Judged]

    def judge(self, connection: Connection, cases: Sequence[Case], now: datetime) -> Sequence[Judged]:  # noqa: ARG002  the Protocol's shape
        """The judgements, one for each case."""
        assert len(cases) == len(self.judged)
        return self.judged


class Rehearsal:
    """A run in a scratch store, with the subscriptions and edits of today; nobody sends what is in its outbox."""

    def __init__(self, path: Path, live: Database, bundle: Bundle) -> None:
        self._database = Database(f"sqlite:///{path}", durable=False)
        schema.create(self._database)
        self._outbox = Outbox(load_taxonomy(bundle))
        for table in (subscriptions.subscriptions, channels.channels, channels.channel_tags, edits.edits):
            self._copy(live, table)

    def _copy(self, live: Database, table: Table) -> None:
        with live.read() as connection:
            rows = [dict(row) for row in connection.execute(select(table)).mappings()]
        if table is channels.channels:
            rows = [row | {"address": b""} for row in rows]
        if rows:
            with self._database.write() as connection:
                connection.execute(insert(table), rows)

    def decide(self, items: Sequence[Item], terms: Terms) -> None:
        """As `consume` decides a batch."""
        with self._database.write() as connection:
            decide(connection, items, Ledger(), self._outbox, terms)

    def known(self, wanted: Needs) -> Known:
        """The part of the ledger that a batch works on."""
        with self._database.read() as connection:
            return ledger.load(connection, wanted)

    def take(self, made: Sequence[Changes]) -> None:
        """Take changes into the ledger."""
        with self._database.write() as connection:
            ledger.apply_all(connection, made)

    def tell(self, items: Sequence[Item], judged: Sequence[Judged], terms: Terms) -> None:
        """Decide items that have been compared, the ledger being another run's."""
        with self._database.write() as connection:
            decide(connection, items, _Given(judged), self._outbox, terms)

    def strike(self, at_ms: int, window: timedelta, keeper: "Rehearsal | None" = None) -> None:
        """As the clock strikes; `keeper`: the run that keeps the ledger, if not this one."""
        now = from_timestamp_ms(at_ms)
        if keeper is None or keeper is self:
            with self._database.write() as connection:
                clock.strike(connection, self._outbox, now, window)
        else:
            with keeper.aims() as aims, self._database.write() as connection:
                clock.strike(connection, self._outbox, now, window, aims)

    def aims(self) -> AbstractContextManager[Connection]:
        """The store with the ledger, to be read."""
        return self._database.read()

    def told(self) -> dict[Told, str]:
        """Everything that is told → why."""
        table = messages.reasons
        with self._database.read() as connection:
            rows = connection.execute(select(table.c.channel, table.c.subscription, table.c.event, table.c.because))
            return {(row.channel, row.subscription, row.event): row.because for row in rows}

    def alerts(self, live: Database, told: Mapping[Told, str], but: Mapping[Told, str]) -> tuple[Alert, ...]:
        """What is told here and not there, in the order of the events."""
        mine = sorted(told.keys() - but.keys())
        ids = list(dict.fromkeys(event for _, _, event in mine))
        with self._database.read() as connection:
            found = [one for some in chunks(ids, PAGE) for one in events.among(connection, some)]
        with live.read() as connection:
            channel_names = {one.id: one.name for one in channels.listed(connection)}
            names = subscriptions.names(connection, {subscription for _, subscription, _ in mine})
        stored = {one.event.id: one for one in found}
        mine.sort(key=lambda one: (stored[one[2]].seq, one))
        return tuple(
            Alert(channel_names[channel], names[subscription], stored[event].event, told[channel, subscription, event])
            for channel, subscription, event in mine
        )

    def close(self) -> None:
        """End the use of the scratch store."""
        self._database.close()
