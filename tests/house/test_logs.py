"""Logs carry the article's id, keep Chinese readable, and never show what Apprise prints."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from chainwatch import logs


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    logs.configure("debug", "json", stream)
    yield stream
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_facts_are_fields_and_chinese_stays_readable(lines: io.StringIO) -> None:
    structlog.get_logger("chainwatch.test").info("标签", article="comos:1", count=2)
    told = json.loads(lines.getvalue())
    assert (told["event"], told["article"], told["count"], told["level"]) == ("标签", "comos:1", 2, "info")
    assert "标签" in lines.getvalue()


def test_other_libraries_log_through_the_same_door(lines: io.StringIO) -> None:
    logging.getLogger("scrapy.core").warning("slow")
    assert json.loads(lines.getvalue())["event"] == "slow"


def test_a_crawl_names_its_article_in_a_field_of_its_own(lines: io.StringIO) -> None:
    logging.getLogger("crawlers.pipelines").info("published %s", "a1", extra={"article": "a1", "crawler": object()})
    told = json.loads(lines.getvalue())
    assert (told["event"], told["article"]) == ("published a1", "a1")
    assert "crawler" not in told


def test_apprise_is_cut_off(lines: io.StringIO) -> None:
    logging.getLogger("apprise").warning("token canary-4711")
    assert lines.getvalue() == ""


def test_a_chatty_client_is_heard_once_a_minute_in_each_form() -> None:
    def heard(name: str, form: str, at: float) -> bool:
        record = logging.LogRecord(name, logging.WARNING, "", 0, form, ("broker",), None)
        record.created = at
        return seldom.filter(record)

    seldom = logs.Seldom()
    told = [heard("kafka.net.manager", "no %s", at) for at in (100.0, 101.0, 159.0, 160.0, 161.0)]
    assert told == [True, False, False, True, False]
    assert heard("kafka.net.manager", "another %s", 101.0)
    assert heard("kafka.net.connection", "no %s", 101.0)
    assert heard("chainwatch.runner", "no %s", 101.0)
    assert heard("chainwatch.runner", "no %s", 101.0)
