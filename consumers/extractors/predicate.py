"""Reads the words before a number: what is measured, by which metric, and whether the number is a level or a change."""

import re
from typing import TYPE_CHECKING, NamedTuple

from consumers.extractors.metrics import metric_at_end, metric_at_start
from consumers.extractors.nouns import LONGEST_TAIL, trim

if TYPE_CHECKING:
    from consumers.extractors.lexicon import Lexicon

Span = tuple[int, int]
GAP = "\u3000"
"""Stands for the characters of a time: spans stay, words around it meet."""

_VERB = (
    "递增|递减|增长|增加(?!值)|增幅|增速|提高|提升|上升|上涨|攀升|下降|减少|降低|下跌|下滑|回落|缩短|缩减|压减|压缩|收窄|扩大|增产|减产|降幅|涨幅|跌幅|"
    "高出|(?<!不)高于|(?<!不)低于|快于|翻了?|增(?!加|值|产)|减(?!产|排|负)|降|升|涨|跌"
)
_BEFORE_CHANGE = (
    rf"(?:同比|环比|年均|年平均|[两三四五二]年平均|平均|累计|实际|名义|分别|每年|逐年|再|又|也|均|将|要|预计|双双|净|保持|快速|稳步|实现|可比口径|"
    rf"连续[\d一二三四五六七八九十]+个?[年月]+|{GAP}|(?:比|较)(?!重|例)[^，、。]{{1,12}}?)*"
)
_AFTER_CHANGE = (
    rf"(?:率|由|从|将|要|可|已|也|预计|有望|速度?|幅度?|长率|了|约|近|超过|超|达到|达|为|在|均|都|分别|至少|不低于|保持在|仅|的|高达|接近|逾|突破|控制在|稳定在|是|不到|不足|"
    rf"{GAP}|:|：| )*"
)
_CHANGE_END = re.compile(rf"{_BEFORE_CHANGE}(?:{_VERB}){_AFTER_CHANGE}$")
_LEVEL_END = re.compile(
    rf"(?:进一步|也|又|已|将|逐步|稳步|持续|{GAP})*(?:{_VERB}|发展|扩充|扩展|压降|调低|调高|调整|改善|优化|下调|上调|缩小|恢复)了?"
    rf"(?:到|至|为)(?:了|的|约|近|超过?|逾|不足|{GAP}| )*$"
)
_SHARE_END = re.compile(
    r"(?:分别|约|仅|均|各|也|已|将)*占(?:到了?|据了?|了|比|用|全部)?(?P<base>[^，。；]{0,30}?)的?(?:比重|比例|份额|比)?"
    rf"(?:的|为|达到?|超过?|约|近|达到了|将|要|已|仅|也|分别|只|均|高达|提高到|提升到|提高至|提升至|增至|升至|降至|下降到|增长到|是|由|从|可|能|{GAP}|:|：| )*$"
)
_CHANGES = re.compile("[递压增提升涨降减跌滑落短压窄扩高低快翻缩攀展充调善优缩恢]")
_RATE_WORD = re.compile(r"(?:同比|环比|年均)?(?:增速|增幅|涨幅|降幅|增长率)$")
_WITHIN = re.compile(r"(?:^|在|占)(?P<base>[^，。；]{2,16}?)(?:当)?中$")
_FALL = re.compile(r"下降|减少|降低|下跌|下滑|回落|缩短|压减|压缩|收窄|减产|降幅|跌幅|减|降|跌")
_CHANGEABLE = frozenset({"share", "times", "points"})


class Predicate(NamedTuple):
    """What the words before a number say. Spans are into the text they were read from."""

    subject: Span
    """May be empty."""
    metric: str | None
    metric_span: Span
    """The metric's own words, with what stands between them and the number left out."""
    change: bool
    base: Span | None
    level: bool = False
    """提高到, 降至: the number is what the thing came to."""


def read(text: str, start: int, end: int, kind: str, lexicon: "Lexicon") -> Predicate:
    """From `text[start:end]`, the words before a number of this kind; times in it are masked by GAP."""
    nouns, metrics = lexicon.nouns, lexicon.metrics
    stop = _strip(text, start, end, lexicon)
    level = _CHANGES.search(text, max(start, end - LONGEST_TAIL), end) and _LEVEL_END.search(
        text, max(start, end - LONGEST_TAIL), end
    )
    change = (
        None
        if level or not _CHANGES.search(text, max(start, end - LONGEST_TAIL), end)
        else _CHANGE_END.search(text, max(start, end - 2 * LONGEST_TAIL), end)
    )
    metric: str | None = None
    base: Span | None = None
    words_end = stop
    if level:
        stop = words_end = _strip(text, start, level.start(), lexicon)
        rate = _RATE_WORD.search(text, start, stop) if kind in _CHANGEABLE else None
        if rate:
            change, metric, stop = rate, "增速", _strip(text, start, rate.start(), lexicon)
    elif change:
        words_end = change.end()
        stop = _strip(text, start, change.start(), lexicon)
        metric = "增速" if kind in _CHANGEABLE else None
    share = _share(text, start, end if not (change or level) else stop) if kind == "share" else None
    words_start = change.start() if change else stop
    if share:
        base = share.span("base") if share["base"].strip(f"的 {GAP}") else None
        words_start, stop = share.start(), _strip(text, start, share.start(), lexicon)
        metric = metric or "占比"
        words_end = max(words_end, _strip(text, start, share.end(), lexicon))
        within = _WITHIN.search(text, start, stop)
        if within:
            base, stop = within.span("base"), within.start()
    stop = _before_note(text, start, stop, lexicon)
    found = metric_at_end(text[start:stop], metrics)
    whole = bool(found) and bool(metrics.whole.search(text, start, stop))
    if found:
        words_start = start + found[0]
        words_end = max(words_end, stop)
        if change and kind in _CHANGEABLE:
            base = (words_start, stop)
            metric = found[1] if found[1] in metrics.keep_under_growth else metric
        elif not share:
            metric = found[1]
        if not whole and not _leaves_one(text, start, words_start, lexicon):
            stop = words_start
            again = metric_at_end(text[start:stop], metrics) if (change or share) and found[1] == "占比" else None
            stop = start + again[0] if again and again[0] > 1 else stop
    if (
        found
        and not share
        and stop == start + found[0]
        and found[2] not in metrics.words
        and not text[start:stop].strip(f"的 {GAP}")
    ):
        stop = start + found[0] + len(text[start + found[0] : words_end].rstrip(f"的 {GAP}"))
    begin = start
    if metric is None and (verb := metric_at_start(text[start:stop], metrics)):
        begin, metric = start + verb[0], verb[1]
        words_start, words_end = start, begin
    return Predicate(
        trim(text, begin, stop, nouns),
        metric,
        (words_start, words_end),
        bool(change) and kind in _CHANGEABLE,
        base,
        bool(level),
    )


def _share(text: str, start: int, end: int) -> re.Match[str] | None:
    """The words from 占, 比重 or 比例 on; looked for only where one of them stands."""
    if "占" not in text[start:end]:
        return None
    return _SHARE_END.search(text, start, end)


def falls(words: str) -> bool:
    """Whether the change is a fall: the value stays positive, the words carry the direction."""
    return bool(_FALL.search(words))


def _leaves_one(text: str, start: int, stop: int, lexicon: "Lexicon") -> bool:
    """钢|产量 and 碳|排放强度 keep their metric in the name: one character is no name."""
    left, right = trim(text, start, stop, lexicon.nouns)
    return right - left == 1


def _before_note(text: str, start: int, stop: int, lexicon: "Lexicon") -> int:
    """产值（不变价）: a note in brackets behind a metric's word is left out."""
    if text[stop - 1 : stop] != "）":
        return stop
    opened = text.rfind("（", start, stop)
    return opened if opened > start and metric_at_end(text[start:opened], lexicon.metrics) else stop


def _strip(text: str, start: int, end: int, lexicon: "Lexicon") -> int:
    return lexicon.nouns.tail.cut(text, start, end)
