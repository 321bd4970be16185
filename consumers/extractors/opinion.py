"""Tells whose word a coming number is, where its own sentence does not say: a study's, an analyst's, a market's."""

import re

from consumers.extractors.part import Part
from consumers.extractors.quantities import Quantity
from consumers.extractors.sentence import Sentence

_AIMED = re.compile(
    r"规划|纲要|方案|计划|意见|力争|争取|目标|确保|要求|提出|任务|拟|打算|宣布|决定|承诺|努力|投资|批准|部署|安排|"
    r"投产|建成|形成|新建|组建|引进|推广|培育|采购|邀请|举办|展览|展出|参展|中方|政府|大臣|总统|首相|总理|部长|议会|法案|国防"
)
"""Somebody who can set an aim, or a word that says one is set."""
_EXPECTED = re.compile(r"预计|预测|预期|预估|估计|有望|可望|将|料|或")
_DEMAND = re.compile(
    r"(?:需求量?|市场空间|市场潜力|潜在市场)(?:总量|规模)?(?:将|预计|有望|可|会|约|达到?|超过?|突破|为|近|至少|在|就|也|大约|接近|高达)*$"
)
"""What a market will ask for is foreseen, not aimed at."""
_PLANNED = re.compile(r"规划|纲要|方案|计划|意见")
_CONTINENT = re.compile(r"(?<![东西])[南北]美|拉美|中东|亚太|东南亚|[东西]欧|亚洲")
"""Parts of the world that are no place of the atlas."""
_RATED = re.compile(r"(?:增持|买入|推荐|持有|中性|跑赢大市)(?:-[A-Z])?[”\"]?(?:的?投资)?评级|目标价|每股收益|市盈率")
_OWNED = re.compile(r"的?(?:股份|股权|的股|控股权|权益)")
"""Who owns how much of a firm to come is no aim."""
_SAYS = re.compile(r"(?:^|[，；。“”\s])([一-鿿]{2,3})(?:则|还|也|同时|进一步)?(?:预计|预测|认为|估计|判断|分析|指出)")
"""[某某]预计: a name that a reader knows from above."""
_OPINIONS = frozenset({"forecast", "outsider"})
_TITLE = re.compile(r"(?:分析师|研究员|分析人士|经济学家|研究总监|基金经理|投资顾问|教授|专家|合伙人)[”，、]?$")
_LONGEST_TITLE = 8


def outside(s: Sentence, part: Part, q: Quantity, words: str) -> bool:
    """Whether a number that looks like an aim is somebody's forecast who sets none.

    `words` stand right before the number, in its clause.
    """
    text, start, at = s.text, s.start, q.start
    if (
        ("需" in words or "市场" in words)
        and _DEMAND.search(words)
        and ("预计" in words or not _PLANNED.search(text, start, at))
    ):
        return True
    if _OWNED.match(text, q.end):
        return True
    if _RATED.search(text, start, s.end) or (s.kinds & _OPINIONS and _by_name(s, part, at)):
        return True
    if _AIMED.search(text, start, at) or text.startswith("的目标", q.end):
        return False
    return (bool(_EXPECTED.search(text, start, at)) and _abroad(s, at)) or part.told_by_study()


def _by_name(s: Sentence, part: Part, at: int) -> bool:
    """Whether it is said by somebody whom the text introduced as an analyst further up."""
    said = _SAYS.search(s.text, s.start, at)
    if said is None:
        return False
    name, limit = said[1], s.line.offset + said.start(1)
    found = part.text.find(name, 0, limit)
    while found > 0:
        if _TITLE.search(part.text, max(0, found - _LONGEST_TITLE), found):
            return True
        found = part.text.find(name, found + 1, limit)
    return False


def _abroad(s: Sentence, at: int) -> bool:
    """Whether the last place before the number lies abroad, or is the whole world."""
    before = [place for place in s.line.named if s.start <= place.start and place.end <= at and place.region]
    if before:
        return before[-1].foreign
    return bool(_CONTINENT.search(s.text, s.start, at))
