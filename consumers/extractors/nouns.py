"""Cuts noun phrases out of Chinese text without a segmenter: what stands before a number, after it, and in a list."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from consumers.extractors.words import Sheet, alternatives

_LEAD = (
    "其中", "并", "且", "同时", "而", "则", "使", "使得", "让", "据", "以及", "及", "和", "与", "或", "的", "了", "着", "在", "将", "要", "已",
    "已经", "还", "也", "再", "又", "均", "都", "力争", "争取", "预计", "确保", "努力", "提出", "明确", "指出", "表示", "显示", "规划", "计划",
    "目标是", "目标为", "拟", "到", "至", "从", "由", "把", "对", "为", "全面", "加快", "大力", "进一步", "积极", "持续", "重点", "围绕", "推动",
    "带动", "助力", "促进", "累计", "共", "共有", "共计", "总计", "合计", "一共", "总共", "年均", "每年", "平均", "全年", "当年", "期间", "时期", "末", "底", "内",
    "目前", "截至", "此外", "另外", "特别是", "尤其是", "包括", "比如", "例如", "如", "能", "可", "可以", "有", "是", "我国", "中国", "全国", "全市",
    "全省", "全区", "全县", "我省", "我市", "该", "其", "各", "又有", "另有", "还有", "约", "近", "超", "超过", "突破", "达", "达到", "不断", "现", "就", "只", "仅",
    "分别", "相继", "先后", "陆续", "成功", "首次", "连续", "当前", "今天", "近日", "年", "月", "日", "下", "上", "用", "给", "需要", "大约要", "新时代", "现有",
    "、", "，", "：", ":", " ", "　", "●", "•", "▷", "—", "“据", "○", "■", "①", "②", "③",
)  # fmt: skip
_TAIL = (
    "将", "要", "已", "已经", "也", "就", "再", "还", "又", "预计", "有望", "力争", "争取", "确保", "分别", "均", "都", "各", "各有", "共", "总共", "共计", "合计", "总计", "累计",
    "只", "仅", "只有", "仅有", "可", "可以", "至少", "能", "能够", "大约", "约", "水平", "了", "到", "至", "在", "的", "是", "为", "有", "等", "实现", "完成", "达", "达到", "突破", "超过",
    "超", "逾", "近", "将近", "接近", "不低于", "不少于", "不超过", "不到", "不足", "低于", "高于", "大于", "控制在", "稳定在", "保持在", "保持", "维持在", "处于", "攀升",
    "力争达", "需", "应", "必须", "须", "由", "从", "自", "比", "较", "与", "和", "及", "、", "约为", "约占", "最高", "最高可", "最多", "不高于", "迈上", "跃上", "站上", "破", "越过", "跃过",
    "总体", "基本", "左右", "每年", "年均", "平均", "平均每年", "一度", "曾", "首次", "将会", "可达", "就达", "高达", "多达", "仅为", "仍有", "还有", "尚有", "另有", "拥有", "现有", "共有", "累计达", "累计超",
    "其中", "数字", "这一", "同时", "进一步", "合计达", "则", "却", "并", "而", " ", "　", "：", ":", "“", "（", "(", "即", "计", "保持了", "呈现", "多", "超出", "跨过", "迈过", "冲破", "过", "上",
    "扩大", "扩充", "扩展", "发展", "壮大", "增", "新增", "当前", "目前", "现", "今年", "去年", "本", "全年", "期间", "时",
)  # fmt: skip
_STOP = re.compile(r"[，。；！？、,;!?\n：:—…《》〈〉【】\[\]•●▷|]")
_OPEN, _CLOSE = '（(“"‘《〈「', '）)”"’》〉」'
_SPLIT = re.compile(r"、|以及|和(?![平谐田])|与(?!会|否)|及(?!率|时|格|其)")


@dataclass(frozen=True, slots=True)
class Nouns:
    """Compiled words."""

    lead: re.Pattern[str]
    tail: re.Pattern[str]
    noun_end: re.Pattern[str]
    compounds: re.Pattern[str]
    verbs: re.Pattern[str]
    verb_only: re.Pattern[str]


def read_nouns(cues: Sheet, compounds: Sheet, relative: Iterable[str] = ()) -> Nouns:
    """From `lexicon/cues.yaml` (verbs, noun_end) and `lexicon/compounds.yaml`."""
    verbs = cues.words("verbs")
    names = compounds.words("names")
    compounds.done()
    lead = alternatives([*_LEAD, *relative])
    verb = alternatives(verbs)
    return Nouns(
        re.compile(rf"(?:{lead}|{verb}(?:了|出)?)+"),
        re.compile(rf"(?:{alternatives(_TAIL)})+$"),
        re.compile(
            rf"{alternatives(cues.words('noun_end'))}|(?<=.)(?:是(?!否)|将(?!军)|已|被|均(?!衡)|都(?!市)|由(?!于)|为(?!主)|在(?!建|内|线)|等(?!级|离|院)|占|达|超(?!级|算|高|市|导|低|声)|向|计(?!划|算|量|生)|共(?!享|同|建|和|有|服)|各(?!类|级|种)|较|比(?!例|亚|重)|可(?!再|穿|控|降)|能(?!源|力|耗|量|见|效)|从(?!业)|对(?!外|接|口|象)|让|使(?!用|馆)|还|也|就(?!业)|总(?!部|装|量|公|工|机)|获(?!奖)|年)"
        ),
        re.compile(alternatives(names)),
        re.compile(rf"(?:{verb})(?:了|出|过)?(?=.)"),
        re.compile(rf"(?:(?:{verb}|{lead})(?:了|出|过|到)?)*"),
    )


def trim(text: str, start: int, end: int, nouns: Nouns) -> tuple[int, int]:
    """The span without the words around a noun phrase that are none of it. Empty where nothing is left."""
    lead = nouns.lead.match(text, start, end)
    if lead:
        start = _keep_words(text, start, lead.end(), end)
    tail = nouns.tail.search(text, start, end)
    if tail:
        end = tail.start()
    while start < end and text[start] in "）)”’》〉」、， 　":
        start += 1
    return (start, end) if start < end else (start, start)


def _keep_words(text: str, start: int, cut: int, end: int) -> int:
    """Never leaves half a word: a rest of one character gives the lead back."""
    return start if cut >= end - 1 and end - start > 1 and cut < end and not text[cut:end].isascii() else cut


def after(text: str, start: int, end: int, nouns: Nouns) -> tuple[int, int]:
    """The noun phrase that follows a count: 33家[国家级制造业创新中心]。 Empty where a verb or mark follows."""
    while start < end and text[start] in " 的":
        start += 1
    stop = _phrase_end(text, start, min(end, start + 40))
    position = start
    for match in nouns.noun_end.finditer(text, start, stop):
        if not _inside_quotes(text, start, match.start()):
            stop = match.start()
            break
        position = match.end()
    del position
    while stop > start and text[stop - 1] in "的了着 和与及":
        stop -= 1
    return start, stop


def _phrase_end(text: str, start: int, limit: int) -> int:
    """Where the phrase ends: at a mark outside brackets and quotes."""
    depth = 0
    for i in range(start, limit):
        char = text[i]
        if char in _OPEN and not (char == '"' and depth):
            depth += 1
        elif char in _CLOSE:
            depth -= 1
            if depth < 0:
                return i
        elif depth == 0 and _STOP.match(char):
            return i
        elif char in "。；\n":
            return i
    return limit


def _inside_quotes(text: str, start: int, at: int) -> bool:
    depth = 0
    for char in text[start:at]:
        depth += (char in _OPEN) - (char in _CLOSE)
    return depth > 0


def split(text: str, start: int, end: int, nouns: Nouns, wanted: int = 0) -> list[tuple[int, int]]:
    """Members of a list as spans: 、 和 与 及 outside brackets, quotes and compound names.

    With `wanted`, a division at 、 alone is tried where the full one has another number of members.
    """
    members = _split(text, start, end, nouns, marks_only=False)
    if wanted and len(members) != wanted:
        fewer = _split(text, start, end, nouns, marks_only=True)
        if len(fewer) == wanted:
            return fewer
    return members


def _split(text: str, start: int, end: int, nouns: Nouns, *, marks_only: bool) -> list[tuple[int, int]]:
    kept = [match.span() for match in nouns.compounds.finditer(text, start, end)]
    members: list[tuple[int, int]] = []
    begin = start
    for match in _SPLIT.finditer(text, start, end):
        at = match.start()
        if at == begin or match.end() >= end or (marks_only and match[0] != "、"):
            continue
        if any(left < at < right for left, right in kept) or _inside_quotes(text, start, at):
            continue
        members.append((begin, at))
        begin = match.end()
    members.append((begin, end))
    return members
