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
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


def test_the_article_stands_in_every_line(lines: io.StringIO) -> None:
    logs.bind(article="comos:1")
    structlog.get_logger("chainwatch.test").info("标签", count=2)
    told = json.loads(lines.getvalue())
    assert (told["event"], told["article"], told["count"], told["level"]) == ("标签", "comos:1", 2, "info")
    assert "标签" in lines.getvalue()


def test_other_libraries_log_through_the_same_door(lines: io.StringIO) -> None:
    logging.getLogger("scrapy.core").warning("slow")
    assert json.loads(lines.getvalue())["event"] == "slow"


def test_apprise_is_cut_off(lines: io.StringIO) -> None:
    logging.getLogger("apprise").warning("token canary-4711")
    assert lines.getvalue() == ""
