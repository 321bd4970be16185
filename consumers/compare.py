"""Hop 3: what an article changes in the ledger, and what is told of it.

Pure: the ledger's rows come in as `Known`, time is an argument, changes go out as `Changes`.
"""

from collections.abc import Sequence
from datetime import datetime

from chainwatch.models import Article, Tag, digest, to_timestamp_ms
from chainwatch.models.finding import Finding
from chainwatch.models.ledger import Changes, Known, Needs, Reading
from consumers.ledger import key as keys
from consumers.ledger import measure, policy, role
from consumers.ledger.claim import stated
from consumers.ledger.desk import Desk
from consumers.ledger.notice import Scene


def needs(article: Article, tags: Sequence[Tag], findings: Sequence[Finding]) -> Needs:  # noqa: ARG001  part of the hop's interface
    """The keys of all rows that `compare` may look at. Depends on the article alone: call it beside `extract`."""
    numbers = stated(article, findings)
    cards = [mention.card for mention in policy.mentions(article, findings)]
    return Needs(
        articles=(article.id,),
        facts=tuple((one.claim.fact, one.claim.value, one.claim.key) for one in numbers),
        lines=frozenset(one.fact.line for one in numbers),
        echoes=frozenset((f"{one.fact.stem}:{one.claim.value}", not one.fact.region) for one in numbers),
        marks=frozenset(mark for card in cards for mark in card.marks),
        roles=frozenset(one.role.key for one in role.named(article, findings)),
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
    numbers, policies, roles = (
        stated(article, findings),
        policy.mentions(article, findings),
        role.named(article, findings),
    )
    reading = _reading(
        article,
        [
            *(one.claim.finding for one in numbers),
            *(one.claim.finding for one in policies),
            *(one.claim.finding for one in roles),
        ],
    )
    held = known.readings.get(article.id)
    if held is not None and (held.said == reading.said or reading.fetched_ms < held.fetched_ms):
        return Changes()
    desk = Desk(known)
    scene = Scene.of(article, tags, findings, silent=silent)
    desk.readings.append(reading)
    told = [measure.record(desk, one) for one in numbers]
    measure.tell(desk, scene, told, now)
    policy.record(desk, scene, policies)
    for one in roles:
        role.record(desk, scene, one)
    return desk.changes()


def _reading(article: Article, said: Sequence[str]) -> Reading:
    return Reading(
        article=article.id,
        revision=article.content_digest,
        fetched_ms=to_timestamp_ms(article.fetched),
        published_ms=keys.published_ms(article),
        state=article.state.value,
        title=article.title,
        said=digest(article.content_digest, article.state.value, *sorted(said)),
    )
