"""Decides what a number in a sentence is: an aim, a result, somebody's forecast, or no statement at all."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from consumers.extractors.cues import Cue
from consumers.extractors.times import Relation, Time

_UNLIKELY = re.compile(
    r"不太可能|不可能|能否|是否|难以|未能|没有达到|尚未|很有希望|有希望|遥不可及|还差|若能|如果|假如|一旦"
)
_AIM_AFTER = re.compile(r"(?:以上|左右|以内)?的(?:发展|总体|年度|预期|增长|既定|规划|任务)?目标(?!任务超额)")
_AIMS = frozenset({"aim_strong", "future"})
_NAME_LIKE = {"计划", "规划", "目标", "要求", "任务", "方案"}
_GOES_ON = frozenset("到在于将投新引今明用建总年：:产形培完实为是提未利2销募发招采开出生种达超")


class Scene(NamedTuple):
    """What surrounds a number: its sentence, its clause, the times and cues there, and what was said before."""

    text: str
    start: int
    """Of the sentence."""
    end: int
    clause: tuple[int, int]
    cues: Sequence[Cue]
    """Of the sentence."""
    kinds: frozenset[str]
    """All that the sentence's cues say."""
    before: Time | None
    """The time in force from the number's own sentence."""
    later: Time | None
    """A time named after the number in its sentence."""
    carried: Time | None
    """The deadline or period said before, in force where the sentence has none."""
    carried_target: bool
    heading: Time | None
    """A deadline of the headings above."""
    headline: Time | None
    """A deadline of the article's headline, for strong aims only."""
    document: bool
    """The article is a policy's own text: its numbers without a time are no results."""
    investment: bool
    """The number is an investment: without an aim of its own, works under way."""
    outsider: bool
    """An outsider's opinion was reported earlier in the paragraph."""


class Verdict(NamedTuple):
    """`kind` is target, actual or empty; then `reason` says why not."""

    kind: str
    time: Time | None
    reason: str = ""
    because: str = ""
    """Which rule decided, for the pattern's name."""


def decide(scene: Scene, at: int, end: int) -> Verdict:
    """For the number at `text[at:end]`."""
    if scene.text[scene.end - 1 : scene.end] in {"？", "?", "吗", "？”"}:
        return Verdict("", None, "question")
    clause = scene.text[scene.clause[0] : scene.clause[1]]
    if _UNLIKELY.search(clause) or _UNLIKELY.search(scene.text, end, min(scene.end, end + 20)):
        return Verdict("", None, "unlikely or conditional")
    aim = _aim(scene, at)
    strong = aim == "strong" or bool(_AIM_AFTER.match(scene.text, end))
    soft = strong or aim == "soft"
    past = _past(scene, at, "past")
    weak = past or _past(scene, at, "past_weak")
    if _forecast(scene, at):
        future = scene.before is not None and scene.before.relation in {Relation.FUTURE, Relation.CURRENT}
        if future or soft:
            return Verdict("", None, "outsider's forecast")
    aim_after = scene.before is not None and bool(_strongest(scene, scene.before.end, at))
    return _by_time(scene, strong=strong, soft=soft, past=past, weak=weak, aim_after=aim_after)


def _by_time(scene: Scene, *, strong: bool, soft: bool, past: bool, weak: bool, aim_after: bool) -> Verdict:
    time = scene.before
    if time is None:
        return _untimed(scene, strong=strong, soft=soft, past=weak)
    if time.asof and time.relation is not Relation.FUTURE:
        return Verdict("actual", time, because="period")
    reached = past if time.relation is Relation.FUTURE else weak
    if reached and not (time.relation is Relation.FUTURE and time.start >= scene.clause[0]):
        return Verdict("actual", time, because="past")
    if time.relation is Relation.FUTURE:
        if time.loose and not soft:
            return Verdict("actual", None, because="past")
        return Verdict("target", time, because="until")
    if time.relation in {Relation.CURRENT, Relation.PAST} and not time.until and aim_after and scene.later is not None:
        return Verdict("target", scene.later, because="inherited")
    if time.relation is Relation.CURRENT:
        return Verdict("target", time, because="this-year") if soft else Verdict("actual", time, because="period")
    if time.relation is Relation.UNKNOWN:
        return Verdict("target", time, because="until") if soft else Verdict("actual", time, because="period")
    if aim_after and not time.until and time.month is not None and not strong:
        return _untimed(scene, strong=strong, soft=True, past=False)
    if strong and time.until and not time.now:
        return Verdict("target", time, because="past-plan")
    if soft and (time.now or time.since or time.year is None):
        return _untimed(scene, strong=strong, soft=True, past=False)
    return Verdict("actual", time, because="period")


def _untimed(scene: Scene, *, strong: bool, soft: bool, past: bool) -> Verdict:
    if past:
        return Verdict("actual", scene.carried if not scene.carried_target else None, because="past")
    if soft:
        carried = scene.carried if scene.carried_target else None
        for time in (scene.later, carried, scene.heading, scene.headline if strong else None):
            if time is not None and (time.year is not None):
                return Verdict("target", time, because="inherited")
        return Verdict("", None, "aim without a deadline")
    if scene.carried_target and scene.carried is not None and not scene.investment:
        return Verdict("target", scene.carried, because="inherited")
    if scene.document:
        return Verdict("", None, "no period in a policy's own text")
    return Verdict("actual", scene.carried, because="bare")


def _aim(scene: Scene, at: int) -> str:
    """`strong`, `soft` or empty: the strongest aim before the number in its sentence."""
    return _strongest(scene, scene.start, at)


def _strongest(scene: Scene, start: int, at: int) -> str:
    if not scene.kinds & _AIMS:
        return ""
    best = ""
    for cue in scene.cues:
        if cue.start < start:
            continue
        if cue.start >= at:
            break
        if "past" in cue.kinds and best == "soft":
            best = ""
        if cue.word in _NAME_LIKE and not _is_verb(scene.text, cue):
            continue
        if "aim_strong" in cue.kinds:
            best = "strong"
        elif "future" in cue.kinds and not best:
            best = "soft"
    return best


def _is_verb(text: str, cue: Cue) -> bool:
    """计划 and 规划 as verbs, not inside names: 计划到2025年, but “倍增计划”企业."""
    follows = text[cue.end : cue.end + 1]
    return bool(follows) and follows in _GOES_ON and text[cue.start - 1 : cue.start] not in {"“", "业", "项"}


def _past(scene: Scene, at: int, kind: str) -> bool:
    """Whether the number's own clause says that it is reached."""
    return kind in scene.kinds and any(
        kind in cue.kinds
        and scene.clause[0] <= cue.start < scene.clause[1]
        and (cue.start < at or cue.word in {"已", "已经"})
        for cue in scene.cues
    )


def _forecast(scene: Scene, at: int) -> bool:
    if "forecast" not in scene.kinds:
        return False
    outsider = scene.outsider
    forecast = False
    quoting = False
    for cue in scene.cues:
        if "forecast" in cue.kinds:
            forecast = True
        if "outsider" in cue.kinds:
            outsider = True
            quoting = False
        if "quoting" in cue.kinds and cue.start < at:
            quoting = True
    return forecast and outsider and not quoting
