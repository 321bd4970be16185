"""Feedback: what readers say of alerts. Waits for an editor, and counts how right rules and extractors are."""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Connection, Index, Table, Text, insert, select, update

from chainwatch.store.database import SERIAL, metadata

feedback = Table(
    "feedback",
    metadata,
    Column("number", SERIAL, primary_key=True),
    Column("message", Text),
    Column("event", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("said_ms", BigInteger, nullable=False),
    Column("state", Text, nullable=False, default="open"),
    Column("rule", Text, nullable=False, default=""),
    Index("ix_feedback_event", "event"),
    Index("ix_feedback_state", "state", "number"),
)
"""`rule`: rule or extraction pattern, with version, that made the event; `state`: open or done."""

VERDICTS = ("right", "wrong", "scope", "old", "known")
"""right; misread; true but of another subject, region or scope; old news; known to the reader before."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One answer of a reader."""

    number: int
    message: str | None
    event: str
    verdict: str
    note: str
    said_ms: int
    state: str
    rule: str


def add(
    connection: Connection, *, event: str, verdict: str, note: str, rule: str, message: str | None, now_ms: int
) -> int:
    """Queue an answer for an editor; its number."""
    values = {"event": event, "verdict": verdict, "note": note, "rule": rule, "message": message, "said_ms": now_ms}
    statement = insert(feedback).values(**values).returning(feedback.c.number)
    return int(connection.execute(statement).scalar_one())


def listed(connection: Connection, *, state: str | None = "open", limit: int = 100) -> list[Feedback]:
    """Answers, newest first."""
    statement = select(feedback).order_by(feedback.c.number.desc()).limit(limit)
    if state is not None:
        statement = statement.where(feedback.c.state == state)
    return [Feedback(*row) for row in connection.execute(statement)]


def close(connection: Connection, number: int) -> bool:
    """An editor has dealt with it; False for an unknown number."""
    statement = update(feedback).where(feedback.c.number == number).values(state="done")
    return connection.execute(statement).rowcount == 1


def verdicts(connection: Connection) -> dict[str, dict[str, int]]:
    """Rule or pattern → verdict → how many events got it (the last word on an event counts)."""
    last: dict[str, tuple[str, str]] = {}
    for row in connection.execute(select(feedback).order_by(feedback.c.number)):
        last[row.event] = (row.rule, row.verdict)
    found: dict[str, dict[str, int]] = {}
    for rule, verdict in last.values():
        of_rule = found.setdefault(rule, dict.fromkeys(VERDICTS, 0))
        of_rule[verdict] += 1
    return found
