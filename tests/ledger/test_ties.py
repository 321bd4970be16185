"""Ties meet where the keys of the ledger meet."""

from itertools import combinations_with_replacement

import pytest

from chainwatch.models import Article, Measure, State
from chainwatch.models.finding import Finding
from chainwatch.models.ledger import ACTUAL
from consumers.compare import needs
from consumers.ledger.claim import bare_fact, when
from consumers.ledger.ties import Keys, Ties, ties
from tests.ledger.saying import article, measure, policy, role

TEXT = "市工业和信息化部门今天介绍了全市先进制造业的最新进展，并就下一阶段的工作作出部署。" * 4
MEASURES = [
    measure("储能", 100),
    measure("储能产业", 200),
    measure("储能", 100, region=None),
    measure("储能", 100, region="浙江"),
    measure("储能", 100, deadline="2027"),
    measure("储能", 100, kind="commitment"),
    measure("储能", 100, kind="commitment", flow="new"),
    measure("储能", 100, kind="commitment", cap_per_item=True),
    measure("储能", 100, kind="actual", as_of="2024"),
    measure("储能", 100, kind="actual", as_of=None),
    measure("储能", 100, metric="产值"),
    measure("储能", 100, metric="占比", unit="%", base="全市"),
    measure("储能", 100, metric="占比", unit="%", base="全省"),
    measure("储能", 100, metric="数量", unit="家"),
    measure("储能", 100, scope="核心"),
    measure("储能", 100, per_year=True),
    measure("储能", 100, node="hz5/绿色能源/储能"),
    measure("光伏", 100),
]


def of(*findings: Finding, day: str = "2023-03-01", text: str = "短。") -> Ties:
    return ties(article("", day, text=text), findings)


def meet(one: Keys, other: Keys) -> bool:
    return not set(one).isdisjoint(other)


@pytest.mark.parametrize("pair", list(combinations_with_replacement(MEASURES, 2)), ids=lambda _pair: "")
def test_what_is_told_and_lines_meet_where_those_of_the_facts_do(pair: tuple[Measure, Measure]) -> None:
    page = article("", "2023-03-01")
    one, other = (bare_fact(each, when(page, each)) for each in pair)
    mine, its = (ties(page, [each]) for each in pair)
    results = one.kind == other.kind == ACTUAL and one.line == other.line
    assert meet(mine.told, its.told) == (one.stem == other.stem or results)
    assert meet(mine.rows, its.rows) == (one.line == other.line)


POLICIES = [
    policy("储能产业发展办法"),
    policy("杭州市储能产业发展办法", number="杭政办〔2023〕3号"),
    policy("关于印发光伏规划的通知", number="杭政办〔2023〕3号"),
    policy("工作要点", issuer="市经信局"),
    policy("工作要点", issuer="市发改委"),
]


@pytest.mark.parametrize("pair", list(combinations_with_replacement(POLICIES, 2)), ids=lambda _pair: "")
def test_cards_meet_where_their_marks_do(pair: tuple[Finding, Finding]) -> None:
    page = article("", "2023-03-01")
    (one,), (other,) = (ties(page, [each]).cards for each in pair)
    marks = [needs(page, (), [each]).marks for each in pair]
    assert meet(one, other) == (not marks[0].isdisjoint(marks[1]))


def test_roles_meet_where_one_is_named_again() -> None:
    assert meet(of(role("某公司", "储能")).rows, of(role("某公司", "储能"), measure("光伏", 1)).rows)
    assert not meet(of(role("某公司", "储能")).rows, of(role("某公司", "光伏")).rows)


@pytest.mark.parametrize("day", ["2023-03-02", "2023-04-20"])
def test_like_texts_meet_whenever_they_were_published(day: str) -> None:
    assert meet(of(text=TEXT).rows, of(text=TEXT + "完。", day=day).rows)
    assert not meet(of(text=TEXT).rows, of(text="今日天气晴好，适合出门散步。" * 12, day=day).rows)


def withdrawn(page: Article) -> Article:
    return page.model_copy(update={"state": State.WITHDRAWN})


def test_a_withdrawn_article_shares_its_page_alone() -> None:
    page = article("a", "2023-03-01", text=TEXT)
    said: list[Finding] = [measure("储能", 100), policy("储能产业发展办法"), role("某公司", "储能")]
    gone = ties(withdrawn(page), said)
    assert gone.page == ties(page, said).page
    assert [len(keys) for keys in (gone.told, gone.cards, gone.rows)] == [0, 0, 0]
