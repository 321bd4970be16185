"""Tells what is only foreseen, supposed or described from what is aimed at. Asked of numbers that look like aims."""

import re

_SUPPOSED = re.compile(
    r"如果|假如|假设|倘若|如若|若(?:能|按|以|是|要|想|保持|维持|继续|每)|意味着|(?:如此|据此|以此|由此)(?:估算|推算|计算|测算)|"
    r"(?:按照?|以)[^，。；]{2,30}(?:(?<![设统总合预])计|计算|来看|推算|测算|估算)，"
)
"""What follows is worked out from a premise."""
_SUPPOSED_BEHIND = re.compile(r"(?:以下|以上|左右)?的?时(?![期代间效段限])")
"""降到1元以下[时]，…: a condition."""
_GUESS = re.compile(
    r"(?<!尽)可能(?![性力])|或将|恐将|恐怕|也许|或许|不排除|几率|概率|还会|会因|"
    r"(?<![原材物资饲肥燃涂染辅用油配布废饮面木石塑])[预]?料(?=将|从|为|增|降|达|会|升|减|超|在20)"
)
_QUOTED = re.compile(r"规划|纲要|方案|计划|意见|力争|争取|目标|确保|要求|提出|任务")
_TELLER = re.compile(
    r"(?:研究(?:院|所|中心|会|室|机构)|咨询|信息中心|信通院|数据(?:提供商|公司|机构)|市场调查|预测中心)"
    r"[^，。；]{0,16}?(?:预计|预测|预期|估计|推算|测算|报告|数据|认为|称)|"
    r"[A-Z][A-Za-z]{3,}[^，。；]{0,16}?(?:报告|数据|预测|调查|分析|统计|推算)|"
    r"(?<!工作)报告》[^。；]{0,30}?(?:预计|预测|显示|指出|认为|称)|每股收益|市盈率|EPS"
)
"""Somebody who counts and foresees, but sets no aims."""
_MARKET = re.compile(
    r"(?:市场(?:规模|容量|总量|份额|价值)|消费额|缺口|过剩量|饱和点|峰值)[^，。；]{0,8}(?:将|预计|有望|可|会)[^，。；]{0,8}$|"
    r"(?:预计|有望)[^，。；]{0,24}(?:市场(?:规模|容量|总量|份额|价值)|消费额|缺口|过剩量)[^，。；]{0,10}$"
)
_ASKED = re.compile(
    r"(?:需求(?![侧端响导的和、])|出货|发货量|(?:预计|有望|估计)[^。；]{0,30}渗透率|缺口|过剩|库存|饱和点|大宗商品|保费|票房|消费者|客单价)[^。；]{0,26}$"
)
"""What markets take, ship and keep is foreseen."""
_ASKED_BEHIND = re.compile(r"(?:以上|左右|多)?的?[一-鿿]{0,6}?(?:缺口|需求|市场空间|市场增长率)(?=[，。；])")
_ELLIPTIC = re.compile(r"(?:并且?|同时)?(?:将|预计|有望|可望|到20|其|占|比|较|同比|年均|年增|达|约|为|在20)")
_CLAUSES = "，；。：:"
_WORLD = re.compile(
    r"(?:^|[，；：“年，来底末]|预计|使得?|导致)(?:全球|世界|全世界)[^，。；占]{0,16}"
    r"(?:量|额|规模|库存|需求|装机|市场|产能|收入|营收|销售|总数|价值|价格)[^，。；]{0,12}$"
)
"""What the whole world will make or use is nobody's aim."""
_APPLIED = re.compile(r"(?:加计|税前)?(?:扣除|抵扣)|计入")
_DIMENSION = re.compile(
    r"(?:全长|总长|[正主干全]线长|时速|总库容|线路长度|设计[^，。；]{0,6})(?:度|约|近|达|为|到|超|过|：)*$"
)


def unaimed(text: str, start: int, clause: int, at: int, end: int) -> str:
    """Why a number at `text[at:end]` is no aim though a coming time governs it, or empty.

    Its sentence begins at `start`, its clause at `clause`.
    """
    if text.startswith(("以", "左", "时", "的"), end) and _SUPPOSED_BEHIND.match(text, end):
        return "unlikely or conditional"
    supposed = _SUPPOSED.search(text, start, at)
    if supposed and not _QUOTED.search(text, supposed.end(), at):
        return "unlikely or conditional"
    if _APPLIED.match(text, end):
        return "rate that is applied"
    if _ASKED_BEHIND.match(text, end) and not (_QUOTED.search(text, start, at) or "满足" in text[clause:at]):
        return "outsider's forecast"
    return "outsider's forecast" if _foreseen(text, start, clause, at) else ""


def described(text: str, clause: int, at: int) -> bool:
    """Whether the number at a place is a measure of a work: 全长265公里."""
    return bool(_DIMENSION.search(text, clause, at))


def _foreseen(text: str, start: int, clause: int, at: int) -> bool:
    """Whether somebody who sets no aims foresees it."""
    guess = _GUESS.search(text, start, at)
    if guess and not _QUOTED.search(text, start, at):
        return True
    teller = _TELLER.search(text, start, at)
    if teller and not _QUOTED.search(text, teller.start(), at):
        return True
    if _QUOTED.search(text, start, at):
        return False
    if _MARKET.search(text, clause, at) or _WORLD.search(text, max(start, clause - 1), at):
        return True
    return bool(_ASKED.search(text, _whole(text, start, clause), at))


def _whole(text: str, start: int, clause: int) -> int:
    """Where the clause begins; the one before it where it names nothing itself: …需求旺盛，将增长4%."""
    if clause <= start or not _ELLIPTIC.match(text, clause):
        return clause
    return max(start, *(text.rfind(mark, start, clause - 1) + 1 for mark in _CLAUSES))
