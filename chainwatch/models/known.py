"""The part of the ledger that a batch works on, as values: what the store loads and the pure hop reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from chainwatch.models.ledger import (
    Card,
    Changes,
    Claim,
    Fact,
    Policy,
    PolicyClaim,
    Reading,
    Redirect,
    Role,
    RoleClaim,
    Signature,
    Value,
)


@dataclass(slots=True)
class Known:
    """The part of the ledger that a batch works on. `take` folds an article's changes into it."""

    facts: dict[str, Fact] = field(default_factory=dict)
    lines: dict[str, dict[str, Fact]] = field(default_factory=dict)
    """Line → its aims, and its results where it has aims."""
    echoes: dict[str, set[str]] = field(default_factory=dict)
    """Echo → facts that have it."""
    values: dict[str, dict[str, Value]] = field(default_factory=dict)
    """Fact → value → row; all of them for the facts in `whole`, else those asked for."""
    whole: set[str] = field(default_factory=set)
    witnesses: dict[str, list[Claim]] = field(default_factory=dict)
    """Fact → all its claims, for the facts of an article that is read anew."""
    card_witnesses: dict[str, list[PolicyClaim]] = field(default_factory=dict)
    """Card → all its claims, likewise."""
    role_witnesses: dict[str, list[RoleClaim]] = field(default_factory=dict)
    readings: dict[str, Reading] = field(default_factory=dict)
    said: dict[tuple[str, str], Any] = field(default_factory=dict)
    """Handed through from `Needs`."""
    cards: dict[str, Card] = field(default_factory=dict)
    marks: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    """What cards may share → keys of the cards that have it."""
    policies: dict[str, Policy] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    signatures: dict[str, Signature] = field(default_factory=dict)
    bands: dict[int, set[str]] = field(default_factory=dict)
    """Band → articles."""
    tracking: bool = False
    """An article stands twice in the batch: whatever it claims is kept as witness."""
    redirects: dict[str, list[Redirect]] = field(default_factory=dict)
    """Fact as stated → what editors decided about it."""

    def take(self, changes: Changes) -> None:
        """Fold one article's changes in, as `store.ledger.apply` writes them."""
        self._drop(changes)
        self._witness(changes)
        for fact in changes.facts:
            self.facts[fact.key] = fact
            self.lines.setdefault(fact.line, {})[fact.key] = fact
        for value in changes.values:
            self.values.setdefault(value.fact, {})[value.value] = value
            self.echoes.setdefault(value.echo, set()).add(value.fact)
        self.hold(changes.cards)
        for policy in changes.policies:
            self.policies[policy.key] = policy
        for role in changes.roles:
            self.roles[role.key] = role
        for reading in changes.readings:
            self.readings[reading.article] = reading
        for before, after in changes.joined:
            for article, signature in self.signatures.items():
                if signature.cluster == before:
                    self.signatures[article] = signature.within(after)
        self.hold_signatures(changes.signatures)

    def _witness(self, changes: Changes) -> None:
        pairs: tuple[tuple[dict[str, list[Any]], str, Sequence[Any]], ...] = (
            (self.witnesses, "fact", changes.claims),
            (self.card_witnesses, "card", changes.policy_claims),
            (self.role_witnesses, "role", changes.role_claims),
        )
        for held, name, claims in pairs:
            for claim in claims:
                key = getattr(claim, name)
                if self.tracking or key in held:
                    held.setdefault(key, []).append(claim)

    def _drop(self, changes: Changes) -> None:
        for fact in changes.emptied:
            for value in self.values.pop(fact, {}).values():
                self.echoes.get(value.echo, set()).discard(fact)
        witnesses: tuple[dict[str, list[Any]], ...] = (self.witnesses, self.card_witnesses, self.role_witnesses)
        for claims in (claims for held in witnesses if changes.forgotten for claims in held.values()):
            claims[:] = [claim for claim in claims if claim.article not in changes.forgotten]
        for article in changes.forgotten:
            self._drop_signature(article)
        for table, key in changes.dropped:
            if table == "facts":
                fact_gone = self.facts.pop(key, None)
                self.lines.get(fact_gone.line if fact_gone else "", {}).pop(key, None)
            elif table == "cards":
                card_gone = self.cards.pop(key, None)
                for mark in card_gone.marks if card_gone else ():
                    self.marks[mark].discard(key)
            elif table == "policies":
                self.policies.pop(key, None)
            else:
                self.roles.pop(key, None)

    def _drop_signature(self, article: str) -> None:
        gone = self.signatures.pop(article, None)
        for band in gone.bands if gone else ():
            self.bands[band].discard(article)

    def hold_signatures(self, signatures: Iterable[Signature]) -> None:
        """Signatures with their bands."""
        for signature in signatures:
            self.signatures[signature.article] = signature
            for band in signature.bands:
                self.bands.setdefault(band, set()).add(signature.article)

    def hold(self, cards: Iterable[Card]) -> None:
        """Cards with their marks."""
        for card in cards:
            self.cards[card.key] = card
            for mark in card.marks:
                self.marks.setdefault(mark, set()).add(card.key)
