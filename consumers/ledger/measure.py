"""Numbers into the ledger: each claim finds its fact, the fact is folded, and what that means is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chainwatch.models import EventKind, to_timestamp_ms
from chainwatch.models.ledger import ACTUAL, COMMITMENT, TARGET, Claim, Fact, Witness, echo_of, key_ms
from consumers.ledger import fold, wording
from consumers.ledger.claim import Stated
from consumers.ledger.desk import Desk
from consumers.ledger.key import number
from consumers.ledger.notice import Scene
from consumers.ledger.progress import comparable, progress

BUNDLE = 5
"""An article with more new aims than this makes one bundled message."""
_MOVABLE_NOT = frozenset({"增速", "贡献率", "投资", "消费量", "能耗", "排放", "时间", "价格"})
"""Metrics of a period: another year is another aim, never the same one moved."""


@dataclass(frozen=True, slots=True)
class Told:
    """One claim after its fact was folded."""

    one: Stated
    before: Fact | None
    after: Fact

    @property
    def claim(self) -> Claim:
        """What the article says."""
        return self.one.claim

    @property
    def past(self) -> bool:
        """The aim's deadline lay before the article."""
        published = key_ms(self.claim.key)
        return bool(self.after.ends_ms) and self.after.ends_ms <= published

    @property
    def changed(self) -> bool:
        """This claim, and no late or lower one, made another value current."""
        before, after = self.before, self.after
        return (
            before is not None
            and after.value != before.value
            and after.since == self.claim.key
            and (self.claim.key > before.since or before.since.split("|", 4)[3] == self.claim.article)
        )

    @property
    def refined(self) -> bool:
        """The same aim said exactly, after a bare level."""
        before = self.before
        return before is not None and before.level and fold.contains(before.value, self.after.value)


def record(desk: Desk, one: Stated) -> Told:
    """Fold one claim into its fact."""
    claim = one.claim
    before = desk.fact(claim.fact)
    held = desk.value(claim.fact, claim.value)
    value = fold.with_claim(held, claim, one.fact)
    base = before or one.fact
    after = fold.counted(base, claim, new_value=held is None)
    if claim.key > base.latest:
        after = fold.appended(base, after, value, claim)
    else:
        after = fold.settled(after, [*(v for v in desk.values(claim.fact).values() if v.value != value.value), value])
    desk.put(after, value)
    desk.claims.append(claim)
    return Told(one, desk.told_before.get(claim.fact, before), after)


def tell(desk: Desk, scene: Scene, told: Sequence[Told], now: datetime) -> None:
    """Put down the events of an article's numbers."""
    for each in told:
        if (each.claim.fact, each.claim.value) in desk.said_before:
            continue
        if each.after.kind == TARGET:
            _tell_target(desk, scene, each)
        elif each.after.kind == COMMITMENT:
            _tell_commitment(desk, scene, each)
        elif each.after.kind == ACTUAL:
            _tell_actual(desk, scene, each, now)
    fresh = [event for event in desk.events if event.kind is EventKind.TARGET_NEW]
    if len(fresh) > BUNDLE:
        bundle = f"bundle:{scene.article.id}"
        desk.events = [
            event.model_copy(update={"bundle": bundle}) if event.kind is EventKind.TARGET_NEW else event
            for event in desk.events
        ]


def _tell_target(desk: Desk, scene: Scene, told: Told) -> None:
    before, claim, after = told.before, told.claim, told.after
    if before is None:
        if not told.past and not told.one.finding.recap:
            _tell_first(desk, scene, told)
        return
    if told.changed and not told.refined:
        if not told.past:
            raised = number(after.value) > number(before.value)
            kind = EventKind.TARGET_RAISED if raised else EventKind.TARGET_LOWERED
            _emit(desk, scene, told, kind, after, said=(before.value, after.value), before=before)
    elif fold.same(TARGET, claim.value, after.value) or (claim.level and fold.contains(claim.value, after.value)):
        _emit(desk, scene, told, EventKind.TARGET_RESTATED, after, said=(claim.value, claim.article))
    if after.issuer and not before.issuer and not told.past:
        _emit(desk, scene, told, EventKind.TARGET_NEW, after, said=("", after.value), again=True)


def _tell_first(desk: Desk, scene: Scene, told: Told) -> None:
    claim, after = told.claim, told.after
    owner = _owner(desk, told)
    if owner is not None:
        _emit(desk, scene, told, EventKind.TARGET_RESTATED, owner, said=(claim.value, claim.article))
        if after.region:
            _emit(desk, scene, told, EventKind.TARGET_NEW, after, said=("", claim.value), again=True)
        return
    origin = _moved_from(desk, told)
    if origin is not None:
        kind = EventKind.TARGET_ADVANCED if after.ends_ms < origin.ends_ms else EventKind.TARGET_POSTPONED
        said = (f"{origin.when}:{origin.value}", f"{after.when}:{claim.value}")
        _emit(desk, scene, told, kind, after, said=said, before=origin)
    elif claim.rank or claim.level:
        _emit(desk, scene, told, EventKind.TARGET_NEW, after, said=("", claim.value))


def _owner(desk: Desk, told: Told) -> Fact | None:
    """The known fact that a first claim really speaks of: one with the region it lacks, or without the one it has."""
    others = desk.echoing(echo_of(told.after, told.claim.value, other=True))
    return desk.fact(others[0]) if others else None


def _moved_from(desk: Desk, told: Told) -> Fact | None:
    """The aim that this one moves to another year; None where it is an aim of its own."""
    claim, after = told.claim, told.after
    if (
        after.metric in _MOVABLE_NOT
        or after.per_year
        or after.flow == "new"
        or not after.when
        or claim.rank == Witness.MUTE
    ):
        return None
    published = key_ms(claim.key)
    sentence = told.one.finding.sentence
    own = {key for key in desk.facts if key not in desk.known.facts}
    old = [
        fact
        for fact in desk.line(after.line)
        if fact.kind == TARGET and fact.key not in own and fact.when and fact.ends_ms > published
    ]
    alike = [fact for fact in old if fold.same(TARGET, fact.value, claim.value)]
    if claim.cue:
        named = [fact for fact in old if fact.when[:4] in sentence]
        candidates = [fact for fact in alike if fact in named] or alike or named
    else:
        candidates = [fact for fact in alike if claim.plan and fact.plan == claim.plan]
    return min(candidates, key=lambda fact: (abs(fact.ends_ms - after.ends_ms), fact.key), default=None)


def _tell_commitment(desk: Desk, scene: Scene, told: Told) -> None:
    if told.before is None:
        if told.claim.rank:
            _emit(desk, scene, told, EventKind.COMMITMENT_NEW, told.after, said=("", told.claim.value))
    elif told.changed and not told.refined:
        said = (told.before.value, told.after.value)
        _emit(desk, scene, told, EventKind.COMMITMENT_CHANGED, told.after, said=said, before=told.before)


def _tell_actual(desk: Desk, scene: Scene, told: Told, now: datetime) -> None:
    """A result tells of every aim of its line that it is the newest word on."""
    actual = told.after
    if told.before is not None and not told.changed:
        return
    line = desk.line(actual.line)
    for target in line:
        if target.kind != TARGET or not target.value or not comparable(target, actual):
            continue
        state = progress(target, line, to_timestamp_ms(now))
        if state.actual is None or state.actual.key != actual.key:
            continue
        kind = {"met": EventKind.TARGET_MET, "lagging": EventKind.TARGET_LAGGING}.get(state.state)
        after = wording.described(target) | wording.progressed(actual, state.percent)
        for one in filter(None, (EventKind.TARGET_PROGRESS, kind)):
            news = (
                f"{actual.when}:{actual.value}" if one is EventKind.TARGET_PROGRESS else f"{state.state}:{state.reason}"
            )
            event = scene.event(
                one,
                target.key,
                wording.headline(target),
                said=(target.value, news),
                after=after | ({"reason": state.reason} if one is EventKind.TARGET_LAGGING else {}),
                finding=told.one.finding,
                node=target.node,
                region=target.region,
                issuers=(target.issuer,),
            )
            desk.events.append(event)


def _emit(
    desk: Desk,
    scene: Scene,
    told: Told,
    kind: EventKind,
    fact: Fact,
    *,
    said: tuple[str, str],
    before: Fact | None = None,
    again: bool = False,
) -> None:
    claim = told.claim
    event = scene.event(
        kind,
        fact.key,
        wording.headline(fact),
        said=said,
        before=wording.described(before) if before is not None else None,
        after=wording.described(fact, claim.value, claim.comparator, level=claim.level),
        finding=told.one.finding,
        node=fact.node or told.one.finding.node,
        region=fact.region or told.after.region,
        issuers=(claim.issuer or fact.issuer,),
    )
    (desk.again if again else desk.events).append(event)
