"""Reads the words before a number: what is measured, by which metric, and whether the number is a level or a change."""

import re
from dataclasses import dataclass, field

from consumers.extractors.metrics import Metrics, metric_at_end, metric_at_start
from consumers.extractors.nouns import Nouns, trim

_CHANGE = r"增长|增加|增幅|增速|提高|提升|上升|上涨|攀升|下降|减少|降低|下跌|下滑|回落|缩短|缩减|压减|压缩|收窄|扩大|增产|减产|降幅|涨幅|跌幅|增|减|降|升|涨|跌|高出|高于|低于|快于|多"
_CHANGE_END = re.compile(
    rf"(?:同比|环比|年均|年平均|两年平均|平均|累计|实际|名义|分别|每年|逐年|再|又|也|均|将|要|预计|双双|净|保持|快速|稳步|实现|可比口径|(?:比|较)(?!重|例)[^，、。]{{1,12}}?)*"
    rf"(?:{_CHANGE})(?:率|速度?|值|幅度?|长率)?(?:了|约|近|超过|超|达到|达|为|在|均|都|分别|一倍|至少|不低于|保持在|仅|的|以上|高达|接近|逾|突破|控制在|稳定在|是|不到|不足|:|：)*$"
)
_LEVEL_END = re.compile(
    rf"(?:进一步|也|又|已|将|逐步|稳步|持续)*(?:{_CHANGE}|发展|扩充|扩展|压降|调低|调高|调整|改善|优化|增长|下调|上调|缩小|恢复)(?:了)?(?:到|至|为)(?:了)?$"
)
_SHARE_END = re.compile(
    r"(?:分别)?占(?:到了?|据了?|了|比|用|全部)?(?P<base>[^，。；]{0,30}?)(?:的)?(?:比重|比例|份额|比)?(?:的|为|达到?|超过?|约|近|达到了|将|要|已|仅|也|分别|只|均|高达|提高到|提升到|提高至|提升至|增至|升至|降至|下降到|增长到|:|：)*$"
)
_DIRECTION = re.compile(r"下降|减少|降低|下跌|下滑|回落|缩短|压减|压缩|收窄|减产|降幅|跌幅|减|降|跌")


@dataclass(slots=True)
class Predicate:
    """What the words before a number say. Spans are into the text they were read from."""

    subject: tuple[int, int]
    metric: str | None = None
    metric_text: str = ""
    metric_word: str = ""
    change: bool = False
    base: str | None = None
    joint: bool = False
    words: list[str] = field(default_factory=list)


def read(text: str, start: int, end: int, kind: str, metrics: Metrics, nouns: Nouns) -> Predicate:
    """From `text[start:end]`, the words before a number of this kind. The subject's span may be empty."""
    written_end = end
    stop = _strip(text, start, end, nouns)
    change = base = None
    metric: str | None = None
    word = ""
    if kind in {"share", "times", "points"} or _after_change(text, start, end):
        change = _CHANGE_END.search(text[start:end])
        if change and (_LEVEL_END.search(text[start:stop]) or not change[0].strip("超过约近达到为在的")):
            change = None
    level = _LEVEL_END.search(text[start:end]) or _LEVEL_END.search(text[start:stop])
    if change and kind in {"share", "times", "points"}:
        stop = start + change.start()
        stop = _strip(text, start, stop, nouns)
        metric = "增速"
    elif level:
        stop = _strip(text, start, start + level.start(), nouns)
    share = None
    if kind == "share" and not change or (change and "占" in text[start:stop]):
        share = _SHARE_END.search(text[start : end if not change else stop])
        if share:
            stop = _strip(text, start, start + share.start(), nouns)
            base = share["base"].strip("的 ") or None
            metric = metric or "占比"
            word = "占"
    found = metric_at_end(text[start:stop], metrics)
    whole = None
    if found and share is None:
        at, named, word = found
        whole = metrics.whole.search(text[start:stop])
        if change:
            base = text[start + at : stop]
            metric = named if named in metrics.keep_under_growth else metric
        else:
            metric = named
        if not whole:
            stop = start + at
    elif found and not metrics.whole.search(text[start:stop]):
        stop = start + found[0]
    metric_start = stop
    if whole:
        metric_start = start + (found[0] if found else 0)
    begin = start
    if metric is None:
        verb = metric_at_start(text[start:stop], metrics)
        if verb:
            begin = start + verb[0]
            metric, word = verb[1], verb[2]
    subject = trim(text, begin, stop, nouns)
    metric_text = text[metric_start:written_end] if metric_start < written_end else ""
    if begin > start and not metric_text.strip():
        metric_text = word
    return Predicate(subject, metric, _tidy(metric_text, nouns), word, bool(change), base)


def _after_change(text: str, start: int, end: int) -> bool:
    return text[max(start, end - 3) : end].endswith(("净增", "减少", "增加"))


def _strip(text: str, start: int, end: int, nouns: Nouns) -> int:
    tail = nouns.tail.search(text, start, end)
    return tail.start() if tail else end


def _tidy(text: str, nouns: Nouns) -> str:
    """The metric's words without what leads up to the number."""
    text = text.strip("的 ，、")
    tail = nouns.tail.search(text)
    return text[: tail.start()] if tail and tail.start() else text


def falls(metric_text: str) -> bool:
    """Whether the change is a fall: the value stays positive, the words carry the direction."""
    return bool(_DIRECTION.search(metric_text))
