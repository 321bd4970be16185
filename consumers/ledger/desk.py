"""The working copy of the ledger while one article is compared: what is known, covered by what the article changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chainwatch.models import Event
from chainwatch.models.known import Known
from chainwatch.models.ledger import (
    Card,
    Changes,
    Claim,
    Fact,
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
    dropped: dict[tuple[str, str], None] = field(default_factory=dict)
    emptied: list[str] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)
    reprint: bool = False
    """The article is a near-duplicate of a known one."""
    touched: set[str] = field(default_factory=set)
    """Cards that lost a statement, and those that share something with them."""
    said_before: set[tuple[str, str]] = field(default_factory=set)
    """(fact, value) that this article's earlier revision stated."""
    told_before: dict[str, Fact] = field(default_factory=dict)
    """Facts as they stood before this article's earlier revision was taken out."""
    joined: list[tuple[str, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    again: list[Event] = field(default_factory=list)

    def fact(self, key: str) -> Fact | None:
        """The fact as it stands now."""
        if key in self.facts or ("facts", key) in self.dropped:
            return self.facts.get(key)
        return self.known.facts.get(key)

    def value(self, fact: str, value: str) -> Value | None:
        """One value of a fact as it stands now."""
        return self._values.get((fact, value)) or self._known_values(fact).get(value)

    def values(self, fact: str) -> Mapping[str, Value]:
        """All values of a fact that was loaded whole."""
        own = {value: row for (key, value), row in self._values.items() if key == fact}
        return {**self._known_values(fact), **own}

    def _known_values(self, fact: str) -> Mapping[str, Value]:
        return {} if fact in self.emptied else self.known.values.get(fact, {})

    def put(self, fact: Fact, *values: Value) -> None:
        """The fact, and some of its values, as they stand from now on."""
        self.facts[fact.key] = fact
        self.dropped.pop(("facts", fact.key), None)
        self._values.update({(value.fact, value.value): value for value in values})

    def drop(self, fact: str) -> None:
        """Nothing states the fact any longer."""
        self.facts.pop(fact, None)
        self.dropped["facts", fact] = None

    def line(self, line: str) -> list[Fact]:
        """Aims and results of a line as they stand now, in order of their time."""
        own = {key: fact for key, fact in self.facts.items() if fact.line == line}
        held = {key: fact for key, fact in self.known.lines.get(line, {}).items() if ("facts", key) not in self.dropped}
        return sorted({**held, **own}.values(), key=lambda fact: (fact.when, fact.key))

    def echoing(self, echo: str) -> list[str]:
        """Facts that have this value, in order of key."""
        own = {row.fact for row in self._values.values() if row.echo == echo}
        return sorted(own.union(key for key in self.known.echoes.get(echo, ()) if key not in self.emptied))

    def card(self, key: str) -> Card | None:
        """The card as it stands now."""
        if key in self.cards or ("cards", key) in self.dropped:
            return self.cards.get(key)
        return self.known.cards.get(key)

    def put_card(self, card: Card) -> None:
        """The card as it stands from now on."""
        self.cards[card.key] = card
        self.dropped.pop(("cards", card.key), None)

    def sharing(self, mark: tuple[str, str]) -> list[str]:
        """Keys of the cards with that title, number, page or editor's mark."""
        own = {card.key for card in self.cards.values() if mark in card.marks}
        return sorted(own.union(self.known.marks.get(mark, ())))

    def role(self, key: str) -> Role | None:
        """The role as it stands now."""
        if key in self.roles or ("roles", key) in self.dropped:
            return self.roles.get(key)
        return self.known.roles.get(key)

    def put_role(self, role: Role) -> None:
        """The role as it stands from now on."""
        self.roles[role.key] = role
        self.dropped.pop(("roles", role.key), None)

    def alike(self, mine: Signature) -> list[Signature]:
        """Signatures that share a band with this one, from about the same time, in order of article."""
        found = {article for band in mine.around for article in self.known.bands.get(band, ())}
        return [self.known.signatures[article] for article in sorted(found)]

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
            emptied=tuple(self.emptied),
            forgotten=tuple(self.forgotten),
            joined=tuple(self.joined),
            events=tuple(self.events),
            again=tuple(self.again),
        )
