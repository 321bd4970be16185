"""Alerts of two sets of rules over stories made up at random, against two whole runs: no kin is overlooked."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import select

from chainwatch import clock
from chainwatch.matching.bundle import Bundle
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.models import Article, Precision, State, content_digest
from chainwatch.models.subscription import Filter, Subscription
from chainwatch.replay.alerts import Alerts, alerts
from chainwatch.replay.question import Question
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle
from chainwatch.rulediff import Run, diff
from chainwatch.runner.decide import Item, Terms, decide
from chainwatch.runner.hops import compile_hops
from chainwatch.runner.live import Ledger, Outbox
from chainwatch.runner.reading import Read
from chainwatch.store import bundles, channels, messages, schema, subscriptions
from chainwatch.store.database import Database
from tests.rules_cli.test_alerts import CHANNEL

pytestmark = pytest.mark.slow

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = timedelta(days=3)
OLD = "rules:\n- {id: own.a, status: test, tags: [hz5/绿色能源/储能], match: {any: [补贴]}}\n"
NEW = "rules:\n- {id: own.a, status: test, tags: [hz5/绿色能源/光伏], match: {any: [补贴, 招聘]}}\n"
FILLER = "记者从现场了解到，相关工作正在有序推进，各部门将加强协同，确保各项任务按时完成。" * 3
FILTERS = (
    Filter(),
    Filter(kinds=("rule.hit",)),
    Filter(nodes=("hz5/绿色能源/储能",)),
    Filter(nodes=("hz5/绿色能源/光伏",)),
    Filter(nodes=("hz5/绿色能源/光伏",), kinds=("target.*", "policy.*", "article.*")),
    Filter(nodes=("hz5/绿色能源/储能",), kinds=("target.*", "article.*"), regions=("杭州",)),
)


class Step(NamedTuple):
    """An article that comes, or (None) a tick of the clock."""

    at: datetime
    article: Article | None


def sentences(dice: random.Random) -> Iterator[str]:
    """What an article may say: of few things, so that many say the same or nearly so."""
    place = dice.choice(["杭州市", "", "", "浙江省"])
    subject = dice.choice(["储能产业", "视觉智能产业链", "光伏产业"])
    said = dice.choice(["产值力争突破", "产值达到", "营业收入达到"])
    if dice.random() < 0.7:
        office = dice.choice(["", "", "杭州市人民政府提出，", "市经信局提出，"])
        yield f"{office}到{dice.choice([2026, 2027, 2027])}年，{place}{subject}{said}{dice.choice([100, 100, 200])}亿元。"
    if dice.random() < 0.3:
        yield f"2025年，{place}{subject}产值达到{dice.choice([80, 90, 120])}亿元。"
    if dice.random() < 0.4:
        title = dice.choice(["杭州市储能产业发展办法", "储能产业发展办法", "杭州市光伏发展规划"])
        number = dice.choice(["", "（杭政办〔2026〕3号）"])
        yield f"{dice.choice(['市政府印发', '市政府起草', '近日解读'])}《{title}》{number}。"
    if dice.random() < 0.3:
        yield dice.choice(["可获补贴。", "企业招聘。", "补贴丰厚，企业招聘。"])
    if dice.random() < 0.3:
        yield FILLER


def story(seed: int) -> list[Step]:
    """Articles, reprints, revisions, withdrawals and ticks, an hour or two between them."""
    dice, at = random.Random(seed), BEGIN
    steps: list[Step] = []
    told: list[Article] = []
    for number in range(70):
        at += timedelta(minutes=dice.choice([20, 90, 1_500]))
        kind = dice.random()
        if told and kind < 0.1:
            steps.append(Step(at, told_again(dice.choice(told), at, withdrawn=True)))
        elif told and kind < 0.25:
            earlier = dice.choice(told)
            steps.append(Step(at, told_again(earlier, at, "".join(sentences(dice)))))
        elif told and kind < 0.35:
            steps.append(Step(at, made(f"a{number}", at, dice.choice(told).text)))
        elif kind < 0.45:
            steps.append(Step(at, None))
        else:
            steps.append(Step(at, made(f"a{number}", at, "".join(sentences(dice)))))
        new = steps[-1].article
        if new is not None and (new.id, new.content_digest) in {(one.id, one.content_digest) for one in told}:
            steps.pop()
        elif new is not None:
            told.append(new)
    return steps


def made(name: str, at: datetime, text: str, state: State = State.LIVE) -> Article:
    title = f"消息{name}"
    return Article(
        id=name, title=title, text=text, source="示例日报", published=at, precision=Precision.MINUTE,
        fetched=at + timedelta(minutes=5), state=state, content_digest=content_digest(title, text, state),
    )  # fmt: skip


def told_again(article: Article, at: datetime, text: str | None = None, *, withdrawn: bool = False) -> Article:
    state = State.WITHDRAWN if withdrawn else State.LIVE
    again = made(article.id, at, article.text if text is None else text, state)
    return again.model_copy(update={"published": article.published})


@cache
def compiled(own: str) -> tuple[Bundle, Read]:
    bundle = Bundle({**read_bundle(rules_dir()).files, "own/a.yaml": own.encode()})
    return bundle, compile_hops(bundle)


def run(path: Path, own: str, steps: Sequence[Step]) -> Database:
    """A whole run, as consume makes it, each article in a batch of its own."""
    bundle, read = compiled(own)
    store = Database(f"sqlite:///{path}", durable=False)
    schema.create(store)
    judge, outbox = Ledger(), Outbox(load_taxonomy(bundle))
    with store.write() as connection:
        bundles.activate(connection, bundle, 0)
        channels.add(connection, CHANNEL, b"", (), 0)
        for number, wanted in enumerate(FILTERS):
            subscriptions.save(
                connection, Subscription(id=f"s{number}", name=f"s{number}", filter=wanted, channels=("c",)), 0
            )
        for number, (at, article) in enumerate(steps):
            if article is None:
                clock.strike(connection, outbox, at, WINDOW)
            else:
                item = Item(f"articles/0@{number}", article, read(article))
                decide(connection, [item], judge, outbox, Terms(bundle.digest, WINDOW, article.fetched))
    return store


Told = set[tuple[str, str, str]]


def told(store: Database) -> Told:
    """(subscription, event, why)."""
    table = messages.reasons
    with store.read() as connection:
        rows = connection.execute(select(table.c.subscription, table.c.event, table.c.because))
        return {(row.subscription, row.event, row.because) for row in rows}


def found(given: Alerts) -> tuple[Told, Told]:
    gained, lost = (
        {(one.subscription, one.event.id, one.because) for one in way} for way in (given.gained, given.lost)
    )
    return gained, lost


def quiet(_what: str, _total: int) -> AbstractContextManager[Callable[[int], None]]:
    return nullcontext(lambda _n: None)


@pytest.mark.parametrize("seed", range(4))
def test_no_kin_of_what_differs_is_overlooked(seed: int, tmp_path: Path) -> None:
    steps = story(seed)
    old, new = (run(tmp_path / f"{name}.db", own, steps) for name, own in (("old", OLD), ("new", NEW)))
    bodies = list({step.article.id: step.article.to_json().decode() for step in steps if step.article}.values())
    sets = compiled(OLD)[0], compiled(NEW)[0]
    differing = frozenset(one.article for one in diff(*sets, bodies, tmp_path / "cache", Run(1, lambda _n: None)))
    assert 0 < len(differing) < len(bodies)
    (tmp_path / "scratch").mkdir()
    said = alerts(old, tmp_path / "scratch", Question(*sets, None, differing, WINDOW, tmp_path / "cache", 1), quiet)
    before, after = told(old), told(new)
    keys = [{(subscription, event) for subscription, event, _ in one} for one in (before, after)]
    expected = (
        {one for one in after if one[:2] not in keys[0]},
        {one for one in before if one[:2] not in keys[1]},
    )
    assert found(said) == expected
    assert all(expected)
