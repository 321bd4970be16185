"""Small stand-ins for the hops, so that the loop is tested without rules."""

import os
import signal
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection

from chainwatch.models import (
    Article,
    Event,
    EventKind,
    Evidence,
    Message,
    Precision,
    Strength,
    Tag,
    content_digest,
    event_id,
)
from chainwatch.models.ledger import Needs
from chainwatch.runner.decide import Case, Decision, Judged
from chainwatch.runner.pool import Failure
from chainwatch.runner.reading import Read, Reading
from chainwatch.stream.protocol import Record

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def article(number: int, text: str = "正文", **values: Any) -> Article:
    title = f"第{number}篇"
    fields: dict[str, object] = {
        "id": f"a{number}",
        "title": title,
        "text": text,
        "published": NOW,
        "precision": Precision.MINUTE,
        "fetched": NOW,
        "content_digest": content_digest(title, text),
    }
    return Article.model_validate(fields | values)


def make_read(_packed: bytes) -> Read:
    """A reader that tags by words of the text, and misbehaves where the text says so."""
    return read


def read(one: Article) -> Reading:
    if "抛错" in one.text:
        raise ValueError("a fault of the hop")
    if "卡住" in one.text:
        time.sleep(60)
    if "崩溃" in one.text:
        os.kill(os.getpid(), signal.SIGKILL)
    tag = Tag(
        node="topic/试验",
        name="试验",
        strength=Strength.ABOUT,
        score=Decimal(1),
        rule="test",
        rule_version="1",
        rule_set="set",
        hits=(),
    )
    return Reading.of(one, [tag], [], Needs())


class Judge:
    """Every article makes one event, named by the article and what it says."""

    def __init__(self) -> None:
        self.poison = "账本"

    def judge(self, _connection: Connection, cases: Sequence[Case], now: datetime) -> Sequence[Judged]:
        assert now.tzinfo is not None
        if any(self.poison in case.article.text for case in cases):
            raise ArithmeticError("a fault of the ledger")
        return [Judged([_event(case)]) for case in cases]


def _event(case: Case) -> Event:
    one = case.article
    evidence = Evidence(
        article=one.id,
        revision=one.content_digest,
        part="title",
        span=(0, 1),
        quote=one.title[0],
        sentence=one.title,
        title=one.title,
        rule="test/1",
    )
    return Event(
        id=event_id(EventKind.RULE_HIT, one.id, "", one.text),
        kind=EventKind.RULE_HIT,
        subject=one.id,
        title=one.title,
        nodes=tuple(tag.node for tag in case.reading.tags),
        after={"text": one.text},
        evidence=(evidence,),
        silent=case.silent,
    )


class Nobody:
    """No subscriptions."""

    def __init__(self) -> None:
        self.seen: list[Event] = []

    def address(self, _connection: Connection, made: Sequence[Event], now: datetime) -> Sequence[Message]:
        assert now.tzinfo is not None
        self.seen += made
        return []


class Watcher:
    """Remembers what the runner tells."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []
        self.aside: list[tuple[str, Failure]] = []

    def decided(self, decisions: Sequence[Decision]) -> None:
        self.decisions += decisions

    def quarantined(self, record: Record, failure: Failure) -> None:
        self.aside.append((record.place, failure))

    def idle(self) -> bool:
        return False
