"""Policies into the ledger: mentions to cards, cards to policies, steps of a policy's life, and what is told."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chainwatch.models import Article, EventKind, PolicyFinding, PolicyStatus, finding_id
from chainwatch.models.finding import Finding
from chainwatch.models.ledger import Card, Changes, Policy, PolicyClaim, Witness, key_ms
from consumers.ledger import key as keys
from consumers.ledger.desk import Desk
from consumers.ledger.notice import Scene
from consumers.ledger.policy_identity import assigned, card_of

LIFE = tuple(status.value for status in list(PolicyStatus)[:6])
"""planned, draft, issued, in_force, amended, repealed."""
SEEN = frozenset({PolicyStatus.INTERPRETED.value, PolicyStatus.MENTIONED.value})
_STALE_MS = 31 * 86_400_000
"""A step dated longer ago than this, told only now, is no news."""
SHOWN = {
    "planned": "将出台",
    "draft": "征求意见",
    "issued": "印发",
    "in_force": "施行",
    "amended": "修订",
    "repealed": "废止",
    "interpreted": "解读",
    "mentioned": "提及",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """A policy as one article tells it."""

    card: Card
    claim: PolicyClaim
    finding: PolicyFinding


def mentions(article: Article, findings: Sequence[Finding]) -> list[Mention]:
    """The policies an article names, one mention for each card: the one furthest in life."""
    found = [finding for finding in findings if isinstance(finding, PolicyFinding)]
    rank = keys.witness(article, itself=any(finding.itself for finding in found))
    year = year_of(article)
    best: dict[str, Mention] = {}
    for finding in found:
        card = card_of(article, finding, year)
        at = keys.sort_key(article, rank, finding.part, finding.title_span[0])
        status = finding.status.value
        said = finding_id(article.id, article.content_digest, finding)
        claim = PolicyClaim(article.id, card.key, status, finding.date or "", at, rank, said)
        held = best.get(card.key)
        if held is None or (_step(held.claim.status), claim.key) < (_step(status), held.claim.key):
            best[card.key] = Mention(card, claim, finding)
    return sorted(best.values(), key=lambda mention: mention.claim.key)


def year_of(article: Article) -> int:
    """Year of publication, 0 unknown."""
    return article.published.year if article.published is not None and keys.published_ms(article) else 0


def _step(status: str) -> int:
    return LIFE.index(status) if status in LIFE else -1


def with_claim(card: Card, claim: PolicyClaim) -> Card:
    """The card with one more statement."""
    steps = {status: (status, at, date) for status, at, date in card.steps}
    held = steps.get(claim.status)
    if held is None or claim.key < held[1]:
        steps[claim.status] = (claim.status, claim.key, claim.date)
    return card._replace(
        steps=tuple(steps[status] for status in sorted(steps)),
        born=claim.key if not card.born else min(card.born, claim.key),
        mentions=card.mentions + 1,
    )


def folded(cards: Sequence[Card]) -> Policy:
    """A policy of its cards, earliest first: its names from the best witness, its life from the steps in order."""
    history: list[tuple[str, str, str]] = []
    flags: list[tuple[str, str]] = []
    for status, at, date in _first_steps(cards):
        current = _step(history[-1][0]) if history else -1
        if _step(status) > current:
            history.append((status, at, date))
        elif _impossible(history[-1][0], status):
            flags.append((status, at))
    named = min(cards, key=lambda card: (not card.address, not card.number, -len(card.title), card.title))
    return Policy(
        key=cards[0].key,
        title=named.title,
        number=min((card.number for card in cards if card.number), default=""),
        issuer=_first(cards, "issuer"),
        region=next((card.region for card in cards if card.stated_region), "") or _first(cards, "region"),
        status=history[-1][0] if history else PolicyStatus.MENTIONED.value,
        status_date=history[-1][2] if history else "",
        since=history[-1][1] if history else cards[0].born,
        born=cards[0].born,
        programme=all(card.programme for card in cards),
        mentions=sum(card.mentions for card in cards),
        history=tuple(history),
        flags=tuple(flags),
    )


def _first(cards: Sequence[Card], name: str) -> str:
    """What the document itself says, else the earliest card that says it."""
    ordered = sorted(cards, key=lambda card: (not card.address, card.born, card.key))
    return next((str(getattr(card, name)) for card in ordered if getattr(card, name)), "")


def _first_steps(cards: Sequence[Card]) -> list[tuple[str, str, str]]:
    """The earliest statement of each step of life over all cards, in order of publication."""
    first: dict[str, tuple[str, str, str]] = {}
    for card in cards:
        for status, at, date in card.steps:
            if status in LIFE and (status not in first or at < first[status][1]):
                first[status] = (status, at, date)
    return sorted(first.values(), key=lambda step: (step[1], _step(step[0])))


def _impossible(current: str, status: str) -> bool:
    """Steps that cannot follow: anything after the end, a plan or draft after the text is out."""
    return current == "repealed" or (_step(current) >= 2 and status in {"planned", "draft"})


def record(desk: Desk, scene: Scene, said: Sequence[Mention]) -> None:
    """Fold an article's mentions in and tell what they mean."""
    if not said and not desk.touched:
        return
    for mention in said:
        card = desk.card(mention.card.key) or mention.card
        desk.put_card(with_claim(card, mention.claim))
        desk.policy_claims.append(mention.claim)
    near = connected(desk, desk.touched | {mention.card.key for mention in said})
    earlier = desk.touched | {card.key for card in near}
    before = _policies(held for key in sorted(earlier) if (held := desk.known.cards.get(key)) is not None)
    after = {card.key: card for card in assigned(near)}
    for key in sorted(after):
        if after[key] != desk.known.cards.get(key):
            desk.put_card(after[key])
    policies = _policies(after.values())
    for key in sorted(policies):
        if policies[key] != desk.known.policies.get(key):
            desk.policies[key] = policies[key]
    desk.dropped |= {("policies", key): None for key in sorted(before.keys() - policies.keys())}
    told: set[str] = set()
    for mention in said:
        policy = policies[after[mention.card.key].policy]
        if policy.key not in told:
            told.add(policy.key)
            _tell(desk, scene, mention, _ancestors(before, near, after, policy), policy)


def regrouped(cards: Sequence[Card]) -> Changes:
    """The policies that these cards make now, where an editor marked some of them."""
    after = assigned(cards)
    made = _policies(after)
    gone = sorted({card.policy for card in cards} - made.keys())
    return Changes(
        cards=tuple(after), policies=tuple(made.values()), dropped=tuple(("policies", key) for key in gone if key)
    )


def connected(desk: Desk, start: set[str]) -> list[Card]:
    """The cards that share a title, number, page or editor's mark with those, directly or not."""
    found: dict[str, Card] = {}
    todo = sorted(start)
    while todo:
        key = todo.pop()
        card = desk.card(key)
        if key in found or card is None:
            continue
        found[key] = card
        todo.extend(other for mark in card.marks for other in desk.sharing(mark) if other not in found)
    return [found[key] for key in sorted(found)]


def _policies(cards: Iterable[Card]) -> dict[str, Policy]:
    groups: dict[str, list[Card]] = {}
    for card in cards:
        groups.setdefault(card.policy, []).append(card)
    return {key: folded(sorted(group, key=lambda card: (card.born, card.key))) for key, group in groups.items() if key}


def _ancestors(before: dict[str, Policy], near: Sequence[Card], after: dict[str, Card], policy: Policy) -> list[Policy]:
    """What was known of the policy before this article, under whichever names."""
    keys_before = {card.policy for card in near if card.policy and after[card.key].policy == policy.key}
    return sorted((before[key] for key in keys_before if key in before), key=lambda one: one.born)


def _tell(desk: Desk, scene: Scene, mention: Mention, ancestors: Sequence[Policy], policy: Policy) -> None:
    status = mention.claim.status
    announced = [one for one in ancestors if one.history]
    if not announced:
        if status in SEEN or _stale(mention):
            if not ancestors or status not in SEEN:
                _emit(desk, scene, mention, EventKind.POLICY_SEEN, policy, said=("", status))
        else:
            kind = {"amended": EventKind.POLICY_STATUS, "repealed": EventKind.POLICY_REPEALED}.get(
                status, EventKind.POLICY_NEW
            )
            _emit(desk, scene, mention, kind, policy, said=("", status))
        return
    old = max(announced, key=lambda one: _step(one.status))
    if _step(policy.status) > _step(old.status) and policy.since == mention.claim.key:
        kind = EventKind.POLICY_REPEALED if policy.status == "repealed" else EventKind.POLICY_STATUS
        _emit(desk, scene, mention, kind, policy, said=(old.status, policy.status), before=old)
    elif status == PolicyStatus.INTERPRETED.value:
        _emit(
            desk,
            scene,
            mention,
            EventKind.POLICY_SEEN,
            policy,
            said=(policy.status, f"interpreted:{mention.claim.article}"),
        )
    gained = (
        (policy.number and not old.number) or (policy.issuer and not old.issuer) or (policy.region and not old.region)
    )
    if gained:
        _emit(desk, scene, mention, EventKind.POLICY_NEW, policy, said=("", old.history[0][0]), again=True)


def _stale(mention: Mention) -> bool:
    """The step is dated long before the article, so it was news then. The document itself is as new as its page."""
    dated = mention.claim.date
    published = key_ms(mention.claim.key)
    return bool(dated) and mention.claim.rank < Witness.DOCUMENT and keys.period_end_ms(dated) + _STALE_MS < published


def _emit(
    desk: Desk,
    scene: Scene,
    mention: Mention,
    kind: EventKind,
    policy: Policy,
    *,
    said: tuple[str, str],
    before: Policy | None = None,
    again: bool = False,
) -> None:
    event = scene.event(
        kind,
        policy.key,
        f"《{policy.title.strip('《》')}》" if not policy.programme else policy.title,
        said=said,
        before=described(before, before.status) if before is not None else None,
        after=described(policy, mention.claim.status) | {"date": mention.claim.date},
        finding=mention.finding,
        region=policy.region,
        issuers=(policy.issuer,),
    )
    (desk.again if again else desk.events).append(event)


def described(policy: Policy, status: str) -> dict[str, str]:
    """A policy for `before` or `after`. All keys are always there."""
    return {
        "title": policy.title,
        "number": policy.number,
        "issuer": policy.issuer,
        "region": policy.region,
        "status": status,
        "shown": SHOWN[status],
    }
