"""Numbers in the name of what another number counts: 总投资超10亿元的项目500个, 4座120吨转炉, 300万吨特钢项目."""

import re
from collections.abc import Sequence

from consumers.extractors import commitments
from consumers.extractors.cues import Cue
from consumers.extractors.quantities import Quantity

_MEASURES = frozenset({"money", "mass", "power", "area", "volume", "energy", "bare", "length"})
_NOUN = re.compile(r"(?:及?以上|以下|左右|以内)?的?[一-鿿“”（）、]{1,18}$")
_CLASS = re.compile(
    r"(?:及?以上|以下|以内|级)的?[一-鿿]{0,8}?(?:企业|项目|机组|单位|人群|家庭|产品|工程|客户|店|城市|园区|地区|纳税人|设备|人员|景区|医院|学校)"
)
_PROJECT = re.compile(r"[一-鿿A-Za-z0-9（）]{0,12}?(?:项目|工程|技改)")
_CLASSIFIERS = frozenset("台座艘辆架套")
_THING = re.compile(r"(?:项目|企业|工程|重大项目|产业项目|制造业项目|店铺|品牌)")
_LISTED = re.compile(r"的[一-鿿]{1,8}?(?:有|共有|包括|分别是|为)(?=[一-鿿]{2,12}[、，])")
"""产值超过1亿元的县有甲县、乙县: the number says which ones."""
_SORTS = frozenset({"类", "种", "批次", "起"})
"""9类14.9万公里管线: how many sorts is not the figure."""
_BEHIND = frozenset(
    {
        "以上",
        "左右",
        "以内",
        "开工",
        "签约",
        "落地",
        "建成",
        "投产",
        "竣工",
        "完工",
        "集中",
        "已经",
        "实现",
        "入选",
        "正在",
        "全部",
    }
)
_BOUNDED = re.compile(
    r"(?:[/／][年月日天])?(?:及?以[上下内]|左右)(?:[（(][^（）()]{1,24}[）)])?(?:的|、[^，。；]{1,48}?的)[一-鿿]"
)
_OF_THINGS = re.compile(r"(?:以上|以下)?的(?!目标|任务|速度|增[速长]|水平|比[例重])[一-鿿]")
_LIMIT = re.compile(
    r"(?:含量|浓度|纯度|水分|杂质|持股|效率|比例|占比)(?:大于|高于|超过|低于|小于|不足|不到)$|率(?:大于|高于|低于|小于)$"
)
_BOUNDS_OF_SHARE = frozenset("的以")
_BOUNDS = frozenset("/／及以左")
_RULED = re.compile(
    r"(?:新建|改建|扩建|建设|淘汰|关停|关闭|取缔|拆除|审批|核准|限制|禁止|准入|整合|退出|化解|鼓励|支持)"
    r"[^，。；、]{0,8}(?:规模|产能|能力|容量|面积|产量|投资|功率|吨位|直径|长度|[在为达于])$"
)
_RANKED = re.compile(r"(?:成为|第[一二三四五六七八九十\d]+个|是)[^，。；]{0,8}$")
_STOPS = re.compile(r"[，。；、：]")
_SPLITS = re.compile(r"[，。；、：和共计合与及]")


def is_size(text: str, q: Quantity, following: Quantity | None, previous: Quantity | None, cues: Sequence[Cue]) -> bool:
    """Whether the number only tells which things are meant. `text` is the line."""
    if q.kind == "share" and text[q.end : q.end + 1] in _BOUNDS_OF_SHARE and _limited(text, q):
        return True
    sorts = q.unit in _SORTS and following is not None and following.start == q.end
    ruled = text[q.end : q.end + 1] in _BOUNDS and _ruled(text, q)
    return sorts or ruled or _is_size(text, q, following, previous, cues)


def _limited(text: str, q: Quantity) -> bool:
    """含量大于[0.02%]的电池: the number says which things are meant."""
    return bool(_OF_THINGS.match(text, q.end) and _LIMIT.search(text, max(0, q.start - 12), q.start))


def _ruled(text: str, q: Quantity) -> bool:
    """不再新建规模在[5万吨]/年以下的厂: the number says which things a rule is about."""
    if q.kind not in _MEASURES or q.kind == "money":
        return False
    return bool(_BOUNDED.match(text, q.end) and _RULED.search(text, max(0, q.start - 14), q.start))


def _is_size(  # noqa: PLR0911  a list of reasons, one return for each
    text: str, q: Quantity, following: Quantity | None, previous: Quantity | None, cues: Sequence[Cue]
) -> bool:
    after, before = text[q.end : q.end + 24], text[max(0, q.start - 14) : q.start]
    if q.kind not in {"count", "share", "times", "points"} and _CLASS.match(after):
        return not commitments.promised(cues, q, text)
    if q.kind not in _MEASURES:
        return False
    if following is not None and following.kind == "count" and _NOUN.match(text[q.end : following.start]):
        behind = text[following.end : following.end + 2]
        if not re.match(r"[一-鿿]", behind) or behind in _BEHIND:
            return True
    if previous is not None and previous.kind == "count" and _behind_count(text, q, previous, after):
        return True
    if q.kind != "money" and before[-1:] in _CLASSIFIERS and re.match(r"[一-鿿]", after):
        return True
    if q.kind != "money" and _PROJECT.match(after):
        return True
    if before[-1:] in {"超", "过", "逾"} and _LISTED.match(after):
        return True
    if before[-1:] in {"超", "过"} and (_THING.match(after) or (after.startswith("的") and _RANKED.search(before))):
        return True
    return (
        before.endswith("超过")
        and after.startswith("的")
        and bool(re.search(r"(?:成为|第[一二三四五六七八九十\d]+个)", before))
    )


def _behind_count(text: str, q: Quantity, previous: Quantity, after: str) -> bool:
    """4座120吨转炉: close behind a count, and a thing follows; but 9类14.9万公里管线 tells the length."""
    between = text[previous.end : q.start]
    if len(between) > 14 or (not between and previous.unit in _SORTS):
        return False
    return (
        not _SPLITS.search(between)
        and not between.endswith(("达", "达到", "投资"))
        and bool(re.match(r"(?:[/／]年)?的?[一-鿿A-Za-z（(]", after))
    )


def measured_on(text: str, q: Quantity, following: Quantity) -> bool:
    """338个城市细颗粒物年均浓度为50微克: the count only says what the other number was measured on."""
    if q.kind != "count" or following.kind not in {"share", "concentration"}:
        return False
    between = text[q.end : following.start]
    return len(between) > 4 and not _STOPS.search(between)
