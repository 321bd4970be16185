"""When a source is due, as values."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chainwatch.models import SHANGHAI, to_timestamp_ms
from chainwatch.schedule import due_sources, is_quiet, next_due
from chainwatch.store.sources import SourceStatus
from crawlers.source import Source

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=SHANGHAI)


def source(name: str = "one", **more: Any) -> Source:
    listing = {"kind": "feed", "urls": ["http://a.example/rss"]}
    return Source.model_validate({"name": name, "title": name, "list": listing, "schedule": "*/30 * * * *", **more})


def started(minutes_ago: float, **more: Any) -> SourceStatus:
    return SourceStatus("one", last_started_ms=to_timestamp_ms(NOON - timedelta(minutes=minutes_ago)), **more)


@pytest.mark.parametrize(
    ("one", "status", "due"),
    [
        pytest.param(source(), SourceStatus("one"), NOON, id="never crawled: at once"),
        pytest.param(source(), started(10), NOON, id="its minute has come"),
        pytest.param(source(), started(0), NOON + timedelta(minutes=30), id="just started"),
        pytest.param(source(), started(300), NOON - timedelta(hours=4, minutes=30), id="overdue"),
        pytest.param(source(), started(10, paused="works"), None, id="paused"),
        pytest.param(source(enabled=False), SourceStatus("one"), None, id="switched off"),
        pytest.param(
            source(),
            started(40, not_before_ms=to_timestamp_ms(NOON + timedelta(hours=2))),
            NOON + timedelta(hours=2),
            id="breaker",
        ),
        pytest.param(
            source(quiet_hours="11:00-13:30"), SourceStatus("one"), NOON + timedelta(minutes=90), id="quiet hours"
        ),
    ],
)
def test_a_source_is_due(one: Source, status: SourceStatus, due: datetime | None) -> None:
    assert next_due(one, status, NOON) == due


def test_the_longest_waiting_goes_first() -> None:
    known = {"b": started(300), "a": started(90), "c": started(1)}
    ready = due_sources([source("aa"), source("bb")], {"aa": known["a"], "bb": known["b"]}, NOON)
    assert [one.name for one in ready] == ["bb", "aa"]
    assert due_sources([source("cc")], {"cc": started(0)}, NOON) == []


@pytest.mark.parametrize(
    ("hours", "clock", "quiet"),
    [
        ("01:00-06:00", 3, True),
        ("01:00-06:00", 6, False),
        ("22:00-06:00", 23, True),
        ("22:00-06:00", 5, True),
        ("22:00-06:00", 12, False),
    ],
)
def test_quiet_hours_may_cross_midnight(hours: str, clock: int, quiet: bool) -> None:
    assert is_quiet(source(quiet_hours=hours), NOON.replace(hour=clock)) is quiet
