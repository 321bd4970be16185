"""Promises of means by an authority: funds, vouchers, subsidies, rewards, and their caps."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from consumers.extractors.cues import Cue
from consumers.extractors.nouns import trim
from consumers.extractors.quantities import Quantity

if TYPE_CHECKING:
    from consumers.extractors.sentence import Sentence

Span = tuple[int, int]
_CAP = re.compile(r"(?:最高|不超过|上限|封顶|至多|最多)[^，。；]{0,8}$")
_PER_ITEM = re.compile(r"单[项个家笔]|每[家个项人户次年]|单[户台]|每个")
_GIVE = re.compile(
    r"给予|奖励|补贴|补助|资助|返还|贴息|申请|安排|设立|提供|拨付|下达|减免|免除|发放|享受|投入|统筹|支持|兑现|补偿|抵扣|推出|派发|投放|按|可"
)
_FUND = re.compile(
    r"的?[一-鿿“”]{0,14}?(?:专项资金|扶持资金|引导资金|补助资金|奖补资金|产业基金|投资基金|引导基金|母基金|子基金|消费券|算力券|创新券|服务券|担保贷款|奖励|补贴|补助|资助|贴息|津贴|奖金|护理假|育儿假|产假|陪产假)|的标准[^，。；]{0,4}(?:发放|补助|给予|扣除|奖励|补贴|支付|予以)"
)
_FUND_BEFORE = re.compile(
    r"(?:财政投入|财政拨款|资金|基金|转移支付|券|奖励|补贴|补助|资助|贴息|奖补|返还|费|贷款|标准|津贴|奖金|特别国债)(?:总?额度?|最高额度|上限|限额|金额|规模|标准|总规模)?(?:约|近|超|共|合计|不少于|不低于|超过|达到|总额|最高|不超过|可|按|达|达到|为|的|元|最高可|最高达|不低于|给予|最高给予)*$"
)
_RAISED = re.compile(
    r"([^将，。；]{0,10}(?:补助|补贴|津贴|经费|养老金|低保|救助|奖励|资助|保障|抚恤|养育|供养)[^，。；]{0,6}(?:标准|水平|额度|限额))，?"
    r"[^。；，]{0,20}(?:提高|上调|调高|增加|提升)(?:到|至|为)$"
)
"""补助标准，由每生每年6000元提高至[7000元]."""
_DIRECTED = re.compile(r"(?:对|凡|为)[^。；]{2,60}，(?:给予|发放|按|一次性|再|分别)[^，。；]{0,14}$")
"""对生育二孩的家庭，发放…: a rule, not a report."""
_ALLOTS = re.compile(
    r"(?:(?:安排|下达|拨付|预拨|划拨)[^，。；、]{0,10}|(?:下达|预拨|拨付)[^，。；]{0,30}(?:资金|经费|转移支付|专款|补助))$"
)
_ALLOTTED = re.compile(
    r"的?[一-鿿]{0,8}(?:资金|经费|专款)|，?(?:专项)?用于|(?:，[^，。；]{0,6})?(?:重点)?(?:支持|扶持|推动|促进)(?=[一-鿿A-Za-z“])"
)
"""将安排1.5亿元[送温暖资金]; 提前下达52亿元，[支持]…."""
_DONE = re.compile(r"(?:发放|拨付|兑现|下达|支出|减免|落实|争取)[^，。；]{0,14}$")
_RATE = re.compile(r"增长|下降|占|提高|覆盖|递减|递增|减少|降低|削减|上涨")
_REACHED = re.compile(r"同比|增长|余额|去年|已经?|累计")
_ANNOUNCED = re.compile(r"(?:近日|日前|今日|今天|昨日|昨天|最近)[^，。；]*$")
_MEANS = frozenset({"money", "share", "time", "area", "bare"})
_NAMED = re.compile(
    r"([一-鿿“”]{0,16}?(?:资金|基金|奖励|补贴|补助|资助|贴息|奖补|津贴|奖金|担保贷款|[“]?[一-鿿]{2,4}券[”]?))(?:总?额度?|金额|规模|标准|总规模)?[^，。；资基奖补贷]{0,8}$"
)
_LEAD = re.compile(
    r"[一-鿿]{0,6}?(?:安排|设立|提供|发放|下达|拨付|投入|统筹|申请|给予)(?:一次性|"
    r"最高|不超过)?|(?:以内|以下|的| |给予|一次性|最高|每年|提供|发放|可申请|"
    r"申请|安排|设立|按|可|予以|享受|将|再)*"
)
_PAYER = re.compile(r"由([一-鿿]{2,16}?)(?:列支|承担|拨付|支付|安排|给予|出资)")
_BENEFICIARY = re.compile(r"(?:对|为|向|给)([^，。；]{2,30}?)(?:，|给予|提供|发放|一次性|按|可)")
_FIRM = re.compile(r"公司|集团|股份|控股")


class Promise(NamedTuple):
    """What a commitment's words tell beside the number."""

    payer: str | None
    beneficiary: str | None
    cap: bool
    """Up to so much for each item."""
    subject: Span | None
    """The fund or reward itself, where it stands beside the number."""


def near(cues: Sequence[Cue], q: Quantity) -> bool:
    """Whether a promise's word stands close before the number."""
    return any("commit" in cue.kinds and 0 <= q.start - cue.end <= 20 for cue in cues)


def promised(cues: Sequence[Cue], q: Quantity, text: str) -> bool:
    """Whether the number is the sum promised, not the size of who gets it."""
    return near(cues, q) and bool(_FUND_BEFORE.search(text[max(0, q.start - 14) : q.start]))


def allots(text: str, start: int, at: int) -> bool:
    """Whether somebody sets means aside right before a place of a clause: 将安排[1.5亿元]…资金."""
    return bool(_ALLOTS.search(text, start, at))


def read(s: "Sentence", clause: Span, q: Quantity, verdict: str, *, promised: bool, spent: bool) -> Promise | None:
    """The promise that a number of money, share or time makes; None where the sentence promises nothing.

    `verdict` is what its tense says, `promised` that the sentence has promised before (单个企业最高…),
    `spent` that a part of a year gone by governs it (一季度发放…).
    """
    if (
        q.kind not in _MEANS
        or not _promises(s, clause, q, promised=promised)
        or _broken(s, clause, q, verdict, spent=spent)
    ):
        return None
    before = s.text[clause[0] : q.start]
    payer = _PAYER.search(s.text, s.start, s.end)
    beneficiary = _BENEFICIARY.search(s.text, s.start, q.start)
    capped = bool(_CAP.search(before)) or s.text.startswith(("以内", "以下", "封顶"), q.end)
    return Promise(
        payer[1] if payer else None,
        beneficiary[1] if beneficiary else None,
        capped and bool(_PER_ITEM.search(before)),
        _subject(s, clause, q),
    )


def _promises(s: "Sentence", clause: Span, q: Quantity, *, promised: bool) -> bool:
    """Whether a fund stands beside the number and somebody gives, or an earlier promise goes on with a cap."""
    before = s.text[clause[0] : q.start]
    if promised and q.kind == "money" and _CAP.search(before):
        return True
    if q.kind == "money" and _RAISED.search(s.text, s.start, q.start):
        return True
    given = allots(s.text, clause[0], q.start)
    if q.kind == "money" and given and _ALLOTTED.match(s.text, q.end):
        return True
    behind = _FUND.match(s.text, q.end)
    if not (given or "commit" in s.kinds) or not (behind or _FUND_BEFORE.search(before)):
        return False
    return bool(_GIVE.search(s.text, s.start, q.start)) or bool(behind and "设立" in s.text[q.end : s.end])


def _broken(s: "Sentence", clause: Span, q: Quantity, verdict: str, *, spent: bool) -> bool:
    """Whether the words tell of money already spent, of a growth or share, or of a firm's own money."""
    before = s.text[clause[0] : q.start]
    if q.kind == "share" and _RATE.search(before):
        return True
    if s.says("commit_past", clause[0], q.start) or (_FIRM.search(before) and "企业" not in before):
        return True
    if verdict != "actual" or _DIRECTED.search(s.text, s.start, q.start) or _RAISED.search(s.text, s.start, q.start):
        return False
    if spent and not _CAP.search(before) and not _PER_ITEM.search(before):
        return True
    done = _DONE.search(before) and not _ANNOUNCED.search(before) and not _CAP.search(before) and "每年" not in before
    return bool(done) or bool(_REACHED.search(before))


def _subject(s: "Sentence", clause: Span, q: Quantity) -> Span | None:
    """The fund's own name: 产业基金 behind 1000亿元的, 奖励 before 100万元."""
    text = s.text
    behind = _FUND.match(text, q.end)
    if behind:
        start = q.end
        lead = _LEAD.match(text, start, behind.end())
        start = lead.end() if lead else start
        return start, behind.end() + (text[behind.end() : behind.end() + 1] == "”")
    before = _RAISED.search(text, s.start, q.start) or _NAMED.search(text, clause[0], q.start)
    if before is None:
        return None
    start, end = before.span(1)
    lead = _LEAD.match(text, start, end)
    start = lead.end() if lead else start
    named = trim(text, start, end, s.lexicon.nouns)
    return named if named[1] - named[0] > 1 else (start, end)
