"""What an editor types: read as people write it, refused where it means nothing."""

from functools import cache

import pytest

from chainwatch.cli.correction import known_metric, known_place, period_text, value_text
from chainwatch.matching.taxonomy import Taxonomy, load_taxonomy
from chainwatch.models.ledger import Fact
from chainwatch.problem import Problem
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle
from consumers.ledger.claim import bare_fact
from tests.ledger.saying import measure


@cache
def _taxonomy() -> Taxonomy:
    return load_taxonomy(read_bundle(rules_dir()))


def _fact(unit: str = "元") -> Fact:
    return bare_fact(measure("储能", 1, unit=unit), "2025")


@pytest.mark.parametrize(
    ("written", "unit", "value"),
    [
        ("1.2万亿", "元", "1200000000000"),
        ("1200000000000", "元", "1200000000000"),
        ("0.1万亿元", "元", "100000000000"),
        ("3千亿", "元", "300000000000"),
        ("3,000亿元", "元", "300000000000"),
        ("27.4%", "%", "27.4"),
        ("8~10", "%", "8~10"),
        ("150家", "家", "150"),
    ],
)
def test_amounts_are_read_as_people_write_them(written: str, unit: str, value: str) -> None:
    assert value_text(written, _fact(unit)) == value


@pytest.mark.parametrize("written", ["很多", "1.2.3亿", "", "3亿家", "1~", "百亿"])
def test_what_is_no_amount_of_the_fact_is_refused(written: str) -> None:
    with pytest.raises(Problem, match=r"no number|counted in"):
        value_text(written, _fact())


@pytest.mark.parametrize(
    ("written", "period"),
    [
        ("2027", "2027"),
        ("2027年", "2027"),
        ("2027年底", "2027"),
        ("2027-6", "2027-06"),
        ("2027年6月", "2027-06"),
        ("2027-06-30", "2027-06-30"),
    ],
)
def test_times_are_read_as_people_write_them(written: str, period: str) -> None:
    assert period_text(written) == period


@pytest.mark.parametrize("written", ["明年", "27", "2027-13", "2027-02-30", "0000", ""])
def test_what_is_no_time_is_refused(written: str) -> None:
    with pytest.raises(Problem, match="no year"):
        period_text(written)


def test_places_and_metrics_are_those_that_are_known() -> None:
    assert (known_place("杭州市", _taxonomy()), known_place("", _taxonomy()), known_metric("产值")) == (
        "杭州",
        "",
        "产值",
    )
    with pytest.raises(Problem, match="no such place"):
        known_place("火星", _taxonomy())
    with pytest.raises(Problem, match="no such metric"):
        known_metric("乱写")
