"""A fact that gains issuer or region is told to whom it is news, and to nobody twice."""

from chainwatch.models import Event, EventKind, to_timestamp_ms
from chainwatch.models.subscription import Filter
from chainwatch.runner.live import Outbox
from chainwatch.store import events
from tests.delivery.receiver import Receiver
from tests.delivery.world import Flat, World, event


def _address(world: World, *made: Event) -> list[tuple[str, str]]:
    """(channel, event) of the messages that the events make, sent."""
    with world.database.write() as connection:
        events.put(connection, made, to_timestamp_ms(world.now))
        Outbox(Flat()).address(connection, made, world.now)  # type: ignore[arg-type]
    world.dispatch()
    return [(one.channel, one.group) for one in world.all_messages()]


def test_a_gained_issuer_reaches_only_whom_it_is_news_to(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url("/all"), "all")
    world.channel(receiver.url("/office"), "office")
    world.subscribe("ch-all", name="all")
    world.subscribe("ch-office", name="office", wanted=Filter(issuers=("经信局",)))
    first = event()
    _address(world, first)
    assert [hit.path for hit in receiver.hits] == ["/all"]
    _address(world, first.model_copy(update={"issuers": ("杭州市经信局",)}))
    assert [hit.path for hit in receiver.hits] == ["/all", "/office"]


def test_a_fact_that_gained_a_region_is_not_told_twice(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url("/all"), "all")
    world.channel(receiver.url("/city"), "city")
    world.subscribe("ch-all", name="all")
    world.subscribe("ch-city", name="city", wanted=Filter(regions=("杭州",)))
    said = {"value": "1000000000000", "unit": "元", "deadline": "2025", "shown": "超1万亿元"}
    first = event(region=None, after=said)
    _address(world, first)
    later = event(id="a" * 32, subject="the same in 杭州", after=said)
    restated = event(id="b" * 32, kind=EventKind.TARGET_RESTATED, subject=first.subject, after=said)
    _address(world, restated, later)
    assert [hit.path for hit in receiver.hits] == ["/all", "/city"]


def test_another_value_beside_it_is_news_to_all(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url("/all"), "all")
    world.subscribe("ch-all", name="all")
    first = event(region=None, after={"value": "1", "unit": "元", "deadline": "2025"})
    _address(world, first)
    other = event(id="a" * 32, subject="another", after={"value": "2", "unit": "元", "deadline": "2025"})
    restated = event(id="b" * 32, kind=EventKind.TARGET_RESTATED, subject=first.subject, after=first.after)
    _address(world, restated, other)
    assert len(receiver.hits) == 2
