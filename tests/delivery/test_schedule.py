"""When a message may go, by tables."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from chainwatch.models import SHANGHAI
from chainwatch.models.schedule import Schedule

QUIET = ("22:00", "07:00")


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-{text}").replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("schedule", "now", "due"),
    [
        pytest.param(Schedule(), "20T10:00", "20T10:00", id="at-once"),
        pytest.param(Schedule(every="hour", at="00:15"), "20T10:00", "20T10:15", id="this-hour"),
        pytest.param(Schedule(every="hour", at="00:15"), "20T10:15", "20T11:15", id="next-hour"),
        pytest.param(Schedule(every="day", at="08:00"), "20T07:59", "20T08:00", id="today"),
        pytest.param(Schedule(every="day", at="08:00"), "20T08:00", "21T08:00", id="tomorrow"),
        pytest.param(Schedule(every="week", at="08:00", weekday=1), "20T10:00", "23T08:00", id="next-monday"),
        pytest.param(Schedule(every="week", at="08:00", weekday=5), "20T10:00", "27T08:00", id="next-friday"),
        pytest.param(Schedule(every="week", at="18:00", weekday=5), "20T10:00", "20T18:00", id="this-friday"),
        pytest.param(Schedule(quiet=QUIET), "20T21:59", "20T21:59", id="before-quiet"),
        pytest.param(Schedule(quiet=QUIET), "20T22:00", "21T07:00", id="quiet-evening"),
        pytest.param(Schedule(quiet=QUIET), "20T06:59", "20T07:00", id="quiet-morning"),
        pytest.param(Schedule(quiet=QUIET), "20T07:00", "20T07:00", id="after-quiet"),
        pytest.param(Schedule(quiet=("12:00", "14:00")), "20T12:30", "20T14:00", id="quiet-noon"),
        pytest.param(Schedule(working_days=True), "20T10:00", "20T10:00", id="a-friday"),
        pytest.param(Schedule(working_days=True), "21T10:00", "23T00:00", id="a-saturday"),
        pytest.param(Schedule(working_days=True, quiet=QUIET), "20T23:00", "23T07:00", id="friday-night"),
        pytest.param(
            Schedule(every="day", at="08:00", working_days=True), "20T10:00", "23T08:00", id="digest-after-weekend"
        ),
        pytest.param(
            Schedule(every="day", at="06:00", quiet=QUIET), "20T10:00", "21T07:00", id="digest-in-quiet-hours"
        ),
        pytest.param(
            Schedule(every="day", at="08:00", timezone="Europe/Berlin"), "20T10:00", "20T15:00", id="elsewhere"
        ),
    ],
)
def test_due(schedule: Schedule, now: str, due: str) -> None:
    assert schedule.due(at(now)) == at(due)


def test_due_is_never_in_the_past_and_is_stable() -> None:
    schedule = Schedule(quiet=QUIET, working_days=True, timezone="Europe/Berlin")
    for hour in range(24 * 14):
        now = datetime(2026, 10, 20 + hour // 24 % 11, hour % 24, 30, tzinfo=ZoneInfo("UTC"))
        due = schedule.due(now)
        assert due >= now
        assert schedule.due(due) == due


@pytest.mark.parametrize(
    "values",
    [
        {"at": "24:00"}, {"at": "8:00"}, {"weekday": 0}, {"timezone": "Mars/Olympus"}, {"quiet": ("22:00", "22:00")},
        {"every": "minute"}, {"quiet": ("22:00", "25:00")},
    ],
)  # fmt: skip
def test_a_wrong_schedule_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Schedule.model_validate(values)
