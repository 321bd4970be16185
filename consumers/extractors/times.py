"""Finds times and resolves them against the day of publication: 到2025年底, “十四五”末, 未来三年, 1—10月."""

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from consumers.extractors.numerals import parse
from consumers.extractors.words import Sheet, alternatives

_N = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})"
_YEAR = r"(?:(?:19|20)\d{2}|[一二]〇[〇一二三四五六七八九]{2}|二零[零一二三四五六七八九]{2})"
_DASH = r"(?:[-—–－~～至到]|——)"
_FIRST = (
    '截直到至自从由比较同0-9一二三四五六七八九十“"‘「未今此接过近最本两建新迄当如眼时目现去前上下后明次第全昨日年岁用'
)
_PART = (
    rf"(?P<quarters>前三季度|前三个季度|第?[一二三四]季度|第[一二三四]季|上半年|下半年|全年)"
    rf"|(?<![此之])前(?P<months>{_N})个?月"
    rf"|(?P<from>{_N}){_DASH}(?P<to>{_N})月份?"
    rf"|(?P<month>{_N})月(?!期|球|饼|光)(?:(?P<day>{_N})[日号](?!起|至|到)|(?P<dayfrom>{_N})[日号](?=起|至|到)|(?P<monthend>底|末|份|中旬|上旬|下旬|初)?)"
    rf"|(?P<yearend>年?底|年?末|岁末)|(?P<yearstart>年?初)"
)


Moment = tuple[int | None, int | None, int | None]
"""Year, month and day as far as known."""
UNKNOWN: Moment = (None, None, None)


Relation = Literal["past", "current", "future", "unknown"]
"""Where a time stands to the day of publication: `current` is its year as a whole, `unknown` where the day is."""


class Time(NamedTuple):
    """`text[start:end]` names it. `year` is None where it cannot be resolved (未来几年, or no day of publication)."""

    start: int
    end: int
    year: int | None
    month: int | None
    day: int | None
    relation: Relation
    until: bool = False
    """到…, 至…, …前, 底, 末: a deadline."""
    baseline: bool = False
    """比…, 较…: what a change is measured from."""
    document: bool = False
    """Inside the name of a plan: “十四五”规划."""
    loose: bool = False
    """N年内: future only with an aim."""
    since: bool = False
    """…以来."""
    now: bool = False
    """目前, 如今."""
    asof: bool = False
    """截至…: a result, however late."""
    ahead: bool = False
    """未来N年: counted from the day of publication."""
    first: int | None = None
    """The year that a span of years starts with: 2005年到2010年."""
    lead: int = 0
    """Length of the 到, 从 … that `start` includes."""

    @property
    def iso(self) -> str | None:
        """Year, month or day as far as said."""
        if self.year is None:
            return None
        if self.month is None:
            return f"{self.year:04d}"
        return f"{self.year:04d}-{self.month:02d}" + (f"-{self.day:02d}" if self.day else "")


@dataclass(frozen=True, slots=True)
class Clock:
    """The compiled grammar and the plan periods."""

    pattern: re.Pattern[str]
    sign: re.Pattern[str]
    """Every time has one of these words in it, at most `reach` characters behind its start."""
    first: re.Pattern[str]
    """Characters that a time starts with."""
    reach: int
    plans: Mapping[str, tuple[int, int]]
    fixed: Mapping[str, int]


_SIGNS = (
    "年", "月", "季", "目前", "当前", "截至今", "如今", "迄今", "至今", "现今", "现在", "眼下", "时下", "今天", "今日",
    "昨天", "昨日", "前日", "前天", "日前", "近日", "明天", "未来", "今后",
)  # fmt: skip
_LONGEST_LEAD, _LONGEST_START = 3, 12
"""Characters of 截止到, and of a time up to its first sign: 2021年——2025年, 此后的二十至三十年."""
_RELATIVE = {
    "今明两年": 1, "明后两年": 2,
    "新的一年": 0,
    "今年": 0, "本年度": 0, "本年": 0, "当年": 0, "去年": -1, "上年": -1, "前年": -2, "明年": 1, "后年": 2, "次年": 1,
}  # fmt: skip
_MEETING = re.compile(r"[一-鿿]{0,12}?(?:座谈会|研讨会|论坛|专题会|规划编制|的?建议)")
_WORKS = re.compile(r"[”\"]?(?:国家|省|市|全省|全市)?(?:重大|重点)(?:工程|项目)")
"""“十五五”重大工程某某铁路: which works they are, no term."""
_HOPED = re.compile(r"(?:力争|争取|预计|计划|确保|将|拟)(?:在|于)?$")
"""力争[上半年]: the coming one."""
_SENT = frozenset("电讯")
_DATELINE = re.compile(r"[电讯][（( 　，,:：]")
"""新华社北京11月17日[电 ]: when it was sent."""
_QUARTERS = {"前": 9, "上": 6, "下": 12, "全": 0, "一": 3, "二": 6, "三": 9, "四": 12}


def read_clock(sheet: Sheet) -> Clock:
    """From `lexicon/periods.yaml`."""
    plans = {name: (int(years[0]), int(years[1])) for name, years in sheet.pairs("plans").items()}
    fixed = sheet.numbers("fixed")
    sheet.done()
    plan = alternatives(plans)
    unquoted = alternatives(name for name in plans if len(name) > 2)
    relative = _PART.replace("?P<", "?P<r_")
    pattern = "|".join(
        [
            rf"(?P<y1>{_YEAR})年?{_DASH}(?P<y2>{_YEAR})年(?:期间)?",
            rf"(?P<year>{_YEAR}) ?年度?(?:(?:的)?(?:{_PART}))?",
            (
                rf"(?:[“\"‘'「]{{1,2}}(?P<plan>{plan})[”\"’'」“]{{1,2}}|(?P<planu>{unquoted}))"
                rf"(?P<planpart>时期|期间|规划期|末期|末|期末|前(?P<first>{_N})年|以来|"
                r"的?(?P<opening>(?:规划)?(?:良好)?开局(?:起步|关键)?(?:之)?年|首年|第一年|头一年|开好局|开局起步))?"
            ),
            (
                r"(?P<rel>今明两年|明后两年|新的一年|今年|去年|前年|明年|(?<![产成工用造营])后年|(?<!以)上年(?![发产消用利销营])|次年|当年|本年度?)"
                rf"(?:(?:的)?(?:{relative}))?"
            ),
            rf"(?:未来|今后|此后|接下来)(?:的)?(?P<ahead>{_N})(?:{_DASH}(?P<ahead2>{_N}))?年",
            rf"用(?P<spent>{_N})年(?:左右)?的?时间",
            r"(?:未来|今后)(?P<some>几年|数年|一段时间|一个时期)",
            rf"(?<![近去续过短])(?P<within>{_N})年(?:之|以)?内",
            rf"(?:近|过去|最近)(?P<back>{_N}|几|数)年来?",
            rf"(?P<fixed>{alternatives(fixed)})",
            r"(?P<now>截至目前|到目前为止|截至今|目前|当前|如今|迄今|至今|眼下|时下|现今|现在(?!线))",
            rf"(?:{_PART.replace('?P<', '?P<m_').split('|(?P<m_yearend>')[0]})",
            r"(?P<today>今天|今日|昨天|昨日|前天|日前|近日|明天|本月|上月|上个月|当月)(?:（(?P<t_month>\d{1,2})月(?P<t_day>\d{1,2})日）)?",
            r"(?P<yearendonly>(?<=[到至在])年底|(?<=[到至在])年末)",
        ]
    )
    return Clock(
        re.compile(rf"(?=[{_FIRST}])(?P<lead>截至|截止到?|截止至|直到|到了?|至|自|从|由|比|较|同)?(?:{pattern})"),
        re.compile(alternatives([*_SIGNS, *fixed, *(name[-1] for name in plans)])),
        re.compile(rf"[{_FIRST}]"),
        _LONGEST_LEAD + max(_LONGEST_START, *map(len, fixed), *(len(name) + 2 for name in plans)),
        plans,
        fixed,
    )


def matches(text: str, clock: Clock) -> Iterator[re.Match[str]]:
    """What `clock.pattern.finditer` gives, tried only where a sign stands near: most characters cost nothing."""
    done = 0
    for sign in clock.sign.finditer(text):
        at = sign.start()
        if at < done:
            continue
        for first in clock.first.finditer(text, max(done, at - clock.reach), sign.end()):
            match = clock.pattern.match(text, first.start())
            if match:
                done = match.end()
                yield match
                break
        else:
            done = sign.end()


def scan(text: str, clock: Clock, published: date | None, year: int | None = None) -> list[Time]:
    """All times of the text, in order. A month without a year takes the year named before it, at first `year`."""
    found: list[Time] = []
    context = year
    for match in matches(text, clock):
        if match["today"] == "当月" and found and found[-1].month:
            continue
        time = _resolve(match, clock, published, context)
        if time is None:
            continue
        if time.year is not None and (match["ahead"] or match["within"] or match["spent"]) and not match["ahead2"]:
            time = _within_plan(time, found)
        if time.year is not None and not time.baseline and not time.document and not match["now"]:
            context = time.year
        found.append(time)
    return found


def _says_which(match: re.Match[str], year: int | None, published: date | None) -> bool:
    """Whether a plan's name is no term by itself.

    “十四五”重大工程 only says which works; “十四五”期间 in the plan's last two years may tell what is done.
    """
    part = match["planpart"] or ""
    if not part:
        return bool(_WORKS.match(match.string, match.end()))
    return part in {"期间", "时期"} and bool(year and published and published.year >= year - 1)


def _within_plan(time: Time, found: list[Time]) -> Time:
    """“十五五”时期…五年内: the plan's five years, not those from the day of publication."""
    named = (before.year for before in reversed(found) if before.relation == "future" and before.month is None)
    last = next(named, None)
    return time._replace(year=last) if last and time.year == last + 1 else time


def _resolve(match: re.Match[str], clock: Clock, published: date | None, context: int | None) -> Time | None:
    year, month, day = _existing(_moment(match, clock, published, context))
    text, lead, after = match.string, match["lead"] or "", match.string[match.end() : match.end() + 4]
    plan = bool(match["plan"] or match["planu"])
    document = plan and (_names_meeting(text, match.end()) if match["planpart"] else _names_document(text, match.end()))
    if day and after[:1] in _SENT and _DATELINE.match(text, match.end()):
        document = True
    past = bool(match["back"] or match["today"] or match["now"])
    ahead = bool(match["ahead"] or match["some"])
    baseline = (
        lead in {"比", "较"}
        or (lead in {"", "同"} and after.startswith(("相比", "同期相比")))
        or (lead == "" and text[match.start() - 1 : match.start()] in {"比", "较"} and bool(text[: match.start()]))
    )
    since = after.startswith("以来") or (match["planpart"] or "") == "以来"
    if (match["y2"] or match["year"]) and lead == "比" and after.startswith("重"):
        baseline = False
    relation: Relation = "past" if past or since else _relation(year, month, day, published)
    if ahead or match["within"] or match["spent"]:
        relation = "future"
    until = lead in {"到", "到了", "至", "截至", "截止", "截止到", "截止至", "直到"} or after.startswith(
        ("前，", "前,", "以前", "之前")
    )
    tail = match["yearend"] or match["monthend"] or match["r_yearend"] or match["planpart"] or ""
    until = until or (bool(tail) and tail[-1] in "底末")
    return Time(
        match.start() + (len(lead) if lead in {"比", "较", "同"} else 0),
        match.end(),
        year,
        month,
        day,
        relation,
        until=until,
        baseline=baseline,
        document=document,
        loose=bool(match["within"] or match["spent"]) or (plan and _says_which(match, year, published)),
        since=since,
        now=bool(match["now"]),
        asof=lead.startswith("截") or (match["now"] or "").startswith("截"),
        ahead=bool(match["ahead"]),
        first=_year(match["y1"]) if match["y2"] else None,
        lead=0 if lead in {"比", "较", "同"} else len(lead),
    )


def _existing(moment: Moment) -> Moment:
    """The moment without a month or day that no calendar has: of 2月30日 February is left."""
    year, month, day = moment
    if month is None or not 1 <= month <= 12:
        return year, None, None
    if day and not 1 <= day <= monthrange(year or 2000, month)[1]:
        return year, month, None
    return moment


def _names_document(text: str, end: int) -> bool:
    tail = text[end : end + 16]
    return bool(re.match(r"[一-鿿、]{0,14}?(?:规划|计划|纲要|方案|重大专项)(?!期|目标)", tail))


def _names_meeting(text: str, end: int) -> bool:
    """“十五五”时期经济社会发展座谈会: the period belongs to the name of something."""
    return bool(_MEETING.match(text, end))


def _moment(  # noqa: PLR0911  one return for each form of words
    match: re.Match[str], clock: Clock, published: date | None, context: int | None
) -> Moment:
    if match["year"] or match["y2"]:
        return (_year(match["y2"]), None, None) if match["y2"] else _with_part(_year(match["year"]), match, "")
    if match["plan"] or match["planu"]:
        first, last = clock.plans[match["plan"] or match["planu"]]
        if match["opening"]:
            return first, None, None
        return (first + int(parse(match["first"])) - 1 if match["first"] else last), None, None
    if match["fixed"]:
        return clock.fixed[match["fixed"]], None, None
    if match["back"] or match["some"]:
        return UNKNOWN
    if match["now"] or match["today"]:
        return _near(match, published)
    if match["rel"] or match["ahead"] or match["within"] or match["spent"] or match["yearendonly"]:
        return _relative(match, published, context)
    return _month_alone(match, published, context)


def _relative(match: re.Match[str], published: date | None, context: int | None) -> Moment:
    """今年, 明年底, 未来三年, 三年内: counted from the year of publication; 当年 from the year named before."""
    this = published.year if published else None
    if match["rel"] in {"当年", "次年"} and context:
        this = context
    if this is None:
        return UNKNOWN if not match["rel"] else _with_part(None, match, "r_")
    if match["rel"]:
        return _with_part(this + _RELATIVE[match["rel"]], match, "r_")
    if match["yearendonly"]:
        return this, None, None
    return this + int(parse(match["ahead2"] or match["ahead"] or match["within"] or match["spent"])), None, None


def _near(match: re.Match[str], published: date | None) -> Moment:
    """目前 is the month of publication; 昨天, 上月 are days and months before it; 近日 is no day."""
    if match["today"] and match["t_month"]:
        return (published.year if published else None), int(match["t_month"]), int(match["t_day"])
    if published is None or match["today"] in {"近日", "日前"}:
        return UNKNOWN
    if match["today"] and match["today"][0] in "今昨前":
        day = published - timedelta(days="今昨前".index(match["today"][0]))
        return day.year, day.month, day.day
    months = published.year * 12 + published.month - 1 - (match["today"] in {"上月", "上个月"})
    return months // 12, months % 12 + 1, None


def _month_alone(match: re.Match[str], published: date | None, context: int | None) -> Moment:
    """1—10月, 上半年, 6月底: of the year named before, else of the last such month before publication."""
    if match["m_quarters"] == "全年":
        return context or (published.year if published else None), None, None
    year, month, day = _with_part(context or (published.year if published else None), match, "m_")
    if year is None or published is None:
        return year, month, day
    ahead = (match["lead"] or "") in {"到", "至"} or (match["m_monthend"] or "") in {"底", "末"}
    ahead = ahead or bool(_HOPED.search(match.string, max(0, match.start() - 4), match.start()))
    ahead = ahead or match.string.startswith(("前，", "前,", "之前", "以前"), match.end())
    if context is not None and year > published.year and match["lead"] not in {"到", "至"}:
        year = published.year
    if year == published.year and month and month > published.month and not ahead:
        year -= 1
    return year, month, day


def _with_part(year: int | None, match: re.Match[str], prefix: str) -> Moment:
    quarters = match[f"{prefix}quarters"]
    if quarters:
        month = _QUARTERS[quarters.lstrip("第")[0]] or None
        return year, month, None
    written = match[f"{prefix}months"] or match[f"{prefix}to"] or match[f"{prefix}month"]
    if not written:
        return year, None, None
    month = int(parse(written))
    named_day = match[f"{prefix}day"] or match[f"{prefix}dayfrom"]
    day = int(parse(named_day)) if named_day else None
    return (year, month, day) if 1 <= month <= 12 else (year, None, None)


def _year(text: str) -> int:
    return int(parse(text))


def _relation(year: int | None, month: int | None, day: int | None, published: date | None) -> Relation:
    if published is None or year is None:
        return "unknown"
    if year != published.year:
        return "future" if year > published.year else "past"
    if month is None:
        return "current"
    if month != published.month:
        return "future" if month > published.month else "past"
    return "future" if day and day > published.day else "past"
