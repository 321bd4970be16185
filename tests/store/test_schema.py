"""One schema: what `create` makes, what the migrations make and what the code declares are the same."""

from pathlib import Path

import pytest
from sqlalchemy import text

from chainwatch.problem import Problem
from chainwatch.store import migrate, positions, quarantine, schema
from chainwatch.store.database import Database
from chainwatch.store.positions import FencedError, Position


def test_migrations_make_what_the_code_declares(store_url: str) -> None:
    database = Database(store_url)
    assert migrate.head() == schema.REVISION
    assert [step.split()[0] for step in migrate.pending(database)] == [schema.REVISION]
    migrate.upgrade(database)
    schema.check(database)
    assert migrate.pending(database) == []
    with database.read() as connection:
        assert migrate.differences(connection) == []
    database.close()


def test_a_created_store_needs_no_migration(database: Database) -> None:
    assert migrate.pending(database) == []
    with database.read() as connection:
        assert migrate.differences(connection) == []
    schema.create(database)


@pytest.mark.parametrize(
    ("revision", "cure"),
    [pytest.param("9999", "upgrade chainwatch", id="newer"), pytest.param("0000", "db upgrade", id="older")],
)
def test_a_store_of_another_revision_is_refused(database: Database, store_url: str, revision: str, cure: str) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    with pytest.raises(Problem, match=revision) as caught:
        schema.open_store(store_url)
    assert cure in str(caught.value.cure)


def test_an_empty_store_is_refused_with_its_cure(store_url: str) -> None:
    with pytest.raises(Problem, match="empty") as caught:
        schema.open_store(store_url)
    assert caught.value.cure == "chainwatch init"


@pytest.mark.usefixtures("database")
def test_a_store_opened_for_reading_refuses_every_write(store_url: str) -> None:
    reading = schema.open_store(store_url, readonly=True)
    with pytest.raises(Problem, match="reading only"), reading.write():
        pass
    with pytest.raises(Exception, match=r"readonly|read-only"), reading.read() as connection:
        connection.execute(text("DELETE FROM positions"))
    reading.close()


def test_a_broken_file_is_a_problem_with_place_and_cure(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"no database" * 1_000)
    with pytest.raises(Problem, match="not a database"):
        schema.open_store(f"sqlite:///{path}")


def test_a_position_moves_only_under_its_epoch(database: Database) -> None:
    with database.write() as connection:
        mine = positions.take(connection, "t", "g", [0, 1])
        assert mine == {0: Position(0, 1), 1: Position(0, 1)}
        positions.advance(connection, "t", "g", {0: Position(5, 1)})
        theirs = positions.take(connection, "t", "g", [0])
        assert theirs == {0: Position(5, 2)}
        with pytest.raises(FencedError):
            positions.advance(connection, "t", "g", {0: Position(9, 1)})
        positions.advance(connection, "t", "g", {0: Position(7, 2)})
        assert positions.listed(connection, "t", "g") == {0: 7, 1: 0}


def test_attempts_are_counted_until_forgotten(database: Database) -> None:
    with database.write() as connection:
        assert [quarantine.attempt(connection, "g", "t/0@1", 1) for _ in range(3)] == [1, 2, 3]
        assert quarantine.tried(connection, "g", ["t/0@1", "t/0@2"]) == {"t/0@1": 3}
        quarantine.forget_attempts(connection, "g", ["t/0@1"])
        assert quarantine.attempt(connection, "g", "t/0@1", 1) == 1
