"""A ledger in memory and one on SQLite, told articles one by one."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from chainwatch.models import SHANGHAI, Article, Event, Tag
from chainwatch.models.finding import Finding
from chainwatch.models.known import Known
from chainwatch.models.ledger import Changes
from chainwatch.store import ledger, policies, schema
from chainwatch.store.database import Database
from chainwatch.store.shelves import content
from consumers.compare import compare, needs

NOW = datetime(2024, 1, 1, tzinfo=SHANGHAI)
Telling = tuple[Article, Sequence[Finding]]


class Memory:
    """Holds the whole ledger as one `Known`, so that a thousand orders can be tried."""

    def __init__(self) -> None:
        self.known = Known(tracking=True)
        self.events: list[Event] = []

    def tell(self, article: Article, *findings: Finding, tags: Sequence[Tag] = ()) -> list[Event]:
        """Compare and take in; the events whose id was not seen before."""
        changes = compare(article, tags, findings, self.known, NOW, silent=False)
        self.known.take(changes)
        return _new(self.events, changes)

    def changes(self, article: Article, *findings: Finding) -> Changes:
        """What an article would change; nothing is taken in."""
        return compare(article, (), findings, self.known, NOW, silent=False)

    def dump(self) -> dict[str, Any]:
        """Everything the ledger holds, in order of key."""
        known = self.known
        kept: dict[str, Any] = {
            name: {key: row._asdict() for key, row in sorted(getattr(known, name).items())}
            for name in ("facts", "cards", "policies", "roles", "readings")
        }
        values = [row._asdict() for rows in known.values.values() for row in rows.values()]
        kept["values"] = sorted(values, key=lambda row: (row["fact"], row["value"]))
        claims = [row._asdict() for rows in known.witnesses.values() for row in rows]
        kept["claims"] = sorted(claims, key=lambda row: (row["article"], row["fact"], row["value"]))
        return kept


class Disk:
    """The same through the store's tables."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(f"sqlite:///{folder / 'store.db'}")
        schema.create(self.database)
        self.events: list[Event] = []

    def tell(self, article: Article, *findings: Finding, tags: Sequence[Tag] = ()) -> list[Event]:
        """Load, compare, apply in one transaction; the events whose id was not seen before."""
        with self.database.write() as connection:
            known = ledger.load(connection, needs(article, tags, findings))
            changes = compare(article, tags, findings, known, NOW, silent=False)
            ledger.apply(connection, changes)
        return _new(self.events, changes)

    def tell_batch(self, tellings: Sequence[Telling]) -> list[Event]:
        """Several articles in one transaction, each seeing the ones before."""
        with self.database.write() as connection:
            wanted = [needs(article, [], findings) for article, findings in tellings]
            joined = wanted[0]
            for one in wanted[1:]:
                joined |= one
            known = ledger.load(connection, joined)
            made = []
            for article, findings in tellings:
                changes = compare(article, [], findings, known, NOW, silent=False)
                known.take(changes)
                made.append(changes)
            ledger.apply_all(connection, made)
        return [event for changes in made for event in _new(self.events, changes)]

    def dump(self) -> dict[str, list[tuple[Any, ...]]]:
        """The rows of every table of the ledger, sorted."""
        tables = (
            ledger.facts,
            ledger.fact_values,
            ledger.claims,
            ledger.roles,
            ledger.role_claims,
            ledger.readings,
            policies.cards,
            policies.policies,
            policies.policy_claims,
        )
        with self.database.read() as connection:
            return {
                table.name: sorted(tuple(row) for row in connection.execute(select(*content(table))))
                for table in tables
            }


def _new(seen: list[Event], changes: Changes) -> list[Event]:
    ids = {event.id for event in seen}
    fresh = [event for event in changes.events if event.id not in ids]
    seen.extend(fresh)
    return fresh


def kinds(events: Sequence[Event]) -> list[str]:
    """The kinds of events, as text."""
    return [event.kind.value for event in events]
