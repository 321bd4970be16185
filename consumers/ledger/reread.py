"""An article read anew (revised, withdrawn, or read by better rules): what it said before is taken out first."""

from chainwatch.models import EventKind
from chainwatch.models.ledger import Reading
from consumers.ledger import fold
from consumers.ledger.desk import Desk
from consumers.ledger.notice import Scene
from consumers.ledger.policy import with_claim


def take_out(desk: Desk, article: str) -> None:
    """Rebuild every fact, card and role that the article's earlier revision spoke of, without it."""
    desk.forgotten.append(article)
    _facts(desk, article)
    _cards(desk, article)
    _roles(desk, article)


def _facts(desk: Desk, article: str) -> None:
    for key, claims in sorted(desk.known.witnesses.items()):
        held = desk.known.facts.get(key)
        if held is None or all(claim.article != article for claim in claims):
            continue
        desk.told_before[key] = held
        desk.said_before |= {(claim.fact, claim.value) for claim in claims if claim.article == article}
        desk.emptied.append(key)
        rest = [claim for claim in claims if claim.article != article]
        if rest:
            fact, values = fold.rebuilt(held, rest)
            desk.put(fact, *values.values())
        else:
            desk.drop(key)


def _cards(desk: Desk, article: str) -> None:
    for key, claims in sorted(desk.known.card_witnesses.items()):
        held = desk.known.cards.get(key)
        if held is None or all(claim.article != article for claim in claims):
            continue
        desk.touched.add(key)
        for mark in held.marks:
            desk.touched.update(desk.sharing(mark))
        card = held._replace(steps=(), born="", mentions=0)
        rest = [claim for claim in claims if claim.article != article]
        for claim in rest:
            card = with_claim(card, claim)
        if rest:
            desk.put_card(card)
        else:
            desk.cards.pop(key, None)
            desk.dropped["cards", key] = None


def _roles(desk: Desk, article: str) -> None:
    for key, claims in sorted(desk.known.role_witnesses.items()):
        held = desk.known.roles.get(key)
        if held is None or all(claim.article != article for claim in claims):
            continue
        rest = [claim for claim in claims if claim.article != article]
        if rest:
            desk.put_role(held._replace(born=min(claim.key for claim in rest), statements=len(rest)))
        else:
            desk.roles.pop(key, None)
            desk.dropped["roles", key] = None


def tell(desk: Desk, scene: Scene, held: Reading) -> None:
    """Tell that the page was revised or withdrawn since the revision held."""
    article = scene.article
    if article.state.value != held.state and article.state.value == "withdrawn":
        kind = EventKind.ARTICLE_WITHDRAWN
    elif article.content_digest != held.revision:
        kind = EventKind.ARTICLE_REVISED
    else:
        return
    desk.events.append(
        scene.event(
            kind,
            f"article:{article.id}",
            article.title or held.title,
            said=(held.revision, article.content_digest),
            before={"title": held.title, "revision": held.revision, "shown": held.title},
            after={"title": article.title, "revision": article.content_digest, "shown": article.title or held.title},
            region=article.region,
        )
    )
