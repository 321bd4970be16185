"""Reading the ledger for commands and pages: facts by filter, their lines, who states them with which evidence."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from chainwatch.models import FINDING, Evidence, Measure, Precision, RoleFinding, from_timestamp_ms
from chainwatch.models.known import Known
from chainwatch.models.ledger import ACTUAL, TARGET, Claim, Fact, Role, Value
from chainwatch.problem import Problem
from chainwatch.store import edits
from chainwatch.store.articles import articles, revisions
from chainwatch.store.findings import findings
from chainwatch.store.ledger import claims, fact_values, facts, role_claims, roles
from chainwatch.store.rows import SEVERAL, below, columns_of, from_row, the_one
from chainwatch.store.shelves import beginning, of_keys, of_subjects
from chainwatch.store.tags import tags

_FACT, _VALUE, _CLAIM, _ROLE = (
    columns_of(table, kind) for table, kind in ((facts, Fact), (fact_values, Value), (claims, Claim), (roles, Role))
)
_FIRSTS, _LEADS, _NONE = frozenset({"firsts"}), frozenset({"leads"}), frozenset[str]()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which facts to list; None asks nothing. Nodes and regions match what lies below them too."""

    kinds: frozenset[str] = frozenset({TARGET})
    nodes: frozenset[str] | None = None
    region: str | None = None
    metric: str | None = None
    year: str | None = None
    name: str | None = None
    """Part of the subject's name."""


@dataclass(frozen=True, slots=True)
class Said:
    """One statement with its evidence; None where the finding is no longer stored."""

    claim: Claim
    evidence: Evidence | None


def listed(connection: Connection, wanted: Filter, limit: int) -> list[Fact]:
    """Those told of last come first. Facts without a region that echo one with a region are left to it."""
    statement = select(*_FACT).where(facts.c.kind.in_(sorted(wanted.kinds)), facts.c.value != "")
    if wanted.nodes is not None:
        statement = statement.where(below(facts.c.node, wanted.nodes))
    if wanted.region is not None:
        statement = statement.where(below(facts.c.region, frozenset({wanted.region})))
    if wanted.metric is not None:
        statement = statement.where(facts.c.metric == wanted.metric)
    if wanted.year is not None:
        statement = statement.where(facts.c.when.startswith(wanted.year, autoescape=True))
    if wanted.name is not None:
        statement = statement.where(facts.c.subject.contains(wanted.name, autoescape=True))
    found = _facts(connection, statement.order_by(facts.c.since.desc(), facts.c.key).limit(limit))
    owned = owners(connection, found)
    return [fact for fact in found if len(owned.get(fact.key, ())) != 1]


def _facts(connection: Connection, statement: Select[Any]) -> list[Fact]:
    return [from_row(Fact, row, _FIRSTS) for row in connection.execute(statement)]


def owners(connection: Connection, some: Iterable[Fact]) -> dict[str, list[str]]:
    """Facts without a region → the facts with one that state a value of theirs. With exactly one, it owns them."""
    asking = {fact.key for fact in some if not fact.region}
    if not asking:
        return {}
    columns = (fact_values.c.shelf, fact_values.c.fact, fact_values.c.echo)
    mine = select(*columns).where(of_keys(fact_values, "fact", asking)).subquery()
    other = func.rtrim(mine.c.echo, "?")  # without the mark of a fact that has no region
    rows = connection.execute(
        select(mine.c.fact, fact_values.c.fact.label("owner"))
        .join(fact_values, and_(fact_values.c.shelf == mine.c.shelf, fact_values.c.echo == other))
        .order_by(mine.c.fact, fact_values.c.fact)
    )
    found: dict[str, list[str]] = {}
    for row in rows:
        if row.owner not in found.setdefault(row.fact, []):
            found[row.fact].append(row.owner)
    return found


def get(connection: Connection, key: str) -> Fact:
    """The fact with this key or unique beginning of one. Raises Problem."""
    met = facts.c.key.startswith(key, autoescape=True)
    if ":" in key:
        met = and_(beginning(facts, key), met)
    found = {
        fact.key: fact for fact in _facts(connection, select(*_FACT).where(met).order_by(facts.c.key).limit(SEVERAL))
    }
    if not found:
        _say_where_it_went(connection, key)
    return found[the_one(list(found), key, "fact", "chainwatch targets list shows the keys")]


def _say_where_it_went(connection: Connection, key: str) -> None:
    """Raise Problem where an editor let all statements of such a fact count for another."""
    for edit in reversed(edits.listed(connection)):
        if edit.subject.startswith(key) and edit.landing is not None and edit.undone_ms is None:
            what = f"nothing counts for that fact since edit {edit.number}, but for {edit.landing.key}"
            raise Problem(what, place=edit.subject, cure=f"chainwatch edits undo {edit.number} takes it back")


def of_lines(connection: Connection, lines: Iterable[str]) -> dict[str, list[Fact]]:
    """All aims and results of lines, in order of their time."""
    found: dict[str, list[Fact]] = {}
    statement = select(*_FACT).where(of_keys(facts, "line", lines)).order_by(facts.c.when, facts.c.key)
    for fact in _facts(connection, statement):
        found.setdefault(fact.line, []).append(fact)
    return found


def beside(connection: Connection, subjects: Iterable[str], nodes: Iterable[str]) -> list[Fact]:
    """All aims of these subjects or nodes, in order of subject, region, metric and time."""
    names = sorted(set(subjects))
    named = and_(of_subjects(facts, names), facts.c.subject.in_(names))
    met = and_(facts.c.kind == TARGET, or_(named, facts.c.node.in_(sorted(set(nodes)))))
    order = (facts.c.subject, facts.c.region, facts.c.metric, facts.c.when, facts.c.key)
    return _facts(connection, select(*_FACT).where(met).order_by(*order))


def aims_by_node(connection: Connection) -> dict[str, int]:
    """Node → how many aims it has itself."""
    rows = connection.execute(
        select(facts.c.node, func.count().label("aims")).where(facts.c.kind == TARGET).group_by(facts.c.node)
    )
    return {row.node: row.aims for row in rows}


def values_of(connection: Connection, keys: Iterable[str]) -> list[Value]:
    """Every value ever stated of these facts."""
    statement = select(*_VALUE).where(of_keys(fact_values, "fact", keys)).order_by(fact_values.c.born)
    return [from_row(Value, row, _LEADS) for row in connection.execute(statement)]


def said_of(connection: Connection, keys: Iterable[str], limit: int = 200) -> list[Said]:
    """Who states these facts, earliest publication first."""
    statement = select(*_CLAIM).where(of_keys(claims, "fact", keys)).order_by(claims.c.key).limit(limit)
    found = [from_row(Claim, row, _NONE) for row in connection.execute(statement)]
    shown = evidence(connection, (claim.finding for claim in found))
    return [Said(claim, shown.get(claim.finding)) for claim in found]


def evidence(connection: Connection, ids: Iterable[str]) -> dict[str, Evidence]:
    """Finding id → where it is said."""
    rows = connection.execute(
        select(
            findings.c.id,
            findings.c.body,
            articles.c.id.label("article"),
            articles.c.url,
            articles.c.source,
            articles.c.title,
            articles.c.published_ms,
            articles.c.precision,
            revisions.c.content_digest,
            revisions.c.raw_digest,
        )
        .join(revisions, revisions.c.number == findings.c.number)
        .join(articles, articles.c.number == findings.c.article)
        .where(findings.c.id.in_(sorted(set(ids))))
    )
    return {row.id: _evidence(row) for row in rows}


def _evidence(row: Any) -> Evidence:
    finding = FINDING.validate_json(row.body)
    if isinstance(finding, Measure):
        span = finding.value_span
    elif isinstance(finding, RoleFinding):
        span = finding.holder_span
    else:
        span = finding.title_span
    return Evidence(
        article=row.article,
        revision=row.content_digest,
        part=finding.part,
        span=span,
        quote=finding.quote,
        sentence=finding.sentence,
        url=row.url,
        source=row.source,
        title=row.title,
        published=from_timestamp_ms(row.published_ms) if row.published_ms is not None else None,
        precision=Precision(row.precision),
        raw_digest=row.raw_digest,
        rule=finding.pattern,
    )


def roles_of(connection: Connection, nodes: frozenset[str]) -> list[Role]:
    """Who is named for these nodes or what lies below, in order of naming."""
    statement = select(*_ROLE).where(below(roles.c.node, nodes)).order_by(roles.c.born, roles.c.key)
    return [from_row(Role, row, _NONE) for row in connection.execute(statement)]


def role_findings(connection: Connection, keys: Iterable[str]) -> dict[str, Evidence]:
    """Role → its first naming."""
    rows = connection.execute(
        select(role_claims.c.role, role_claims.c.finding)
        .where(role_claims.c.role.in_(sorted(set(keys))))
        .order_by(role_claims.c.key.desc())
    )
    first = {row.role: row.finding for row in rows}
    shown = evidence(connection, first.values())
    return {role: shown[finding] for role, finding in first.items() if finding in shown}


def published_about(connection: Connection, nodes: frozenset[str], since_ms: int, until_ms: int) -> list[int]:
    """Publication times (Unix milliseconds) of the articles that are about these nodes or what lies below."""
    rows = connection.execute(
        select(articles.c.published_ms)
        .join(tags, and_(tags.c.article == articles.c.number, tags.c.revision == articles.c.revision))
        .where(
            below(tags.c.node, nodes),
            tags.c.strength == "about",
            articles.c.published_ms >= since_ms,
            articles.c.published_ms < until_ms,
        )
        .group_by(articles.c.number, articles.c.published_ms)
    )
    return [row.published_ms for row in rows]


def due(connection: Connection, since_ms: int, until_ms: int) -> tuple[Known, dict[str, Evidence]]:
    """The aims whose deadline passed in (since, until], with their lines, and evidence of aims and results by fact."""
    passed = (facts.c.kind == TARGET) & (facts.c.ends_ms > since_ms) & (facts.c.ends_ms <= until_ms)
    over = _facts(connection, select(*_FACT).where(passed))
    lines = of_lines(connection, (fact.line for fact in over))
    known = Known(lines={line: {fact.key: fact for fact in some} for line, some in lines.items()})
    known.facts = {fact.key: fact for fact in over}
    wanted = {fact.key for some in lines.values() for fact in some if fact.kind == ACTUAL} | known.facts.keys()
    rows = connection.execute(
        select(claims.c.fact, claims.c.finding).where(of_keys(claims, "fact", wanted)).order_by(claims.c.key)
    )
    last = {row.fact: row.finding for row in rows}
    shown = evidence(connection, last.values())
    return known, {fact: shown[finding] for fact, finding in last.items() if finding in shown}


def echoing(connection: Connection, fact: Fact) -> list[str]:
    """Keys of the facts without a region whose statements belong to this one."""
    if not fact.region:
        return []
    marked = [f"{value.echo}?" for value in values_of(connection, [fact.key])]
    keys = connection.execute(select(fact_values.c.fact).where(of_keys(fact_values, "echo", marked))).scalars()
    mates = _facts(connection, select(*_FACT).where(of_keys(facts, "key", keys)).order_by(facts.c.key))
    owned = owners(connection, mates)
    return [mate.key for mate in mates if owned.get(mate.key) == [fact.key]]
