"""The journal is one chain; the audit names the first entry that was touched."""

from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from chainwatch import audit
from chainwatch.audit import Head
from chainwatch.problem import Problem
from chainwatch.store import journal
from chainwatch.store.database import Database


def write(database: Database, count: int) -> Head:
    with database.write() as connection:
        for n in range(count):
            last = journal.append(connection, [("article", {"编号": n})], 1_000 + n)
    assert last is not None
    return Head(last.seq, last.hash)


def rebuild(connection: Connection, seq: int) -> None:
    """Forge an entry and everything after it, with valid links."""
    entries = journal.after(connection, seq - 1, 100)
    previous = journal.after(connection, seq - 2, 1)[0].hash
    for entry in entries:
        body = '{"编号":99}' if entry.seq == seq else entry.body
        hash_ = journal.entry_hash(previous, entry.seq, entry.at_ms, entry.kind, body)
        connection.execute(
            text("UPDATE journal SET body = :b, previous = :p, hash = :h WHERE seq = :s"),
            {"b": body, "p": previous, "h": hash_, "s": entry.seq},
        )
        previous = hash_


def test_a_whole_chain_is_found_whole(database: Database) -> None:
    head = write(database, 20)
    verdict = audit.verify(audit.stored(database), head)
    assert (verdict.entries, verdict.head, verdict.fault) == (20, head, None)


def test_an_empty_journal_is_whole(database: Database) -> None:
    assert audit.verify(audit.stored(database)).entries == 0


@pytest.mark.parametrize(
    ("forgery", "seq"),
    [
        pytest.param("UPDATE journal SET body = '{}' WHERE seq = 7", 7, id="content"),
        pytest.param("UPDATE journal SET at_ms = 5 WHERE seq = 3", 3, id="time"),
        pytest.param("UPDATE journal SET hash = substr(hash, 2) || '0' WHERE seq = 20", 20, id="last-hash"),
        pytest.param("DELETE FROM journal WHERE seq = 9", 10, id="removed"),
        pytest.param("DELETE FROM journal WHERE seq = 1", 2, id="first-removed"),
        pytest.param(
            "INSERT INTO journal SELECT seq + 20, at_ms, kind, body, previous, hash FROM journal WHERE seq = 1",
            21,
            id="inserted",
        ),
        pytest.param(
            "UPDATE journal SET seq = CASE seq WHEN 4 THEN -5 WHEN 5 THEN 4 END WHERE seq IN (4, 5);"
            "UPDATE journal SET seq = 5 WHERE seq = -5",
            4,
            id="swapped",
        ),
    ],
)
def test_any_change_is_found_at_its_place(database: Database, forgery: str, seq: int) -> None:
    write(database, 20)
    with database.write() as connection:
        for statement in forgery.split(";"):
            connection.execute(text(statement))
    verdict = audit.verify(audit.stored(database))
    assert verdict.fault is not None
    assert verdict.seq == seq


def test_a_cut_tail_and_a_rebuilt_chain_are_found_against_a_kept_head(database: Database) -> None:
    head = write(database, 20)
    with database.write() as connection:
        rebuild(connection, 12)
    assert audit.verify(audit.stored(database)).fault is None
    rebuilt = audit.verify(audit.stored(database), head)
    assert "rebuilt" in str(rebuilt.fault)
    with database.write() as connection:
        connection.execute(text("DELETE FROM journal WHERE seq > 15"))
    assert "cut off" in str(audit.verify(audit.stored(database), head).fault)


def test_an_export_is_verified_like_the_store(database: Database, tmp_path: Path) -> None:
    head = write(database, 5)
    file = tmp_path / "journal.jsonl"
    file.write_bytes(b"".join(map(audit.to_line, audit.stored(database))))
    with file.open("rb") as lines:
        assert audit.verify(audit.exported(lines, "journal.jsonl"), head).fault is None
    lines_of = file.read_text(encoding="utf-8").replace('编号\\":2', '编号\\":3').encode().splitlines(keepends=True)
    assert audit.verify(audit.exported(lines_of, "x"), head).seq == 3
    with pytest.raises(Problem, match="x:1"):
        audit.verify(audit.exported([b"{}\n"], "x"))


def test_the_newest_of_some_kinds_is_told(database: Database) -> None:
    with database.write() as connection:
        assert journal.newest(connection, ("a", "b")) == 0
        journal.append(connection, [("a", {}), ("b", {}), ("a", {}), ("c", {})], 1)
        assert journal.newest(connection, ("a", "b")) == 3
        assert journal.newest(connection, ("b",)) == 2
        assert journal.newest(connection, ("b", "d")) == 2
