"""Alerts that two sets of rules tell differently: one run with each, from the first stored article on, telling nobody.

Each run is an installation of its own in a scratch store: the hops, `decide` and the outbox are those of `consume`, the
subscriptions those of today. Articles that both sets read alike are left out where no fact, policy, role or reprint
leads from them to one that is not: they cannot tell anything else.
"""

from collections import Counter, deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache, lru_cache, partial
from itertools import groupby
from pathlib import Path

from sqlalchemy import Table, insert, select

from chainwatch import clock
from chainwatch.matching.bundle import OWN, Bundle
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.models import FINDING, Article, Event, digest, from_timestamp_ms, to_timestamp_ms
from chainwatch.replay.kin import Keys, keys_of, kin
from chainwatch.rulediff import Packed, Run, changed, chunks, compiled_side, in_chunks
from chainwatch.runner.decide import Item, Terms, decide, is_silent
from chainwatch.runner.hops import compile_packed
from chainwatch.runner.live import Ledger, Outbox
from chainwatch.runner.reading import Read, Reading
from chainwatch.store import (
    articles,
    bundles,
    channels,
    edits,
    events,
    findings,
    journal,
    messages,
    schema,
    subscriptions,
)
from chainwatch.store.articles import Kept
from chainwatch.store.database import Database
from consumers.compare import needs

PAGE = 500
BATCH = 200
Told = tuple[str, str, str]
"""(channel, subscription, event)."""
Bar = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""(what is done, how often) → hears how many more are done."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An event that a subscription is told of on a channel, by name, and why."""

    channel: str
    subscription: str
    event: Event
    because: str


@dataclass(frozen=True, slots=True)
class Alerts:
    """What only one of the two runs tells, in the order it is told."""

    gained: tuple[Alert, ...] = ()
    lost: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """Two sets of rules; articles from `since_ms` on are read with the second.

    `differing`: ids of the articles whose current revision the sets read differently, as `rulediff.diff` finds them.
    """

    old: Bundle
    new: Bundle
    since_ms: int | None
    differing: frozenset[str]
    window: timedelta
    cache: Path
    workers: int

    def run(self, done: Callable[[int], None]) -> Run:
        """How articles are gone through."""
        return Run(self.workers, done)

    @property
    def packed(self) -> tuple[Packed, Packed]:
        """Both sets for another process."""
        return (self.old.to_bytes(), str(self.cache)), (self.new.to_bytes(), str(self.cache))


def alerts(live: Database, folder: Path, question: Question, bar: Bar) -> Alerts:
    """Which alerts are gained and which lost.

    Args:
        live: the installation's store; only read.
        folder: an empty one, for the scratch stores.
        question: what is compared.
        bar: shows how far it is.
    """
    with live.read() as connection:
        if not any(one.channels for one in subscriptions.active(connection)):
            return Alerts()
        total = articles.count_revisions(connection)
        once = total == articles.count(connection)
        narrow = _found_by(question.old) == _found_by(question.new) and not edits.listed(connection)
    chosen: frozenset[int] | None = None
    if narrow:
        chosen = _chosen(live, question, bar, total) if question.differing or not once else frozenset()
        if not chosen:
            return Alerts()
    runs = [_Rehearsal(folder / "old.db", live, question.old), _Rehearsal(folder / "new.db", live, question.new)]
    try:
        with bar("comparing alerts", total if chosen is None else len(chosen)) as done:
            _rehearse(live, runs, question, chosen, done)
        before, after = (run.told() for run in runs)
        return Alerts(runs[1].alerts(live, after, before), runs[0].alerts(live, before, after))
    finally:
        for run in runs:
            run.close()


def _found_by(bundle: Bundle) -> str:
    """Digest of all that findings, the ledger and the places of nodes follow from."""
    files = bundle.under("taxonomy", "lexicon", OWN + "taxonomy", OWN + "lexicon")
    return digest(*(part for name, data in files.items() for part in (name, data)))


# Which revisions have to be decided anew.


@dataclass(frozen=True, slots=True)
class _Row:
    """A revision to be looked at: its findings where they are those of both sets, whether the sets differ on it."""

    body: str
    findings: list[str] | None
    differs: bool | None


@dataclass(frozen=True, slots=True)
class _Looked:
    """A revision: the ledger rows it needs, whether the sets differ on it, whether it alerts nobody."""

    keys: Keys
    differs: bool
    silent: bool


def _chosen(live: Database, question: Question, bar: Bar, total: int) -> frozenset[int]:
    """Numbers of the revisions that the sets tell differently, and of all kin of these."""
    numbers: list[int] = []
    ids: list[str] = []

    def rows() -> Iterator[_Row]:
        same = _same_findings(live, _found_by(question.old))
        for page in _pages(live):
            with live.read() as connection:
                found = findings.bodies(connection, page[0].number, page[-1].number)
            for one in page:
                numbers.append(one.number)
                ids.append(one.article)
                stored = found.get(one.number, []) if same(one.bundle) else None
                yield _Row(one.body, stored, one.article in question.differing if one.current else None)

    task = partial(_look, *question.packed, question.since_ms, question.window)
    with bar("looking for what is told with them", total) as done:
        looked = list(in_chunks(task, rows(), question.run(done)))
    revised = {id_ for id_, count in Counter(ids).items() if count > 1}
    seeds = [place for place, one in enumerate(looked) if one.differs and (not one.silent or ids[place] in revised)]
    return frozenset(numbers[place] for place in kin([one.keys for one in looked], seeds))


def _same_findings(live: Database, found_by: str) -> Callable[[str | None], bool]:
    """Whether the articles read under a bundle of the archive have the findings that the compared sets find."""

    @cache
    def same(bundle_digest: str | None) -> bool:
        with live.read() as connection:
            bundle = bundles.load(connection, bundle_digest) if bundle_digest else None
        return bundle is not None and _found_by(bundle) == found_by

    return same


def _look(old: Packed, new: Packed, since_ms: int | None, window: timedelta, rows: list[_Row]) -> list[_Looked]:
    looked = []
    for row in rows:
        article = Article.from_json(row.body)
        if row.findings is None:
            wanted = _hops(old)(article).needs
        else:
            wanted = needs(article, (), [FINDING.validate_json(body) for body in row.findings])
        differs = row.differs
        if differs is None:
            sides = compiled_side(old), compiled_side(new)
            differs = _since(article, since_ms) and changed(article, *sides) is not None
        looked.append(_Looked(keys_of(wanted), differs, is_silent(article, window)))
    return looked


def _since(article: Article, since_ms: int | None) -> bool:
    return since_ms is None or to_timestamp_ms(article.published or article.fetched) >= since_ms


@lru_cache(maxsize=2)
def _hops(packed: Packed) -> Read:
    """Compiled once in each process."""
    data, folder = packed
    return compile_packed(data, Path(folder))


# The two runs.


def _rehearse(
    live: Database,
    runs: Sequence["_Rehearsal"],
    question: Question,
    chosen: Collection[int] | None,
    done: Callable[[int], None],
) -> None:
    """Decide the chosen revisions (None: all) in both runs, as they were decided together, and the ticks between."""
    reading = deque[Kept]()

    def bodies() -> Iterator[str]:
        for page in _pages(live):
            some = [one for one in page if chosen is None or one.number in chosen]
            reading.extend(some)
            yield from (one.body for one in some)

    ticks = deque(_ticks(live) if chosen is None else ())
    task = partial(_read, *question.packed, question.since_ms)
    both = ((reading.popleft(), pair) for pair in in_chunks(task, bodies(), question.run(done)))
    for at_ms, together in groupby(both, key=lambda one: one[0].stored_ms):
        while ticks and ticks[0] <= at_ms:
            _strike(runs, ticks.popleft(), question.window)
        for batch in chunks(together, BATCH):
            for number, run in enumerate(runs):
                items = [Item(str(one.number), Article.from_json(one.body), pair[number]) for one, pair in batch]
                run.decide(items, at_ms, question.window)
    while ticks:
        _strike(runs, ticks.popleft(), question.window)


def _strike(runs: Sequence["_Rehearsal"], at_ms: int, window: timedelta) -> None:
    for run in runs:
        run.strike(at_ms, window)


def _read(old: Packed, new: Packed, since_ms: int | None, bodies: list[str]) -> list[tuple[Reading, Reading]]:
    """Each article as both runs read it."""
    pairs = []
    for article in map(Article.from_json, bodies):
        before = _hops(old)(article)
        pairs.append((before, _hops(new)(article) if _since(article, since_ms) else before))
    return pairs


class _Rehearsal:
    """A run in a scratch store, with the subscriptions and edits of today; nobody sends what is in its outbox."""

    def __init__(self, path: Path, live: Database, bundle: Bundle) -> None:
        self._database = Database(f"sqlite:///{path}")
        schema.create(self._database)
        self._judge, self._outbox = Ledger(), Outbox(load_taxonomy(bundle))
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

    def decide(self, items: Sequence[Item], at_ms: int, window: timedelta) -> None:
        """As `consume` decides a batch."""
        with self._database.write() as connection:
            decide(connection, items, self._judge, self._outbox, Terms("", window, from_timestamp_ms(at_ms)))

    def strike(self, at_ms: int, window: timedelta) -> None:
        """As the clock strikes."""
        with self._database.write() as connection:
            clock.strike(connection, self._outbox, from_timestamp_ms(at_ms), window)

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


def _pages(live: Database) -> Iterator[list[Kept]]:
    after = 0
    while True:
        with live.read() as connection:
            page = articles.kept(connection, after, PAGE)
        if not page:
            return
        after = page[-1].number
        yield page


def _ticks(live: Database) -> Iterator[int]:
    """When the clock struck."""
    seq = 0
    while True:
        with live.read() as connection:
            page = journal.after(connection, seq, PAGE, kinds=(clock.KIND,))
        if not page:
            return
        seq = page[-1].seq
        yield from (entry.at_ms for entry in page)
