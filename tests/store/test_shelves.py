"""Rows of one subject lie together, subjects in the order in which they came; every key is found all the same."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from chainwatch.models.ledger import Changes, Claim, Fact, Value, echo_of
from chainwatch.problem import Problem
from chainwatch.store import ledger, ledgerview, schema, shelves
from chainwatch.store.database import Database
from chainwatch.store.ledger import fact_values, facts
from consumers.ledger.claim import fact_of

FRAME = 4096 + 24
"""Bytes of a page in SQLite's log."""
FIRST = "00000000000001|0|8|a|1|text|00000000"
"""Place of a statement among all."""


def _fact(subject: str, when: str = "2025", kind: str = "target") -> Fact:
    words = {"metric": "产值", "base": "", "scope": "", "flow": "", "unit": "元"}
    return fact_of(kind, when, region="杭州", subject=subject, per_year=False, **words)


def _said(some: Iterable[Fact]) -> Changes:
    told = list(some)
    values = [Value(fact.key, "1", ("", FIRST, "", ""), "=", False, FIRST, echo_of(fact, "1")) for fact in told]
    claims = [
        Claim(f"told {place:06d}", fact.key, "1", fact.kind, FIRST, 1, "=", False, False, "", "", "", "", fact.key, "1")
        for place, fact in enumerate(told)
    ]
    return Changes(facts=tuple(told), values=tuple(values), claims=tuple(claims))


def test_shelves_are_numbered_as_their_subjects_come_whatever_their_digits(database: Database) -> None:
    subjects = [f"储能{number}" for number in range(20)]
    for subject in subjects:
        with database.write() as connection:
            ledger.apply(connection, _said([_fact(subject), _fact(subject, "2030")]))
    with database.read() as connection:
        rows = connection.execute(select(facts.c.subject, facts.c.shelf).distinct().order_by(facts.c.shelf)).all()
        assert [row.subject for row in rows] == subjects
        of_values = connection.execute(select(fact_values.c.shelf, func.count()).group_by(fact_values.c.shelf)).all()
        assert {count for _, count in of_values} == {2}


def test_rows_are_found_by_key_by_line_by_echo_and_by_subject(database: Database) -> None:
    aim, result, other = _fact("储能"), _fact("储能", "2022", "actual"), _fact("氢能")
    with database.write() as connection:
        ledger.apply(connection, _said([aim, result, other]))
        assert ledger.of_facts(connection, [other.key, aim.key, "fact:unknown"]) == sorted(
            [aim, other], key=lambda fact: fact.key
        )
        assert ledgerview.of_lines(connection, [aim.line]) == {aim.line: [result, aim]}
        assert [one.fact for one in ledgerview.values_of(connection, [result.key])] == [result.key]
        echo = select(fact_values.c.fact).where(shelves.of_keys(fact_values, "echo", [echo_of(other, "1")]))
        assert connection.execute(echo).scalars().all() == [other.key]
        assert ledgerview.beside(connection, ["储能"], []) == [aim]
        assert [claim.fact for claim in ledger.witnesses(connection, [aim.key])] == [aim.key]
        connection.execute(delete(facts).where(shelves.of_keys(facts, "key", [aim.key])))
        assert ledger.of_facts(connection, [aim.key, result.key]) == [result]


@pytest.mark.parametrize("length", [len("fact:"), len("fact:ab"), len("fact:abcdef0"), None])
def test_a_fact_is_found_by_any_beginning_of_its_key(database: Database, length: int | None) -> None:
    fact = _fact("储能")
    with database.write() as connection:
        ledger.apply(connection, _said([fact]))
        assert ledgerview.get(connection, fact.key[:length]) == fact
        with pytest.raises(Problem, match="no such fact"):
            ledgerview.get(connection, f"{fact.key[:-1]}~")


def test_two_subjects_with_the_same_digits_share_a_shelf(database: Database) -> None:
    one, other = f"fact:{'ab12cd' + '0' * 14}", f"fact:{'ab12cd' + '1' * 14}"
    with database.write() as connection:
        assert shelves.numbered(connection, [one, other]) == shelves.numbered(connection, [f"line:{other[5:]}"])


def _written(folder: Path, earlier: int) -> int:
    """Pages written to tell of a hundred subjects once more that were told of last, after so many others."""
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'store.db'}")
    schema.create(database)
    subjects = [f"储能{number}" for number in range(earlier + 100)]
    with database.write() as connection:
        ledger.apply(connection, _said(map(_fact, subjects)))
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    with database.write() as connection:
        ledger.apply(connection, _said(_fact(subject, "2030") for subject in subjects[-100:]))
    pages = (folder / "store.db-wal").stat().st_size // FRAME
    database.close()
    return pages


def test_todays_subjects_lie_side_by_side_however_many_came_before(tmp_path: Path) -> None:
    few, many = _written(tmp_path / "few", 400), _written(tmp_path / "many", 8_000)
    assert many < 1.25 * few
