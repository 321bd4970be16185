"""Decides what a number in a sentence is: an aim, a result, somebody's forecast, or no statement at all."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from consumers.extractors import foresight
from consumers.extractors.cues import Cue
from consumers.extractors.times import Time

_UNLIKELY = re.compile(
    r"不太可能|不可能|能否|是否|难以|未能|没有达到|尚未|很有希望|有希望|遥不可及|还差|若能|如果|假如|一旦"
)
_AIM_AFTER = re.compile(
    r"(?:以上|左右|以内)?(?:[、和][^，。；\d]{0,12}[\d.]{1,9}[万亿]{0,2}[一-鿿%]{1,3}(?:以上|左右)?){0,2}的"
    r"(?:(?:发展|总体|年度|预期|增长|既定|规划|任务)?目标(?!任务超额)|(?:年度|全年|融资|投资|建设)?任务(?=[。，；]|$))"
)
_LEADS = frozenset("的以左、和")
"""What _AIM_AFTER starts with."""
_AIMS = frozenset({"aim_strong", "future"})
_NAME_LIKE = {"计划", "规划", "目标", "要求", "任务", "方案"}
_COMPARED = frozenset({"同比", "环比"})
_TELLS = frozenset({"预测", "分析", "认为", "看来"})
"""Somebody's opinion, be it the plan's own: 规划指出，预测到2015年…."""
_PASSIVE = ("被列", "被纳", "被评", "被认", "被授", "被确")
"""138个区域[被列为]…: said behind the number, unless 将 stands before."""
_STILL_TO_COME = frozenset("将拟要可应会")
_BACK = ("其中", "这", "该", "此外", "同时", "上述", "另外", "并")
"""A sentence that starts so goes on with the one before."""
_TASKS = (
    "新增",
    "完成",
    "新建",
    "实施",
    "兴建",
    "建设",
    "改造",
    "推进",
    "加快",
    "培育",
    "引进",
    "新开工",
    "抓好",
    "打造",
    "建成",
)
"""今年将新建…。[新增]…: a list of tasks goes on without its doer."""
_DONE = re.compile(r"(?<![为除未])了(?!解)")
_TERM = frozenset("到在于将今明拟")
"""Behind 企业计划 these say that it is the verb."""
_CAPPED = re.compile(r"(?<!已)(?<!基本)控制[在为]$")
_PASSES = re.compile(r"途经|途径|经过|穿越|位于|连接|全长|长度")
"""What a road passes is so before it is opened."""
_STATED = re.compile(r"只有|仅有|只占|仅占|相当于|都在")
"""How something is by itself."""
_MAKES = re.compile(r"新建|实施|打造|创建|安排|建设|培育|布局|推进")
_PUTS = re.compile(
    r"(?![在于从由以会要其进继达超突占增减提下上保新有再带实完全建安投打推重开组设发制出加持支培引把被对向优采])"
    r"[^，。；]{4,20}?(?:用于|纳入|列入|列为|作为|定为|归入|转化为)"
)
"""[将]奖励资金的四成用于…: it means 把, no time to come."""
_DID = re.compile(r"[一-鿿]了(?:约|近|超过?)?$")
_ALREADY = frozenset({"已", "已经"})
_PLANNED_TO = frozenset("进向把研分")
_YEAR_PLANS = re.compile(
    r"[^，。；]{0,3}(?:[今明]年|20\d\d年)计划(?=[一-鿿])(?![的任目内外完指单书])|[^，。；]{0,5}计划(?=\d{1,2}年内)"
)
"""今年[计划]早稻面积…; [计划]5年内…: the verb, whatever follows."""
_PLANS = frozenset({"计划", "拟", "力争", "目标是", "目标为"})
_DAILY = re.compile(r"每天|每日|日均|每小时|每班|收到|回收|今天|昨天|近日|日前|都在|只有|仅有")
"""What a day's work is today, and what has come in."""
_GOES_ON = frozenset(
    "到在于将投新引今明用建总年：:产形培完实为是提未利2销募发招采开出生种达超推扩安治淘压减增启至定设调改修拓关购举办供升再"
)


def doubtful(text: str, start: int, end: int) -> bool:
    """Whether a sentence doubts anything at all."""
    return bool(_UNLIKELY.search(text, start, end))


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
    doubtful: bool
    """The sentence doubts something: 能否, 若能, 尚未."""
    before: Time | None
    """The time in force from the number's own sentence."""
    later: Time | None
    """A time named after the number in its sentence."""
    announced: bool
    """No other number follows that time: it may be said of this one."""
    taken: bool
    """A number of its own follows that time in its clause: 今年达到5亿元，2014年达到10亿元."""
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
    plan: Time | None
    """The period in the name of the plan that the sentence quotes, before the number."""
    goes_on: Time | None
    """The time of the aim that the number before stated, with no other time since: …, 同比增长8%."""
    listed: bool
    """It stands in a list under a line that ends with a colon."""


class Verdict(NamedTuple):
    """`kind` is target, actual or empty; then `reason` says why not."""

    kind: str
    time: Time | None
    reason: str = ""
    because: str = ""
    """Which rule decided, for the pattern's name."""


class Mood(NamedTuple):
    """What the cues around a number say, whatever its time."""

    strong: bool
    """力争, 目标, 要达到 before it, or 的目标 behind it."""
    soft: bool
    """Any aim: 将, 预计 too."""
    past: bool
    """已, 同比 in its clause."""
    reached: bool
    """The same, or a word that yields to a coming time: 累计建成."""
    after: bool
    """An aim stands between its time and the number."""
    at: int
    """Where the number stands."""


def decide(scene: Scene, at: int, end: int) -> Verdict:
    """For the number at `text[at:end]`."""
    verdict = _decide(scene, at, end)
    if verdict.kind != "target":
        return verdict
    lent = scene.before is None or verdict.time is not scene.before
    if lent and not _aim(scene, scene.start, at) and foresight.described(scene.text, scene.clause[0], at):
        return Verdict("actual", None, because="bare")
    reason = foresight.unaimed(scene.text, scene.start, scene.clause[0], at, end)
    return Verdict("", None, reason) if reason else verdict


def _decide(scene: Scene, at: int, end: int) -> Verdict:
    if scene.text[scene.end - 1 : scene.end] in {"？", "?", "吗", "？”"}:
        return Verdict("", None, "question")
    if scene.doubtful and _doubted(scene, end):
        return Verdict("", None, "unlikely or conditional")
    strongest = _aim(scene, scene.start, at)
    strong = strongest == "strong" or _aimed_behind(scene.text, end)
    past = _past(scene, at, "past")
    mood = Mood(
        strong,
        strong or strongest == "soft",
        past,
        past or _past(scene, at, "past_weak"),
        scene.before is not None and bool(_aim(scene, scene.before.end, at)),
        at,
    )
    if scene.before is None and not mood.reached and _announced(scene, end):
        return Verdict("target", scene.later, because="until")
    if scene.goes_on is not None and past and not _past(scene, at, "past", but=_COMPARED):
        return Verdict("target", scene.goes_on, because="until")
    if _forecast(scene, at, strong=mood.strong):
        coming = scene.before is not None and scene.before.relation in {"future", "current"}
        if coming or mood.soft:
            return Verdict("", None, "outsider's forecast")
    return _untimed(scene, mood) if scene.before is None else _timed(scene, scene.before, mood)


def _aimed_behind(text: str, end: int) -> bool:
    """Whether a number is called an aim or a task: …的目标."""
    return text[end : end + 1] in _LEADS and bool(_AIM_AFTER.match(text, end))


def _doubted(scene: Scene, end: int) -> bool:
    """Whether the doubt is the number's: in its clause, or close behind it."""
    reach = min(scene.end, end + 20)
    return bool(_UNLIKELY.search(scene.text, *scene.clause) or _UNLIKELY.search(scene.text, end, reach))


def _timed(scene: Scene, time: Time, mood: Mood) -> Verdict:
    if time.relation == "future":
        return _coming(scene, time, mood)
    if time.asof:
        return Verdict("actual", time, because="period")
    if mood.reached:
        return Verdict("actual", time, because="past")
    if time.relation == "unknown":
        return Verdict("target", time, because="until") if mood.soft else Verdict("actual", time, because="period")
    if mood.after and not time.until and scene.later is not None and not scene.taken:
        return Verdict("target", scene.later, because="inherited")
    return _current(scene, time, mood) if time.relation == "current" else _gone(scene, time, mood)


def _coming(scene: Scene, time: Time, mood: Mood) -> Verdict:
    """A coming time makes an aim, unless a word of the past stands nearer to the number."""
    already = any(cue.word in _ALREADY and time.end <= cue.start < mood.at for cue in scene.cues)
    if already or (mood.past and time.start < scene.clause[0]) or (time.asof and not mood.soft):
        return Verdict("actual", time, because="past")
    if time.loose and not mood.soft:
        return Verdict("actual", None, because="past")
    if time.end < scene.clause[0]:
        stated = not mood.soft and _STATED.search(scene.text, *scene.clause)
        if stated or (time.day and not mood.after and _takes_place(scene.text, time)):
            return Verdict("actual", None, because="bare")
    return Verdict("target", time, because="until")


def _takes_place(text: str, time: Time) -> bool:
    """Whether a day tells when something is held, and no term is set: 将于10月15日开幕，设展位7万个."""
    return not time.until or text[time.start - 1 : time.start] in {"日", "号"}


def _current(scene: Scene, time: Time, mood: Mood) -> Verdict:
    aimed = mood.soft and not _DID.search(scene.text, scene.clause[0], mood.at)
    if aimed or _CAPPED.search(scene.text, time.end, mood.at) or (not mood.reached and _aims_on(scene, mood.at)):
        return Verdict("target", time, because="this-year")
    return Verdict("actual", time, because="period")


def _aims_on(scene: Scene, at: int) -> bool:
    """今年实施项目27个，计划投资…: what is made this year, in a sentence that goes on with an aim."""
    return bool(_MAKES.search(scene.text, scene.clause[0], at)) and any(
        cue.word in _PLANS and cue.start > at and not scene.text[cue.start - 1].isdigit() for cue in scene.cues
    )


def _gone(scene: Scene, time: Time, mood: Mood) -> Verdict:
    """A time gone by: a past plan's aim, an aim told on that day, or a result."""
    if mood.after and not time.until and time.month is not None and not mood.strong:
        return _untimed(scene, mood._replace(soft=True, past=False, reached=False))
    if mood.strong and not time.now and (time.until or _planned_for(scene, time)):
        return Verdict("target", time, because="past-plan")
    if mood.soft and (time.now or time.since or time.year is None):
        return _untimed(scene, mood._replace(soft=True, past=False, reached=False))
    return Verdict("actual", time, because="period")


def _planned_for(scene: Scene, time: Time) -> bool:
    """2010年计划投资6亿元; 计划在上半年形成: the plan's word stands beside the time."""
    return time.year is not None and any(
        cue.word in _PLANS and (0 <= cue.start - time.end <= 1 or 0 <= time.start - cue.end <= 1) for cue in scene.cues
    )


def _untimed(scene: Scene, mood: Mood) -> Verdict:
    carried = scene.carried if scene.carried_target else None
    if mood.reached:
        return Verdict("actual", None if carried else scene.carried, because="past")
    if mood.soft:
        plan = scene.plan if mood.strong else None
        for time in (plan, scene.later, carried, scene.heading, scene.headline if mood.strong else None):
            if time is not None and time.year is not None:
                return Verdict("target", time, because="inherited")
        return Verdict("", None, "aim without a deadline")
    if carried is not None and not scene.investment and _lends(scene, carried):
        return Verdict("target", carried, because="inherited")
    if scene.document:
        return Verdict("", None, "no period in a policy's own text")
    coming = scene.carried is not None and scene.carried.relation == "future"
    return Verdict("actual", None if coming else scene.carried, because="bare")


def _lends(scene: Scene, carried: Time) -> bool:
    """Whether a deadline said before holds for a number without an aim's word.

    The day of one event holds for no other, an opinion lends nothing, and what is done is done.
    """
    if scene.listed:
        return True
    if scene.outsider or _DONE.search(scene.text, *scene.clause) or _DAILY.search(scene.text, *scene.clause):
        return False
    if carried.month is not None:
        return scene.text.startswith("其中", scene.start)
    return carried.relation != "current" or scene.text.startswith((*_BACK, *_TASKS), scene.start)


def _announced(scene: Scene, end: int) -> bool:
    """11个项目，将在今明两年开工: an aim's word stands right before the time behind the number."""
    if not scene.announced or scene.later is None or scene.later.relation != "future":
        return False
    start = scene.later.start
    if scene.text.count("，", end, start) > 1 or _PASSES.search(scene.text, *scene.clause):
        return False
    return any("future" in cue.kinds and end <= cue.start and 0 <= start - cue.end <= 2 for cue in scene.cues)


def _aim(scene: Scene, start: int, at: int) -> str:
    """`strong`, `soft` or empty: the strongest aim between two places of the sentence."""
    if not scene.kinds & _AIMS:
        return ""
    best = ""
    for cue in scene.cues:
        if not start <= cue.start < at:
            continue
        if "past" in cue.kinds and best == "soft":
            best = ""
        if cue.word in _NAME_LIKE and not _is_verb(scene.text, cue):
            continue
        if cue.word == "将" and _PUTS.match(scene.text, cue.end, at):
            continue
        if "aim_strong" in cue.kinds:
            best = "strong"
        elif "future" in cue.kinds and not best:
            best = "soft"
    return best


def _is_verb(text: str, cue: Cue) -> bool:
    """计划 and 规划 as verbs, not inside names: 计划到2025年, but “倍增计划”企业."""
    follows = text[cue.end : cue.end + 1]
    if text[cue.start - 1 : cue.start] == "业" and follows in _TERM:
        return True
    if text[cue.start - 1 : cue.start] in {"目", "程"} and text.startswith("总投资", cue.end):
        return False
    if cue.word == "计划" and (follows in _PLANNED_TO or _YEAR_PLANS.match(text, max(0, cue.start - 5), cue.end + 8)):
        return True
    return bool(follows) and follows in _GOES_ON and text[cue.start - 1 : cue.start] not in {"“", "业", "项"}


def _past(scene: Scene, at: int, kind: str, but: frozenset[str] = frozenset()) -> bool:
    """Whether the number's own clause says that it is reached, other words than `but`."""
    return kind in scene.kinds and any(
        kind in cue.kinds
        and cue.word not in but
        and scene.clause[0] <= cue.start < scene.clause[1]
        and (cue.start < at or cue.word in {"已", "已经"} or _befell(scene.text, cue))
        for cue in scene.cues
    )


def _befell(text: str, cue: Cue) -> bool:
    return cue.word.startswith(_PASSIVE) and text[cue.start - 1 : cue.start] not in _STILL_TO_COME


def _forecast(scene: Scene, at: int, *, strong: bool) -> bool:
    """Whether an outsider expects it; what the press tells of a plan (计划将…) is the plan's."""
    if "forecast" not in scene.kinds and "outsider" not in scene.kinds:
        return False
    outsider = scene.outsider
    forecast = False
    quoting = False
    for cue in scene.cues:
        if "forecast" in cue.kinds or (outsider and not strong and cue.word == "将" and cue.start < at):
            forecast = True
        if "outsider" in cue.kinds:
            outsider = True
            quoting = quoting and cue.word in _TELLS
        if "quoting" in cue.kinds and cue.start < at:
            quoting = True
    return forecast and outsider and not quoting
