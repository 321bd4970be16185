"""Numbers that can be no finding, seen from the characters around them: vague, ranks, durations, counts of clauses."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consumers.extractors import commitments
from consumers.extractors.cues import Cue
from consumers.extractors.quantities import Quantity
from consumers.extractors.words import Sheet, alternatives

if TYPE_CHECKING:
    from consumers.extractors.lexicon import Lexicon

_NAMES = {"vague": "vague number", "phrase": "fixed phrase", "rank": "rank", "size": "size class"}
_FOLLOWS_NO_NUMBER = re.compile(
    r"俱乐部|时代|大关口|赛道|梦|[^，。；、]{0,10}第\d+|[^，。；、的]{0,8}(?:规划|方案)(?:[，。；、]|$)"
)
_DURATION = re.compile(r"(?:时间|时限|周期|时长|寿命|期限|时效|天数|耗时)[^，。]{0,18}$")
_COMPUTED = re.compile(r"的?(?:增速|速度|水平)?(?:来)?(?:计算|测算|推算|估算)")
_UNKNOWN_UNIT = re.compile(
    r"(?!以|左右|大关|的|俱|至|到|和|及|与|上下|增|升|降|关口|规模|产业|级|市场|水平|投资|资金|之|提|跃|扩|大)[一-鿿]"
)
_SPANNED = re.compile(r"(?:主跨|跨度|跨径|全长|总长|长度|高度|塔高|总高|桥长|宽度)[^，。；、]{0,6}$")
"""Metres of a work, not of a place or a story."""
_MEASURES = re.compile(r"[一-鿿]{0,12}(?:措施|举措)|(?:重点|主要|具体|专项)?任务")
"""30项减轻企业负担的[政策措施]."""
_MENTIONED = re.compile(r"(?:提到|所说|提及|传闻|传言)的$")
_BARE_BEFORE = frozenset("超破达近逾过到上")
_COUNT_BEFORE = frozenset("超破达近逾过到满有")
_MAKING = re.compile(r"(?:新增|建成|引进|培育|打造|形成|累计|建设|共|达到?|拥有|认定|和|、|及|与|实现|孵化)$")
_MADE = re.compile(
    r"[^，。]{0,4}(?:千亿|百亿|万亿|国家级|世界级|省级|龙头|企业|基地|园区|集群|中心|项目|年?(?:销售|营业|主营|产值|营收|产能|产量))"
)
_PER_VALUE = re.compile(r"(?:工业|地区|国内)?(?:增加值|生产总值|GDP|产值)")
"""[万元]工业增加值用水量: what a rate is measured on."""
_CLOSES = frozenset("，。；、”")
_MADE_BEFORE = re.compile(
    r"(?:打造|培育|建成|新建|引进|形成|组建|建设)[^，。；、]{2,20}(?:集团|企业|基地|园区|集群|中心|项目|平台|工厂|品牌)$"
)
_LEVEL_VERB = re.compile(
    r"(?:打造|建设|培育|形成|迈向|迈入|冲刺|成为|突破|迈上|建成|构建|壮大|跻身|发展|推动|打响|实现|向)[^，。；]{0,16}$"
)
ENTERED = re.compile(
    r"(?:规模|产值|总量|营收|体量|收入)(?:已|成功|首次|正式|整体|全面)*(?:跨入|迈入|进入|迈上|跃上|跃升至|跨上|达到|达|突破)了?$"
)
"""产业规模跨入[万亿级]: a level is reached."""
_LEVEL_NOT = re.compile(r"[^，。；、]{0,6}为(?:引领|骨干|支撑|主导|龙头|主体)")
_LEVEL_NOUN = re.compile(r"的?[^，。；、]{0,10}?(?:产业|集群|产业链|赛道|生态圈|园区|城|市场|规模|企业)")
_SINGLE = frozenset({"mass", "energy", "volume", "area", "length", "money", "power"})
"""One or two of these in words is a way of speaking: 一度电, 一吨钢."""
_EQUALS = re.compile(r"(?:相当于|等于)[^，。；]{0,20}$")
_PEOPLE = frozenset({"人", "户"})
_PLANNED_NAME = re.compile(r"(?:计划|行动|工程|战略|方案)")
_ONE_OF = re.compile(r"[^，。；、]{0,14}之一")
_CONVERTED = ("兑", "兑换", "约合", "折合", "约合人民币", "折合人民币")
_PER = frozenset("/／")
"""151公里/百平方公里: what a rate is measured on."""
_ALL = ("全国", "全球", "世界", "国内", "我国", "中国", "全省", "全市", "是", "为")
_NAMED_PLAN = re.compile(r"[一-鿿]{0,10}?(?:计划|行动|工程)(?:[，。；、]|$)")
_EXCHANGED = re.compile(
    r"(?:左右)?(?:可)?(?:对|兑换?|约合|折合|相当于)(?:约)?(?:\d|人民币|美元|欧元|日元|港元|港币|英镑)"
)
CROWD = re.compile(
    r"[一-鿿]{0,6}(?:人口|学生|农民工?|职工|员工|居民|群众|劳动力|劳动者|毕业生|考生|旅客|游客|老年?人|工人|师生|婴幼儿|新生儿|儿童|妇女|女性|青年|网民|消费者|党员|农牧民|患者|残疾人|农户|从业者)"
)
"""What a number without a unit counts: 500万无电人口, 91万学生."""
_NATION = 13 * 10**8
"""14亿多人的…: a way to say the whole nation."""
_PLACE_UNITS = frozenset({"省", "市", "县", "村", "镇"})


@dataclass(frozen=True, slots=True)
class Casualties:
    """Words for what befell the people that a number counts."""

    behind: re.Pattern[str]
    """11人[受伤], 约120名工人[遇难]."""
    before: re.Pattern[str]
    """[死亡]人数升至95人, 造成6[死]8伤."""


def read_casualties(sheet: Sheet) -> Casualties:
    """From `lexicon/nonnumbers.yaml`."""
    return Casualties(
        re.compile(
            rf"(?:以上)?(?:[一-鿿]{{0,8}}?(?:人员|居民|平民|民众|用户|[工军士矿学旅乘]人?))?[一-鿿]{{0,5}}?{alternatives(sheet.words('casualties'))}"
        ),
        re.compile(rf"{alternatives(sheet.words('casualties_before'))}(?:总?人数|总数|者)?[^，。；]{{0,8}}$"),
    )


def flaw(text: str, q: Quantity, cues: Callable[[], Sequence[Cue]], lexicon: "Lexicon") -> str:
    """Why the number is refused, or empty. `text` is its line, whose `cues` few numbers ask for."""
    if q.flaw:
        return _NAMES[q.flaw]
    before, follows = text[max(0, q.start - 24) : q.start], text[q.end : q.end + 24]
    if _in_name(text, q.start):
        return "inside a title or name"
    return (
        _kind_flaw(q, before, follows, cues, lexicon)
        or _worded_flaw(q, before, follows)
        or _spoken_flaw(q, before[-1:])
        or _bare_flaw(text, q, before, follows)
    )


def _kind_flaw(q: Quantity, before: str, follows: str, cues: Callable[[], Sequence[Cue]], lexicon: "Lexicon") -> str:
    """Units that measure nothing here: times without a thing that takes them, parts of a text, people harmed."""
    if q.kind == "count" and (
        lexicon.counted.match(follows)
        or (("措" in follows or "任务" in follows) and _MEASURES.match(follows))
        or (q.unit == "条" and before.endswith("章"))
    ):
        return "count of measures or parts of a text"
    if q.kind == "time" and (before.endswith("每") or not (_DURATION.search(before) or commitments.near(cues(), q))):
        return "duration"
    if (q.unit == "米" and not _SPANNED.search(before)) or (
        q.unit in _PLACE_UNITS and follows[:1] not in set("（(，。、；")
    ):
        return "no measure of the field"
    harmed = lexicon.casualties
    if q.unit in _PEOPLE and (harmed.behind.match(follows) or harmed.before.search(before)):
        return "casualties"
    return ""


def _worded_flaw(q: Quantity, before: str, follows: str) -> str:  # noqa: PLR0911  a list of reasons, one return for each
    """What the words around the number make of it."""
    if (q.kind in {"share", "bare"} and _PLANNED_NAME.match(follows)) or (q.bare and _NAMED_PLAN.match(follows)):
        return "inside a title or name"
    if q.kind == "count" and before.endswith(_ALL) and _ONE_OF.match(follows):
        return "one of several"
    per = before[-1:] in _PER and not before[-2:-1].isdigit()
    if per or _FOLLOWS_NO_NUMBER.match(follows):
        return "fixed phrase or rank"
    if _COMPUTED.match(follows):
        return "premise of a computation"
    if before.endswith("的") and _MENTIONED.search(before):
        return "somebody else's figure"
    if q.kind == "money" and (before.endswith(_CONVERTED) or _EXCHANGED.match(follows)):
        return "restated in another unit"
    if q.unit == "人" and follows.startswith("的") and _NATION <= q.value < _NATION + 2 * 10**8:
        return "fixed phrase or rank"
    if q.kind == "times" and _EQUALS.search(before):
        return "comparison"
    return ""


def _spoken_flaw(q: Quantity, last: str) -> str:
    """用一度电: a way of speaking."""
    return "small number in words" if q.small and q.kind in _SINGLE and last not in _COUNT_BEFORE else ""


def _bare_flaw(text: str, q: Quantity, before: str, follows: str) -> str:
    """Scale words and small words that look like numbers."""
    last = before[-1:]
    if q.level:
        fine = ENTERED.search(before) or (
            _LEVEL_VERB.search(before)
            and _LEVEL_NOUN.match(follows)
            and not _LEVEL_NOT.match(follows)
            and not re.search(r"以[^，。；]{0,4}$|从$", before)
        )
        return "" if fine else "size class"
    if q.kind == "bare" and not _means_something(text, q, last):
        return "no unit"
    if q.small and q.kind == "count" and not (text[q.start] != "一" and _made(before, follows)):
        return "small count in words"
    if (
        q.bare
        and q.kind == "count"
        and last not in _COUNT_BEFORE
        and (q.unit in _PEOPLE or not follows.startswith("以上"))
    ):
        return "vague number"
    if (
        q.bare
        and q.kind == "money"
        and (follows.startswith(("以上", "以下")) or (last not in _BARE_BEFORE and _PER_VALUE.match(follows)))
    ):
        return "size class"
    return ""


def _made(before: str, follows: str) -> bool:
    """建成[两家]省级基地; 打造过百亿元的集团[两个]: the count closes its clause behind what is made."""
    if _MAKING.search(before) and _MADE.match(follows):
        return True
    return follows[:1] in _CLOSES and bool(_MADE_BEFORE.search(before))


def _means_something(text: str, q: Quantity, last: str) -> bool:
    """A bare 2万亿, 超万亿 stands for money; 500万无电人口 for people; 2000万 in a list for its unit."""
    if q.bare:
        return last in _BARE_BEFORE
    if CROWD.match(text, q.end):
        return True
    if _UNKNOWN_UNIT.match(text, q.end):
        return False
    return text[q.start : q.end].rstrip("多余").endswith("亿") or last in _BARE_BEFORE


def _in_name(text: str, at: int) -> bool:
    """Inside 《》, or inside short quotation marks: “千名干部助千企”."""
    opened = text.rfind("《", max(0, at - 160), at)
    if opened >= 0 and text.rfind("》", opened, at) < 0 and text.find("》", at, at + 160) > at:
        return True
    opened = text.rfind("“", max(0, at - 16), at)
    if opened < 0 or text.rfind("”", opened, at) >= 0:
        return False
    closed = text.find("”", at, opened + 17)
    return closed > at and not re.search(r"[，。：]", text[opened:closed])
