"""An editor's decisions on the live store: recorded, journalled, applied at once and at every later reading, undone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, update

from chainwatch.models import Event, to_timestamp_ms
from chainwatch.models.known import Known
from chainwatch.models.ledger import Card, Fact
from chainwatch.problem import Problem
from chainwatch.store import edits, events, journal, ledger, ledgerview, policies
from chainwatch.store.edits import Edit
from consumers.ledger import editing, policy


@dataclass(frozen=True, slots=True)
class Hand:
    """Who decides, why and when."""

    editor: str
    reason: str
    now: datetime

    @property
    def now_ms(self) -> int:
        """Unix milliseconds."""
        return to_timestamp_ms(self.now)


def correct(
    connection: Connection,
    key: str,
    correction: editing.Correction,
    hand: Hand,
    articles: Sequence[str] = (),
) -> tuple[Edit, Event]:
    """Let statements of a fact count with another value, year, metric, region or kind. Gives the event to route."""
    fact = ledgerview.get(connection, key)
    _stated_in(connection, fact, articles)
    changed = correction.changed(fact)
    if not changed:
        raise Problem(
            "nothing would change", place=fact.key, cure="name a value, year, metric, region or kind that differs"
        )
    landing = correction.landing(fact)
    value = correction.value if correction.value is not None and correction.value != fact.value else ""
    edit = Edit(
        edits.next_number(connection),
        "correct",
        fact.key,
        hand.editor,
        hand.reason,
        hand.now_ms,
        articles=tuple(articles),
        origin=fact.bare(),
        landing=landing,
        was=fact.value if value else "",
        value=value,
        changed=changed,
    )
    _record(connection, edit)
    return edit, _tell(connection, edit, fact, hand)


def _tell(connection: Connection, edit: Edit, before: Fact, hand: Hand) -> Event:
    key = edit.landing.key if edit.landing is not None else edit.subject
    after = next(iter(ledger.of_facts(connection, [key])), before)
    said = ledgerview.said_of(connection, [after.key], limit=3)
    shown = [one.evidence for one in said if one.evidence is not None]
    mark = f"{edit.number}:{hand.now_ms}"
    event = editing.corrected(before, after, edit.changed, evidence=shown, mark=mark, reason=hand.reason)
    events.put(connection, [event], hand.now_ms)
    return event


def merge(connection: Connection, keys: Sequence[str], hand: Hand) -> Edit:
    """Make facts, or policies, one: the last of the keys is what the others become."""
    if all(key.startswith("policy:") for key in keys):
        return _mark(connection, "merge", [policies.get(connection, key).key for key in keys], (), hand)
    first, into = (ledgerview.get(connection, key) for key in keys)
    if first.key == into.key:
        raise Problem("the two are one already", place=first.key)
    if first.kind != into.kind or first.unit != into.unit:
        raise Problem(
            "facts of different kinds or units cannot be one", place=first.key, cure="correct one of them first"
        )
    edit = Edit(
        edits.next_number(connection),
        "merge",
        first.key,
        hand.editor,
        hand.reason,
        hand.now_ms,
        origin=first.bare(),
        landing=into.bare(),
    )
    _record(connection, edit)
    return edit


def split(connection: Connection, key: str, articles: Sequence[str], hand: Hand) -> Edit:
    """Take what some articles state out of a fact, or out of a policy, into one of its own."""
    if key.startswith("policy:"):
        return _mark(connection, "split", [policies.get(connection, key).key], articles, hand)
    fact = ledgerview.get(connection, key)
    if _stated_in(connection, fact, articles) == set(articles):
        raise Problem(
            "nothing would be left of the fact", place=fact.key, cure="name some of the articles that state it, not all"
        )
    number = edits.next_number(connection)
    edit = Edit(
        number,
        "split",
        fact.key,
        hand.editor,
        hand.reason,
        hand.now_ms,
        articles=tuple(articles),
        origin=fact.bare(),
        landing=editing.apart(fact, number),
    )
    _record(connection, edit)
    return edit


def _stated_in(connection: Connection, fact: Fact, articles: Sequence[str]) -> set[str]:
    """The articles that state a fact. Raises Problem where one of these does not."""
    said = {claim.article for claim in ledger.witnesses(connection, [fact.key])}
    unknown = sorted(set(articles) - said)
    if unknown:
        cure = f"chainwatch targets show {fact.key} lists who states it"
        raise Problem(f"the fact is not stated in {', '.join(unknown)}", place=fact.key, cure=cure)
    return said


def undo(connection: Connection, number: int, hand: Hand) -> tuple[Edit, Event | None]:
    """Take a decision back: the ledger is what it would be without it. Gives the event to route, if any."""
    edit = edits.get(connection, number)
    if edit is None or edit.undone_ms is not None:
        raise Problem(
            "no such edit" if edit is None else "it is undone already", place=str(number), cure="chainwatch edits list"
        )
    later = [one for one in edits.listed(connection) if one.number > number and one.undone_ms is None]
    touched = {card for card, _, _ in edit.cards}
    if blocking := [one.number for one in later if touched & {card for card, _, _ in one.cards}]:
        raise Problem("later edits stand on it", place=str(number), cure=f"chainwatch edits undo {max(blocking)} first")
    before = next(iter(ledger.of_facts(connection, [edit.landing.key])), None) if edit.landing else None
    edits.undo(connection, number, hand.editor, hand.now_ms)
    journal.append(
        connection, [("edit.undone", {"edit": number, "editor": hand.editor, "reason": hand.reason})], hand.now_ms
    )
    _apply(connection, edit, back=True)
    if edit.kind != "correct" or before is None:
        return edit, None
    back = replace(edit, changed=tuple((name, new, old) for name, old, new in edit.changed), landing=edit.origin)
    return edit, _tell(connection, back, before, hand)


def _record(connection: Connection, edit: Edit) -> None:
    edits.put(connection, edit)
    body = {
        "edit": edit.number,
        "kind": edit.kind,
        "subject": edit.subject,
        "into": edit.landing.key if edit.landing else None,
        "articles": edit.articles,
        "changed": edit.changed,
        "cards": [card for card, _, _ in edit.cards],
        "editor": edit.editor,
        "reason": edit.reason,
    }
    journal.append(connection, [("edit", body)], edit.made_ms)
    _apply(connection, edit, back=False)


def _apply(connection: Connection, edit: Edit, *, back: bool) -> None:
    if edit.cards:
        _apply_marks(connection, edit, back=back)
        return
    affected = {edit.subject} | ({edit.landing.key} if edit.landing else set())
    bares = edits.bares(connection)
    while True:
        following = edits.redirects(connection, affected)
        led = {one.landing.key for each in following.values() for one in each}
        claims = ledger.witnesses(connection, affected | led)
        missing = {claim.stated for claim in claims} - bares.keys()
        bares |= {fact.key: fact.bare() for fact in ledger.of_facts(connection, missing)}
        redirects = edits.redirects(connection, {claim.stated for claim in claims})
        grown = affected | led | editing.reached(claims, bares, redirects)
        if grown == affected:
            break
        affected = grown
    changes = editing.resettled(claims, bares, redirects, affected)
    ledger.recount(connection, changes.claims)
    ledger.apply(connection, replace(changes, claims=()))


def _mark(
    connection: Connection,
    kind: edits.Kind,
    keys: Sequence[str],
    articles: Sequence[str],
    hand: Hand,
) -> Edit:
    """Mark cards as together or apart, so that grouping keeps to it."""
    number = edits.next_number(connection)
    cards = [card for key in keys for card in policies.cards_of(connection, key)]
    if kind == "split":
        said = {
            claim.card
            for claim in policies.claims_of(connection, [card.key for card in cards])
            if claim.article in articles
        }
        cards = [card for card in cards if card.key in said]
        if not cards:
            raise Problem(
                "those articles do not name the policy",
                place=keys[0],
                cure=f"chainwatch policies timeline {keys[0]} lists who does",
            )
    mark = f"edit:{number}"
    marks = [(card.key, (card.together, card.apart), _marked(card, kind, mark)) for card in cards]
    edit = Edit(
        number, kind, keys[0], hand.editor, hand.reason, hand.now_ms, articles=tuple(articles), cards=tuple(marks)
    )
    _record(connection, edit)
    return edit


def _marked(card: Card, kind: str, mark: str) -> tuple[str, str]:
    return (mark, card.apart) if kind == "merge" else ("", mark)


def _apply_marks(connection: Connection, edit: Edit, *, back: bool) -> None:
    table = policies.cards
    for card, before, after in edit.cards:
        together, apart = before if back else after
        connection.execute(update(table).where(table.c.key == card).values(together=together, apart=apart))
    known = Known()
    cards = policies.by_card(connection, (card for card, _, _ in edit.cards))
    policies.load(connection, known, {mark for card in cards for mark in card.marks})
    policies.apply(connection, policy.regrouped(list(known.cards.values())))
