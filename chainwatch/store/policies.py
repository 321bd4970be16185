"""Policies: the cards they are named by, what articles say of them, and the policy that each group of cards makes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Boolean, Column, Connection, Index, Integer, Table, Text, and_, delete, select, union

from chainwatch.models.known import Known
from chainwatch.models.ledger import Card, Changes, Policy, PolicyClaim
from chainwatch.store.among import among
from chainwatch.store.database import metadata
from chainwatch.store.rows import SEVERAL, add_all, below, columns_of, from_row, put_all, the_one, to_row

cards = Table(
    "cards",
    metadata,
    Column("key", Text, primary_key=True),
    Column("bucket", Text, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("years", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("stated_region", Boolean, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("number", Text, nullable=False, index=True),
    Column("address", Text, nullable=False, index=True),
    Column("year", Integer, nullable=False),
    Column("generic", Boolean, nullable=False),
    Column("programme", Boolean, nullable=False),
    Column("apart", Text, nullable=False),
    Column("together", Text, nullable=False, index=True),
    Column("policy", Text, nullable=False, index=True),
    Column("born", Text, nullable=False),
    Column("steps", Text, nullable=False),
    Column("mentions", Integer, nullable=False),
)
policies = Table(
    "policies",
    metadata,
    Column("key", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("status_date", Text, nullable=False),
    Column("since", Text, nullable=False),
    Column("born", Text, nullable=False),
    Column("programme", Boolean, nullable=False),
    Column("mentions", Integer, nullable=False),
    Column("history", Text, nullable=False),
    Column("flags", Text, nullable=False),
    Index("ix_policies_since", "since"),
)
policy_claims = Table(
    "policy_claims",
    metadata,
    Column("article", Text, primary_key=True),
    Column("card", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("date", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("finding", Text, nullable=False),
    Index("ix_policy_claims_card", "card", "key"),
)

_CARD = columns_of(cards, Card)
_POLICY = columns_of(policies, Policy)
_CLAIM = columns_of(policy_claims, PolicyClaim)
_STEPS = frozenset({"steps"})
_LIVES = frozenset({"history", "flags"})
_MARKS = ("bucket", "number", "address", "together")
_SHARING = {name: select(*_CARD).where(among(cards.c[name])) for name in _MARKS}


def load(connection: Connection, known: Known, marks: Iterable[tuple[str, str]]) -> None:
    """Into `known`: the cards with these marks, the cards those lead to, and their policies."""
    asked: set[tuple[str, str]] = set()
    todo = set(marks)
    found: dict[str, Card] = {}
    while todo:
        asked |= todo
        fresh: dict[str, Card] = {}
        for name in _MARKS:
            values = sorted(value for column, value in todo if column == name)
            if values:
                rows = connection.execute(_SHARING[name], {"keys": values})
                fresh |= {card.key: card for card in (from_row(Card, row, _STEPS) for row in rows)}
        todo = {mark for key, card in fresh.items() if key not in found for mark in card.marks} - asked
        found |= fresh
    known.hold(found.values())
    keys = sorted({card.policy for card in found.values() if card.policy})
    known.policies |= {policy.key: policy for policy in by_key(connection, keys)}


def load_witnesses(connection: Connection, known: Known, articles: Sequence[str]) -> set[tuple[str, str]]:
    """Into `known`: every statement about the cards these articles named; the marks of those cards."""
    named = select(policy_claims.c.card).where(policy_claims.c.article.in_(articles))
    statement = (
        select(*_CLAIM).where(policy_claims.c.card.in_(named)).order_by(policy_claims.c.card, policy_claims.c.key)
    )
    for row in connection.execute(statement):
        claim = from_row(PolicyClaim, row, frozenset())
        known.card_witnesses.setdefault(claim.card, []).append(claim)
    rows = connection.execute(select(*_CARD).where(cards.c.key.in_(known.card_witnesses)))
    return {mark for row in rows for mark in from_row(Card, row, _STEPS).marks}


def by_key(connection: Connection, keys: Iterable[str]) -> list[Policy]:
    """The policies with these keys."""
    wanted = list(keys)
    if not wanted:
        return []
    rows = connection.execute(select(*_POLICY).where(policies.c.key.in_(wanted)).order_by(policies.c.key))
    return [from_row(Policy, row, _LIVES) for row in rows]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which policies to list; None asks nothing. A region stands for the places in it too."""

    status: str | None = None
    region: str | None = None
    issuer: str | None = None
    title: str | None = None
    seen: bool = False
    """Those that were only mentioned, too."""
    keys: frozenset[str] | None = None


def listed(connection: Connection, wanted: Filter, limit: int) -> list[Policy]:
    """Those with the newest step first."""
    statement = select(*_POLICY)
    if wanted.status is not None:
        statement = statement.where(policies.c.status == wanted.status)
    elif not wanted.seen:
        statement = statement.where(policies.c.status != "mentioned")
    if wanted.region is not None:
        statement = statement.where(below(policies.c.region, [wanted.region]))
    if wanted.issuer is not None:
        statement = statement.where(policies.c.issuer.contains(wanted.issuer, autoescape=True))
    if wanted.title is not None:
        statement = statement.where(policies.c.title.contains(wanted.title, autoescape=True))
    if wanted.keys is not None:
        statement = statement.where(policies.c.key.in_(wanted.keys))
    rows = connection.execute(statement.order_by(policies.c.since.desc(), policies.c.key).limit(limit))
    return [from_row(Policy, row, _LIVES) for row in rows]


def get(connection: Connection, key: str) -> Policy:
    """The policy with this key or beginning of one, or with a card that once gave it its key. Raises Problem."""
    rows = connection.execute(
        select(cards.c.policy).where(cards.c.key.startswith(key, autoescape=True)).distinct().limit(SEVERAL)
    )
    keys = sorted(row.policy for row in rows)
    return by_key(connection, [the_one(keys, key, "policy", "chainwatch policies list shows the keys")])[0]


def by_card(connection: Connection, keys: Iterable[str]) -> list[Card]:
    """The cards with these keys."""
    rows = connection.execute(select(*_CARD).where(cards.c.key.in_(sorted(set(keys)))).order_by(cards.c.key))
    return [from_row(Card, row, _STEPS) for row in rows]


def cards_of(connection: Connection, policy: str) -> list[Card]:
    """The cards of a policy, earliest first."""
    rows = connection.execute(select(*_CARD).where(cards.c.policy == policy).order_by(cards.c.born, cards.c.key))
    return [from_row(Card, row, _STEPS) for row in rows]


def claims_of(connection: Connection, keys: Sequence[str]) -> list[PolicyClaim]:
    """What articles say of these cards, earliest publication first."""
    statement = select(*_CLAIM).where(policy_claims.c.card.in_(keys)).order_by(policy_claims.c.key)
    return [from_row(PolicyClaim, row, frozenset()) for row in connection.execute(statement)]


def named_about(connection: Connection, nodes: frozenset[str]) -> frozenset[str]:
    """Keys of the policies named in articles that are about these nodes or what lies below, or state their figures."""
    names = ("tags", "articles", "readings", "claims", "facts")
    tags, articles, readings, claims, facts = (metadata.tables[name] for name in names)
    named = select(cards.c.policy).join(policy_claims, policy_claims.c.card == cards.c.key).distinct()
    about = (
        named.join(articles, articles.c.id == policy_claims.c.article)
        .join(tags, and_(tags.c.article == articles.c.number, tags.c.revision == articles.c.revision))
        .where(below(tags.c.node, nodes), tags.c.strength == "about")
    )
    figures = (
        named.join(readings, readings.c.article == policy_claims.c.article)
        .join(claims, and_(claims.c.published_ms == readings.c.published_ms, claims.c.article == readings.c.article))
        .join(facts, and_(facts.c.shelf == claims.c.shelf, facts.c.key == claims.c.fact))
        .where(below(facts.c.node, nodes))
    )
    return frozenset(row.policy for row in connection.execute(union(about, figures)))


def apply(connection: Connection, changes: Changes) -> None:
    """Write the policy rows of an article's changes."""
    if changes.forgotten:
        connection.execute(delete(policy_claims).where(policy_claims.c.article.in_(changes.forgotten)))
    for table in (policies, cards):
        gone = [key for name, key in changes.dropped if name == table.name]
        if gone:
            connection.execute(delete(table).where(table.c.key.in_(gone)))
    put_all(connection, cards, (to_row(card) for card in changes.cards))
    put_all(connection, policies, (to_row(policy) for policy in changes.policies))
    add_all(connection, policy_claims, (to_row(claim) for claim in changes.policy_claims))
