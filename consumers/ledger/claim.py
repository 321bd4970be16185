"""What an article claims: its findings as statements about facts, with their keys, before anything is compared."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chainwatch.models import Article, Measure, PolicyFinding, finding_id
from chainwatch.models.finding import Finding
from chainwatch.models.ledger import COMMITMENT, TARGET, Claim, Fact, Redirect, Witness
from consumers.ledger import key as keys

BASED = frozenset({"占比", "增速", "贡献率", "研发强度"})
"""Metrics that mean nothing without what they are a share or a growth of."""
MERGES = 8
"""How many merges in a row are followed."""
_MOVED = re.compile(r"提前|推迟|延后|延期|延至|延长至|顺延|调整为|调整至|调整到")


@dataclass(frozen=True, slots=True)
class Stated:
    """A claim with the bare fact it is about and the finding that carries its evidence."""

    claim: Claim
    fact: Fact
    finding: Measure


def landed(claim: Claim, fact: Fact, redirects: Mapping[str, Sequence[Redirect]]) -> tuple[Claim, Fact]:
    """The claim, as the text has it about this bare fact, as editors have decided that it counts."""
    claim = claim._replace(fact=fact.key, kind=fact.kind, value=claim.said)
    for _ in range(MERGES):
        fitting = [
            each
            for each in redirects.get(fact.key, ())
            if each.article in {"", claim.article} and each.was in {"", claim.value}
        ]
        if not fitting:
            break
        chosen = max(fitting, key=lambda each: (each.article, each.edit))
        if chosen.landing.key == fact.key and chosen.value in {"", claim.value}:
            break
        fact = chosen.landing
        claim = claim._replace(fact=fact.key, kind=fact.kind, value=chosen.value or claim.value)
    return claim, fact


def resolved(one: Stated, redirects: Mapping[str, Sequence[Redirect]]) -> Stated:
    """The statement as editors have decided that it counts."""
    if not redirects:
        return one
    claim, fact = landed(one.claim, one.fact, redirects)
    return Stated(claim, fact, one.finding)


def stated(article: Article, findings: Sequence[Finding]) -> list[Stated]:
    """Every number of the article as a claim, one for each (fact, value), in order of sort key.

    Where an article gives several values for one fact, the surest (then first) speaks, the others are mute.
    """
    policies = [finding for finding in findings if isinstance(finding, PolicyFinding)]
    rank = keys.witness(article, itself=any(policy.itself for policy in policies))
    best: dict[tuple[str, str], Stated] = {}
    for finding in findings:
        if isinstance(finding, Measure):
            one = _stated(article, finding, rank, _plan(finding, policies))
            held = best.get((one.claim.fact, one.claim.value))
            if held is None or (held.claim.rank, one.claim.key) < (one.claim.rank, held.claim.key):
                best[one.claim.fact, one.claim.value] = one
    return sorted(_one_voice(article, list(best.values())), key=lambda one: one.claim.key)


def _plan(finding: Measure, policies: Sequence[PolicyFinding]) -> str:
    """Title of the policy that the sentence names, or that the article is."""
    begin, end = finding.sentence_span
    for policy in policies:
        if policy.part == finding.part and begin <= policy.title_span[0] < end:
            return policy.title
    return next((policy.title for policy in policies if policy.itself), "")


def _stated(article: Article, finding: Measure, rank: Witness, plan: str) -> Stated:
    mute = finding.recap or finding.level
    witness = Witness.MUTE if mute else rank
    fact = bare_fact(finding, when(article, finding))
    value = keys.value_key(finding.value, finding.value_high)
    claim = Claim(
        article=article.id,
        fact=fact.key,
        value=value,
        kind=finding.kind,
        key=keys.sort_key(article, witness, finding.part, finding.value_span[0]),
        rank=witness,
        comparator=finding.comparator.value,
        level=finding.level,
        cue=finding.kind == TARGET and bool(_MOVED.search(finding.sentence)),
        plan=plan,
        issuer=finding.issuer or "",
        node=finding.node or "",
        finding=finding_id(article.id, article.content_digest, finding),
        stated=fact.key,
        said=value,
    )
    return Stated(claim, fact, finding)


def when(article: Article, finding: Measure) -> str:
    """The period that a number is for, as facts are told apart by it."""
    if finding.kind == TARGET:
        return keys.period_key(finding.deadline)
    if finding.kind == COMMITMENT:
        return ""
    if finding.as_of is None and article.published is not None:
        return f"{article.published:%Y-%m}{keys.UNDATED}"
    return keys.period_key(finding.as_of)


class Words(NamedTuple):
    """What a number is of, as facts are told apart by it."""

    region: str
    subject: str
    metric: str
    base: str
    scope: str
    flow: str
    unit: str
    per_year: bool


def words_of(finding: Measure) -> Words:
    """The words of a measure, folded."""
    region = keys.region_key(finding.region)
    base = (finding.base or "") + (f"@{finding.baseline}" if finding.baseline else "")
    flow = "new" if finding.flow == "new" else ""
    if finding.kind == COMMITMENT:
        flow = "cap" if finding.cap_per_item else flow
    return Words(
        region=region,
        subject=keys.subject_key(finding.subject, finding.node, region, finding.metric_text),
        metric=finding.metric,
        base=base if finding.metric in BASED else "",
        scope="核心" if finding.scope == "核心" else "",
        flow=flow,
        unit=keys.unit_key(finding.unit, finding.metric, finding.subject),
        per_year=finding.per_year,
    )


def bare_fact(finding: Measure, when: str) -> Fact:
    """The fact a measure is about, with nothing held of it yet."""
    return fact_of(finding.kind, when, **words_of(finding)._asdict())


def fact_of(
    kind: str,
    when: str,
    *,
    region: str,
    subject: str,
    metric: str,
    base: str,
    scope: str,
    flow: str,
    unit: str,
    per_year: bool,
) -> Fact:
    """The fact that these words name, with its keys, and nothing held of it."""
    aspect = (subject, metric, base, scope, flow, unit, "per-year" if per_year else "")
    line = "line:" + keys.hashed_about(subject, "pledge" if kind == COMMITMENT else "line", region, *aspect)
    return Fact(
        key="fact:" + keys.hashed_about(subject, kind, line, when),
        line=line,
        kind=kind,
        when=when,
        ends_ms=keys.period_end_ms(when),
        region=region,
        subject=subject,
        metric=metric,
        base=base,
        scope=scope,
        flow=flow,
        unit=unit,
        per_year=per_year,
        stem=keys.hashed_about(subject, "stem", kind, *aspect, when),
    )


def _one_voice(article: Article, claims: list[Stated]) -> list[Stated]:
    """All but the surest value of each fact are mute."""
    speakers: dict[str, Stated] = {}
    for one in claims:
        held = speakers.get(one.claim.fact)
        if held is None or _sureness(one) < _sureness(held):
            speakers[one.claim.fact] = one
    return [one if speakers[one.claim.fact] is one else _muted(article, one) for one in claims]


def _sureness(one: Stated) -> tuple[int, float, str]:
    return (-one.claim.rank, -float(one.finding.confidence), one.claim.key)


def _muted(article: Article, one: Stated) -> Stated:
    key = keys.sort_key(article, Witness.MUTE, one.finding.part, one.finding.value_span[0])
    return Stated(one.claim._replace(rank=Witness.MUTE, key=key), one.fact, one.finding)
