"""Offset plans: every goal is held within the partition, a wrong one is refused with its place."""

import pytest

from chainwatch.problem import Problem, Problems
from chainwatch.stream import offsets
from chainwatch.stream.offsets import Part

PARTS = [Part(0, 10, 100, 50), Part(1, 0, 0, 0), Part(2, 5, 40, 40)]


def after(goal: offsets.Goal) -> list[int]:
    return [move.after for move in offsets.plan("t", PARTS, goal)]


@pytest.mark.parametrize(
    ("goal", "wanted"),
    [
        pytest.param(lambda part: part.begin, [10, 0, 5], id="earliest"),
        pytest.param(lambda part: part.end, [100, 0, 40], id="latest"),
        pytest.param(lambda part: part.position - 20, [30, 0, 20], id="back"),
        pytest.param(lambda part: part.position + 1000, [100, 0, 40], id="beyond the end"),
        pytest.param(lambda _part: 3, [10, 0, 5], id="before the oldest"),
    ],
)
def test_a_goal_is_held_within_the_partition(goal: offsets.Goal, wanted: list[int]) -> None:
    assert after(goal) == wanted


def test_a_future_time_is_refused() -> None:
    with pytest.raises(Problem, match="future"):
        offsets.to_time(lambda _number, _at: 0, 2_000, 1_000)


def test_a_time_asks_each_partition() -> None:
    assert after(offsets.to_time(lambda number, at: number * 10 + at, 5, 1_000)) == [10, 0, 25]


def test_a_plan_survives_export_and_import() -> None:
    moves = offsets.plan("t", PARTS, lambda part: part.begin)
    assert offsets.plan("t", PARTS, offsets.from_csv(offsets.to_csv(moves), "t", "plan.csv")) == moves


def test_every_wrong_line_of_a_plan_is_named() -> None:
    with pytest.raises(Problems) as caught:
        offsets.from_csv("topic,partition,offset\nt,0\nu,0,1\nt,x,1\n", "t", "plan.csv")
    assert [problem.place for problem in caught.value.problems] == ["plan.csv:2", "plan.csv:3", "plan.csv:4"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("P1D", 86_400), ("PT6H", 21_600), ("P1DT30M", 88_200), ("PT45S", 45)],
)
def test_durations(text: str, seconds: int) -> None:
    assert offsets.duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "P", "PT", "1D", "P1Y", "P-1D"])
def test_no_duration(text: str) -> None:
    with pytest.raises(Problem, match="duration"):
        offsets.duration(text)


def test_exactly_one_goal_must_be_named() -> None:
    with pytest.raises(Problem, match="no goal"):
        offsets.chosen({"--a": None, "--b": None})
    with pytest.raises(Problem, match="--a, --b"):
        offsets.chosen({"--a": lambda part: part.begin, "--b": lambda part: part.end})
