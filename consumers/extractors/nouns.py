"""Cuts noun phrases out of Chinese text without a segmenter: what stands before a number, after it, and in a list."""

import re
from dataclasses import dataclass

from consumers.extractors.backwards import Ending, reversed_words
from consumers.extractors.words import Sheet, alternatives

_VERBAL_NOUNS = frozenset({"服务", "设计", "物流", "制造"})
"""Verbs that are a subject where nothing else is: 服务支出为3亿元."""
LONGEST_TAIL = 24
"""Characters of the longest run of words between a subject and its number."""
_STOP = frozenset("，。；！？、,;!?\n：:—…《》〈〉【】[]•●▷|")
_OPEN, _CLOSE = '（(“"‘《〈「', '）)”"’》〉」'
_SPECIAL = re.compile(f"[{re.escape(''.join(sorted(_STOP)) + _OPEN + _CLOSE)}]")
_MOVES = re.compile("[已共就累将要可现新并再还均都拟计预仅总保力有规准打]")
"""What every word that starts an inner or outer verb starts with."""
_NOUN_TAIL = "[类业型式化性率机量额商器品费者]|人员|人次|中心|平台|能力|基地|企业|项目|面积|规模|收入|许可|总"
_NO_NOUN = frozenset("与和被在由及或将已是于从向比为也均都则")
_LONG = 6
"""Characters of a phrase that may hold a doer and what it did."""
_MOVED = re.compile(r"[^，。；、]{2,20}?(?:带动|拉动)(?=[一-鿿]{2,})(?!力|作用|效应|能力)")
"""走廊带动[光电子产业]规模: what is moved is measured."""
_DOER = re.compile(r"(?:完成|实现)(?<=(?:企业|行业|产业|公司|集团|单位|机构|部门)..)[一-鿿]{0,8}$")
"""互联网企业|完成互联网[业务收入]: the doer is what the number is said of."""
_SPLIT = re.compile(r"、|以及|和(?![平谐田]|相关|其他)|与(?!会|否|相关)|及(?!率|时|格|其|相关)")


@dataclass(frozen=True, slots=True)
class Nouns:
    """Compiled words."""

    lead: re.Pattern[str]
    leads: frozenset[str]
    """Characters that `lead` starts with."""
    tail: Ending
    noun_end: re.Pattern[str]
    compounds: re.Pattern[str]
    verb_item: re.Pattern[str]
    """The last of several things done: 做强龙头企业、实现[茶叶]产值."""
    inner_verb: re.Pattern[str]
    """An adverb and a verb inside a phrase: what follows is what the number says something of."""
    outer_verb: re.Pattern[str]
    """A modal and a verb at the end of a phrase: 甲公司|计划在乙县投入."""
    wide: frozenset[str]
    """Names that give way to a nearer one."""


def read_nouns(cues: Sheet, compounds: Sheet, phrases: Sheet) -> Nouns:
    """From `lexicon/cues.yaml` (verbs, noun_end), `lexicon/compounds.yaml` and `lexicon/phrases.yaml`."""
    verbs = cues.words("verbs")
    names = compounds.words("names")
    compounds.done()
    leading = phrases.words("lead")
    lead = alternatives(leading, phrases.guards("lead_not_before", leading))
    tails = phrases.words("tail")
    tail = reversed_words(tails, phrases.guards("tail_not_after", tails))
    wide = frozenset(phrases.words("wide"))
    phrases.done()
    verb = alternatives(verbs)
    return Nouns(
        re.compile(
            rf"(?:{lead}|(?:已?连续)?\d+多?(?:个季度|个月|年|周|天)(?!期)|[一二两三四五六七八九十几多]年(?:多?来|间|中)|{verb}(?:了|出)?(?!{_NOUN_TAIL}))+"
        ),
        frozenset("已连0123456789一二两三四五六七八九十几多").union(word[0] for word in (*leading, *verbs)),
        Ending(f"{tail}+", LONGEST_TAIL, frozenset(word[-1] for word in tails)),
        re.compile(
            rf"{alternatives(cues.words('noun_end'))}|(?<=.)(?:于(?=[\d今去明])|是(?!否)|将(?!军)|已|被|均(?!衡)|都(?!市)|由(?!于)|为(?!主)|在(?!建|内|线)|等(?!级|离|院)|占|达|超(?!级|算|高|市|导|低|声)|向|计(?!划|算|量|生)|共(?!享|同|建|和|有|服)|各(?!类|级|种)|较|比(?!例|亚|重)|从(?!业)|对(?!外|接|口|象)|让|使(?!用|馆)|还|也|就(?!业)|总(?!部|装|量|公|工|机|理|书|监|统|长|体|局|署|会|社|务)|获(?!奖)|年|联合(?!体|会|国|社|企业)|基本(?=完成|建成|形成|实现|消除|建立|覆盖|达到|稳定|完工|建设))"
        ),
        re.compile(alternatives(names)),
        re.compile(rf".*、(?:{verb})(?:了|出)?(?!{_NOUN_TAIL})(?=..)"),
        re.compile(
            rf"(?:已经?|共|就|累计|将|要|可|现已|新|并|再|还|均|都|拟|计划|预计|仅|总计)(?:{verb}|具备|接到|转来)(?:了|出|过)?(?=..)"
        ),
        re.compile(
            rf"(?<=..)(?:计划|预计|保守预计|拟|将|力争|有望|规划|准备|打算|预期)(?:将|要)?(?:在[^，。；]{{1,8}}?)?(?:{verb})?(?:了|出)?$"
        ),
        wide,
    )


def trim(text: str, start: int, end: int, nouns: Nouns) -> tuple[int, int]:
    """The span without the words around a noun phrase that are none of it. Empty where nothing is left."""
    lead = nouns.lead.match(text, start, end) if text[start : start + 1] in nouns.leads else None
    if lead:
        start = _keep_words(text, start, lead.end(), end)
    item = nouns.verb_item.match(text, start, end) if "、" in text[start:end] else None
    start = item.end() if item else start
    if _MOVES.search(text, start, end):
        inner = nouns.inner_verb.search(text, start, end)
        start = inner.end() if inner else start
        outer = nouns.outer_verb.search(text, start, end)
        end = outer.start() if outer else end
    if end - start >= _LONG:
        moved = _MOVED.match(text, start, end) if text.find("动", start, end) > 0 else None
        start = moved.end() if moved else start
        done = _DOER.search(text, start, end)
        end = done.start() if done else end
    end = nouns.tail.cut(text, start, end)
    while start < end and text[start] in "）)”’》〉」、， 　":
        start += 1
    return (start, end) if start < end else (start, start)


def _keep_words(text: str, start: int, cut: int, end: int) -> int:
    """Never leaves half a word: a rest of one character gives the lead back."""
    if cut >= end and text[end - 2 : end] in _VERBAL_NOUNS:
        return max(start, end - 2)
    return start if cut >= end - 1 and end - start > 1 and cut < end and not text[cut:end].isascii() else cut


def after(text: str, start: int, end: int, nouns: Nouns, inner: int = 0) -> tuple[int, int]:
    """The noun phrase that follows a count: 33家[国家级制造业创新中心]。 Empty where a verb or mark follows.

    `inner`: the phrase holds everything up to there (a number that tells which things are counted).
    """
    while start < end and text[start] in " 的":
        start += 1
    if text[start : start + 1] in _NO_NOUN:
        return start, start
    stop = _phrase_end(text, start, min(end, start + 40))
    for match in nouns.noun_end.finditer(text, max(start, inner), stop):
        if match.start() == start and match[0] == "主要":
            continue
        if not _inside_quotes(text, start, match.start()):
            stop = match.start()
            break
    while stop > start + 1 and text[stop - 1] in "的了着 和与及中里":
        stop -= 1
    return start, stop


def _phrase_end(text: str, start: int, limit: int) -> int:
    """Where the phrase ends: at a mark outside brackets and quotes."""
    depth = 0
    for mark in _SPECIAL.finditer(text, start, limit):
        i, char = mark.start(), mark[0]
        if char in _OPEN and not (char == '"' and depth):
            depth += 1
        elif char in _CLOSE:
            depth -= 1
            if depth < 0:
                return i
        elif (depth == 0 and char in _STOP) or char in "。；\n":
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
