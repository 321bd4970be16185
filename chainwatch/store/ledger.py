"""The ledger's tables: facts, their values, who states them. `load` what an article needs, `apply` its changes.

Rows are functions of the set of articles taken in, never of their order: no column holds a time of arrival.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    func,
    select,
    union_all,
    update,
)

from chainwatch.models import Article, to_timestamp_ms
from chainwatch.models.known import Known
from chainwatch.models.ledger import TARGET, Changes, Claim, Fact, Needs, Reading, Role, RoleClaim, Value, key_ms
from chainwatch.store import clusters, edits, policies
from chainwatch.store.among import among
from chainwatch.store.database import metadata
from chainwatch.store.rows import add_all, columns_of, from_row, put_all, to_row
from chainwatch.store.shelves import digits_of, numbered, of_keys, on_shelf

facts = Table(
    "facts",
    metadata,
    Column("shelf", BigInteger, primary_key=True, autoincrement=False),
    Column("key", Text, primary_key=True),
    Column("line", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("when", Text, nullable=False),
    Column("ends_ms", BigInteger, nullable=False),
    Column("region", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("metric", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("per_year", Boolean, nullable=False),
    Column("stem", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("comparator", Text, nullable=False),
    Column("level", Boolean, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("since", Text, nullable=False),
    Column("born", Text, nullable=False),
    Column("latest", Text, nullable=False),
    Column("firsts", Text, nullable=False),
    Column("values", Integer, nullable=False),
    Column("statements", Integer, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("issuer_key", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("node_key", Text, nullable=False),
    Column("cue", Boolean, nullable=False),
    Column("plan", Text, nullable=False),
    Index("ix_facts_line", "shelf", "line", "kind"),
    Index("ix_facts_node", "node", "kind"),
    Index("ix_facts_kind", "kind", "ends_ms"),
)
fact_values = Table(
    "fact_values",
    metadata,
    Column("shelf", BigInteger, primary_key=True, autoincrement=False),
    Column("fact", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("leads", Text, nullable=False),
    Column("comparator", Text, nullable=False),
    Column("level", Boolean, nullable=False),
    Column("born", Text, nullable=False),
    Column("echo", Text, nullable=False),
    Index("ix_fact_values_echo", "shelf", "echo"),
)
claims = Table(
    "claims",
    metadata,
    Column("published_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("article", Text, primary_key=True),
    Column("fact", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("comparator", Text, nullable=False),
    Column("level", Boolean, nullable=False),
    Column("cue", Boolean, nullable=False),
    Column("plan", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("node", Text, nullable=False),
    Column("finding", Text, nullable=False),
    Column("stated", Text, primary_key=True),
    Column("said", Text, primary_key=True),
    Column("shelf", BigInteger, nullable=False),
    Index("ix_claims_fact", "shelf", "fact"),
)
"""One row for each value that an article states of a fact; the evidence is the finding. `published_ms` is that of the
article's reading: what today's articles say lies together."""
readings = Table(
    "readings",
    metadata,
    Column("article", Text, primary_key=True),
    Column("revision", Text, nullable=False),
    Column("fetched_ms", BigInteger, nullable=False),
    Column("published_ms", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("said", Text, nullable=False),
)
"""Which revision of each article the ledger holds."""
roles = Table(
    "roles",
    metadata,
    Column("key", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("node", Text, nullable=False, index=True),
    Column("region", Text, nullable=False),
    Column("born", Text, nullable=False),
    Column("statements", Integer, nullable=False),
)
role_claims = Table(
    "role_claims",
    metadata,
    Column("article", Text, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("finding", Text, nullable=False),
    Index("ix_role_claims_role", "role", "key"),
)

_FACT = columns_of(facts, Fact)
_VALUE = columns_of(fact_values, Value)
_CLAIM = columns_of(claims, Claim)
_READING = columns_of(readings, Reading)
_ROLE_CLAIM = columns_of(role_claims, RoleClaim)
_ROLE = columns_of(roles, Role)
_FIRSTS = frozenset({"firsts"})
_LEADS = frozenset({"leads"})
_NONE: frozenset[str] = frozenset()
_OF_READING = and_(claims.c.published_ms == bindparam("at"), claims.c.article == bindparam("by"))
_SPOKEN = select(claims.c.fact).where(_OF_READING)
_READINGS = select(*_READING).where(among(readings.c.article))
_ROLES = select(*_ROLE).where(among(roles.c.key))
_FACTS = select(*_FACT).where(on_shelf(facts, "key"))
_FACTS_AND_AIMS = union_all(
    select(*_FACT).where(on_shelf(facts, "key", "keys", facts.c.kind != TARGET)),
    select(*_FACT).where(on_shelf(facts, "line", "lines", facts.c.kind == TARGET)),
)
"""Aims are found by their line, which is asked for with every fact."""
_RESULTS = select(*_FACT).where(on_shelf(facts, "line", "lines", facts.c.kind != TARGET))
_SOME = among(func.coalesce(fact_values.c.value, ""), "values")
"""Values of facts found by key: an expression, so that it is no second lookup for each of them."""
_VALUES = union_all(
    select(*_VALUE).where(on_shelf(fact_values, "fact", "facts", _SOME)),
    select(*_VALUE).where(on_shelf(fact_values, "echo", "echoes")),
)
_ALL_VALUES = select(*_VALUE).where(on_shelf(fact_values, "fact"))


def load(connection: Connection, needs: Needs) -> Known:
    """Everything that comparing an article (or a batch: needs joined by `|`) may look at."""
    known = Known(said=dict(needs.said))
    ids = [article for article, _, _ in needs.articles]
    rows = connection.execute(_READINGS, {"keys": ids})
    known.readings = {reading.article: reading for reading in (from_row(Reading, row, _NONE) for row in rows)}
    known.tracking = len(set(ids)) < len(ids)
    marks = set(needs.marks)
    anew = sorted(
        {
            article
            for article, said, fetched_ms in needs.articles
            if known.tracking
            or ((held := known.readings.get(article)) and held.said != said and held.fetched_ms <= fetched_ms)
        }
    )
    if anew:
        _load_witnesses(connection, known, anew)
        marks |= policies.load_witnesses(connection, known, anew)
    if needs.facts:
        needs = edits.landed(connection, known, needs)
        _load_facts(connection, known, needs)
        _load_values(connection, known, needs)
    policies.load(connection, known, marks)
    clusters.load(connection, known, needs.bands)
    wanted_roles = needs.roles | known.role_witnesses.keys()
    if wanted_roles:
        rows = connection.execute(_ROLES, {"keys": sorted(wanted_roles)})
        known.roles = {role.key: role for role in (from_row(Role, row, _NONE) for row in rows)}
    return known


def _load_witnesses(connection: Connection, known: Known, articles: Sequence[str]) -> None:
    """Every statement of the facts and roles that these articles spoke of, and those facts."""
    held = [known.readings[article] for article in articles if article in known.readings]
    spoken = [fact for one in held for fact in connection.execute(_SPOKEN, _reading_of(one)).scalars()]
    stating = select(*_CLAIM).where(of_keys(claims, "fact", spoken)).order_by(claims.c.fact, claims.c.key)
    for row in connection.execute(stating):
        claim = from_row(Claim, row, _NONE)
        known.witnesses.setdefault(claim.fact, []).append(claim)
    _hold(known, connection.execute(_FACTS, {"keys": sorted(known.witnesses)}))
    named = select(role_claims.c.role).where(role_claims.c.article.in_(articles))
    for row in connection.execute(
        select(*_ROLE_CLAIM).where(role_claims.c.role.in_(named)).order_by(role_claims.c.key)
    ):
        naming = from_row(RoleClaim, row, _NONE)
        known.role_witnesses.setdefault(naming.role, []).append(naming)


def _load_facts(connection: Connection, known: Known, needs: Needs) -> None:
    asked = sorted({fact for fact, _, _ in needs.facts})
    _hold(known, connection.execute(_FACTS_AND_AIMS, {"keys": asked, "lines": sorted(needs.lines)}))
    known.lines |= {line: known.lines.get(line, {}) for line in needs.lines}
    aimed = needs.aims.union(fact.line for fact in known.facts.values() if fact.kind == TARGET)
    if compared := sorted(aimed & needs.results):
        _hold(known, connection.execute(_RESULTS, {"lines": compared}))


def _reading_of(held: Reading) -> dict[str, Any]:
    """Under which its claims are found."""
    return {"at": held.published_ms, "by": held.article}


def _hold(known: Known, rows: Iterable[Row[Any]]) -> None:
    for row in rows:
        fact = from_row(Fact, row, _FIRSTS)
        known.facts[fact.key] = fact
        known.lines.setdefault(fact.line, {})[fact.key] = fact


def _load_values(connection: Connection, known: Known, needs: Needs) -> None:
    latest = {key: fact.latest for key, fact in known.facts.items()}
    late: set[str] = set()
    for fact, _, key in needs.facts:
        if key <= latest.get(fact, ""):
            late.add(fact)
        latest[fact] = max(key, latest.get(fact, ""))
    wanted = {
        "facts": sorted({fact for fact, _, _ in needs.facts} - late),
        "values": sorted({value for _, value, _ in needs.facts}),
        "echoes": sorted(needs.echoes),
    }
    rows = list(connection.execute(_VALUES, wanted))
    if late:
        rows += connection.execute(_ALL_VALUES, {"keys": sorted(late)})
    for row in rows:
        value = from_row(Value, row, _LEADS)
        known.values.setdefault(value.fact, {})[value.value] = value
        known.echoes.setdefault(value.echo, set()).add(value.fact)
    known.whole |= late
    missing = known.values.keys() - known.facts.keys()
    if missing:
        _hold(known, connection.execute(_FACTS, {"keys": sorted(missing)}))


def apply(connection: Connection, changes: Changes) -> None:
    """Write an article's changes. Its events are for `store.events`."""
    _end(connection, changes)
    put_all(connection, readings, (to_row(reading) for reading in changes.readings))
    _put_facts(connection, changes)
    put_all(connection, roles, (to_row(role) for role in changes.roles))
    add_all(connection, role_claims, (to_row(claim) for claim in changes.role_claims))
    policies.apply(connection, changes)
    clusters.apply(connection, changes)


def _put_facts(connection: Connection, changes: Changes) -> None:
    """Facts, their values and who states them, each on its subject's shelf."""
    claimed = [claim.fact for claim in changes.claims]
    shelves = numbered(
        connection, [*(fact.key for fact in changes.facts), *(one.fact for one in changes.values), *claimed]
    )
    put_all(connection, facts, (_shelved(shelves, fact.key, fact) for fact in changes.facts))
    put_all(connection, fact_values, (_shelved(shelves, value.fact, value) for value in changes.values))
    add_all(connection, claims, (_claimed(shelves, claim) for claim in changes.claims))


def _claimed(shelves: Mapping[str, int], claim: Claim) -> dict[str, Any]:
    return {"published_ms": key_ms(claim.key), **_shelved(shelves, claim.fact, claim)}


def _shelved(shelves: Mapping[str, int], fact: str, row: Any) -> dict[str, Any]:
    return {"shelf": shelves[digits_of(fact)], **to_row(row)}


def _end(connection: Connection, changes: Changes) -> None:
    """Take out what a revision, withdrawal or edit ended."""
    if changes.forgotten:
        rows = connection.execute(_READINGS, {"keys": list(changes.forgotten)})
        held = [_reading_of(from_row(Reading, row, _NONE)) for row in rows]
        if held:
            connection.execute(delete(claims).where(_OF_READING), held)
        connection.execute(delete(role_claims).where(role_claims.c.article.in_(changes.forgotten)))
    if changes.emptied:
        connection.execute(delete(fact_values).where(of_keys(fact_values, "fact", changes.emptied)))
    gone = {table: [key for name, key in changes.dropped if name == table.name] for table in (facts, roles)}
    if gone[facts]:
        connection.execute(delete(facts).where(of_keys(facts, "key", gone[facts])))
    if gone[roles]:
        connection.execute(delete(roles).where(roles.c.key.in_(gone[roles])))


def apply_all(connection: Connection, changes: Iterable[Changes]) -> None:
    """Write the changes of a batch, in order; rows that several articles changed are written once."""
    apply(connection, Changes.of_batch(changes))


def seen_again(connection: Connection, article: Article) -> None:
    """The revision that is held was fetched again, maybe later: none fetched before takes its place any more."""
    fetched = to_timestamp_ms(article.fetched)
    held = (readings.c.article == article.id) & (readings.c.revision == article.content_digest)
    later = update(readings).where(held, readings.c.fetched_ms < fetched).values(fetched_ms=fetched)
    connection.execute(later)


def witnesses(connection: Connection, keys: Iterable[str]) -> list[Claim]:
    """Every statement that counts for these facts."""
    met = of_keys(claims, "fact", keys)
    return [
        from_row(Claim, row, _NONE) for row in connection.execute(select(*_CLAIM).where(met).order_by(claims.c.key))
    ]


def recount(connection: Connection, changed: Sequence[Claim]) -> None:
    """Let statements count for other facts or values than before."""
    shelves = numbered(connection, (claim.fact for claim in changed))
    put_all(connection, claims, (_claimed(shelves, claim) for claim in changed))


def of_facts(connection: Connection, keys: Iterable[str]) -> list[Fact]:
    """The facts with these keys, in order of key."""
    rows = connection.execute(select(*_FACT).where(of_keys(facts, "key", keys)).order_by(facts.c.key))
    return [from_row(Fact, row, _FIRSTS) for row in rows]
