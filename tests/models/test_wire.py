"""The wire format: exact numbers, one spelling, unknown fields refused."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from pydantic import ValidationError

from chainwatch.models import (
    FINDING,
    Article,
    Measure,
    State,
    article_id,
    canonical_decimal,
    content_digest,
    from_timestamp_ms,
    to_timestamp_ms,
)


def an_article(**changes: Any) -> Article:
    values: dict[str, Any] = {
        "id": "comos:abc",
        "title": "标题",
        "text": "正文",
        "fetched": datetime(2026, 11, 20, 1, 15, tzinfo=UTC),
        "content_digest": content_digest("标题", "正文"),
    }
    return Article(**(values | changes))


@pytest.mark.parametrize(
    ("number", "spelling"),
    [
        ("1.20E+12", "1200000000000"),
        ("0.10", "0.1"),
        ("-0", "0"),
        ("100", "100"),
        ("8.50", "8.5"),
        ("-3.00", "-3"),
    ],
)
def test_a_number_has_one_spelling(number: str, spelling: str) -> None:
    assert canonical_decimal(Decimal(number)) == spelling


def test_an_infinite_number_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        canonical_decimal(Decimal("NaN"))


def test_a_float_is_no_number_on_the_wire() -> None:
    measure = {
        "kind": "target", "quote": "1万亿元", "sentence": "到2030年突破1万亿元。", "sentence_span": [0, 15], "pattern": "p/1",
        "confidence": "0.9", "subject": "智能物联", "metric": "规模", "comparator": "gt", "value": 1e12, "unit": "元", "value_span": [8, 12],
    }  # fmt: skip
    with pytest.raises(ValidationError, match="never as floats"):
        FINDING.validate_python(measure)
    read = FINDING.validate_python(measure | {"value": "1000000000000"})
    assert isinstance(read, Measure)
    assert read.value == Decimal(10**12)


def test_a_record_survives_the_wire() -> None:
    article = an_article()
    assert Article.from_json(article.to_json()) == article


def test_times_are_written_in_shanghai() -> None:
    assert orjson.loads(an_article().to_json())["fetched"] == "2026-11-20T09:15:00+08:00"


def test_an_unknown_field_is_refused() -> None:
    record = orjson.loads(an_article().to_json()) | {"colour": "red"}
    with pytest.raises(ValidationError, match="colour"):
        Article.from_json(orjson.dumps(record))


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValidationError, match="fetched"):
        an_article(fetched=datetime(2026, 11, 20))  # noqa: DTZ001  the point of the test


def test_white_space_makes_no_new_revision_but_a_withdrawal_does() -> None:
    assert content_digest("标题", "一 二\n三") == content_digest("标题 ", "一  二 三")
    assert content_digest("标题", "正文") != content_digest("标题", "正文", State.WITHDRAWN)


def test_the_id_follows_document_id_then_address_then_text() -> None:
    assert article_id(document_id="comos:1", canonical_url="http://a/") == "comos:1"
    assert article_id(canonical_url="http://a/").startswith("url:")
    assert article_id(title="标题", published="2026", text="正文").startswith("text:")


def test_moments_and_milliseconds_are_inverse() -> None:
    moment = datetime(2026, 11, 20, 9, 15, 0, 123000, tzinfo=UTC)
    assert from_timestamp_ms(to_timestamp_ms(moment)) == moment


def test_an_unknown_part_is_an_error() -> None:
    with pytest.raises(KeyError):
        an_article().part("attachment:none")
