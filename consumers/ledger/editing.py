"""What an editor's decision does: statements land on other facts, and every fact they leave or reach is rebuilt."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chainwatch.models import Event, EventKind, Evidence, event_id
from chainwatch.models.ledger import Changes, Claim, Fact, Redirect, Value
from consumers.ledger import fold, wording
from consumers.ledger import key as keys
from consumers.ledger.claim import fact_of, landed

FIELDS = ("value", "year", "metric", "region", "kind")
"""What `correct` can change."""


@dataclass(frozen=True, slots=True)
class Correction:
    """Field → new value, as the editor gave them; None: unchanged."""

    value: str | None = None
    year: str | None = None
    metric: str | None = None
    region: str | None = None
    kind: str | None = None

    def landing(self, fact: Fact) -> Fact:
        """The bare fact that the statements count for from now on."""
        return fact_of(
            self.kind or fact.kind,
            keys.period_key(self.year) if self.year is not None else fact.when,
            region=keys.region_key(self.region) if self.region is not None else fact.region,
            subject=fact.subject,
            metric=self.metric or fact.metric,
            base=fact.base,
            scope=fact.scope,
            flow=fact.flow,
            unit=fact.unit,
            per_year=fact.per_year,
        )

    def changed(self, fact: Fact) -> tuple[tuple[str, str, str], ...]:
        """(field, before, after) of what differs."""
        before = {
            "value": fact.value,
            "year": fact.when,
            "metric": fact.metric,
            "region": fact.region,
            "kind": fact.kind,
        }
        after = {name: getattr(self, name) for name in FIELDS}
        return tuple(
            (name, before[name], new) for name in FIELDS if (new := after[name]) is not None and new != before[name]
        )


def apart(fact: Fact, number: int) -> Fact:
    """A bare fact of the same words that is another one by an editor's word."""
    key = "split:" + keys.hashed_about(fact.subject, "split", fact.key, str(number))
    return fact.bare()._replace(key=key, stem=keys.hashed_about(fact.subject, "split", str(number)))


def reached(
    claims: Iterable[Claim], bares: Mapping[str, Fact], redirects: Mapping[str, Sequence[Redirect]]
) -> set[str]:
    """The facts that these statements count for now."""
    return {landed(claim, bares[claim.stated], redirects)[1].key for claim in claims}


def resettled(
    claims: Sequence[Claim],
    bares: Mapping[str, Fact],
    redirects: Mapping[str, Sequence[Redirect]],
    affected: Iterable[str],
) -> Changes:
    """The affected facts, rebuilt.

    Args:
        claims: every statement that counts, or is to count, for an affected fact.
        bares: the bare fact of each key that a statement says.
        redirects: what stands decided.
        affected: keys of facts that statements left or reached.
    """
    homes: dict[str, Fact] = {}
    held: dict[str, list[Claim]] = {}
    for claim in claims:
        moved, fact = landed(claim, bares[claim.stated], redirects)
        homes[fact.key] = fact
        held.setdefault(fact.key, []).append(moved)
    facts: list[Fact] = []
    values: list[Value] = []
    dropped: list[tuple[str, str]] = []
    for key in sorted(set(affected)):
        if key not in held:
            dropped.append(("facts", key))
            continue
        fact, rows = fold.rebuilt(homes[key], held[key])
        facts.append(fact)
        values.extend(rows.values())
    kept = tuple(claim for mine in held.values() for claim in mine)
    return Changes(
        facts=tuple(facts),
        values=tuple(values),
        claims=kept,
        emptied=tuple(sorted(set(affected))),
        dropped=tuple(dropped),
    )


def corrected(
    fact: Fact,
    landing: Fact,
    changed: Sequence[tuple[str, str, str]],
    *,
    evidence: Sequence[Evidence],
    mark: str,
    reason: str,
) -> Event:
    """The event that tells whoever was told of the fact.

    Args:
        fact: as it stood before.
        landing: what it counts for, after.
        changed: (field, before, after).
        evidence: where it is said.
        mark: of the decision: the same correction made twice is told twice.
        reason: the editor's.
    """
    shown = {name: f"{before} → {after}" for name, before, after in changed}
    after = wording.described(landing) | {"reason": reason, "changed": "；".join(f"{k} {v}" for k, v in shown.items())}
    return Event(
        id=event_id(EventKind.FACT_CORRECTED, fact.key, mark, after["changed"]),
        kind=EventKind.FACT_CORRECTED,
        subject=fact.key,
        title=wording.headline(fact),
        nodes=(fact.node,) if fact.node else (),
        region=fact.region or None,
        before=wording.described(fact),
        after=after,
        evidence=tuple(evidence),
        issuers=(fact.issuer,) if fact.issuer else (),
    )
