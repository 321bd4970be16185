"""A page that goes back to an earlier text: the ledger says what the page says now, in whatever order it was heard of."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from chainwatch.models import Article, Finding, State
from chainwatch.runner.reading import Reading
from chainwatch.store import clusters, findings, ledger, ledgerview, policies
from chainwatch.store.shelves import content
from consumers.compare import needs
from tests.ledger.book import kinds
from tests.ledger.home import Home
from tests.ledger.saying import article, measure, policy, role

LONG = "园区管委会走访了一批视觉检测项目，梳理出储能电站的并网方案，推动了工业互联网平台建设，从而降低物流成本。" * 3
FIRST = (measure("储能", 10**11), policy("杭州市储能产业行动方案"), role("某光电公司", "视觉智能"))
SECOND = (measure("储能", 8 * 10**10), measure("光伏", 10**10, at=40))


def _told(text: str, fetched: str, *said: Finding, **more: Any) -> tuple[Article, Reading]:
    one = article("a", "2023-03-01", text=text, fetched=fetched, **more)
    return one, Reading.of(one, (), said, needs(one, (), said))


A1 = _told(LONG, "2023-03-01", *FIRST)
B = _told(LONG + "更正。", "2023-03-02", *SECOND)
A2 = _told(LONG, "2023-03-03", *FIRST)
GONE = _told(LONG, "2023-03-04", state=State.WITHDRAWN)
A3 = _told(LONG, "2023-03-05", *FIRST)


def _held(home: Home) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of the ledger."""
    tables = (
        ledger.facts,
        ledger.fact_values,
        ledger.claims,
        ledger.readings,
        ledger.roles,
        policies.cards,
        policies.policies,
    )
    with home.database.read() as connection:
        held = {
            table.name: sorted(tuple(row) for row in connection.execute(select(*content(table)))) for table in tables
        }
        signed = clusters.signatures
        rows = connection.execute(select(signed.c.article, signed.c.bands, signed.c.cluster))
        return held | {"signatures": sorted(tuple(row) for row in rows)}


def _home(folder: Path) -> Home:
    folder.mkdir(parents=True, exist_ok=True)
    return Home(folder)


def test_each_turn_withdraws_what_the_text_before_said(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.tell(A1)
    before = _held(home)
    assert sorted(kinds(home.tell(B)["a"])) == ["article.revised", "target.lowered", "target.new"]
    assert sorted(kinds(home.tell(A2)["a"])) == ["article.revised", "target.raised"]
    after = _held(home)
    assert [row[:2] for row in before.pop("readings")] == [row[:2] for row in after.pop("readings")]
    assert after == before


@pytest.mark.parametrize("cuts", [(), (2,), (1, 2)], ids=str)
def test_any_order_in_any_batches_ends_in_one_ledger(tmp_path: Path, cuts: tuple[int, ...]) -> None:
    expected = None
    for number, order in enumerate(permutations((A1, B, A2))):
        home = _home(tmp_path / str(number))
        for begin, end in zip((0, *cuts), (*cuts, 3), strict=True):
            home.tell(*order[begin:end])
        held = _held(home)
        expected = expected or held
        assert held == expected
        home.database.close()
    assert expected is not None
    assert [row[0] for row in expected["readings"]] == ["a"]
    assert len(expected["facts"]) == 1


def test_a_withdrawn_page_that_comes_back_states_again(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.tell(A1)
    before = _held(home)
    assert kinds(home.tell(GONE)["a"]) == ["article.withdrawn"]
    assert [name for name, rows in _held(home).items() if rows and name != "readings"] == []
    home.tell(A3)
    assert _held(home)["facts"] == before["facts"]


def test_the_evidence_is_that_of_the_text_that_stands(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for one in (A1, B, A2):
        home.tell(one)
    with home.database.read() as connection:
        (fact,) = ledgerview.listed(connection, ledgerview.Filter(), 9)
        (said,) = ledgerview.said_of(connection, [fact.key])
        stored = findings.get(connection, said.claim.finding)
    assert said.evidence is not None
    assert stored is not None
    assert (stored[1], said.evidence.revision) == (1, A1[0].content_digest)


def test_the_same_text_fetched_again_is_nothing_but_newer(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.tell(A1)
    assert home.tell(A2) == {"a": []}
    assert home.tell(B) == {"a": []}
    with home.database.read() as connection:
        assert [fact.value for fact in ledgerview.listed(connection, ledgerview.Filter(), 9)] == ["100000000000"]
