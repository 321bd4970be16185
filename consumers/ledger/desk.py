"""The working copy of the ledger while one article is compared: what is known, covered by what the article changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chainwatch.models import Event
from chainwatch.models.ledger import (
    Card,
    Changes,
    Claim,
    Fact,
    Known,
    Policy,
    PolicyClaim,
    Reading,
    Role,
    RoleClaim,
    Signature,
    Value,
)


@dataclass(slots=True)
class Desk:
    """Reads fall through to `known`, which is never written; `changes` gives what was put down."""

    known: Known
    facts: dict[str, Fact] = field(default_factory=dict)
    _values: dict[tuple[str, str], Value] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    cards: dict[str, Card] = field(default_factory=dict)
    policies: dict[str, Policy] = field(default_factory=dict)
    policy_claims: list[PolicyClaim] = field(default_factory=list)
    roles: dict[str, Role] = field(default_factory=dict)
    role_claims: list[RoleClaim] = field(default_factory=list)
    readings: list[Reading] = field(default_factory=list)
    signatures: list[Signature] = field(default_factory=list)
    dropped: list[tuple[str, str]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    joined: list[tuple[str, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    again: list[Event] = field(default_factory=list)

    def fact(self, key: str) -> Fact | None:
        """The fact as it stands now."""
        return self.facts.get(key) or self.known.facts.get(key)

    def value(self, fact: str, value: str) -> Value | None:
        """One value of a fact as it stands now."""
        return self._values.get((fact, value)) or self.known.values.get(fact, {}).get(value)

    def values(self, fact: str) -> Mapping[str, Value]:
        """All values of a fact that was loaded whole."""
        own = {value: row for (key, value), row in self._values.items() if key == fact}
        return {**self.known.values.get(fact, {}), **own}

    def put(self, fact: Fact, value: Value | None = None) -> None:
        """The fact, and one of its values, as they stand from now on."""
        self.facts[fact.key] = fact
        if value is not None:
            self._values[value.fact, value.value] = value

    def line(self, line: str) -> list[Fact]:
        """Aims and results of a line as they stand now, in order of their time."""
        own = {key: fact for key, fact in self.facts.items() if fact.line == line}
        return sorted({**self.known.lines.get(line, {}), **own}.values(), key=lambda fact: (fact.when, fact.key))

    def echoing(self, echo: str) -> dict[str, bool]:
        """Facts that have this value, and whether each lacks a region."""
        own = {row.fact: row.open for row in self._values.values() if row.echo == echo}
        return {**self.known.echoes.get(echo, {}), **own}

    def card(self, key: str) -> Card | None:
        """The card as it stands now."""
        return self.cards.get(key) or self.known.cards.get(key)

    def put_card(self, card: Card) -> None:
        """The card as it stands from now on."""
        self.cards[card.key] = card

    def sharing(self, mark: tuple[str, str]) -> list[str]:
        """Keys of the cards with that title, number, page or editor's mark."""
        own = {card.key for card in self.cards.values() if mark in card.marks}
        return sorted(own.union(self.known.marks.get(mark, ())))

    def changes(self) -> Changes:
        """All that was put down."""
        return Changes(
            facts=tuple(self.facts.values()),
            values=tuple(self._values.values()),
            claims=tuple(self.claims),
            cards=tuple(self.cards.values()),
            policies=tuple(self.policies.values()),
            policy_claims=tuple(self.policy_claims),
            roles=tuple(self.roles.values()),
            role_claims=tuple(self.role_claims),
            readings=tuple(self.readings),
            signatures=tuple(self.signatures),
            dropped=tuple(self.dropped),
            forgotten=tuple(self.forgotten),
            joined=tuple(self.joined),
            events=tuple(self.events),
            again=tuple(self.again),
        )
