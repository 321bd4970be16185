"""Replay: the same hops over what was consumed in a period, against what was found and told then.

It cannot speak: it reads a store opened for reading only and a stream it only reads, decides in a scratch store of
its own, and holds nothing that could send, write to live tables or move a live offset.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, insert, select

from chainwatch import clock
from chainwatch.matching.bundle import Bundle
from chainwatch.matching.taxonomy import Taxonomy, load_taxonomy
from chainwatch.models import Article, Event, Message, from_timestamp_ms
from chainwatch.models.event import CORRECTING
from chainwatch.models.subscription import Subscription
from chainwatch.problem import Problem
from chainwatch.runner.decide import Item, Judge, Terms, decide
from chainwatch.runner.hops import compile_hops
from chainwatch.runner.live import Ledger
from chainwatch.runner.pool import Failure, attempt
from chainwatch.runner.reading import Read, Reading
from chainwatch.store import (
    articles,
    bundles,
    channels,
    edits,
    events,
    findings,
    journal,
    outbox,
    subscriptions,
    tags,
    telling,
)
from chainwatch.store.database import Database
from chainwatch.store.journal import Entry
from chainwatch.store.telling import Told
from chainwatch.stream.envelope import decode
from chainwatch.stream.protocol import Record
from consumers.compare import needs
from consumers.route import Router

PAGE = 500
BATCH = 200


class Past(Protocol):
    """What replay needs of a stream."""

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:
        """Records from an offset on."""


@dataclass(slots=True)
class Report:
    """What would have been, against what was, in [since, until)."""

    articles: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    """(record, why) of what the hops of the replay could not read."""
    missing: list[str] = field(default_factory=list)
    """Records that neither the stream nor the store holds any more."""
    events_then: dict[str, Event] = field(default_factory=dict)
    events_now: dict[str, Event] = field(default_factory=dict)
    told_then: set[Told] = field(default_factory=set)
    told_now: set[Told] = field(default_factory=set)

    @property
    def gained(self) -> list[Event]:
        """Events that were not found then."""
        return [event for id_, event in self.events_now.items() if id_ not in self.events_then]

    @property
    def lost(self) -> list[Event]:
        """Events that would no longer be found."""
        return [event for id_, event in self.events_then.items() if id_ not in self.events_now]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not (self.gained or self.lost or self.told_then ^ self.told_now or self.failed or self.missing)


@dataclass(frozen=True, slots=True)
class Hops:
    """One bundle, compiled."""

    digest: str
    read: Read
    taxonomy: Taxonomy

    @classmethod
    def of(cls, bundle: Bundle) -> "Hops":
        """Compile. Raises Problems."""
        return cls(bundle.digest, compile_hops(bundle), load_taxonomy(bundle))


class Replay:
    """One replay.

    Args:
        live: the installation's store, opened for reading only.
        past: the stream.
        scratch: an empty store to decide in.
        rules: what to read articles with; None: the rules each was read with then.
        window: the alert window.
        on_progress: told how many journal entries were done.
    """

    def __init__(
        self,
        live: Database,
        past: Past,
        scratch: Database,
        *,
        rules: Bundle | None,
        window: timedelta,
        on_progress: Callable[[int], None] = lambda _n: None,
    ) -> None:
        self._live, self._past, self._scratch, self._window = live, past, scratch, window
        self._chosen = Hops.of(rules) if rules is not None else None
        self._archived: dict[str, Hops] = {}
        self._on_progress = on_progress
        self._judge: Judge = Ledger()
        self._report = Report()

    def run(self, since_ms: int, until_ms: int) -> Report:
        """Bring the scratch store to how things stood at `since`, then decide anew up to `until`."""
        self._copy_edits()
        addressing = _Addressing(self._live)
        for at_ms, entries in _batches(self._live, until_ms):
            if entries[0].kind == clock.KIND:
                self._strike(entries[0], addressing if at_ms >= since_ms else None)
            elif at_ms < since_ms:
                self._as_it_was(entries, at_ms)
            else:
                self._anew(entries, at_ms, addressing)
            self._on_progress(len(entries))
        with self._scratch.read() as connection:
            self._report.told_now = telling.told(connection, self._report.events_now)
        return self._report

    def _copy_edits(self) -> None:
        with self._live.read() as connection:
            rows = [dict(row) for row in connection.execute(select(edits.edits)).mappings()]
        if rows:
            with self._scratch.write() as connection:
                connection.execute(insert(edits.edits), rows)

    def _as_it_was(self, entries: Sequence[Entry], at_ms: int) -> None:
        """Before the period: fold in what was found then, and who was told of it, telling nobody."""
        with self._live.read() as connection:
            items = [item for entry in entries if (item := self._stored(connection, entry)) is not None]
        with self._scratch.write() as connection:
            terms = Terms("", timedelta(0), from_timestamp_ms(at_ms))
            decide(connection, items, self._judge, _Nobody(), terms)
            self._tell_as_then(connection, entries)

    def _tell_as_then(self, connection: Connection, entries: Sequence[Entry]) -> None:
        """What was told before the period: corrections go to whoever heard of it."""
        ids = {id_ for entry in entries for id_ in orjson.loads(entry.body)["events"]}
        with self._live.read() as live:
            telling.carry_over(live, connection, ids)

    def _stored(self, connection: Connection, entry: Entry) -> Item | None:
        body = orjson.loads(entry.body)
        if entry.kind == "event":
            found = events.among(connection, body["events"])
            return Item(body["record"], found[0].event) if found else None
        article = articles.get(connection, body["article"], body["revision"])
        if article is None:
            self._report.missing.append(body["record"])
            return None
        made = tags.of_article(connection, article.id, body["revision"])
        found_then = findings.of_article(connection, article.id, body["revision"])
        return Item(body["record"], article, Reading.of(article, made, found_then, needs(article, made, found_then)))

    def _anew(self, entries: Sequence[Entry], at_ms: int, addressing: "_Addressing") -> None:
        """In the period: read and decide again, and note what was found and told then."""
        items: list[Item] = []
        hops: Hops | None = None
        for entry in entries:
            body = orjson.loads(entry.body)
            self._note_then(body)
            content = self._content(body)
            if content is None:
                self._report.missing.append(body["record"])
            elif isinstance(content, Event):
                items.append(Item(body["record"], content))
            else:
                hops = self._hops(body["bundle"])
                outcome = attempt(hops.read, content)
                if isinstance(outcome, Failure):
                    self._report.failed.append((body["record"], f"{outcome.error}: {outcome.reason}"))
                    continue
                self._report.articles += 1
                items.append(Item(body["record"], content, outcome))
        if hops is not None:
            addressing.taxonomy = hops.taxonomy
        with self._scratch.write() as connection:
            terms = Terms(hops.digest if hops else "", self._window, from_timestamp_ms(at_ms))
            for decision in decide(connection, items, self._judge, addressing, terms):
                self._report.events_now |= {event.id: event for event in decision.events}

    def _strike(self, entry: Entry, addressing: "_Addressing | None") -> None:
        """A clock tick, as it was journalled; before the period it tells nobody."""
        now = from_timestamp_ms(entry.at_ms)
        with self._scratch.write() as connection:
            recorded = clock.strike(connection, addressing or _Nobody(), now, self._window)
            if addressing is None:
                self._tell_as_then(connection, [entry])
        if addressing is not None:
            self._note_then(orjson.loads(entry.body))
            self._report.events_now |= {event.id: event for event in recorded}

    def _note_then(self, body: Mapping[str, Any]) -> None:
        with self._live.read() as connection:
            for stored in events.among(connection, body["events"]):
                self._report.events_then[stored.event.id] = stored.event
            self._report.told_then |= telling.told(connection, body["events"])

    def _content(self, body: Mapping[str, Any]) -> Article | Event | None:
        """The record as it stands in the stream, else as the store kept it."""
        place, _, offset = body["record"].partition("@")
        topic, _, partition = place.rpartition("/")
        for record in self._past.read(topic, int(partition), int(offset), 1):
            if record.offset == int(offset):
                return decode(record)
        with self._live.read() as connection:
            if "article" in body:
                return articles.get(connection, body["article"], body["revision"])
            found = events.among(connection, body["events"])
            return found[0].event if found else None

    def _hops(self, digest: str) -> Hops:
        if self._chosen is not None:
            return self._chosen
        if digest not in self._archived:
            with self._live.read() as connection:
                bundle = bundles.load(connection, digest)
            if bundle is None:
                raise Problem(f"the rules {digest[:12]} are not in the archive", cure="choose rules with --rules DIR")
            self._archived[digest] = Hops.of(bundle)
        return self._archived[digest]


class _Nobody:
    """Addresses nobody."""

    def address(self, connection: Connection, made: Sequence[Event], now: object) -> Sequence[Message]:  # noqa: ARG002  the Protocol's shape
        return ()


class _Addressing:
    """Routes by the subscriptions of that moment, into the scratch store's outbox: nobody sends what lies there."""

    def __init__(self, live: Database) -> None:
        self._live = live
        self.taxonomy: Taxonomy | None = None
        with live.read() as connection:
            self._channels = channels.names(connection)

    def address(self, connection: Connection, made: Sequence[Event], now: Any) -> Sequence[Message]:
        """The messages, as `consume` makes them."""
        if self.taxonomy is None:
            self.taxonomy = self._of_then()
        with self._live.read() as live:
            then = subscriptions.in_force(live, now)
        told = {event.id: telling.told_of(connection, event) for event in made if event.kind in CORRECTING}
        routed = Router([self._resolved(one) for one in then], self.taxonomy).route(made, now, told)
        outbox.put(connection, routed, telling.told_alike(connection, made))
        return routed

    def _of_then(self) -> Taxonomy:
        """Of the rules in force now, where a tick comes before any article."""
        with self._live.read() as connection:
            digest = bundles.active(connection)
            bundle = bundles.load(connection, digest) if digest else None
        return load_taxonomy(bundle or Bundle({}))

    def _resolved(self, one: Subscription) -> Subscription:
        ids = tuple(dict.fromkeys(id_ for name in one.channels for id_ in self._channels.get(name, ())))
        return one.model_copy(update={"channels": ids})


def _batches(live: Database, until_ms: int) -> Iterator[tuple[int, list[Entry]]]:
    """The journal's articles and events in their order, grouped as they were decided together."""
    for (at_ms, _tick), entries in groupby(_entries(live, until_ms), key=lambda e: (e.at_ms, e.kind == clock.KIND)):
        together = list(entries)
        for i in range(0, len(together), BATCH):
            yield at_ms, together[i : i + BATCH]


def _entries(live: Database, until_ms: int) -> Iterator[Entry]:
    seq = 0
    while True:
        with live.read() as connection:
            page = journal.after(connection, seq, PAGE, kinds=("article", "event", clock.KIND))
        for entry in page:
            if entry.at_ms >= until_ms:
                return
            yield entry
        if len(page) < PAGE:
            return
        seq = page[-1].seq
