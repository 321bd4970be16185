"""Alerts that two sets of rules tell differently: one run with each, from the first stored article on, telling nobody.

Each run is an installation of its own in a scratch store: the hops, `decide` and the outbox are those of `consume`, the
subscriptions those of today. Articles that both sets read alike are left out where no fact, policy, role or reprint
leads from them to one that is not: they cannot tell anything else.
"""

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeAlias

from chainwatch import clock
from chainwatch.models import Article, Tag, from_timestamp_ms
from chainwatch.models.ledger import Changes, Needs
from chainwatch.replay.chosen import Chosen, Role, choose
from chainwatch.replay.question import Bar, Question, findings_of, found_by, hops, pages, since
from chainwatch.replay.rehearsal import Alert, Rehearsal
from chainwatch.rulediff import Packed, chunks, compiled_side, in_chunks
from chainwatch.runner.decide import Item, Judged, Terms, is_silent
from chainwatch.runner.pool import Failure, attempt
from chainwatch.runner.reading import NOTHING, Reading
from chainwatch.store import articles, edits, journal, subscriptions
from chainwatch.store.articles import Kept
from chainwatch.store.database import Database
from consumers.compare import compare, needs
from consumers.tag import tag

PAGE = 500
BATCH = 200


@dataclass(frozen=True, slots=True)
class Alerts:
    """What only one of the two runs tells, in the order it is told."""

    gained: tuple[Alert, ...] = ()
    lost: tuple[Alert, ...] = ()


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
        narrow = found_by(question.old) == found_by(question.new) and not edits.listed(connection)
    if narrow and once and not question.differing:
        return Alerts()
    chosen = choose(live, question, bar, total) if narrow else None
    if chosen is not None and not chosen.roles:
        return Alerts()
    runs = [Rehearsal(folder / "old.db", live, question.old), Rehearsal(folder / "new.db", live, question.new)]
    try:
        with bar("comparing alerts", total if chosen is None else len(chosen.roles)) as done:
            _rehearse(live, runs, question, chosen, done)
        before, after = (run.told() for run in runs)
        return Alerts(runs[1].alerts(live, after, before), runs[0].alerts(live, before, after))
    finally:
        for run in runs:
            run.close()


@dataclass(frozen=True, slots=True)
class _Task:
    """A revision to be read by both runs; without a role by the whole of both sets."""

    body: str
    findings: list[str] | None
    role: Role | None


@dataclass(frozen=True, slots=True)
class _Pair:
    """An article as both runs read it, and whether each cannot: then it sets it aside."""

    article: Article
    old: Reading
    new: Reading
    aside: tuple[bool, bool] = (False, False)


_Both: TypeAlias = tuple[Kept, _Pair]


def _rehearse(
    live: Database,
    runs: Sequence[Rehearsal],
    question: Question,
    chosen: Chosen | None,
    done: Callable[[int], None],
) -> None:
    """Decide the chosen revisions (None: all) in both runs, as they were decided together, and the ticks between."""
    reading = deque[Kept]()
    ticks, struck = list(_ticks(live)), 0
    task = partial(_read, *question.packed, question.since_ms)
    read = ((reading.popleft(), pair) for pair in in_chunks(task, _tasks(live, chosen, reading), question.run(done)))
    for at_ms, together in groupby(read, key=lambda one: one[0].stored_ms):
        due = bisect_right(ticks, at_ms, struck)
        _strike(runs, ticks[struck:due], chosen, question.window)
        struck = due
        terms = Terms("", question.window, from_timestamp_ms(at_ms))
        for batch in chunks(together, BATCH):
            if chosen is None:
                for run, items in zip(runs, _sides(batch), strict=True):
                    run.decide(items, terms)
            else:
                _decide_together(runs, batch, chosen, terms)
    _strike(runs, ticks[struck:], chosen, question.window)


def _tasks(live: Database, chosen: Chosen | None, reading: deque[Kept]) -> Iterator[_Task]:
    """What is to be read, in the order it was stored; each is put into `reading`, too."""
    for page, found in pages(live, None if chosen is None else chosen.roles):
        for one in page:
            role = chosen.roles[one.number] if chosen is not None else None
            reading.append(one)
            same = chosen is not None and chosen.same_findings(one.bundle)
            yield _Task(one.body, found.get(one.number, []) if same else None, role)


def _sides(batch: Sequence[_Both]) -> tuple[list[Item], list[Item]]:
    return (
        [Item(str(one.number), pair.article, pair.old) for one, pair in batch if not pair.aside[0]],
        [Item(str(one.number), pair.article, pair.new) for one, pair in batch if not pair.aside[1]],
    )


def _decide_together(runs: Sequence[Rehearsal], batch: Sequence[_Both], chosen: Chosen, terms: Terms) -> None:
    """One ledger for both runs, kept by the first: no row of it depends on a tag."""
    known = runs[0].known(Needs.of_batch(pair.old.needs for _, pair in batch))
    made: list[Changes] = []
    told: tuple[list[Judged], list[Judged]] = [], []
    for one, pair in batch:
        article, silent = pair.article, is_silent(pair.article, terms.window)
        role = chosen.roles[one.number]
        each = [
            compare(article, reading.tags, reading.findings, known, terms.now, silent=silent)
            for reading in ((pair.old, pair.new) if role is Role.DIFFERS else (pair.old,))
        ]
        known.take(each[0])
        made.append(each[0])
        if role is not Role.REMEMBERED:
            for mine, changes in zip(told, (each[0], each[-1]), strict=True):
                mine.append(Judged(changes.events, changes.again))
    runs[0].take(made)
    decided = [(one, pair) for one, pair in batch if chosen.roles[one.number] is not Role.REMEMBERED]
    if decided:
        for run, items, judged in zip(runs, _sides(decided), told, strict=True):
            run.tell(items, judged, terms)


def _strike(runs: Sequence[Rehearsal], ticks: Sequence[int], chosen: Chosen | None, window: timedelta) -> None:
    keeper = None if chosen is None else runs[0]
    for at_ms in ticks:
        for run in runs:
            run.strike(at_ms, window, keeper)


def _read(old: Packed, new: Packed, since_ms: int | None, tasks: list[_Task]) -> list[_Pair]:
    return [_pair(old, new, since_ms, task) for task in tasks]


def _pair(old: Packed, new: Packed, since_ms: int | None, task: _Task) -> _Pair:
    article = Article.from_json(task.body)
    if task.role is None:
        before, aside = _attempted(old, article)
        after, aside_now = _attempted(new, article) if since(article, since_ms) else (before, aside)
        return _Pair(article, before, after, (aside, aside_now))
    found = findings_of(old, article, task.findings)
    wanted = needs(article, (), found)
    if task.role is Role.REMEMBERED:
        before = Reading(findings=tuple(found), needs=wanted)
        return _Pair(article, before, before)
    before = Reading.of(article, _tags(old, article), found, wanted)
    if task.role is Role.DECIDED:
        return _Pair(article, before, before)
    return _Pair(article, before, Reading.of(article, _tags(new, article), found, wanted))


def _attempted(packed: Packed, article: Article) -> tuple[Reading, bool]:
    """What a set reads, and whether it fails."""
    outcome = attempt(hops(packed), article)
    return (NOTHING, True) if isinstance(outcome, Failure) else (outcome, False)


def _tags(packed: Packed, article: Article) -> list[Tag]:
    one = compiled_side(packed)
    return tag(article, one.rules, one.taxonomy)


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
