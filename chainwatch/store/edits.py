"""What editors decided: merges, splits and corrections of facts and policies. Kept for ever, undone by a mark."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from sqlalchemy import BigInteger, Column, Connection, Integer, Table, Text, func, insert, select, update

from chainwatch.models.known import Known
from chainwatch.models.ledger import ACTUAL, TARGET, Fact, Needs, Redirect, echo_of
from chainwatch.store.among import among
from chainwatch.store.database import metadata

Kind = Literal["merge", "split", "correct"]

edits = Table(
    "edits",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False, index=True),
    Column("body", Text, nullable=False),
    Column("editor", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_ms", BigInteger, nullable=False),
    Column("undone_ms", BigInteger),
    Column("undone_by", Text, nullable=False, default=""),
)
"""`subject` is the fact as texts state it, or the policy; `body` JSON with the rest."""
_STANDING = select(edits).where(among(edits.c.subject), edits.c.undone_ms.is_(None)).order_by(edits.c.number)


@dataclass(frozen=True, slots=True)
class Edit:
    """One decision. `landing` and `value` are of facts, `cards` of policies: card → its marks before and after."""

    number: int
    kind: Kind
    subject: str
    editor: str
    reason: str
    made_ms: int
    articles: tuple[str, ...] = ()
    """Only the statements of these; empty: of all."""
    origin: Fact | None = None
    landing: Fact | None = None
    was: str = ""
    value: str = ""
    cards: tuple[tuple[str, tuple[str, str], tuple[str, str]], ...] = ()
    """(card, (together, apart) before, (together, apart) after)."""
    changed: tuple[tuple[str, str, str], ...] = ()
    """(field, before, after) as the editor named them."""
    undone_ms: int | None = None
    undone_by: str = ""

    def redirects(self) -> list[Redirect]:
        """What it means for the statements of a fact."""
        landing = self.landing
        if landing is None:
            return []
        return [
            Redirect(self.number, self.subject, article, self.was, landing, self.value)
            for article in self.articles or ("",)
        ]


_BODY = ("articles", "was", "value", "cards", "changed")
_FACTS = ("origin", "landing")


def put(connection: Connection, edit: Edit) -> None:
    """Record a decision."""
    body: dict[str, Any] = {name: getattr(edit, name) for name in _BODY}
    for name in _FACTS:
        fact = getattr(edit, name)
        body[name] = fact._asdict() if fact is not None else None
    row = {
        "number": edit.number,
        "kind": edit.kind,
        "subject": edit.subject,
        "body": orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode(),
        "editor": edit.editor,
        "reason": edit.reason,
        "made_ms": edit.made_ms,
        "undone_by": "",
    }
    connection.execute(insert(edits).values(**row))


def next_number(connection: Connection) -> int:
    """1 for the first edit."""
    return (connection.execute(select(func.max(edits.c.number))).scalar() or 0) + 1


def undo(connection: Connection, number: int, by: str, now_ms: int) -> None:
    """Mark a decision as taken back."""
    connection.execute(update(edits).where(edits.c.number == number).values(undone_ms=now_ms, undone_by=by))


def get(connection: Connection, number: int) -> Edit | None:
    """One decision."""
    row = connection.execute(select(edits).where(edits.c.number == number)).first()
    return _edit(row) if row else None


def listed(connection: Connection, subjects: Iterable[str] | None = None) -> list[Edit]:
    """All decisions, or those about some facts or policies, oldest first."""
    statement = select(edits).order_by(edits.c.number)
    if subjects is not None:
        statement = statement.where(edits.c.subject.in_(sorted(subjects)))
    return [_edit(row) for row in connection.execute(statement)]


def redirects(connection: Connection, stated: Iterable[str]) -> dict[str, list[Redirect]]:
    """What stands decided about facts as stated, merges followed."""
    found: dict[str, list[Redirect]] = {}
    todo, asked = set(stated), set[str]()
    while todo:
        asked |= todo
        for row in connection.execute(_STANDING, {"keys": sorted(todo)}):
            for redirect in _edit(row).redirects():
                found.setdefault(redirect.subject, []).append(redirect)
        todo = {one.landing.key for each in found.values() for one in each} - asked
    return found


def bares(connection: Connection) -> dict[str, Fact]:
    """Every fact that a decision led away from or to, bare: some have no statement left in the ledger."""
    found: dict[str, Fact] = {}
    for edit in listed(connection):
        found |= {fact.key: fact.bare() for fact in (edit.origin, edit.landing) if fact is not None}
    return found


def landed(connection: Connection, known: Known, needs: Needs) -> Needs:
    """The needs with those of the facts that statements count for by an editor's word."""
    known.redirects = redirects(connection, {fact for fact, _, _ in needs.facts})
    extra = Needs()
    for each in known.redirects.values():
        for one in each:
            said = [(value, key) for fact, value, key in needs.facts if fact == one.subject] or [
                (value, key) for _, value, key in needs.facts
            ]
            line = frozenset({one.landing.line})
            extra |= Needs(
                facts=tuple((one.landing.key, one.value or value, "") for value, _ in said),
                lines=line,
                aims=line if one.landing.kind == TARGET else frozenset(),
                results=line if one.landing.kind == ACTUAL else frozenset(),
                echoes=frozenset(echo_of(one.landing, one.value or value, other=True) for value, _ in said),
            )
    return needs | extra


def _edit(row: Any) -> Edit:
    body = orjson.loads(row.body)
    return Edit(
        number=row.number,
        kind=row.kind,
        subject=row.subject,
        editor=row.editor,
        reason=row.reason,
        made_ms=row.made_ms,
        articles=tuple(body["articles"]),
        origin=_fact(body["origin"]),
        landing=_fact(body["landing"]),
        was=body["was"],
        value=body["value"],
        cards=tuple((card, tuple(before), tuple(after)) for card, before, after in body["cards"]),
        changed=tuple(tuple(one) for one in body["changed"]),
        undone_ms=row.undone_ms,
        undone_by=row.undone_by,
    )


def _fact(fields: dict[str, Any] | None) -> Fact | None:
    return Fact(**(fields | {"firsts": tuple(fields["firsts"])})) if fields else None
