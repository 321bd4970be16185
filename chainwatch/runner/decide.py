"""What is decided under the ledger's lock: one transaction for a batch, from known records to messages and journal.

Works on any store, the live one or a replay's own; it neither sends nor moves an offset.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection

from chainwatch import __version__
from chainwatch.models import Article, Event, Message, digest, to_timestamp_ms
from chainwatch.runner.reading import NOTHING, Reading
from chainwatch.store import articles, events, findings, journal, tags


@dataclass(frozen=True, slots=True)
class Item:
    """One record on its way: where it stands in the stream, what it holds, and for an article what the hops read."""

    place: str
    content: Article | Event
    reading: Reading = NOTHING


class Judge(Protocol):
    """Compares an article with what is known, and remembers what it changed."""

    def judge(
        self, connection: Connection, article: Article, reading: Reading, *, now: datetime, silent: bool
    ) -> Sequence[Event]:
        """The events that the article makes; the ledger holds its statements afterwards."""


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
    fresh, places = _store(connection, items, terms.bundle, now_ms)
    decisions: list[Decision] = []
    entries: list[tuple[str, dict[str, Any]]] = []
    for item in items:
        if isinstance(item.content, Event):
            made: Sequence[Event] = [item.content]
            id_ = None
        elif item.place in fresh:
            silent = is_silent(item.content, terms.window)
            made = judge.judge(connection, item.content, item.reading, now=terms.now, silent=silent)
            id_ = item.content.id
        else:
            decisions.append(Decision(item.place, item.content.id, duplicate=True))
            continue
        recorded = events.put(connection, made, now_ms)
        messages = addressing.address(connection, [event for event in recorded if not event.silent], terms.now)
        decisions.append(
            Decision(
                item.place, id_, duplicate=isinstance(item.content, Event) and not recorded, events=tuple(recorded)
            )
        )
        entries.append(_entry(item, places, recorded, messages, terms))
    journal.append(connection, entries, now_ms)
    return decisions


def _store(
    connection: Connection, items: Sequence[Item], bundle: str, now_ms: int
) -> tuple[set[str], dict[articles.Key, articles.Place]]:
    """Store the articles that are not known yet with tags and findings; the places of their records."""
    wanted = [(item, item.content) for item in items if isinstance(item.content, Article)]
    known = articles.known(connection, [articles.key_of(article) for _item, article in wanted])
    fresh: dict[articles.Key, tuple[Item, Article]] = {}
    for item, article in wanted:
        key = articles.key_of(article)
        if key in known:
            articles.seen_again(connection, article, known[key])
        else:
            fresh.setdefault(key, (item, article))
    if not fresh:
        return set(), {}
    arrivals = [articles.Arrival(article, item.place, bundle) for item, article in fresh.values()]
    places = articles.put(connection, arrivals, now_ms)
    tags.put(connection, [(places[key], item.reading.tags) for key, (item, _article) in fresh.items()])
    found = [(places[key], article, item.reading.findings) for key, (item, article) in fresh.items()]
    findings.put(connection, found)
    return {item.place for item, _article in fresh.values()}, places


def _entry(
    item: Item,
    places: dict[articles.Key, articles.Place],
    recorded: Sequence[Event],
    messages: Sequence[Message],
    terms: Terms,
) -> tuple[str, dict[str, Any]]:
    body: dict[str, Any] = {
        "record": item.place,
        "events": [event.id for event in recorded],
        "messages": [message.id for message in messages],
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
        "tags": digest(*(tag.to_json() for tag in item.reading.tags)),
        "findings": digest(*(finding.to_json() for finding in item.reading.findings)),
    }
    return "article", body
