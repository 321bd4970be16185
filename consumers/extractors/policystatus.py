"""Where a document stands, and since when, from the words around its title."""

import re
from collections.abc import Sequence

from chainwatch.models import PolicyStatus
from consumers.extractors.times import Time
from consumers.extractors.titles import Titles

ORDER = (
    PolicyStatus.MENTIONED,
    PolicyStatus.INTERPRETED,
    PolicyStatus.PLANNED,
    PolicyStatus.DRAFT,
    PolicyStatus.ISSUED,
    PolicyStatus.IN_FORCE,
    PolicyStatus.AMENDED,
    PolicyStatus.REPEALED,
)
"""From weakest to strongest word."""
REACH_BEFORE, REACH_AFTER = 26, 34
_AHEAD = re.compile(
    r"(?:将于?|下月|下周|近期内|预计|拟|即将|有望|尽快|适时|待|推动|抓紧|研究|正在|争取|力争|年内|日益|临近)[^，。；]{0,8}$"
)
_AHEAD_ON = re.compile(r"将[于在][^，。；]{0,44}$")
REACH_AHEAD = 48
"""Characters before a word in which 将于9月7日在… turns it into a plan."""
_NOT_YET = re.compile(r"^[^，。；]{0,3}(?:日益|临近|在即|前夕)")
_NEAR = re.compile(
    r"(?:等?\d+[部件项个][一-鿿]{0,10}|进行|作出|先后|相继|均|也|分别|同时|一并|予以|的|了|：|《|“|、|等[一-鿿]{0,4}|已经?|将|正式|完成|新一轮|"
    r"国家|印发|颁布|后|开始|全面|陆续|[，（(]?自?[0-9年月日 ]{2,12}日?起?(?:正式|"
    r"开始)?|[一-鿿]{2,10}(?:印发|发布|制定|出台|颁布)的)*"
)
_A_CLAUSE = ("中关于", "中有关", "中的", "中规定", "第", "有关", "关于")
"""不再执行《…》[中关于]…: one rule of it ends, not the document."""
_PASSED = re.compile(
    r"(?:[（(][^（）()]{1,12}[）)])?已[由经于][^，。；！？\n]{2,60}?(?P<anew>修订|修正)?(?:(?:审议|表决)?通过|(?:正式|对外|联合)*(?:发布|印发|出台|公布))(?=，|、|。|；|并)"
)
"""《…》[已由…第三次会议于5月20日通过]，现予公布: farther than words are looked for."""
_BREAK = re.compile(r"[。；！？\n]")
_ADJACENT = frozenset({PolicyStatus.IN_FORCE, PolicyStatus.AMENDED, PolicyStatus.REPEALED})


def read_status(text: str, start: int, end: int, titles: Titles) -> tuple[PolicyStatus, int | None]:
    """The strongest word said of the title at `text[start:end]`, and where that word stands.

    `start` and `end` lie outside the title's marks. Words of other titles between are skipped by the caller.
    """
    found: list[tuple[PolicyStatus, int]] = []
    left = max(0, start - REACH_BEFORE)
    for mark in _BREAK.finditer(text, left, start):
        left = mark.end()
    inner = text.rfind("》", left, start)
    left = max(left, inner + 1)
    for match in titles.status_words.finditer(text, left, start):
        found += _weigh(text, match, titles.status[match[0]], gap=text[match.end() : start], left=left)
    right = min(len(text), end + REACH_AFTER)
    stop = _BREAK.search(text, end, right)
    right = stop.start() if stop else right
    opened = text.find("《", end, right)
    right = opened if opened >= 0 else right
    for match in titles.status_words.finditer(text, end, right):
        found += _weigh(text, match, titles.status[match[0]], gap=text[end : match.start()], left=end)
    passed = _PASSED.match(text, end)
    if passed:
        found.append((PolicyStatus.AMENDED if passed["anew"] else PolicyStatus.ISSUED, passed.end()))
    if text.startswith(_A_CLAUSE, end):
        found = [(status, at) for status, at in found if status is not PolicyStatus.REPEALED]
    if any(status is PolicyStatus.DRAFT for status, _ in found):
        found = [
            (status, at) for status, at in found if status not in {PolicyStatus.ISSUED, PolicyStatus.PLANNED}
        ] or found
    return max(found, key=lambda pair: ORDER.index(pair[0]), default=(PolicyStatus.MENTIONED, None))


def _weigh(
    text: str, match: re.Match[str], status: PolicyStatus, *, gap: str, left: int
) -> list[tuple[PolicyStatus, int]]:
    """A word near the title counts; far ones only where nothing but adverbs lies between."""
    if match[0] == "发布" and text.startswith("会", match.end()):
        return []
    if status in _ADJACENT and not _NEAR.fullmatch(gap):
        return []
    if "，" in gap and status is PolicyStatus.ISSUED and len(gap) > 16:
        return []
    if status in {PolicyStatus.ISSUED, PolicyStatus.IN_FORCE}:
        if _NOT_YET.match(text[match.end() : match.end() + 6]):
            return []
        before = text[max(left, match.start() - 12) : match.start()]
        if _AHEAD.search(before) or _AHEAD_ON.search(text, max(left, match.start() - REACH_AHEAD), match.start()):
            return [(PolicyStatus.PLANNED, match.start())]
    return [(status, match.start())]


def strongest(statuses: Sequence[tuple[PolicyStatus, str | None]]) -> tuple[PolicyStatus, str | None]:
    """Over all places of an article: the strongest status with its date; a draft is no longer outranked by its plan."""
    return max(statuses, key=lambda pair: (ORDER.index(pair[0]), pair[1] or ""), default=(PolicyStatus.MENTIONED, None))


def date_of(times: Sequence[Time], at: int | None, start: int) -> str | None:
    """The time of the status word at `at`: the nearest before it in the sentence, or 自…起 behind the title."""
    if at is None:
        return None
    usable = [
        t
        for t in times
        if t.year and not t.baseline and not t.document and not t.since and (t.relation != "future" or t.lead)
    ]
    before = [t for t in usable if t.end <= at and at - t.end <= 40]
    if before:
        return before[-1].iso
    behind = [t for t in times if t.year and at <= t.start <= at + 20 and t.start > start]
    return behind[0].iso if behind and behind[0].day else None
