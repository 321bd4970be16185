"""Times as written, against the day of publication: deadlines, plan periods, relative dates."""

from datetime import date

import pytest

from consumers.extractors.lexicon import Lexicon
from consumers.extractors.times import Time, scan

PUBLISHED = date(2022, 5, 31)


def one(text: str, lexicon: Lexicon, published: date | None = PUBLISHED) -> Time:
    found = scan(text, lexicon.clock, published)
    assert found, f"no time in {text}"
    return found[0]


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("到2025年，", "2025"), ("到2025年底，", "2025"), ("至2025年末", "2025"), ("2025年年底前", "2025"), ("到2025年6月底，", "2025-06"),
        ("到2025年6月30日", "2025-06-30"), ("2030年前，", "2030"), ("到二〇三五年，", "2035"), ("力争2027年", "2027"), ("截至2023年", "2023"),
        ("直到2026年", "2026"), ("2023-2025年", "2025"), ("2023年至2025年期间", "2025"), ("2023～2025年", "2025"), ("到明年底，", "2023"),
        ("到今年底，", "2022"), ("到6月底，", "2022-06"), ("到2024年第三季度", "2024-09"), ("到2023年上半年", "2023-06"), ("2024年全年", "2024"),
        ("到本世纪中叶，", "2050"), ("到2028年度", "2028"),
    ],
)  # fmt: skip
def test_deadlines(text: str, iso: str, lexicon: Lexicon) -> None:
    assert one(text, lexicon).iso == iso


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("“十四五”末，", "2025"), ("“十四五”期间，", "2025"), ("“十四五”时期，", "2025"), ("“十四五”末期，", "2025"), ("“十五五”期间，", "2030"),
        ("“十五五”末，", "2030"), ("“十三五”期间，", "2020"), ("“十三五”末，", "2020"), ("“十二五”期间，", "2015"), ("“十二五”末，", "2015"),
        ("“十一五”期间，", "2010"), ("“十六五”期间，", "2035"), ("十四五期间，", "2025"), ("十二五末，", "2015"), ('"十四五"期间，', "2025"),
        ("‘十二五’期间，", "2015"), ("“十四五“时期，", "2025"), ("「十四五」期间，", "2025"), ("“十四五”前两年，", "2022"), ("“十三五”前三年，", "2018"),
        ("“十四五”规划期", "2025"),
    ],
)  # fmt: skip
def test_plan_periods(text: str, iso: str, lexicon: Lexicon) -> None:
    assert one(text, lexicon).iso == iso


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("今年，", "2022"), ("今年以来，", "2022"), ("去年，", "2021"), ("前年，", "2020"), ("明年，", "2023"), ("后年，", "2024"),
        ("未来三年，", "2025"), ("未来5年，", "2027"), ("今后两年，", "2024"), ("三年内，", "2025"), ("未来5-10年，", "2032"), ("目前，", "2022-05"),
        ("截至目前，", "2022-05"), ("1—4月，", "2022-04"), ("1至10月，", "2021-10"), ("前4个月，", "2022-04"), ("一季度，", "2022-03"),
        ("前三季度，", "2021-09"), ("今年一季度，", "2022-03"), ("去年上半年，", "2021-06"), ("去年7月，", "2021-07"), ("3月份，", "2022-03"),
        ("5月24日，", "2022-05-24"), ("今天（5月30日）", "2022-05-30"), ("昨日，", "2022-05-30"),
    ],
)  # fmt: skip
def test_relative_dates(text: str, iso: str, lexicon: Lexicon) -> None:
    assert one(text, lexicon).iso == iso


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2023年2月30日，", "2023-02"), ("2023年2月29日，", "2023-02"), ("2024年2月29日，", "2024-02-29"), ("2023年11月31日，", "2023-11"),
        ("今天（13月40日）", "2022"), ("今天（4月31日）", "2022-04"), ("2023年13月，", "2023"),
    ],
)  # fmt: skip
def test_days_that_no_calendar_has(text: str, iso: str, lexicon: Lexicon) -> None:
    assert one(text, lexicon).iso == iso


@pytest.mark.parametrize("text", ["比2020年增长", "较2020年提高", "与2020年相比", "比2015年下降"])
def test_a_year_to_compare_with_is_no_period(text: str, lexicon: Lexicon) -> None:
    assert one(text, lexicon).baseline


@pytest.mark.parametrize("text", ["三月期铜", "此前三个月的", "上年发电量", "15家企业", "十五家企业"])
def test_what_is_no_time(text: str, lexicon: Lexicon) -> None:
    assert scan(text, lexicon.clock, PUBLISHED) == []


def test_a_month_takes_the_year_named_before(lexicon: Lexicon) -> None:
    first, second = scan("2021年经济平稳，1—10月投资增长", lexicon.clock, PUBLISHED)
    assert (first.iso, second.iso) == ("2021", "2021-10")


def test_without_a_day_of_publication_relative_times_stay_open(lexicon: Lexicon) -> None:
    assert one("明年，", lexicon, None).iso is None
    assert one("到2025年，", lexicon, None).iso == "2025"
