"""Named programmes and laws that stand without 《》: “1248”计划, 杭十条, “十四五”规划, 环境保护法."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from consumers.extractors.times import Clock
from consumers.extractors.titles import Titles

_QUOTED_TAIL = re.compile(
    r"[“\"](?!(?:十[一二三四五六]?五|九五)[”\"])([^”\"“，。；、《》\n]{2,16})[”\"]((?:(?!了|的|大|项|个)[一-鿿]){0,6}?(?:专项行动计划|行动计划|三年行动|攻坚行动|专项行动|行动方案|行动|工程|计划|新政))(?!组|学|师|书|态|力|员|作)"
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
_FIRM = re.compile(
    r"(?:公司|集团|股份|企业|车企|银行|厂商|美国|欧盟|日本|德国|法国|英国|韩国|印度|巴西|球队|俱乐部|拜登|特朗普)[的]?[^，。；]{0,6}$"
)
_NOISE = re.compile(
    r"^(?:组织|深入|全面|持续|加快|继续|大力|一批|系列|一系列|相关|有关|各项|新一轮|本|该|此|这些|等|国家|重点)+"
)
_VERB_INSIDE = re.compile(r"实施|出台|印发|发布|制定|修订|启动|推出|开展|推进|落实|提出|要求|根据|按照|通过|以及|等")


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
        rf"(?:[“\"‘'](?:{names})[”\"’'“]|(?:{long}))(?:[一-鿿]{{0,16}}?)(?:专项规划|发展规划|规划|行动计划)(?:纲要)?(?!期|目标|建议|院|局|部|纲)"
    )


def scan(text: str, titles: Titles, plans: re.Pattern[str]) -> Iterator[Programme]:
    """All programmes, laws and plans named without 《》, in no fixed order; overlaps are for the caller."""
    for index, start, end in titles.names.find_matches_as_indexes(text):
        if text[end : end + 1] not in {"典", "律", "院"}:
            yield Programme(start, end, titles.named[index][1], listed=True)
    for match in plans.finditer(text) if "五" in text else ():
        if not _FIRM.search(text[max(0, match.start() - 12) : match.start()]) and not _VERB_INSIDE.search(match[0]):
            yield Programme(*match.span())
    quoted = "“" in text or '"' in text
    for pattern in (*((_QUOTED_TAIL, _QUOTED) if quoted else ()), *((_NAMED,) if _TAIL.search(text) else ())):
        for match in pattern.finditer(text):
            start = match.start() if pattern is _QUOTED_TAIL else match.start(1)
            end = match.end() if pattern is _QUOTED_TAIL else match.end(1)
            named = text[start:end]
            if titles.programme_never.search(named) or _FIRM.search(text[max(0, start - 14) : start]):
                continue
            if pattern is _NAMED:
                verbs = [found.end() for found in _VERB_INSIDE.finditer(named)]
                start += verbs[-1] if verbs else 0
                noise = _NOISE.match(text, start)
                start = noise.end() if noise else start
                if end - start < 6 or re.search(r"和|与|的|本单位", text[start:end]) or text[start] in "、的了":
                    continue
            yield Programme(start, end)
