"""Named programmes and laws that stand without 《》: “1248”计划, 杭十条, “十四五”规划, 环境保护法."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from consumers.extractors.times import Clock
from consumers.extractors.titles import Titles

_QUOTED_TAIL = re.compile(
    r"[“\"](?!(?:十[一二三四五六]?五|九五)[”\"])([^”\"“，。；、《》\n]{2,16})[”\"]((?:(?!了|的|大|项|个)[一-鿿]){0,6}?(?:专项行动计划|行动计划|三年行动|攻坚行动|专项行动|行动方案|行动|工程|计划|新政))(?!组|学|师|书|态|力|员|作|机[械器床]|造|队|款|量|质|总|院|公司|技|承|塑|咨|监理)"
)
_QUOTED = re.compile(r"[“\"]([^”\"“，。；《》\n]{2,18}?(?:计划|行动|工程|新政|\d+条|[一二三四五六七八九十]+条))[”\"]")
_TAILS = (
    "行动计划|行动方案|专项规划|改革方案|改革指导意见|管理条例|管理办法|追究办法|"
    "攻坚行动|专项行动|推进行动|三年行动|倍增行动|振兴行动|壮大工程|倍增计划|"
    "培育计划|见习计划|改造升级工程|再造工程|攻关工程|培育工程|促进条例|保护条例"
)
_NAMED = re.compile(
    rf"(?:实施|出台|印发|发布|制定|修订|启动|推出|开展|推进|落实|及|和|^|[，。；])(?:了|《)?((?:[一-鿿]|、(?!和)|“[^”]{{1,8}}”){{4,20}}?(?:{_TAILS}))(?!小组|办公室|部署)"
)
_TAIL = re.compile(_TAILS)
_DOING = (
    "提升|发展|振兴|倍增|培育|培养|攻坚|攻关|升级|再造|创新|赋能|推广|保护|应用|促进|壮大|拓展|提质|增效|转型|跃升|领航|引领|强基|突破|"
    "改良|扶持|帮扶|保障|引育|集聚|达标|扩面|扩能|增收|就业|畅通|普及|传承|兴农|富民|成长|更新|转化|替代|提效|扩容|焕新|贯通"
)
_WORKING = "改造|治理|修复|整治|清零|护航|消费|建设"
_GENERAL = re.compile(
    rf"(?:实施|启动|开展|推进|推行|部署|组织|发起|推出|出台|印发|制定)(?:了|好|的)?((?:[一-鿿]|、(?!和)|“[^”]{{1,10}}”){{2,22}}?"
    rf"(?:(?:{_DOING}|{_WORKING})(?:专项)?(?:行动|计划)|(?:{_DOING})工程))"
    r"(?=[，。；、（“和及与等以中后将取\n]|[一-鿿]{0,2}[，。])"
)
_GENERAL_TAIL = re.compile(
    rf"(?:行动|计划|工程)(?<=[{''.join(sorted({word[-1] for word in f'{_DOING}|{_WORKING}|专项'.split('|')}))}]..)"
)
_UNDER_WAY = re.compile(
    r"(?:^|[，。；：\n])([一-鿿]{4,14}行动)(?=(?:正在|已经?|也)?(?:扎实|深入|持续|全面|稳步|加快|有序|顺利)"
    r"(?:推进|实施|开展|启动))"
)
"""科技创新巾帼行动[扎实推进]: a programme opens its clause."""
_UNDER_WAY_TAIL = re.compile(r"行动(?=[正已也扎深持全稳加有顺])")
_MANY = re.compile(
    r"(?:\d+多?个|各地|各省|各市|多地|多个|一些|有的|不少|等地)[^，。；]{0,8}(?:出台|印发|发布|制定|编制)了?$"
)
"""Many bodies have one each: a kind of document, none by name."""
_JOINED = re.compile(r"(?:行动|工程|计划)[、和与及]")
_LOOSE = re.compile(r"等|项|各类|更多|第.批|这些|相关|多国|一批|若干|[二三四五六七八九十]大")
_FIRM = re.compile(
    r"(?:公司|集团|股份|企业|车企|银行|厂商|美国|欧盟|日本|德国|法国|英国|韩国|印度|巴西|球队|俱乐部|拜登|特朗普)[的]?[^，。；]{0,6}$"
)
_NOISE = re.compile(
    r"^(?:组织|完善|健全|专门|具体|配套|抓紧|尽快|研究|深入|全面|持续|加快|继续|大力|一批|系列|一系列|相关|有关|各项|新一轮|本|该|此|这些|等|国家|重点)+"
)
VERB_INSIDE = re.compile(
    r"编制|实施|出台|印发|发布|制定|修订|启动|推出|开展|推进|落实|提出|要求|根据|按照|通过|以及|等|建立"
)


_PERIOD = re.compile("十[一二三四五六七八九]?五|九五")
"""Looked for before the pattern of a plan is: most texts have none."""
_NO_LAW = frozenset("典律院制治规人学庭官定")
"""Behind the name of a law these make another word: 政府采购法[制]建设."""
_PLURAL = re.compile(r"[“\"]?[\d一二三四五六七八九十]+(?:大|项|个|类)[^”\"]*工程")
"""10大基础设施工程: a count of works, none by name."""
REACH = 48
"""Characters before a programme's end in which its verb is looked for."""
SHORTEST = 6
"""Characters of a name that stands without quotes."""


class Programme(NamedTuple):
    """`text[start:end]` names it. `region` is known for those of the lexicon."""

    start: int
    end: int
    region: str | None = None
    listed: bool = False


def plan_pattern(clock: Clock) -> re.Pattern[str]:
    """“十四五”…规划 with the place before it."""
    names = "|".join(sorted(clock.plans, key=len, reverse=True))
    long = "|".join(name for name in clock.plans if len(name) > 2)
    return re.compile(
        rf"(?:[“\"‘'](?:{names})[”\"’'“]|(?:{long}))(?!时期|期间)(?:[一-鿿]{{0,16}}?)(?:专项规划|发展规划|规划|行动计划)(?:纲要)?(?!期|目标|建议|院|局|部|纲)"
    )


def scan(text: str, titles: Titles, plans: re.Pattern[str]) -> Iterator[Programme]:
    """All programmes, laws and plans named without 《》, in no fixed order; overlaps are for the caller."""
    for index, start, end in titles.names.find_matches_as_indexes(text) if _may_name(text, titles) else ():
        if text[end : end + 1] not in _NO_LAW:
            yield Programme(start, end, titles.named[index][1], listed=True)
    for match in plans.finditer(text) if "五" in text and _PERIOD.search(text) else ():
        if not _FIRM.search(text[max(0, match.start() - 12) : match.start()]) and not VERB_INSIDE.search(match[0]):
            yield Programme(*match.span())
    some = "行动" in text or "工程" in text or "计划" in text
    if ("“" in text or '"' in text) and (some or "新政" in text or "条”" in text or '条"' in text):
        yield from _quoted(text, titles)
    yield from _unquoted(text, titles, _NAMED, _TAIL)
    if some:
        yield from _unquoted(text, titles, _GENERAL, _GENERAL_TAIL)
        if "行动" in text:
            yield from _unquoted(text, titles, _UNDER_WAY, _UNDER_WAY_TAIL)


def _may_name(text: str, titles: Titles) -> bool:
    """Whether a law or programme of the lexicon can be named at all: most texts name none, and this is told fast."""
    at = text.find("法")
    while at > 0:
        if text[at - 1 : at + 1] in titles.law_ends:
            return True
        at = text.find("法", at + 1)
    return bool(titles.other_names.search(text))


def _quoted(text: str, titles: Titles) -> Iterator[Programme]:
    """“1248”计划, “十百千工程”."""
    for pattern, group in ((_QUOTED_TAIL, 0), (_QUOTED, 1)):
        for match in pattern.finditer(text):
            if _public(text, *match.span(group), titles) and not _PLURAL.match(match[group]):
                yield Programme(*match.span(group))


def _unquoted(text: str, titles: Titles, pattern: re.Pattern[str], tail: re.Pattern[str]) -> Iterator[Programme]:
    """A verb of government and a long name with a programme's end: 实施[城市更新行动].

    The pattern is tried only before its own `tail`, so that a text without one costs next to nothing.
    """
    done = 0
    for last in tail.finditer(text):
        match = pattern.search(text, max(done, last.start() - REACH), last.end() + (8 if pattern is _UNDER_WAY else 3))
        if match is None:
            continue
        done = match.end()
        start, end = match.span(1)
        if not _public(text, start, end, titles) or _MANY.search(text, max(0, match.start() - 16), start):
            continue
        if pattern is not _NAMED and (_LOOSE.search(match[1]) or _JOINED.search(match[1])):
            continue
        start = _begin(text, start, end)
        several = pattern is not _NAMED and "、" in match[1] and "和" in match[1]
        if end - start < SHORTEST or text[start] in "、的了" or several:
            continue
        if not re.search(r"的|本单位" if pattern is not _NAMED else r"和|与|的|在|待|由|本单位", text[start:end]):
            yield Programme(start, end)


def _public(text: str, start: int, end: int, titles: Titles) -> bool:
    """Not a firm's, and no word that only looks like a programme's name."""
    return not (titles.programme_never.search(text[start:end]) or _FIRM.search(text[max(0, start - 14) : start]))


def _begin(text: str, start: int, end: int) -> int:
    """Where the name begins, behind the last verb and words that belong to none: 部署实施|新一轮|…."""
    verbs = [found.end() for found in VERB_INSIDE.finditer(text[start:end])]
    start += verbs[-1] if verbs else 0
    start += text[start] in "了好的"
    noise = _NOISE.match(text, start)
    return noise.end() if noise else start
