"""What one process packs, another unpacks to the same values."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from chainwatch.models import Article, Measure, Precision, content_digest
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle
from chainwatch.runner.hops import compile_hops
from chainwatch.runner.packing import pack, unpack
from chainwatch.runner.pool import Failure
from chainwatch.runner.reading import NOTHING, Reading

TITLE = "某市印发《视觉智能产业链行动计划（2023—2025年）》"
TEXT = (
    "近日，某市印发《视觉智能产业链行动计划（2023—2025年）》。到2025年，全市视觉智能产业链产值突破1200亿元，"
    "培育专精特新企业80家以上。2022年，全市视觉智能产业链产值达到860亿元，同比增长11.5%。" * 3
)


@pytest.fixture(scope="module")
def reading() -> Reading:
    at = datetime(2023, 3, 1, 9, 30, tzinfo=UTC)
    article = Article(
        id="a", title=TITLE, text=TEXT, published=at, precision=Precision.MINUTE, fetched=at,
        content_digest=content_digest(TITLE, TEXT),
    )  # fmt: skip
    return compile_hops(read_bundle(rules_dir()))(article)


def test_a_reading_comes_out_as_it_went_in(reading: Reading) -> None:
    back = unpack(pack(reading))
    assert back == reading
    assert back.findings
    assert [one.to_json() for one in back.findings] == [one.to_json() for one in reading.findings]
    assert [one.model_fields_set for one in back.tags] == [set(type(one).model_fields) for one in reading.tags]
    measure = next(one for one in back.findings if isinstance(one, Measure))
    assert isinstance(measure.value, Decimal)
    assert hash(measure) == hash(next(one for one in reading.findings if isinstance(one, Measure)))


@pytest.mark.parametrize(
    "value",
    [NOTHING, Failure("TimeoutError", "took longer"), [b"1", None], {"a": Decimal("1.20")}, Measure, Precision.DAY],
)
def test_other_values_go_as_pickle_sends_them(value: object) -> None:
    assert unpack(pack(value)) == value
