"""Which metric a number measures: from the words beside it, and from its unit where no word says it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from chainwatch.models.finding import Metric
from consumers.extractors.backwards import Ending, reversed_words
from consumers.extractors.words import Sheet, alternatives

METRICS = frozenset(get_args(Metric))
LONGEST = 24
"""Characters of the longest metric with its qualifiers."""
_QUALIFIERS = (
    "年均", "年", "总", "累计", "规上", "规模以上", "全口径", "新增", "平均", "人均",
    "亩均", "日均", "月均", "当年", "净", "合计", "新", "实际", "综合", "直接",
)  # fmt: skip
_SUFFIXES = ("总额", "总量", "总数", "数", "额", "水平")
_RATE = "率(?!值加)(?![利汇概效])化?[一-鿿]{2}"
"""Over reversed text: 普及率, 机械化率; not 利率 or 增加值率."""


@dataclass(frozen=True, slots=True)
class Metrics:
    """Compiled metric words and what units can measure."""

    at_end: Ending
    at_start: re.Pattern[str]
    words: Mapping[str, str]
    whole: re.Pattern[str]
    keep_under_growth: frozenset[str]
    by_kind: Mapping[str, str]
    fits: Mapping[str, frozenset[str]]


_VERBS = {
    "生产": "产量", "生产销售": "产量", "消耗": "消费量", "年消耗": "消费量", "投资": "投资",
    "替代": "其他", "销售": "销售额", "出口": "出口", "进口": "金额", "融资": "金额",
    "年产": "产能", "排放": "排放", "减排": "排放", "发电": "产量", "用电": "消费量",
    "卖": "价格", "卖到": "价格",
}  # fmt: skip
"""Verbs that measure what follows them: 生产燃料乙醇165万吨."""


def read_metrics(sheet: Sheet) -> Metrics:
    """From `lexicon/metrics.yaml`."""
    sheet.known("words", METRICS)
    words = {word: metric for metric, listed in sheet.lists("words").items() for word in listed}
    guards = sheet.guards("words_not_after", words)
    long = reversed_words([word for word in words if len(word) > 2], guards)
    short = reversed_words([word for word in words if len(word) < 3], guards)
    read = Metrics(
        Ending(
            rf"(?:和之)?{reversed_words(_SUFFIXES)}?({long}|{_RATE}|{short}){reversed_words(_QUALIFIERS)}*",
            LONGEST,
            frozenset(word[-1] for word in (*words, *_SUFFIXES, "率")),
        ),
        re.compile(
            rf"(?:[一-鿿]{{0,6}}后)?(?:我国|中国|全国|全市|全省|共|累计|合计|年|每年|总|将|要|可|大约|再|新)*({alternatives(_VERBS)})(?:了)?(?=.)"
        ),
        words,
        re.compile(rf"(?:{alternatives(sheet.words('whole'))})$"),
        frozenset(sheet.words("keep_under_growth")),
        sheet.texts("by_kind"),
        {kind: frozenset(listed) for kind, listed in sheet.lists("fits").items()},
    )
    sheet.done()
    return read


def metric_at_end(text: str, metrics: Metrics) -> tuple[int, str, str] | None:
    """(start of the metric's words, metric, its own word) where the text ends with one."""
    match = metrics.at_end.match(text, 0, len(text))
    if match is None:
        return None
    word = match[1][::-1]
    return len(text) - match.end(), metrics.words.get(word, "占比"), word


def metric_at_start(text: str, metrics: Metrics) -> tuple[int, str, str] | None:
    """(end of the verb, metric, verb) where the text starts with a verb that measures: 生产, 投资."""
    match = metrics.at_start.match(text)
    return (match.end(), _VERBS[match[1]], match[1]) if match else None


def fitting(metric: str | None, kind: str, metrics: Metrics) -> str:
    """The metric where a unit of this kind can measure it, else what the unit measures by itself."""
    if metric is not None and (kind not in metrics.fits or metric in metrics.fits[kind]):
        return metric
    return metrics.by_kind.get(kind, "其他")
