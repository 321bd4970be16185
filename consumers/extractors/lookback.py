"""What a number without a thing of its own takes from the clause before it."""

import re
from typing import TYPE_CHECKING

from consumers.extractors.distribution import Member
from consumers.extractors.metrics import metric_at_end
from consumers.extractors.nouns import split, trim
from consumers.extractors.sentence import Sentence

if TYPE_CHECKING:
    from consumers.extractors.subjects import Spot

LONGEST_NAME = 16
"""Characters of a name that is taken from the clause before."""
_METRIC_ALONE = re.compile(r"[一-鿿]{2,6}(?:额|量|值|数|率|规模)")
_HAVING = re.compile(r"[^，。；、]{0,24}?(?:有|为|是|包括|分别是|即)(?=[一-鿿])")
_COUNTED_LAST = re.compile(r"等?[一二两三四五六七八九十\d]+(?:家|个|大|地|省|市|县|项|种)[一-鿿]{0,8}$|等[一-鿿]{0,6}$")
_GOES_ON = re.compile(
    r"(?:即|约|分别|未来\d+年|已|将|也|同比|环比|累计)*(?:达|为|超|突破|增|降|升|跌|同比|环比|比|较|居|占)"
)
_MOVED = re.compile(
    r"(?:继续|持续|不断|稳步|明显|快速|大幅|进一步|显著|再|有所|平稳|稳定|连续|实现|保持|创|再创|首次|总体|同步|已|均)+"
    r"[^，。；]{0,10}$|(?:创下?|刷新)[^，。；]{0,4}(?:新高|新低|纪录)$|(?:较为|比较|相对|基本|已经?)(?:确定|明确|稳定)$|(?:增长|倍增|翻番|提高|提升|上升|下降|回升|回落|向好|扩大|壮大|攀升)$"
)


def listed_before(s: Sentence, spot: "Spot") -> list[list[Member]] | None:
    """甲县、乙县入围，产值分别为3亿元、2亿元: the clause before lists as many names as there are numbers."""
    wanted, (start, end) = len(spot.group.items), spot.predicate.subject
    if spot.clause[0] <= s.start or not s.says("each", spot.left, spot.group.items[0].start):
        return None
    alone = start == end or _METRIC_ALONE.fullmatch(s.text, start, end)
    if not alone and metric_at_end(s.text[start:end], s.lexicon.metrics) is None:
        return None
    edge = spot.clause[0] - 1
    before = s.text.rfind("，", s.start, edge) + 1
    begin = max(before, s.start)
    figures = any(begin <= q.start < edge and q not in s.sizes for q in s.found)
    parts = split(s.text, begin, edge, s.lexicon.nouns, wanted)
    if figures or len(parts) != wanted:
        return None
    first = trim(s.text, *parts[0], s.lexicon.nouns)
    having = _HAVING.match(s.text, *first)
    first = (having.end(), first[1]) if having else first
    counted = _COUNTED_LAST.search(s.text, *parts[-1])
    last = (parts[-1][0], counted.start() if counted else parts[-1][1])
    spans = [first, *parts[1:-1], last]
    return [[Member(span)] for span in spans] if all(0 < b - a <= LONGEST_NAME for a, b in spans) else None


def clause_before(s: Sentence, spot: "Spot") -> list[list[Member]] | None:
    """光伏电池产量继续提高，达到200万千瓦: what the clause before speaks of, where it has no number itself."""
    left = spot.clause[0]
    if left <= s.start or s.text[left - 1] != "，" or not _GOES_ON.match(s.text, left, spot.group.items[0].start):
        return None
    begin = max(s.text.rfind(mark, s.start, left - 1) for mark in "，；：。") + 1
    begin = max(begin, s.start)
    if any(begin <= q.start < left for q in s.found):
        return None
    begin = max([time.end for time in s.times if begin <= time.start < left], default=begin)
    moved = _MOVED.search(s.text, begin, left - 1)
    if moved is not None and moved.start() == begin:  # 实现产值[倍增]
        moved = _MOVED.search(s.text, begin + 1, left - 1)
    if moved is None:
        return None
    start, stop = trim(s.text, begin, moved.start(), s.lexicon.nouns)
    found = metric_at_end(s.text[start:stop], s.lexicon.metrics)
    stop = start + found[0] if found and found[0] > 1 else stop
    metric = found[1] if found and spot.group.items[0].kind not in {"share", "points", "times"} else None
    if not 2 <= stop - start <= LONGEST_NAME:
        return None
    wanted = len(spot.group.items)
    parts = split(s.text, start, stop, s.lexicon.nouns, wanted) if wanted > 1 else []
    spans = parts if len(parts) == wanted else [(start, stop)] * wanted
    return [[Member(span, metric)] for span in spans]
