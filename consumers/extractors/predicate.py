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
    "递增|递减|增长|收缩|衰退|萎缩|收跌|收涨|反弹|回升|放缓|加快|降价|涨价|提价|加价|增加(?!值)|增幅|增速|提高|提升|上升|上涨|攀升|下降|减少|降低|下跌|下滑|回落|缩短|缩减|压减|压缩|收窄|扩大|增产|减产|降幅|涨幅|跌幅|"
    "成长|高出|(?<!不)高于|(?<!不)低于|快于|翻了?|增(?!加|值|产)|减(?!产|排|负)|降|升|涨|跌"
)
_BEFORE_CHANGE = (
    rf"(?:同比|环比|(?<![\d一二三四五六七八九十两几多近去])年(?=增)|年均复合|年复合|复合|年均|年平均|[两三四五二]年平均|平均|累计|实际|名义|分别|每年|逐年|再|又|也|均|将|要|预计|双双|净|保持|快速|稳步|实现|可比口径|"
    rf"连续[\d一二两三四五六七八九十]+个?[年月]+|{GAP}|(?<![环同占])(?:比|较)(?!重|例)[^，、。]{{1,12}}?)*"
)
_AFTER_CHANGE = (
    rf"(?:率|由|从|将|要|可|已|也|预计|有望|速度?|幅度?|(?:预期)?目标(?:设?定)?|长率|了|约|近|超过|超|达到|达|为|在|比|均|都|分别|至少|仍然|依然|大约|最高|最低|一度|不低于|保持在|仅|的|高达|接近|逾|突破|控制在|稳定在|是|不到|不足|却|竟|仍|就|才|创纪录的|"
    rf"{GAP}|:|：| )*"
)
_CHANGE_END = re.compile(rf"{_BEFORE_CHANGE}(?:{_VERB}){_AFTER_CHANGE}$")
_LEVEL_END = re.compile(
    rf"(?:进一步|也|又|已|将|逐步|稳步|持续|{GAP})*(?:{_VERB}|发展|扩充|扩展|压降|调低|调高|调整|改善|优化|下调|上调|缩小|恢复)了?[\d.]*"
    rf"(?:到|至|为)(?:了|的|约|近|超过?|逾|不足|{GAP}| )*$"
)
_SHARE_END = re.compile(
    r"(?:分别|约|仅|均|各|也|已|将)*占(?:到了?|据了?|了|比|用|全部)?(?P<base>[^，。；]{0,30}?)的?(?:比重|比例|份额|比)?"
    rf"(?:的|为|达到?|超过?|约|近|达到了|将|要|已|仅|也|分别|只|均|高达|提高到|"
    rf"提升到|提高至|提升至|增至|升至|降至|下降到|增长到|是|由|从|可|能|{GAP}|"
    rf":|：| )*$"
)
_RISEN = re.compile(
    r"(?:提高|提升|升|增加|增|上升|扩大|降低|降|减少|下调|上调|调整)(?:到|至)(?:占)?"
    r"(?P<base>GDP|国内生产总值|地区生产总值|[^，。；的\d]{2,10}?(?:总[量额值产收]|收入|支出|价值|GDP)[^，。；的\d]{0,3})的(?:约|近|超过?)?$"
)
"""国防开支升至国内生产总值的3%: a share by a verb of change."""
_RISEN_ENDS = frozenset("的约近超过")
_HIGHER_END = re.compile(
    rf"(?:{GAP}|(?:比|较)(?!重|例)[^，、。]{{1,16}}?)(?:分别|平均|约|还|均|要|仍)*[高低多快慢]了?(?:约|近|超过?|达到?|出)*$"
)
_CHANGES = re.compile("[长递压增提升涨降减跌滑落短窄扩高低多慢快翻缩攀展充调善优恢弹退缓加]")
_RATE_WORD = re.compile(r"(?:同比|环比|年均)?(?:增速|增幅|涨幅|降幅|增长率)$")
_PLANNED = re.compile("计划|目标|任务|预算")
_FULFILLED = re.compile(
    r"(?:完成|达到?|实现|占)了?(?P<base>(?:[年月度全初序时一-鿿]{0,6}?)(?:计划|目标|任务|预算)(?:任务|投资|数|总额)?)的?(?:约|近|超过?|比例)*$"
)
"""完成年度计划的82.3%: what is fulfilled is the base."""
_RATE_IS = re.compile(r"(?:增速|增幅|涨幅|降幅)为")
"""增速为20%: a rate by its own word, no level that a growth came to."""
_WITHIN = re.compile(r"(?:^|在|占)(?P<base>[^，。；]{2,16}?)(?:当)?中$")
_COUNTED_THINGS = frozenset({"企业数", "项目数", "机构数", "用户数"})
"""企业数 counts 企业: the thing stays in the subject."""
_COMPARISON = re.compile(r"(?:比|较)(?![重例特赛喻率])[^，]{0,16}$")
"""A subject that is only what is compared with: 较去年同期的283亿元."""
_RUNNING = re.compile(r"(?:已)?连续\d{1,2}多?(?:个季度|个月|年|周|天)$")
"""粮食产量连续7年保持在: how long it has been so."""
_PUT = re.compile(
    r"(?:将|把|使得?(?!用))(?!变|成|在|于|从|由|以|会|要|其|进|继|达|超|突|占|增|减|提|下|上|保|新|有|再|继续|带|实现|完成|全面|建)"
    r"([一-鿿A-Za-z0-9（）“”、]{2,24})$"
)
"""[将]国防开支提高至: whom the verb is done to stands between."""
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
    peeled = _Peeled(start, _strip(text, start, end, lexicon))
    _peel_change(peeled, text, end, kind, lexicon)
    if kind == "share":
        _peel_share(peeled, text, end, lexicon)
    _peel_metric(peeled, text, kind, lexicon)
    begin = peeled.start
    if peeled.metric is None and (verb := metric_at_start(text[start : peeled.stop], lexicon.metrics)):
        begin, peeled.metric = start + verb[0], verb[1]
        peeled.words = (start, begin)
    if (peeled.level or peeled.change) and (put := _PUT.search(text, begin, peeled.stop)):
        begin = put.start(1)
    subject = trim(text, begin, peeled.stop, lexicon.nouns)
    if GAP in text[slice(*subject)]:
        behind = trim(text, text.rindex(GAP, *subject) + 1, subject[1], lexicon.nouns)
        before = trim(text, subject[0], text.index(GAP, *subject), lexicon.nouns)
        subject = behind if behind[0] < behind[1] else before
    if text[subject[0] : subject[0] + 1] in {"比", "较"} and _COMPARISON.match(text, *subject):
        subject = (subject[1], subject[1])
    return Predicate(subject, peeled.metric, peeled.words, peeled.change, peeled.base, peeled.level)


class _Peeled:
    """The words before a number while they are taken off from the end; `stop` is where the rest ends."""

    __slots__ = ("base", "change", "level", "metric", "shared", "start", "stop", "words")

    def __init__(self, start: int, stop: int) -> None:
        self.start, self.stop = start, stop
        self.words = (stop, stop)
        self.metric: str | None = None
        self.base: Span | None = None
        self.change = self.level = self.shared = False


def _peel_change(p: _Peeled, text: str, end: int, kind: str, lexicon: "Lexicon") -> None:
    """同比增长, 提高到, 增速由: a change, or the level that a change came to."""
    start, near = p.start, max(p.start, end - LONGEST_TAIL)
    if not _CHANGES.search(text, near, end):
        return
    changes = kind in _CHANGEABLE
    level = _LEVEL_END.search(text, near, end)
    if level:
        p.level, p.stop = True, _strip(text, start, level.start(), lexicon)
        p.words = (p.stop, p.stop)
        if changes and _RATE_IS.search(text, *level.span()):
            p.change, p.level, p.metric, p.words = True, False, "增速", level.span()
            return
        rate = _RATE_WORD.search(text, start, p.stop) if changes else None
        if rate:
            p.change, p.metric, p.stop = True, "增速", _strip(text, start, rate.start(), lexicon)
            p.words = rate.span()
        return
    change = _CHANGE_END.search(text, max(start, end - 2 * LONGEST_TAIL), end)
    if change is None and kind == "points":
        change = _HIGHER_END.search(text, max(start, end - 2 * LONGEST_TAIL), end)
    if change:
        p.words, p.stop = change.span(), _strip(text, start, change.start(), lexicon)
        p.change, p.metric = changes, "增速" if changes else None


def _peel_share(p: _Peeled, text: str, end: int, lexicon: "Lexicon") -> None:
    """占GDP比重: what it is a share of is the base."""
    end = p.stop if p.change or p.level else end
    done = None if p.change or not _PLANNED.search(text, p.start, end) else _FULFILLED.search(text, p.start, end)
    if done:
        p.shared, p.metric, p.base = True, "占比", done.span("base")
        p.words, p.stop = done.span(), _strip(text, p.start, done.start(), lexicon)
        return
    near = text[end - 1 : end] in _RISEN_ENDS
    if near and not p.change and not p.level and (risen := _RISEN.search(text, p.start, end)):
        p.shared, p.level, p.metric, p.base = True, True, "占比", risen.span("base")
        p.words, p.stop = risen.span(), _strip(text, p.start, risen.start(), lexicon)
        put = _PUT.search(text, p.start, p.stop)
        p.start = put.start(1) if put else p.start
        return
    if "占" not in text[p.start : end]:
        return
    share = _SHARE_END.search(text, p.start, end)
    if share is None:
        return
    p.shared, p.metric = True, p.metric or "占比"
    p.base = share.span("base") if share["base"].strip(f"的 {GAP}") else None
    p.words = (share.start(), max(p.words[1], _strip(text, p.start, share.end(), lexicon)))
    p.stop = _strip(text, p.start, share.start(), lexicon)
    within = _WITHIN.search(text, p.start, p.stop)
    if within:
        p.base, p.stop = within.span("base"), within.start()


def _peel_metric(p: _Peeled, text: str, kind: str, lexicon: "Lexicon") -> None:
    """The metric's words; they stay in the subject where nothing or one character would be left of it."""
    metrics, start = lexicon.metrics, p.start
    p.stop = stop = _before_note(text, start, p.stop, lexicon)
    found = metric_at_end(text[start:stop], metrics)
    if found is None:
        return
    at, metric, word = start + found[0], found[1], found[2]
    p.words = (at, max(p.words[1], stop))
    if p.change and kind in _CHANGEABLE:
        p.base = (at, stop)
        p.metric = metric if metric in metrics.keep_under_growth else p.metric
    elif not p.shared:
        p.metric = metric
    if metrics.whole.search(text, start, stop) or _leaves_one(text, start, at, lexicon):
        return
    if word in _COUNTED_THINGS:
        p.stop = at + text[at:stop].find(word) + len(word) - 1
        return
    p.stop = at
    if (p.change or p.shared) and metric == "占比":
        again = metric_at_end(text[start:at], metrics)
        p.stop = start + again[0] if again and again[0] > 1 else at
    elif not p.shared and word not in metrics.words and not text[start:at].strip(f"的 {GAP}"):
        p.stop = at + len(text[at : p.words[1]].rstrip(f"的 {GAP}"))


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
    end = lexicon.nouns.tail.cut(text, start, end)
    running = _RUNNING.search(text, max(start, end - 8), end)
    return lexicon.nouns.tail.cut(text, start, running.start()) if running else end
