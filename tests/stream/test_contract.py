"""What every stream backend must do."""

import uuid
from collections.abc import Callable, Mapping

import pytest

from chainwatch.problem import Problem
from chainwatch.stream.protocol import Consumer, Draft, Record, Stream

pytestmark = pytest.mark.contract

OpenStream = Callable[[], Stream]


@pytest.fixture
def topic(stream: Stream) -> str:
    name = f"t-{uuid.uuid4().hex[:8]}"
    stream.ensure_topic(name, 4)
    return name


@pytest.fixture
def single(stream: Stream) -> str:
    name = f"s-{uuid.uuid4().hex[:8]}"
    stream.ensure_topic(name, 1)
    return name


def draft(n: int, key: str = "k", at: int = 1_000) -> Draft:
    return Draft(key, f"值{n}".encode(), at + n, {"ce_id": str(n).encode()})


def everything(stream: Stream, topic: str) -> list[Record]:
    return [r for p in range(stream.topics()[topic]) for r in stream.read(topic, p, 0, 1_000)]


class Member:
    """A consumer that remembers what it was told; starts every partition at the given positions, else at 0."""

    def __init__(self, stream: Stream, topic: str, group: str, positions: Mapping[int, int] | None = None) -> None:
        self.positions = dict(positions or {})
        self.gained: list[frozenset[int]] = []
        self.lost: list[frozenset[int]] = []
        self.consumer: Consumer = stream.consumer(topic, group, on_assigned=self._assigned, on_lost=self.lost.append)

    def _assigned(self, partitions: frozenset[int]) -> Mapping[int, int]:
        self.gained.append(partitions)
        return {number: self.positions.get(number, 0) for number in partitions}

    def drain(self, rounds: int = 40) -> list[Record]:
        found: list[Record] = []
        for _ in range(rounds):
            records = self.consumer.poll(100, 0.05)
            if not records and self.gained:
                return found
            found += records
        return found


def until(condition: Callable[[], bool], *members: Member) -> None:
    for _ in range(400):
        if condition():
            return
        for member in members:
            member.consumer.poll(1, 0.02)
    raise AssertionError("never came true")


def test_a_record_comes_back_as_it_was_given(stream: Stream, single: str) -> None:
    given = Draft("钥匙", b"\x00\xff\n", 1_234, {"ce_type": "类".encode(), "raw": b"\xff\x00"})
    assert stream.append(single, [given]) == [(0, 0)]
    assert stream.read(single, 0, 0, 10) == [Record(single, 0, 0, 1_234, "钥匙", b"\x00\xff\n", given.headers)]


def test_offsets_rise_by_one_and_ends_tell_the_next(stream: Stream, single: str) -> None:
    assert (stream.begin_offset(single, 0), stream.end_offset(single, 0)) == (0, 0)
    assert stream.append(single, [draft(n) for n in range(3)]) == [(0, 0), (0, 1), (0, 2)]
    assert stream.append(single, [draft(3)]) == [(0, 3)]
    assert stream.end_offset(single, 0) == 4
    assert [r.offset for r in stream.read(single, 0, 1, 2)] == [1, 2]


def test_a_key_stays_in_one_partition_and_keys_spread(stream: Stream, topic: str) -> None:
    stream.append(topic, [draft(n, key=f"article-{n % 40}") for n in range(120)])
    homes: dict[str, set[int]] = {}
    for record in everything(stream, topic):
        homes.setdefault(record.key, set()).add(record.partition)
    assert len(homes) == 40
    assert all(len(partitions) == 1 for partitions in homes.values())
    assert set.union(*homes.values()) == {0, 1, 2, 3}


def test_another_handle_reads_what_is_appended(stream: Stream, single: str, open_handle: OpenStream) -> None:
    other = open_handle()
    stream.append(single, [draft(1)])
    assert [r.value for r in other.read(single, 0, 0, 10)] == ["值1".encode()]


def test_nothing_appended_is_nothing_written(stream: Stream, single: str) -> None:
    assert stream.append(single, []) == []
    assert stream.end_offset(single, 0) == 0


def test_an_unknown_topic_is_a_problem(stream: Stream) -> None:
    with pytest.raises(Problem, match="no such topic"):
        stream.append("nowhere", [draft(1)])


def test_a_topic_may_gain_partitions_and_never_lose_them(stream: Stream, topic: str) -> None:
    stream.append(topic, [draft(1)])
    stream.ensure_topic(topic, 6)
    stream.ensure_topic(topic, 2)
    assert stream.topics()[topic] == 6
    assert len(everything(stream, topic)) == 1


@pytest.mark.parametrize(
    ("at", "offset"),
    [
        pytest.param(0, 0, id="before-all"),
        pytest.param(100, 0, id="exactly-the-first"),
        pytest.param(101, 1, id="timestamps-may-go-back"),
        pytest.param(300, 1, id="first-that-reaches-it"),
        pytest.param(301, 4, id="past-a-late-one"),
        pytest.param(501, 5, id="after-all"),
    ],
)
def test_a_time_names_the_first_record_at_or_after_it(stream: Stream, single: str, at: int, offset: int) -> None:
    stream.append(single, [Draft("k", b"", t) for t in (100, 300, 200, 300, 500)])
    assert stream.offset_at(single, 0, at) == offset


def test_trimming_drops_the_old_and_keeps_offsets(stream: Stream, single: str) -> None:
    stream.append(single, [Draft("k", str(t).encode(), t) for t in (100, 900, 200, 400, 1_000)])
    assert stream.trim(single, 900) == 1
    assert stream.begin_offset(single, 0) == 1
    assert [r.value for r in stream.read(single, 0, 0, 10)] == [b"900", b"200", b"400", b"1000"]
    assert stream.append(single, [Draft("k", b"new", 1_100)]) == [(0, 5)]
    assert stream.offset_at(single, 0, 901) == 4


def test_a_member_reads_from_where_it_is_told(stream: Stream, single: str) -> None:
    stream.append(single, [draft(n) for n in range(5)])
    member = Member(stream, single, "g", {0: 3})
    assert [r.offset for r in member.drain()] == [3, 4]
    member.consumer.seek(0, 1)
    assert [r.offset for r in member.drain()] == [1, 2, 3, 4]
    member.consumer.close()


def test_poll_keeps_the_order_of_each_partition_and_its_limit(stream: Stream, topic: str) -> None:
    stream.append(topic, [draft(n, key=f"k{n}") for n in range(200)])
    member = Member(stream, topic, "g")
    batches: list[list[Record]] = []
    until(lambda: bool(member.gained), member)
    while len(batches) < 40 and (batch := member.consumer.poll(7, 0.2)):
        batches.append(batch)
    assert max(map(len, batches)) <= 7
    offsets: dict[int, list[int]] = {}
    for record in (record for batch in batches for record in batch):
        offsets.setdefault(record.partition, []).append(record.offset)
    assert all(found == sorted(found) for found in offsets.values())
    member.consumer.close()


def test_a_waiting_member_is_woken_by_an_append(stream: Stream, single: str, open_handle: OpenStream) -> None:
    member = Member(stream, single, "g")
    until(lambda: bool(member.gained), member)
    open_handle().append(single, [draft(7)])
    assert [r.value for r in member.consumer.poll(10, 10)] == ["值7".encode()]
    member.consumer.close()


def test_a_paused_partition_is_kept_but_not_read(stream: Stream, single: str) -> None:
    member = Member(stream, single, "g")
    until(lambda: bool(member.gained), member)
    member.consumer.pause(0)
    stream.append(single, [draft(1)])
    assert member.consumer.poll(10, 0.1) == []
    assert member.consumer.assignment() == {0}
    member.consumer.close()


def test_members_share_the_partitions(stream: Stream, topic: str, open_handle: OpenStream) -> None:
    stream.append(topic, [draft(n, key=f"k{n}") for n in range(100)])
    one = Member(stream, topic, "g")
    until(lambda: len(one.consumer.assignment()) == 4, one)
    two = Member(open_handle(), topic, "g")
    until(lambda: len(one.consumer.assignment()) == len(two.consumer.assignment()) == 2, one, two)
    assert one.consumer.assignment() | two.consumer.assignment() == {0, 1, 2, 3}
    assert frozenset.union(*one.lost) == two.consumer.assignment()
    one.consumer.close()
    two.consumer.close()


def test_partitions_of_a_member_that_left_pass_on(stream: Stream, topic: str, open_handle: OpenStream) -> None:
    one, two = Member(stream, topic, "g"), Member(open_handle(), topic, "g")
    until(lambda: len(one.consumer.assignment()) == len(two.consumer.assignment()) == 2, one, two)
    one.consumer.close()
    until(lambda: len(two.consumer.assignment()) == 4, two)
    two.consumer.close()


def test_groups_do_not_know_each_other(stream: Stream, single: str) -> None:
    stream.append(single, [draft(1)])
    one, two = Member(stream, single, "a"), Member(stream, single, "b")
    assert len(one.drain()) == len(two.drain()) == 1
    assert stream.groups()["a"] == stream.groups()["b"] == 1
    one.consumer.close()
    two.consumer.close()


def test_lag_tools_see_what_was_committed(stream: Stream, single: str) -> None:
    stream.append(single, [draft(n) for n in range(3)])
    member = Member(stream, single, "g")
    member.drain()
    member.consumer.commit({0: 3})
    assert stream.committed(single, "g") == {0: 3}
    member.consumer.close()
    assert stream.committed(single, "g") == {0: 3}


def test_what_a_group_without_members_told_can_be_set(stream: Stream, single: str) -> None:
    stream.append(single, [draft(n) for n in range(5)])
    stream.tell(single, "g", {0: 4})
    assert stream.committed(single, "g") == {0: 4}
    stream.tell(single, "g", {0: 1})
    assert stream.committed(single, "g") == {0: 1}
    member = Member(stream, single, "g", {0: 2})
    assert [record.offset for record in member.drain()] == [2, 3, 4], "where to read comes from the store alone"
    member.consumer.close()


def test_how_an_unknown_topic_is_kept_is_a_problem(stream: Stream) -> None:
    with pytest.raises(Problem, match="no such topic"):
        stream.keeping("nowhere")
