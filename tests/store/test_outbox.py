"""Channels, subscriptions, messages, attempts and feedback behave alike on every store."""

from datetime import datetime, timedelta

import pytest

from chainwatch.models import SHANGHAI, Event, EventKind, Message, Reason, event_id, message_id, to_timestamp_ms
from chainwatch.models.subscription import Filter, Subscription
from chainwatch.store import (
    attempts,
    channels,
    events,
    feedback,
    journal,
    messages,
    outbox,
    sending,
    subscriptions,
    telling,
)
from chainwatch.store.channels import Channel
from chainwatch.store.database import Database

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
MS = to_timestamp_ms(NOW)


def channel(id_: str, **fields: object) -> Channel:
    values: dict[str, object] = {
        "id": id_, "name": f"name-{id_}", "service": "json", "masked": "json", "text_format": "text", "limit_size": 99,
        "limit_unit": "bytes", "takes_title": True, "owner": "", "created_ms": MS,
    }  # fmt: skip
    return Channel(**(values | fields))  # type: ignore[arg-type]


def message(group: str, *told: str, to: str = "c1", due: datetime = NOW) -> Message:
    reasons = tuple(
        Reason(
            event=one.partition("/")[0], subscription=one.partition("/")[2] or "s1", subscription_version=1, because="x"
        )
        for one in told
    )
    return Message(id=message_id(to, group), channel=to, group=group, reasons=reasons, due=due)


@pytest.fixture
def store(database: Database) -> Database:
    with database.write() as connection:
        for id_ in ("c1", "c2"):
            channels.add(connection, channel(id_), b"sealed", ["ops"] if id_ == "c1" else [], MS)
    return database


def states(store: Database) -> dict[str, int]:
    with store.read() as connection:
        return messages.counts(connection)


def test_a_message_is_stored_once_and_takes_further_reasons(store: Database) -> None:
    with store.write() as connection:
        assert outbox.put(connection, [message("g", "e1"), message("g", "e1", to="c2")]) == 2
        assert outbox.put(connection, [message("g", "e1")]) == 0
        assert outbox.put(connection, [message("g", "e1", "e2/s2")]) == 0
        reasons = messages.reasons_of(connection, message_id("c1", "g"))
    assert [(one.event, one.subscription) for one in reasons] == [("e1", "s1"), ("e2", "s2")]


def test_what_was_told_on_a_channel_is_not_told_again_in_another_group(store: Database) -> None:
    with store.write() as connection:
        outbox.put(connection, [message("g", "e1")])
        assert outbox.put(connection, [message("h", "e1")]) == 0
        assert outbox.put(connection, [message("h", "e1", to="c2")]) == 1


def test_a_tried_message_gets_a_follow_up(store: Database) -> None:
    with store.write() as connection:
        outbox.put(connection, [message("g", "e1")])
        first = sending.lease(connection, "c1", MS, MS + 1000)
        assert first is not None
        assert outbox.put(connection, [message("g", "e2")]) == 1
        assert outbox.put(connection, [message("g", "e2")]) == 0
        assert len(messages.listed(connection, channel="c1")) == 2


def test_leases_are_fenced(store: Database) -> None:
    with store.write() as connection:
        outbox.put(connection, [message("g", "e1")])
        mine = sending.lease(connection, "c1", MS, MS + 1000)
        assert mine is not None
        assert sending.lease(connection, "c1", MS + 999, MS + 2000) is None
        other = sending.lease(connection, "c1", MS + 1000, MS + 2000)
        assert other is not None
        assert (mine.token, other.token, other.attempts) == (1, 2, 2)
        assert not sending.finish(connection, mine.id, mine.token, state=messages.DELIVERED)
        assert not sending.renew(connection, mine.id, mine.token, parts_done=1)
        assert sending.finish(connection, other.id, other.token, state=messages.DELIVERED, done_ms=MS)
        assert not sending.finish(connection, other.id, other.token, state=messages.DEAD)
    assert states(store) == {"delivered": 1}


def test_messages_leave_in_the_order_they_are_due(store: Database) -> None:
    with store.write() as connection:
        outbox.put(connection, [message("late", "e1", due=NOW + timedelta(seconds=2)), message("early", "e2")])
        assert sending.lease(connection, "c2", MS, MS + 1) is None
        first = sending.lease(connection, "c1", MS, MS + 1)
        assert first is not None
        assert first.group == "early"
        assert sending.next_due(connection) == MS + 2000


def test_backlogs_name_usable_channels(store: Database) -> None:
    with store.write() as connection:
        outbox.put(connection, [message("g", "e1"), message("h", "e2"), message("g", "e1", to="c2")])
        assert [(one.channel, one.count) for one in sending.backlogs(connection, MS)] in (
            [("c1", 2), ("c2", 1)],
            [("c2", 1), ("c1", 2)],
        )
        assert sending.backlogs(connection, MS - 1) == []
        sending.lease(connection, "c1", MS, MS + 1000)
        assert [one.channel for one in sending.backlogs(connection, MS)] == ["c2"]
        channels.change(connection, "c2", MS, state=channels.PAUSED)
        assert sending.backlogs(connection, MS) == []


def test_merged_messages_leave_their_reasons_to_the_digest(store: Database) -> None:
    with store.write() as connection:
        outbox.put(connection, [message("g", "e1"), message("h", "e2")])
        into = message("digest")
        ids = [one.id for one in outbox.untried(connection, "c1", MS, 10)]
        outbox.merge(connection, ids, into, "why")
        assert {one.event for one in messages.reasons_of(connection, into.id)} == {"e1", "e2"}
        assert outbox.put(connection, [message("again", "e1")]) == 0
    assert states(store) == {"merged": 2, "pending": 1}


def test_a_dead_message_can_be_sent_again(store: Database) -> None:
    with store.write() as connection:
        outbox.put(connection, [message("g", "e1")])
        leased = sending.lease(connection, "c1", MS, MS + 1000)
        assert leased is not None
        assert not outbox.resend(connection, leased.id, MS)
        sending.finish(connection, leased.id, leased.token, state=messages.DEAD, done_ms=MS)
        assert outbox.resend(connection, leased.id, MS)
        found = messages.get(connection, leased.id[:8])
        assert found is not None
        assert (found.state, found.attempts, found.done_ms) == ("pending", 0, None)


def test_whoever_was_told_of_a_subject_is_found(store: Database) -> None:
    first = Event(id="e1", kind=EventKind.TARGET_NEW, subject="fact", title="t", after={})
    correction = event_id(EventKind.FACT_CORRECTED, "fact", "", "x")
    corrected = Event(id=correction, kind=EventKind.FACT_CORRECTED, subject="fact", title="t", after={})
    with store.write() as connection:
        events.put(connection, [first], MS)
        outbox.put(connection, [message("g", "e1"), message("h", "e1", to="c2")])
        told = telling.told_of(connection, corrected)
        assert {(one.channel, one.subscription) for one in told} == {("c1", "s1"), ("c2", "s1")}
        assert telling.told_of(connection, first) == []
        assert {one.channel for one in telling.telling(connection, "e1")} == {"c1", "c2"}


def test_single_messages_of_a_day_are_counted(store: Database) -> None:
    with store.write() as connection:
        outbox.put(connection, [message("g", "e1"), message("h", "e2")])
        leased = sending.lease(connection, "c1", MS, MS + 1000)
        assert leased is not None
        sending.finish(connection, leased.id, leased.token, state=messages.DELIVERED, done_ms=MS)
        assert telling.sent_since(connection, "c1", "s1", MS) == 1
        assert telling.sent_since(connection, "c1", "s1", MS + 1) == 0
        assert telling.sent_since(connection, "c1", "s2", MS) == 0


def test_every_version_of_a_subscription_stays(store: Database) -> None:
    one = Subscription(id="s1", name="甲", channels=("tag:ops", "name-c2", "gone"))
    with store.write() as connection:
        subscriptions.save(connection, one, MS)
        saved = subscriptions.save(connection, one.model_copy(update={"filter": Filter(regions=("杭州",))}), MS)
        assert saved.number == 2
        assert [number for number, _saved, _one in subscriptions.versions(connection, "s1")] == [1, 2]
        [working] = subscriptions.active(connection)
        assert (working.channels, working.filter.regions) == (("c1", "c2"), ("杭州",))
        assert subscriptions.find(connection, "甲") == saved
        subscriptions.remove(connection, saved, MS)
        assert subscriptions.active(connection) == []
        assert subscriptions.names(connection, {"s1"}) == {"s1": "甲"}
        kinds = [entry.kind for entry in journal.after(connection, 0, 100)]
    assert kinds[-3:] == ["subscription.saved", "subscription.saved", "subscription.removed"]


def test_a_channel_is_found_by_id_name_and_tag(store: Database) -> None:
    with store.write() as connection:
        assert channels.names(connection) == {
            "c1": ["c1"],
            "name-c1": ["c1"],
            "c2": ["c2"],
            "name-c2": ["c2"],
            "tag:ops": ["c1"],
        }
        assert channels.address(connection, "c1") == b"sealed"
        channels.change(connection, "c1", MS, state=channels.FAILING, failures=3)
        found = channels.find(connection, "name-c1")
        assert found is not None
        assert (found.state, found.failures) == ("failing", 3)
        channels.remove(connection, "c1", MS)
        assert channels.find(connection, "c1") is None
        assert channels.tags_of(connection) == {}


def test_another_channel_of_the_owner_is_found(database: Database) -> None:
    with database.write() as connection:
        for id_, owner in (("a", "me"), ("b", "me"), ("c", "you"), ("d", "")):
            channels.add(connection, channel(id_, owner=owner), b"", [], MS)
        assert [one.id for one in channels.others_of(connection, "me", "a")] == ["b"]
        assert channels.others_of(connection, "", "d") == []


def test_attempts_are_kept_in_order(store: Database) -> None:
    with store.write() as connection:
        numbers = [
            attempts.begin(connection, message="m", channel="c1", token=token, endpoint="json", now_ms=MS)
            for token in (1, 2)
        ]
        attempts.end(connection, numbers[1], took_ms=5, parts="1/1", outcome="delivered", detail="")
        made = attempts.of_message(connection, "m")
    assert [(one.token, one.outcome) for one in made] == [(1, "begun"), (2, "delivered")]


def test_the_last_answer_on_an_event_counts(store: Database) -> None:
    with store.write() as connection:
        for verdict in ("wrong", "right"):
            feedback.add(connection, event="e1", verdict=verdict, note="", rule="r/1", message=None, now_ms=MS)
        number = feedback.add(connection, event="e2", verdict="scope", note="n", rule="r/1", message=None, now_ms=MS)
        assert feedback.verdicts(connection)["r/1"] == {"right": 1, "wrong": 0, "scope": 1, "old": 0, "known": 0}
        assert feedback.close(connection, number)
        assert not feedback.close(connection, 99)
        assert [one.event for one in feedback.listed(connection)] == ["e1", "e1"]
