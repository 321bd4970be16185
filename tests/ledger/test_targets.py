"""When an aim is new, changed or merely said again: one table of conditions, and progress against the clock."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chainwatch.models import SHANGHAI, Finding, State
from chainwatch.models.known import Known
from chainwatch.models.ledger import Fact
from consumers.compare import tick
from consumers.ledger.fold import same
from consumers.ledger.key import period_end_ms, subject_key
from consumers.ledger.progress import progress
from tests.ledger.book import Memory, kinds
from tests.ledger.saying import article, measure

YI = 10**8


def _then(
    first: Finding, second: Finding, *, before: str = "2022-05-01", on: str = "2022-08-01", **more: Any
) -> list[str]:
    """The events of the second article, a first one being known."""
    book = Memory()
    book.tell(article(published=before), first)
    return kinds(book.tell(article(published=on, **more), second))


def _aim(yi: int = 1000, **more: Any) -> Finding:
    return measure("储能", yi * YI, **more)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        pytest.param(_aim(), _aim(), ["target.restated"], id="again"),
        pytest.param(_aim(12000), measure("储能", "1.2e12"), ["target.restated"], id="other spelling"),
        pytest.param(_aim(comparator="gt"), _aim(comparator="ge"), ["target.restated"], id="beyond and at least"),
        pytest.param(_aim(), _aim(1500), ["target.raised"], id="higher"),
        pytest.param(_aim(), _aim(800), ["target.lowered"], id="lower"),
        pytest.param(_aim(), _aim(800, recap=True), [], id="a recap never lowers"),
        pytest.param(_aim(1500), _aim(1000, level=True), ["target.restated"], id="a level restates"),
        pytest.param(_aim(1500), _aim(10000, level=True), [], id="a level never raises"),
        pytest.param(_aim(1000, level=True), _aim(1500), ["target.restated"], id="exact after a level"),
        pytest.param(_aim(1000, level=True), _aim(15000), ["target.raised"], id="beyond a level"),
        pytest.param(_aim(), _aim(scope="核心"), ["target.new"], id="another scope"),
        pytest.param(_aim(), _aim(metric="产值"), ["target.new"], id="another metric"),
        pytest.param(_aim(), _aim(region="浙江"), ["target.new"], id="the province beside"),
        pytest.param(_aim(), _aim(region=None), ["target.restated"], id="no region named"),
        pytest.param(_aim(region=None), _aim(), ["target.restated"], id="region named later"),
        pytest.param(_aim(), _aim(deadline="2027"), ["target.new"], id="another year is another aim"),
        pytest.param(_aim(), _aim(deadline="2025-12-31"), ["target.restated"], id="the year's last day"),
        pytest.param(_aim(), _aim(deadline="2024", sentence="提前到2024年"), ["target.advanced"], id="brought forward"),
        pytest.param(_aim(), _aim(deadline="2027", sentence="推迟至2027年"), ["target.postponed"], id="put off"),
        pytest.param(
            _aim(per_year=True), _aim(per_year=True, deadline="2027", sentence="推迟至2027年"), ["target.new"], id="yearly aims are not put off"
        ),
        pytest.param(_aim(), _aim(deadline="2021"), [], id="past deadline is not new"),
        pytest.param(_aim(), measure("光伏", 10**11, recap=True), [], id="recap is not new"),
        pytest.param(
            measure("储能", 6, metric="增速", unit="%"), measure("储能", 6, metric="增速", unit="%", deadline="2026", sentence="调整为"), ["target.new"], id="growth is not moved"
        ),
        pytest.param(measure("未来工厂", 100, metric="数量", unit="家"), measure("未来工厂企业", 100, metric="数量", unit="个"), ["target.restated"], id="measure words"),
    ],
)  # fmt: skip
def test_what_a_second_article_means(first: Finding, second: Finding, expected: list[str]) -> None:
    assert _then(first, second) == expected


def test_a_medium_does_not_overrule_the_authority_nor_the_document() -> None:
    book = Memory()
    book.tell(article(published="2022-05-01", source="杭州市人民政府"), _aim())
    assert kinds(book.tell(article(published="2022-06-01"), _aim(1500))) == []
    assert kinds(book.tell(article(published="2022-07-01", source="杭州市经济和信息化局"), _aim(1500))) == [
        "target.raised"
    ]


def test_a_value_that_was_current_before_is_no_change() -> None:
    book = Memory()
    book.tell(article(published="2022-05-01"), _aim())
    book.tell(article(published="2022-06-01"), _aim(1500))
    assert kinds(book.tell(article(published="2022-07-01"), _aim())) == []


def test_more_than_five_new_aims_are_one_bundle() -> None:
    subjects = ("储能", "光伏", "风电", "膜材料", "药品", "机器人")
    book = Memory()
    events = book.tell(article("big"), *(measure(name, YI, at=30 * place) for place, name in enumerate(subjects)))
    assert {event.bundle for event in events} == {"bundle:big"}
    few = book.tell(article(), *(measure(f"{name}乙", YI, at=30 * place) for place, name in enumerate(subjects[:5])))
    assert {event.bundle for event in few} == {None}


def test_an_article_without_a_time_never_changes_anything() -> None:
    assert _then(_aim(), _aim(2000), on="") == []


def test_late_evidence_is_routed_again_under_the_same_event() -> None:
    book = Memory()
    (first,) = book.tell(article(published="2022-05-01"), _aim())
    changes = book.changes(article(published="2022-05-02"), _aim(issuer="杭州市人民政府"))
    assert [(event.id, event.issuers) for event in changes.again] == [(first.id, ("杭州市人民政府",))]


def test_a_revised_figure_is_a_change_and_a_withdrawal_is_told() -> None:
    book = Memory()
    book.tell(article("a", text="一"), _aim())
    assert kinds(book.tell(article("a", text="二", fetched="2023-03-02"), _aim(900))) == [
        "article.revised",
        "target.lowered",
    ]
    gone = article("a", text="二", fetched="2023-03-03", state=State.WITHDRAWN)
    assert kinds(book.tell(gone, _aim(900))) == ["article.withdrawn"]
    assert book.known.facts == {}


def test_a_commitment_is_new_once_and_changes() -> None:
    book = Memory()
    fund: dict[str, Any] = {"kind": "commitment", "metric": "金额"}
    assert kinds(book.tell(article(published="2023-01-01"), measure("产业基金", 30 * YI, **fund))) == ["commitment.new"]
    assert kinds(book.tell(article(published="2023-01-02"), measure("产业基金", 30 * YI, **fund))) == []
    assert kinds(book.tell(article(published="2023-01-03"), measure("产业基金", 50 * YI, **fund))) == [
        "commitment.changed"
    ]


@pytest.mark.parametrize(
    ("left", "right", "one"),
    [
        ("1200000000000", "1200000000000", True),
        ("781200000000", "780000000000", True),
        ("2487", "2500", True),
        ("2500", "2600", False),
        ("1200000000000", "1000000000000", False),
        ("27", "27.4", True),
        ("5", "6", False),
        ("8~10", "8~12", False),
        ("0", "1", False),
    ],
)
def test_rounded_results_are_one(left: str, right: str, one: bool) -> None:
    assert (same("actual", left, right), same("actual", right, left)) == (one, one)


@pytest.mark.parametrize(
    ("subject", "node", "region", "key"),
    [
        ("智能物联产业生态圈", None, "杭州", "智能物联"),
        ("杭州市智能物联产业", None, "杭州", "智能物联"),
        ("智能物联", "hz5/智能物联", "杭州", "智能物联"),
        ("数字安防产业链", "hz9/视觉智能", "杭州", "视觉智能"),
        ("省级“专精特新”中小企业", None, "浙江", "省级专精特新"),
        ("全市规上工业", None, "杭州", "规上工业"),
        ("规上企业", None, "杭州", "规上企业"),
        ("规上工业企业", None, "杭州", "规上工业"),
        ("将高端装备产业", None, "杭州", "高端装备"),
        ("有色金属产业", None, "", "有色金属"),
        ("市场主体", None, "杭州", "市场主体"),
    ],
)
def test_subjects_go_by_one_name(subject: str, node: str | None, region: str, key: str) -> None:
    assert subject_key(subject, node, region, "") == key


def _line(aim: Finding, *results: tuple[str, int], told: str = "2022-05-01", **more: Any) -> tuple[Fact, list[Fact]]:
    book = Memory()
    book.tell(article(published=told), aim)
    for period, yi in results:
        book.tell(article(published="2024-06-01"), measure("储能", yi * YI, kind="actual", as_of=period, **more))
    facts = list(book.known.facts.values())
    return next(fact for fact in facts if fact.kind == "target"), facts


@pytest.mark.parametrize(
    ("results", "now", "state", "percent"),
    [
        pytest.param([], "2024-06-01", "open", "", id="nothing known"),
        pytest.param([("2022", 780)], "2024-06-01", "open", "78 %", id="one result gives no verdict"),
        pytest.param([("2021", 400), ("2023", 700)], "2024-06-01", "on track", "70 %", id="on the straight line"),
        pytest.param([("2021", 400), ("2023", 690)], "2024-06-01", "on track", "69 %", id="within the margin"),
        pytest.param([("2021", 400), ("2023", 600)], "2024-06-01", "lagging", "60 %", id="behind"),
        pytest.param([("2023", 1000)], "2024-06-01", "met", "100 %", id="met early"),
        pytest.param([("2024", 900)], "2025-12-31", "open", "90 %", id="the last day is not over"),
        pytest.param([("2024", 900)], "2026-01-01", "lagging", "90 %", id="deadline passed unmet"),
        pytest.param([("2025", 1100)], "2026-03-01", "met", "110 %", id="met"),
    ],
)
def test_progress(results: list[tuple[str, int]], now: str, state: str, percent: str) -> None:
    target, line = _line(_aim(), *results)
    at = int(datetime.fromisoformat(now).replace(tzinfo=SHANGHAI).timestamp() * 1000)
    found = progress(target, line, at)
    assert (found.state, found.percent) == (state, percent)


def test_part_of_a_year_is_no_measure_of_a_yearly_figure() -> None:
    target, line = _line(_aim(metric="增加值"), ("2022-09", 700), metric="增加值")
    assert progress(target, line, period_end_ms("2023")).state == "open"


def test_results_tell_progress_met_and_lag_once() -> None:
    book = Memory()
    book.tell(article(published="2022-05-01"), _aim())

    def told(period: str, yi: int, on: str) -> list[str]:
        return kinds(book.tell(article(published=on), measure("储能", yi * YI, kind="actual", as_of=period)))

    assert told("2021", 400, "2022-06-01") == ["target.progress"]
    assert told("2023", 500, "2024-02-01") == ["target.progress", "target.lagging"]
    assert told("2022", 450, "2024-02-02") == []
    assert told("2024", 1000, "2025-02-01") == ["target.progress", "target.met"]
    assert told("2024", 1000, "2025-02-02") == []


def test_an_older_count_repeated_later_is_no_fall() -> None:
    book = Memory()
    book.tell(article(published="2022-05-01"), measure("未来工厂", 20, metric="数量", unit="家"))
    book.tell(
        article(published="2022-12-20"),
        measure("未来工厂", 14, kind="actual", metric="数量", unit="家", as_of="2022-12"),
    )
    again = measure("未来工厂", 11, kind="actual", metric="数量", unit="家", as_of=None)
    assert "target.lagging" not in kinds(book.tell(article(published="2023-03-01"), again))
    aim = next(fact for fact in book.known.facts.values() if fact.kind == "target")
    found = progress(aim, list(book.known.facts.values()), period_end_ms("2023"))
    assert found.actual is not None
    assert found.actual.value == "14"


def test_the_clock_tells_of_an_aim_whose_deadline_passed_unmet() -> None:
    target, line = _line(_aim(), ("2024", 900))
    known = Known(facts={target.key: target}, lines={target.line: {fact.key: fact for fact in line}})
    now = datetime(2026, 1, 2, tzinfo=SHANGHAI)
    (event,) = tick(known, {}, now, timedelta(days=3))
    assert (event.kind.value, event.after["reason"], event.after["progress"], event.silent) == (
        "target.lagging", "unmet at deadline", "90 %", False,
    )  # fmt: skip
    (late,) = tick(known, {}, now + timedelta(days=300), timedelta(days=3))
    assert (late.id, late.silent) == (event.id, True)


def test_the_straight_line_is_exact() -> None:
    target, line = _line(_aim(), ("2021", 400), ("2023", 700))
    found = progress(target, line, period_end_ms("2024"))
    assert found.expected is not None
    assert abs(found.expected - 700 * YI) < Decimal("0.001") * 700 * YI


@pytest.mark.parametrize(
    ("written", "real"), [("2023-02-31", "2023-02-28"), ("2023-11-31", "2023-11-30"), ("2023-14", "2023-12")]
)
def test_a_day_beyond_its_month_is_the_last_of_it(written: str, real: str) -> None:
    assert period_end_ms(written) == period_end_ms(real)
