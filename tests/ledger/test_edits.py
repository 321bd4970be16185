"""Editors' decisions: applied at once, kept when articles are read again, told, journalled, and taken back."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from chainwatch import editing
from chainwatch.editing import Hand
from chainwatch.models import SHANGHAI, Event
from chainwatch.models.ledger import Fact
from chainwatch.problem import Problem
from chainwatch.store import journal, ledgerview, policies
from consumers.ledger.editing import Correction
from tests.ledger.book import Disk, kinds
from tests.ledger.saying import article, measure, policy

NOW = datetime(2024, 1, 2, tzinfo=SHANGHAI)
HAND = Hand("编辑", "原文如此", NOW)


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path)


def _facts(disk: Disk) -> dict[str, Fact]:
    with disk.database.read() as connection:
        return {
            f"{fact.subject} {fact.when} {fact.value}": fact
            for fact in ledgerview.listed(connection, ledgerview.Filter(), 99)
        }


def _correct(disk: Disk, fact: Fact, correction: Correction) -> tuple[int, Event]:
    with disk.database.write() as connection:
        edit, event = editing.correct(connection, fact.key, correction, HAND)
    return edit.number, event


def test_a_corrected_value_counts_is_told_and_survives_a_new_reading(disk: Disk) -> None:
    said = article("a", "2023-05-01", text="第一版")
    disk.tell(said, measure("储能", 10**11))
    before = disk.dump()
    (fact,) = _facts(disk).values()
    number, event = _correct(disk, fact, Correction(value="120000000000"))
    assert (event.kind.value, event.subject) == ("fact.corrected", fact.key)
    assert event.before is not None
    assert (event.before["shown"], event.after["shown"], event.after["reason"]) == (
        "1000亿元以上",
        "1200亿元以上",
        "原文如此",
    )
    assert list(_facts(disk)) == ["储能 2025 120000000000"]
    assert kinds(disk.tell(article("b", "2023-05-03"), measure("储能", 12 * 10**10))) == ["target.restated"]
    anew = article("a", "2023-05-01", text="第二版", fetched="2023-05-04")
    assert kinds(disk.tell(anew, measure("储能", 10**11))) == ["article.revised"]
    assert list(_facts(disk)) == ["储能 2025 120000000000"]
    disk.tell(article("b", "2023-05-03", text="撤", fetched="2023-05-05"))
    disk.tell(article("a", "2023-05-01", text="第一版", fetched="2023-05-06"), measure("储能", 10**11))
    with disk.database.write() as connection:
        _, back = editing.undo(connection, number, HAND)
    assert back is not None
    assert list(_facts(disk)) == ["储能 2025 100000000000"]
    assert (disk.dump()["facts"], disk.dump()["fact_values"]) == (before["facts"], before["fact_values"])


@pytest.mark.parametrize(
    ("correction", "after"),
    [
        pytest.param(Correction(year="2027"), "储能 2027 100000000000", id="year"),
        pytest.param(Correction(region="浙江"), "储能 2025 100000000000", id="region"),
        pytest.param(Correction(metric="产值"), "储能 2025 100000000000", id="metric"),
    ],
)
def test_other_fields_move_the_statements_to_another_fact(disk: Disk, correction: Correction, after: str) -> None:
    disk.tell(article("a", "2023-05-01"), measure("储能", 10**11))
    (fact,) = _facts(disk).values()
    number, _ = _correct(disk, fact, correction)
    (moved,) = _facts(disk).values()
    assert (next(iter(_facts(disk))), moved.key != fact.key) == (after, True)
    assert kinds(disk.tell(article("c", "2023-06-01"), measure("储能", 10**11))) == ["target.restated"]
    with disk.database.write() as connection:
        editing.undo(connection, number, HAND)
    assert [one.key for one in _facts(disk).values()] == [fact.key]


def test_a_target_that_is_a_result_becomes_one(disk: Disk) -> None:
    disk.tell(article("a", "2023-05-01"), measure("储能", 10**11))
    (fact,) = _facts(disk).values()
    _correct(disk, fact, Correction(kind="actual", year="2022"))
    assert _facts(disk) == {}
    with disk.database.read() as connection:
        (result,) = ledgerview.listed(connection, ledgerview.Filter(frozenset({"actual"})), 9)
    assert (result.when, result.value) == ("2022", "100000000000")


def test_merged_facts_count_together_and_part_again(disk: Disk) -> None:
    disk.tell(article("a", "2023-05-01"), measure("储能", 10**11))
    disk.tell(article("b", "2023-05-02"), measure("新型储能", 2 * 10**11))
    before = disk.dump()
    facts = _facts(disk)
    first, into = facts["储能 2025 100000000000"], facts["新型储能 2025 200000000000"]
    with disk.database.write() as connection:
        edit = editing.merge(connection, (first.key, into.key), HAND)
    (one,) = _facts(disk).values()
    assert (one.key, one.statements, one.value) == (into.key, 2, "200000000000")
    assert kinds(disk.tell(article("c", "2023-05-03"), measure("储能", 3 * 10**11))) == ["target.raised"]
    disk.tell(article("c", "2023-05-03", text="撤", fetched="2023-05-04"))
    with disk.database.write() as connection:
        editing.undo(connection, edit.number, HAND)
    after = disk.dump()
    assert (after["facts"], after["fact_values"], after["claims"]) == (
        before["facts"],
        before["fact_values"],
        before["claims"],
    )


def test_a_split_takes_one_article_out(disk: Disk) -> None:
    disk.tell(article("a", "2023-05-01"), measure("储能", 10**11))
    disk.tell(article("b", "2023-05-02"), measure("储能", 2 * 10**11))
    (fact,) = _facts(disk).values()
    with disk.database.write() as connection:
        editing.split(connection, fact.key, ["b"], HAND)
    assert sorted(_facts(disk)) == ["储能 2025 100000000000", "储能 2025 200000000000"]
    assert kinds(disk.tell(article("c", "2023-05-03"), measure("储能", 10**11))) == ["target.restated"]


def test_policies_are_merged_and_split_by_hand_only(disk: Disk) -> None:
    disk.tell(article("a", "2023-05-01"), policy("杭州市氢能产业发展行动方案"))
    disk.tell(article("b", "2023-05-02"), policy("杭州市氢能发展三年行动方案"))
    with disk.database.read() as connection:
        keys = [one.key for one in policies.listed(connection, policies.Filter(), 9)]
    assert len(keys) == 2
    with disk.database.write() as connection:
        edit = editing.merge(connection, keys, HAND)
    with disk.database.read() as connection:
        assert len(policies.listed(connection, policies.Filter(), 9)) == 1
    assert kinds(disk.tell(article("c", "2023-05-03"), policy("杭州市氢能发展三年行动方案", "in_force"))) == [
        "policy.status"
    ]
    with disk.database.write() as connection:
        editing.undo(connection, edit.number, HAND)
    with disk.database.read() as connection:
        assert len(policies.listed(connection, policies.Filter(), 9)) == 2


def test_every_decision_stands_in_the_journal(disk: Disk) -> None:
    disk.tell(article("a", "2023-05-01"), measure("储能", 10**11))
    (fact,) = _facts(disk).values()
    number, _ = _correct(disk, fact, Correction(year="2026"))
    with disk.database.write() as connection:
        editing.undo(connection, number, HAND)
        rows = connection.execute(
            select(journal.journal.c.kind, journal.journal.c.body).order_by(journal.journal.c.seq)
        )
        entries = [(row.kind, "编辑" in row.body and "原文如此" in row.body) for row in rows]
    assert entries == [("edit", True), ("edit.undone", True)]


def test_what_makes_no_sense_is_refused(disk: Disk) -> None:
    disk.tell(article("a", "2023-05-01"), measure("储能", 10**11))
    (fact,) = _facts(disk).values()
    with disk.database.write() as connection:
        for wrong in (
            lambda: editing.correct(connection, fact.key, Correction(year="2025"), HAND),
            lambda: editing.correct(connection, "fact:nothing", Correction(year="2026"), HAND),
            lambda: editing.correct(connection, fact.key, Correction(year="2026"), HAND, ["z"]),
            lambda: editing.merge(connection, (fact.key, fact.key), HAND),
            lambda: editing.split(connection, fact.key, ["a"], HAND),
            lambda: editing.split(connection, fact.key, ["z"], HAND),
            lambda: editing.undo(connection, 7, HAND),
        ):
            with pytest.raises(Problem):
                wrong()


def test_a_fact_that_was_merged_says_where_it_went(disk: Disk) -> None:
    disk.tell(article("a", "2023-05-01"), measure("储能", 10**11))
    disk.tell(article("b", "2023-05-02"), measure("光伏", 10**11))
    facts = _facts(disk)
    first, into = facts["储能 2025 100000000000"], facts["光伏 2025 100000000000"]
    with disk.database.write() as connection:
        editing.merge(connection, (first.key, into.key), HAND)
        with pytest.raises(Problem, match=f"edit 1, but for {into.key}") as caught:
            ledgerview.get(connection, first.key[:12])
    assert caught.value.cure == "chainwatch edits undo 1 takes it back"


def test_a_beginning_of_several_keys_names_them(disk: Disk) -> None:
    disk.tell(article("a", "2023-05-01"), measure("储能", 10**11), measure("光伏", 10**11, at=40))
    keys = sorted(fact.key for fact in _facts(disk).values())
    with disk.database.read() as connection, pytest.raises(Problem, match=", ".join(keys)):
        ledgerview.get(connection, "fact:")
