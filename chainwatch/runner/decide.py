"""What is decided under the ledger's lock: one transaction for a batch, from known records to messages and journal.

Works on any store, the live one or a replay's own; it neither sends nor moves an offset.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection

from chainwatch import __version__
from chainwatch.models import Article, Event, Message, digest, to_timestamp_ms
from chainwatch.runner.reading import NOTHING, Reading
from chainwatch.store import articles, events, findings, journal, ledger, tags
from consumers.compare import needs


@dataclass(frozen=True, slots=True)
class Item:
    """One record on its way: where it stands in the stream, what it holds, and for an article what the hops read."""

    place: str
    content: Article | Event
    reading: Reading = NOTHING


@dataclass(frozen=True, slots=True)
class Case:
    """An article to be compared with what is known."""

    article: Article
    reading: Reading
    silent: bool


class Judged(NamedTuple):
    """What an article made known."""

    events: Sequence[Event]
    again: Sequence[Event] = ()
    """Events told before whose fact gained issuer, region or number: only new readers are to hear of them."""


class Judge(Protocol):
    """Compares articles with what is known, and remembers what they changed."""

    def judge(self, connection: Connection, cases: Sequence[Case], now: datetime) -> Sequence[Judged]:
        """The events of each article, in order; the ledger holds their statements afterwards."""


class Addressing(Protocol):
    """Turns events into messages for whoever asked."""

    def address(self, connection: Connection, made: Sequence[Event], now: datetime) -> Sequence[Message]:
        """The messages, stored in the outbox."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one record."""

    place: str
    article: str | None
    duplicate: bool
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which terms a batch is decided."""

    bundle: str
    """Digest of the rules in force."""
    window: timedelta
    """An article raises alerts only if published within it of being fetched."""
    now: datetime


def is_silent(article: Article, window: timedelta) -> bool:
    """Whether the article may alert nobody: a backfill, an unknown publication time, or one too long ago."""
    return article.backfill or article.published is None or article.fetched - article.published > window


def decide(
    connection: Connection, items: Sequence[Item], judge: Judge, addressing: Addressing, terms: Terms
) -> list[Decision]:
    """Store what is new, compare it, record its events, address them, and write the journal. One decision an item."""
    now_ms = to_timestamp_ms(terms.now)
    stored = _store(connection, items, terms.bundle, now_ms)
    fresh, places = stored.fresh, stored.places
    cases = {place: Case(article, item.reading, is_silent(article, terms.window)) for place, item, article in fresh}
    judged = judge.judge(connection, list(cases.values()), terms.now) if cases else []
    for article in stored.seen_later:
        ledger.seen_again(connection, article)
    made: dict[str, Sequence[Event]] = {
        place: (*one.events, *one.again) for place, one in zip(cases, judged, strict=True)
    }
    made |= {item.place: [item.content] for item in items if isinstance(item.content, Event)}
    recorded = events.put(connection, [event for item in items for event in made.get(item.place, ())], now_ms)
    new = {event.id for event in recorded}
    again = [event for one in judged for event in one.again if event.id not in new]
    loud = [event for event in (*recorded, *again) if not event.silent]
    messages = addressing.address(connection, loud, terms.now) if loud else []
    decisions = _decisions(items, made, recorded)
    read = {place: item for place, item, _article in fresh}
    journalled = [
        (read.get(one.place, item), one) for item, one in zip(items, decisions, strict=True) if one.place in made
    ]
    entries = [_entry(item, one, places, messages, terms) for item, one in journalled]
    journal.append(connection, entries, now_ms)
    return decisions


def _decisions(items: Sequence[Item], made: Mapping[str, Sequence[Event]], recorded: Sequence[Event]) -> list[Decision]:
    """An event that two records make belongs to the first."""
    new = {event.id: event for event in recorded}
    decisions: list[Decision] = []
    for item in items:
        mine = tuple(event for one in made.get(item.place, ()) if (event := new.pop(one.id, None)) is not None)
        if isinstance(item.content, Event):
            decisions.append(Decision(item.place, None, duplicate=not mine, events=mine))
        else:
            decisions.append(Decision(item.place, item.content.id, duplicate=item.place not in made, events=mine))
    return decisions


@dataclass(frozen=True, slots=True)
class _Stored:
    """What a batch brought into the store."""

    fresh: Sequence[tuple[str, Item, Article]]
    """(record, item, article) of each new text, and of each that a page went back to, as it was read at first."""
    places: Mapping[articles.Key, articles.Place]
    seen_later: Sequence[Article]
    """Current texts that were fetched again."""


def _store(connection: Connection, items: Sequence[Item], bundle: str, now_ms: int) -> _Stored:
    """Store the articles that are not known yet, with tags and findings."""
    wanted = [(item, item.content) for item in items if isinstance(item.content, Article)]
    places = articles.known(connection, [articles.key_of(article) for _item, article in wanted])
    fresh: dict[articles.Key, tuple[Item, Article]] = {}
    repeated: list[tuple[Item, Article]] = []
    for item, article in wanted:
        key = articles.key_of(article)
        if key in places or key in fresh:
            repeated.append((item, article))
        else:
            fresh[key] = item, article
    if fresh:
        arrivals = [articles.Arrival(article, item.place, bundle) for item, article in fresh.values()]
        made = articles.put(connection, arrivals, now_ms)
        read = [(made[key], item.reading) for key, (item, _article) in fresh.items()]
        tags.put(connection, [(place, reading.tags, reading.tag_bodies) for place, reading in read])
        findings.put(connection, [(place, reading.findings, reading.finding_bodies) for place, reading in read])
        places |= made
    taken = {item.place: (item, article) for item, article in fresh.values()}
    later: list[Article] = []
    for item, article in repeated:
        place = places[articles.key_of(article)]
        anew = articles.seen_again(connection, article, place)
        if anew:
            taken[item.place] = _as_read(connection, item, article, place), article
        elif anew is False:
            later.append(article)
    return _Stored([(item.place, *taken[item.place]) for item in items if item.place in taken], places, later)


def _as_read(connection: Connection, item: Item, article: Article, place: articles.Place) -> Item:
    """The item with what was read in that revision when it first came."""
    tagged = tags.of_article(connection, article.id, place.revision)
    found = findings.of_article(connection, article.id, place.revision)
    return replace(item, reading=Reading.of(article, tagged, found, needs(article, tagged, found)))


def _entry(
    item: Item,
    decision: Decision,
    places: Mapping[articles.Key, articles.Place],
    messages: Sequence[Message],
    terms: Terms,
) -> tuple[str, dict[str, Any]]:
    ids = [event.id for event in decision.events]
    body: dict[str, Any] = {
        "record": item.place,
        "events": ids,
        "messages": [one.id for one in messages if any(reason.event in ids for reason in one.reasons)] if ids else [],
        "code": __version__,
    }
    if isinstance(item.content, Event):
        return "event", body
    body |= {
        "article": item.content.id,
        "content": item.content.content_digest,
        "revision": places[articles.key_of(item.content)].revision,
        "bundle": terms.bundle,
        "silent": is_silent(item.content, terms.window),
        "tags": digest(*item.reading.tag_bodies),
        "findings": digest(*(body for _id, body in item.reading.finding_bodies)),
    }
    return "article", body
