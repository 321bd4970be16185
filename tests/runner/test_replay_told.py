"""A replayed period knows who was told before it: corrections go to the same readers, nobody is told again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from chainwatch.matching.bundle import Bundle
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.models import Article, EventKind, State, content_digest, to_timestamp_ms
from chainwatch.models.subscription import Filter, Subscription
from chainwatch.replay.history import Replay, Report
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle
from chainwatch.runner.decide import Item, Terms, decide
from chainwatch.runner.hops import compile_hops
from chainwatch.runner.live import Ledger, Outbox
from chainwatch.runner.reading import Read
from chainwatch.store import bundles, channels, schema, subscriptions
from chainwatch.store.channels import Channel
from chainwatch.store.database import Database
from chainwatch.stream.protocol import Record
from tests.runner.fakes import NOW, article

WINDOW = timedelta(days=3)
AIM = "到2030年，杭州市智能物联产业生态圈产值力争突破1.5万亿元。"
RAISED = "到2030年，杭州市智能物联产业生态圈产值力争突破2万亿元。"
CHANNEL = Channel(
    id="c", name="c", service="json", masked="", text_format="text", limit_size=1_000, limit_unit="characters",
    takes_title=True, owner="", created_ms=0,
)  # fmt: skip


class Gone:
    """A stream that holds nothing any more: the store has the articles."""

    def read(self, topic: str, partition: int, offset: int, limit: int) -> list[Record]:  # noqa: ARG002  the Protocol's shape
        """None."""
        return []


@cache
def compiled() -> tuple[Bundle, Read]:
    bundle = read_bundle(rules_dir())
    return bundle, compile_hops(bundle)


def coming() -> Iterator[Article]:
    """An aim, the same aim elsewhere, the first withdrawn an hour later, and another aim."""
    yield article(1, AIM)
    yield article(2, "据悉，" + AIM)
    gone = article(1, AIM, state=State.WITHDRAWN, fetched=NOW + timedelta(hours=1))
    yield gone.model_copy(update={"content_digest": content_digest(gone.title, gone.text, gone.state)})
    yield article(3, RAISED, fetched=NOW + timedelta(hours=2), published=NOW + timedelta(hours=2))


@contextmanager
def stores(folder: Path) -> Iterator[tuple[Database, Database]]:
    live, scratch = (Database(f"sqlite:///{folder / name}.db") for name in ("live", "scratch"))
    for one in (live, scratch):
        schema.create(one)
    try:
        yield live, scratch
    finally:
        live.close()
        scratch.close()


def consumed(live: Database) -> None:
    bundle, read = compiled()
    judge, outbox = Ledger(), Outbox(load_taxonomy(bundle))
    with live.write() as connection:
        bundles.activate(connection, bundle, 0)
        channels.add(connection, CHANNEL, b"", (), 0)
        aims = Subscription(id="aims", name="aims", filter=Filter(kinds=("target.*",)), channels=("c",))
        subscriptions.save(connection, aims, 0)
        for number, one in enumerate(coming()):
            item = Item(f"articles/0@{number}", one, read(one))
            decide(connection, [item], judge, outbox, Terms(bundle.digest, WINDOW, one.fetched))


def replayed(folder: Path, since: timedelta) -> Report:
    with stores(folder) as (live, scratch):
        consumed(live)
        replay = Replay(live, Gone(), scratch, rules=compiled()[0], window=WINDOW)
        begun = to_timestamp_ms(NOW + since)
        return replay.run(begun, begun + 10**9)


@pytest.mark.parametrize(
    ("since", "kinds"),
    [
        pytest.param(timedelta(days=-1), {"target.new", "article.withdrawn"}, id="all-of-it"),
        pytest.param(timedelta(minutes=30), {"article.withdrawn"}, id="from-before-the-withdrawal"),
    ],
)
def test_a_correction_is_told_to_whoever_was_told_before(since: timedelta, kinds: set[str], tmp_path: Path) -> None:
    report = replayed(tmp_path, since)
    assert report.same
    told = {report.events_now[event].kind for _, _, event in report.told_now}
    assert {kind.value for kind in told} >= kinds
    assert all(subscription == "aims" for _, subscription, _ in report.told_now)


def test_what_was_told_before_the_period_is_not_told_again(tmp_path: Path) -> None:
    report = replayed(tmp_path, timedelta(minutes=90))
    assert report.same
    assert EventKind.ARTICLE_WITHDRAWN not in {event.kind for event in report.events_now.values()}
