"""Routing equals brute force: every subscription asked about every event."""

import random

import pytest

from consumers.route import Router, group_of
from tests.route import generated


def _compare(events: int, subscriptions: int, batch: int) -> int:
    chance = random.Random(20261120)
    asked = [generated.subscription(chance, number) for number in range(subscriptions)]
    happened = [generated.event(chance, number) for number in range(events)]
    router = Router(asked, generated.Tree())
    told: set[tuple[str, str, str, str]] = set()
    for start in range(0, events, batch):
        messages = router.route(happened[start : start + batch], generated.NOW)
        keys = [(message.channel, message.group) for message in messages]
        assert len(keys) == len(set(keys)), "two messages for one channel and group"
        told |= {(m.channel, m.group, r.event, r.subscription) for m in messages for r in m.reasons}
    expected = {
        (channel, group_of(event), event.id, one.id)
        for one in asked
        for kinds in [generated.kinds_got(one)]
        for event in happened
        if generated.gets(one, kinds, event)
        for channel in one.channels
    }
    assert told == expected
    return len(expected)


def test_routing_equals_the_oracle() -> None:
    assert _compare(300, 300, 40) > 500


@pytest.mark.slow
def test_ten_thousand_events_by_a_thousand_subscriptions_equal_the_oracle() -> None:
    assert _compare(10_000, 1_000, 200) > 50_000


def test_the_order_of_subscriptions_changes_nothing() -> None:
    chance = random.Random(7)
    asked = [generated.subscription(chance, number) for number in range(200)]
    happened = [generated.event(chance, number) for number in range(50)]
    shuffled = asked[:]
    chance.shuffle(shuffled)
    first = Router(asked, generated.Tree()).route(happened, generated.NOW)
    second = Router(shuffled, generated.Tree()).route(happened, generated.NOW)
    assert [message.to_json() for message in first] == [message.to_json() for message in second]


def test_explain_says_the_same_as_route() -> None:
    chance = random.Random(9)
    asked = [generated.subscription(chance, number) for number in range(150)]
    router = Router(asked, generated.Tree())
    for number in range(60):
        event = generated.event(chance, number)
        got = {reason.subscription for message in router.route([event], generated.NOW) for reason in message.reasons}
        verdicts = router.explain(event, generated.NOW)
        assert len(verdicts) == len(asked)
        assert {verdict.subscription.id for verdict in verdicts if verdict.matched} == got
        assert all(verdict.because for verdict in verdicts)
