"""Hop 3: what an article changes in the ledger, and what is told of it.

Pure: the ledger's rows come in as `Known`, time is an argument, changes go out as `Changes`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chainwatch.models import Article, State, Tag, digest, to_timestamp_ms
from chainwatch.models.finding import Finding
from chainwatch.models.known import Known
from chainwatch.models.ledger import ACTUAL, TARGET, Changes, Needs, Reading, Signature, echo_of
from consumers.ledger import key as keys
from consumers.ledger import measure, policy, reprint, reread, role, rule
from consumers.ledger.claim import Stated, resolved, stated
from consumers.ledger.desk import Desk
from consumers.ledger.notice import Scene
from consumers.ledger.tick import tick

__all__ = ["compare", "needs", "tick"]


def needs(article: Article, tags: Sequence[Tag], findings: Sequence[Finding]) -> Needs:  # noqa: ARG001  part of the hop's interface
    """The keys of all rows that `compare` may look at. Depends on the article alone: call it beside `extract`."""
    said = _said(article, findings)
    reading = said.reading
    cards = [mention.card for mention in said.policies]
    return Needs(
        articles=((article.id, reading.said, reading.fetched_ms),),
        facts=tuple((one.claim.fact, one.claim.value, one.claim.key) for one in said.numbers),
        lines=frozenset(one.fact.line for one in said.numbers),
        aims=frozenset(one.fact.line for one in said.numbers if one.fact.kind == TARGET),
        results=frozenset(one.fact.line for one in said.numbers if one.fact.kind == ACTUAL),
        echoes=frozenset(echo_of(one.fact, one.claim.value, other=True) for one in said.numbers),
        marks=frozenset(mark for card in cards for mark in card.marks),
        roles=frozenset(one.role.key for one in said.roles),
        bands=said.signature.around if said.signature is not None else (),
        said=(((article.id, article.content_digest), said),),
    )


def compare(
    article: Article,
    tags: Sequence[Tag],
    findings: Sequence[Finding],
    known: Known,
    now: datetime,
    *,
    silent: bool,
) -> Changes:
    """Fold one article into the ledger.

    Args:
        article: a revision of a page; an older revision than the one held changes nothing.
        tags: what it is about.
        findings: what was read in it.
        known: at least what `needs` asked for; not written to.
        now: the moment of comparing, for the lag of aims.
        silent: whether its events alert nobody (backfill, first run of a source, outside the alert window).
    """
    said = known.said.get((article.id, article.content_digest)) or _said(article, findings)
    held = known.readings.get(article.id)
    if held is not None and said.reading.fetched_ms < held.fetched_ms:
        return Changes()
    if held is not None and held.said == said.reading.said:
        again = said.reading._replace(published_ms=held.published_ms)  # its claims stand under that
        return Changes(readings=(again,) if again.fetched_ms > held.fetched_ms else ())
    desk = Desk(known)
    scene = Scene.of(article, tags, findings, silent=silent)
    desk.readings.append(said.reading)
    if held is not None:
        reread.take_out(desk, article.id)
        reread.tell(desk, scene, held)
    numbers = sorted((resolved(one, known.redirects) for one in said.numbers), key=lambda one: one.claim.key)
    told = [measure.record(desk, one) for one in numbers]
    measure.tell(desk, scene, told, now)
    policy.record(desk, scene, said.policies)
    for one in said.roles:
        role.record(desk, scene, one)
    if said.signature is not None:
        reprint.record(desk, said.signature)
    rule.tell(desk, scene, tags)
    return desk.changes()


@dataclass(frozen=True, slots=True)
class _Said:
    """Everything an article claims, and the reading that names it."""

    numbers: Sequence[Stated]
    policies: Sequence[policy.Mention]
    roles: Sequence[role.Named]
    signature: Signature | None
    reading: Reading


def _said(article: Article, findings: Sequence[Finding]) -> _Said:
    """A withdrawn article claims nothing."""
    if article.state is State.WITHDRAWN:
        findings = ()
    numbers, policies, roles = (
        stated(article, findings),
        policy.mentions(article, findings),
        role.named(article, findings),
    )
    ids = sorted(one.claim.finding for some in (numbers, policies, roles) for one in some)
    reading = Reading(
        article=article.id,
        revision=article.content_digest,
        fetched_ms=to_timestamp_ms(article.fetched),
        published_ms=keys.published_ms(article),
        state=article.state.value,
        title=article.title,
        said=digest(article.content_digest, article.state.value, *ids),
    )
    live = article.state is State.LIVE
    return _Said(numbers, policies, roles, reprint.signature(article, numbers) if live else None, reading)
