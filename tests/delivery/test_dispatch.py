"""From event to receiver: once, with the reason, under one id; failures told apart; nothing lost."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chainwatch.models import EventKind
from chainwatch.models.schedule import Schedule
from chainwatch.models.subscription import Filter
from chainwatch.notify import webhook
from chainwatch.notify.backoff import Backoff
from chainwatch.notify.options import Options
from chainwatch.notify.pool import Pool
from chainwatch.notify.render import Wordings
from chainwatch.store import attempts, channels, outbox, sending
from tests.delivery.receiver import Receiver, drop, hang, status, trickle
from tests.delivery.world import LOOPBACK, NIGHTLY, START, World, event


def test_an_event_arrives_once_with_its_reason(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url())
    world.subscribe("one", name="物联", wanted=Filter(nodes=("hz5/智能物联",)))
    [message] = world.happen(event())
    world.happen(event())
    assert world.dispatch() == 1
    assert world.dispatch() == 0
    [hit] = receiver.hits
    assert hit.id == message.id
    assert hit.json["data"]["reasons"][0]["because"] == "node hz5/智能物联; target.new"
    assert "【首见】智能物联 规模" in hit.json["data"]["message"]


def test_a_webhook_is_a_signed_cloudevent(world: World, receiver: Receiver) -> None:
    channel = world.channel(receiver.url())
    world.subscribe("one")
    world.happen(event())
    world.dispatch()
    [hit] = receiver.hits
    key = world.keyring.signing_key(channel.id)
    header, now = hit.headers[webhook.SIGNATURE], int(START.timestamp())
    assert webhook.verify(hit.body, header, key, now)
    assert not webhook.verify(hit.body + b" ", header, key, now)
    assert not webhook.verify(hit.body, header, key, now + 301)
    assert hit.headers["Idempotency-Key"] == hit.id
    assert {"specversion", "id", "source", "type", "time", "datacontenttype", "data"} <= set(hit.json)
    assert hit.headers["Content-Type"].startswith("application/cloudevents+json")


def test_two_subscriptions_on_one_channel_share_one_message(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url())
    world.subscribe("one", name="a", wanted=Filter(nodes=("hz5/智能物联",)))
    world.subscribe("one", name="b", wanted=Filter(regions=("杭州",)))
    world.happen(event())
    world.dispatch()
    [hit] = receiver.hits
    assert [reason["subscription"] for reason in hit.json["data"]["reasons"]] == ["sub-a", "sub-b"]


def test_a_later_event_of_a_sent_group_is_not_lost(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url())
    world.subscribe("one")
    world.happen(event())
    world.dispatch()
    later = event().model_copy(update={"id": "f" * 32, "kind": EventKind.TARGET_ADVANCED})
    world.happen(later)
    world.dispatch()
    assert [hit.json["data"]["events"][0]["id"] for hit in receiver.hits] == [event().id, "f" * 32]
    assert len(set(receiver.ids)) == 2


@pytest.mark.parametrize(
    ("answer", "state", "channel_state"),
    [
        pytest.param(status(503), "pending", "active", id="passing"),
        pytest.param(status(429, Retry_After="30"), "pending", "active", id="too-many"),
        pytest.param(status(400), "dead", "active", id="message-refused"),
        pytest.param(status(404), "pending", "failing", id="channel-gone"),
        pytest.param(status(401), "pending", "failing", id="not-allowed"),
        pytest.param(status(302, Location="http://10.0.0.1/"), "pending", "failing", id="redirect"),
        pytest.param(drop, "unknown", "active", id="no-answer"),
    ],
)
def test_failures_are_told_apart(
    world: World, receiver: Receiver, answer: object, state: str, channel_state: str
) -> None:
    receiver.script = [answer]  # type: ignore[list-item]
    world.channel(receiver.url())
    world.subscribe("one")
    world.happen(event())
    world.dispatch()
    assert world.states() == {state: 1}
    assert world.find("one").state == channel_state
    assert len(receiver.hits) == 1


def test_a_failed_message_is_retried_under_its_id(world: World, receiver: Receiver) -> None:
    receiver.script = [status(503), drop, status(200)]
    world.channel(receiver.url())
    world.subscribe("one")
    world.happen(event())
    for _ in range(4):
        world.dispatch()
        world.wait(minutes=1)
    assert len(receiver.hits) == 3
    assert len(set(receiver.ids)) == 1
    with world.database.read() as connection:
        outcomes = [one.outcome for one in attempts.of_message(connection, receiver.hits[0].id)]
    assert outcomes == ["retry", "unknown", "delivered"]


def test_retry_after_is_kept(world: World, receiver: Receiver) -> None:
    receiver.script = [status(429, Retry_After="30")]
    world.channel(receiver.url())
    world.subscribe("one")
    world.happen(event())
    world.dispatch()
    world.wait(seconds=29)
    world.dispatch()
    assert len(receiver.hits) == 1
    world.wait(seconds=2)
    world.dispatch()
    assert world.states() == {"delivered": 1}


@pytest.mark.slow
def test_a_hanging_channel_costs_its_own_slot_only(world: World, receiver: Receiver) -> None:
    receiver.paths = {f"/hang{number}": (hang if number % 2 else trickle) for number in range(6)}
    for number in range(6):
        world.channel(receiver.url(f"/hang{number}"), f"hang{number}")
    world.channel(receiver.url("/good"), "good")
    world.subscribe(*(f"hang{number}" for number in range(6)), "good")
    world.happen(event())
    world.dispatch()
    good = [hit for hit in receiver.hits if hit.path == "/good"]
    assert len(good) == 1
    assert good[0].at - min(hit.at for hit in receiver.hits) < 1.0
    assert world.states() == {"unknown": 6, "delivered": 1}


@pytest.mark.slow
def test_one_owner_has_one_slot(world: World, receiver: Receiver) -> None:
    receiver.paths = {"/a": hang}
    world.channel(receiver.url("/a"), "a", owner="me")
    world.channel(receiver.url("/b"), "b", owner="me")
    world.subscribe("a", "b")
    world.happen(event())
    world.dispatch()
    first, second = sorted(receiver.hits, key=lambda hit: hit.at)
    assert {first.path, second.path} == {"/a", "/b"}
    assert second.at - first.at > 1.0 or first.path == "/b"


def test_a_failing_channel_is_told_to_its_owner_and_the_operator(world: World, receiver: Receiver) -> None:
    receiver.paths = {"/bad": status(404)}
    world.channel(receiver.url("/bad"), "bad", owner="me")
    world.channel(receiver.url("/other"), "other", owner="me")
    world.channel(receiver.url("/ops"), "ops")
    world.subscribe("bad")
    world.subscribe("ops", name="ops", operator=True)
    world.happen(event())
    world.dispatch()
    world.dispatch()
    told = {hit.path: hit.json["data"]["events"][0]["kind"] for hit in receiver.hits if hit.path != "/bad"}
    assert told == {"/other": "channel.failing", "/ops": "channel.failing"}
    receiver.paths = {}
    world.wait(hours=2)
    world.dispatch()
    world.dispatch()
    kinds = [hit.json["data"]["events"][0]["kind"] for hit in receiver.hits if hit.path == "/ops"]
    assert kinds == ["channel.failing", "channel.recovered"]
    assert world.find("bad").state == "active"


@pytest.mark.slow
def test_what_a_broken_channel_missed_comes_as_one_digest(world: World, receiver: Receiver) -> None:
    receiver.usual = status(503)
    world.channel(receiver.url())
    world.subscribe("one")
    happened = [event(f"事实{number}") for number in range(30)]
    world.happen(*happened)
    for _ in range(8):
        world.dispatch()
        world.wait(seconds=20)
    assert world.find("one").state == "failing"
    before = len(receiver.hits)
    assert before < 20, "a failing channel is tried now and then, not with everything"
    receiver.usual = status(200)
    for _ in range(8):
        world.wait(hours=2)
        world.dispatch()
    told = [one["id"] for hit in receiver.hits[before:] for one in hit.json["data"]["events"]]
    assert sorted(told) == sorted(one.id for one in happened)
    assert len(receiver.hits) - before < 12
    assert any(hit.json["data"]["digest"] for hit in receiver.hits[before:])


def test_after_so_many_tries_on_a_working_channel_a_message_is_dead(world: World, receiver: Receiver) -> None:
    world.options = Options(backoff=Backoff(tries=3, failures=99))
    receiver.usual = status(503)
    world.channel(receiver.url())
    world.subscribe("one")
    [message] = world.happen(event())
    for _ in range(5):
        world.dispatch()
        world.wait(minutes=5)
    assert world.states() == {"dead": 1}
    assert len(receiver.hits) == 3
    receiver.usual = status(200)
    with world.database.write() as connection:
        assert outbox.resend(connection, message.id, world.ms)
    world.dispatch()
    assert receiver.ids == [message.id] * 4
    assert world.states() == {"delivered": 1}


def test_quiet_hours_move_a_message_to_the_morning(world: World, receiver: Receiver) -> None:
    world.now = START.replace(hour=23)
    world.channel(receiver.url())
    world.subscribe("one", schedule=NIGHTLY)
    world.happen(event())
    world.dispatch()
    assert not receiver.hits
    world.now = START.replace(hour=7) + timedelta(days=1)
    world.dispatch()
    assert len(receiver.hits) == 1


def test_a_digest_collects_a_day_under_its_chains(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url())
    world.subscribe("one", schedule=Schedule(every="day", at="18:00"))
    world.happen(event("甲"), event("乙", nodes=("hz5/新材料/膜材料",)))
    world.wait(hours=1)
    world.happen(event("丙"))
    world.dispatch()
    assert not receiver.hits
    world.now = START.replace(hour=18)
    world.dispatch()
    [hit] = receiver.hits
    text = hit.json["data"]["message"]
    assert hit.json["data"]["digest"] is True
    assert [one["title"] for one in hit.json["data"]["events"]] == ["甲", "乙", "丙"]
    assert text.index("新材料 › 膜材料") < text.index("】乙") < text.index("智能物联 › 视觉智能") < text.index("】甲")


def test_what_is_over_a_cap_is_announced_and_comes_in_one_digest(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url())
    world.subscribe("one", cap=2)
    for number in range(5):
        world.happen(event(f"事实{number}"))
    world.dispatch()
    assert len(receiver.hits) == 2
    assert "今天" not in receiver.hits[0].json["data"]["message"]
    assert "今天" in receiver.hits[1].json["data"]["message"]
    world.now = START.replace(hour=8) + timedelta(days=1)
    world.dispatch()
    [digest] = receiver.hits[2:]
    assert len(digest.json["data"]["events"]) == 3
    assert "多于 2" in digest.json["data"]["message"] or "超过 2" in digest.json["data"]["message"]


def test_a_correction_reaches_the_same_channel_and_names_the_first_message(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url())
    world.channel(receiver.url("/never"), "never")
    world.subscribe("one", wanted=Filter(kinds=("target.*",)))
    [first] = world.happen(event())
    world.dispatch()
    correction = event(
        kind=EventKind.FACT_CORRECTED, id="c" * 32, before={"shown": "超1万亿元"}, after={"shown": "超9000亿元"}
    )
    world.happen(correction)
    world.dispatch()
    [_, hit] = receiver.hits
    assert hit.json["data"]["corrects"] == {"c" * 32: first.id}
    assert first.id in hit.json["data"]["message"]
    assert "超1万亿元 → 超9000亿元" in hit.json["data"]["message"]


def test_a_withdrawn_article_reaches_whoever_was_told_of_its_facts(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url())
    world.subscribe("one", wanted=Filter(kinds=("target.*",)))
    [first] = world.happen(event())
    world.dispatch()
    article = event().evidence[0].article
    gone = event(kind=EventKind.ARTICLE_WITHDRAWN, id="d" * 32, subject=f"article:{article}", after={"state": "gone"})
    world.happen(gone)
    world.dispatch()
    assert receiver.hits[1].json["data"]["corrects"] == {"d" * 32: first.id}


def test_a_rate_limit_spaces_messages(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url(), rate=2)
    world.subscribe("one")
    for number in range(3):
        world.happen(event(f"事实{number}"))
    for expected in (1, 1, 2, 2, 3):
        world.dispatch()
        assert len(receiver.hits) == expected
        world.wait(seconds=16)


def test_a_lost_lease_records_nothing(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url())
    world.subscribe("one")
    [message] = world.happen(event())
    with world.database.write() as connection:
        mine = sending.lease(connection, "ch-one", world.ms, world.ms + 1_000)
        assert mine is not None
        assert sending.lease(connection, "ch-one", world.ms, world.ms + 1_000) is None
    world.wait(seconds=2)
    with world.database.write() as connection:
        other = sending.lease(connection, "ch-one", world.ms, world.ms + 1_000)
        assert other is not None
        assert other.token == mine.token + 1
        assert not sending.finish(connection, message.id, mine.token, state="dead")
        assert sending.finish(connection, message.id, other.token, state="delivered")


def test_a_canary_goes_once_a_day(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url(), canary=True)
    world.channel(receiver.url("/plain"), "plain")
    for hours in (0, 1, 24):
        world.now = START + timedelta(hours=hours)
        world.dispatch()
    assert [hit.path for hit in receiver.hits] == ["/hook", "/hook"]


def test_a_long_message_arrives_in_marked_parts(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url("/form", "form"))
    with world.database.write() as connection:
        channels.change(connection, "ch-one", world.ms, limit_size=400)
    world.subscribe("one")
    world.happen(event("长" * 300))
    world.dispatch()
    assert len(receiver.hits) > 2
    with world.database.read() as connection:
        [attempt] = attempts.of_channel(connection, "ch-one", 5)
    assert attempt.parts == f"{len(receiver.hits)}/{len(receiver.hits)}"


def test_only_missing_parts_are_sent_again(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url("/form", "form"))
    with world.database.write() as connection:
        channels.change(connection, "ch-one", world.ms, limit_size=400)
    world.subscribe("one")
    world.happen(event("长" * 300))
    receiver.script = [status(200), status(503)]
    world.dispatch()
    failed = receiver.hits[1].body
    world.wait(minutes=1)
    world.dispatch()
    bodies = [hit.body for hit in receiver.hits]
    assert bodies[2] == failed
    assert len(bodies) == len(set(bodies)) + 1


def test_a_removed_address_does_not_open_with_another_key(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url())
    world.subscribe("one")
    world.happen(event())
    world.keyring = replace(world).keyring.__class__(["other" * 10])
    world.dispatch()
    assert not receiver.hits
    assert world.find("one").state == "failing"
    assert "does not open" in world.find("one").note


@pytest.mark.slow
def test_an_inward_address_is_refused_when_sending_too(world: World, receiver: Receiver) -> None:
    world.channel(receiver.url())
    world.subscribe("one")
    world.happen(event())
    with Pool(replace(LOOPBACK, networks=()), size=1) as strict:
        world.pool = strict
        world.dispatch()
    assert not receiver.hits
    assert "inward" in world.find("one").note


def test_a_terminal_channel_writes_the_text(world: World) -> None:
    world.channel("terminal://")
    world.subscribe("one")
    world.happen(event())
    world.dispatch()
    assert "【首见】智能物联 规模" in world.spoken[0]


def test_a_wording_that_became_faulty_is_replaced_by_the_default(
    world: World, receiver: Receiver, tmp_path: Path
) -> None:
    (tmp_path / "mine.text.j2").write_text("{{ nonsense }}", encoding="utf-8")
    world.wordings = Wordings(tmp_path)
    world.channel(receiver.url())
    world.subscribe("one", template="mine")
    world.happen(event())
    world.dispatch()
    assert "【首见】智能物联 规模" in receiver.hits[0].json["data"]["message"]


def test_many_channels_are_served_in_one_go(world: World, receiver: Receiver) -> None:
    for number in range(40):
        world.channel(receiver.url(f"/{number}"), f"c{number}")
    world.subscribe(*(f"c{number}" for number in range(40)))
    world.happen(event())
    assert world.dispatch() == 40
    assert sorted(hit.path for hit in receiver.hits) == sorted(f"/{number}" for number in range(40))
