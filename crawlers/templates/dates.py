"""Times as Chinese pages write them → a moment in Asia/Shanghai and how much of it is known."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

from chainwatch.models import SHANGHAI, Precision

_CLOCK = (
    r"(?P<hour>[01]?\d|2[0-4])\s*[:：时点]\s*(?P<minute>[0-5]\d)(?:\s*[:：分]\s*(?P<second>[0-5]\d)?)?"
    r"(?:[.,]\d{1,9})?\s*(?P<zone>Z|[+-]\d{2}:?\d{2}(?!\d))?"
)
_DAY = (
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?:\s*[-/.年]\s*|\s+)(?P<month>1[0-2]|0?[1-9])\s*[-/.月]\s*"
    r"(?P<day>3[01]|[12]\d|0?[1-9])(?!\d\d?[-/.年月])(?:\s*日)?"
)
_MOMENT = re.compile(rf"{_DAY}(?:[\sT　\xa0,，|-]*(?:星期.|周[一二三四五六日])?[\sT　\xa0|-]*{_CLOCK})?", re.IGNORECASE)
_SHORT_YEAR = re.compile(
    rf"(?<!\d)(?P<year>\d\d)[-/](?P<month>1[0-2]|0[1-9])[-/](?P<day>3[01]|[12]\d|0[1-9])\s+{_CLOCK}"
)
_COMPACT = re.compile(r"(?<!\d)(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?!\d)")
_MONTH = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)\s*[-/.年]\s*(?P<month>1[0-2]|0?[1-9])\s*月?\s*$")
_EPOCH = re.compile(r"^\s*(1\d{9})(\d{3})?\s*$")
_HAN = str.maketrans("〇○零一二三四五六七八九", "000123456789")
_HAN_DATE = re.compile(r"[〇○零一二三四五六七八九]{4}年[〇一二三四五六七八九十]{1,2}月[〇一二三四五六七八九十]{1,3}日")


@dataclass(frozen=True, slots=True)
class When:
    """A moment and its precision; `at` of a bare day is its first minute in Shanghai."""

    at: datetime
    precision: Precision

    @property
    def precise(self) -> bool:
        """Whether the minute is known."""
        return self.precision == Precision.MINUTE

    def finer(self, other: "When | None") -> "When":
        """The other reading where it tells the minute of the same day, else this one."""
        if other is None or self.precision != Precision.DAY or other.precision != Precision.MINUTE:
            return self
        return other if other.at.date() == self.at.date() else self


def _zone(text: str | None) -> tzinfo:
    if not text:
        return SHANGHAI
    if text.upper() == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(text[-2:])
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)


def _read(match: re.Match[str]) -> When | None:
    got = match.groupdict()
    try:
        day = datetime(
            int(got["year"]) + (2000 if len(got["year"]) == 2 else 0),
            int(got["month"]),
            int(got.get("day") or 1),
            tzinfo=SHANGHAI,
        )
        if got.get("hour") is None:
            return When(day, Precision.DAY if got.get("day") else Precision.MONTH)
        clock = timedelta(hours=int(got["hour"]), minutes=int(got["minute"]), seconds=int(got["second"] or 0))
        at = day.replace(tzinfo=_zone(got["zone"])) + clock
    except ValueError:  # 31 February, 25 hours of offset: not a time
        return None
    return When(at.astimezone(SHANGHAI), Precision.MINUTE)


def find(text: str) -> When | None:
    """The first time in the text; one with a clock wins over an earlier bare day.

    >>> find("发布时间：2026-03-02 09:30").at.isoformat()
    '2026-03-02T09:30:00+08:00'
    """
    if epoch := _EPOCH.match(text):
        return When(datetime.fromtimestamp(int(epoch[1]), SHANGHAI), Precision.MINUTE)
    found = [when for match in _MOMENT.finditer(text) if (when := _read(match))]
    if not found:
        other = _SHORT_YEAR.search(text) or _COMPACT.search(text) or _MONTH.search(text)
        return _read(other) if other else None
    return next((when for when in found if when.precision == Precision.MINUTE), found[0])


_IN_ADDRESS = (
    re.compile(r"/(?P<year>20\d\d)[-/]?(?P<month>0[1-9]|1[0-2])[-/]?(?P<day>0[1-9]|[12]\d|3[01])(?:/|_|$)"),
    re.compile(r"/(?P<year>20\d\d)/(?P<month>1[0-2]|[1-9])/(?P<day>3[01]|[12]\d|[1-9])/"),
    re.compile(r"/t(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])_"),
)


def in_address(url: str) -> When | None:
    """The day that a page's address holds: /html/2026-03/02/, /2026/0302/, /art/2021/6/8/, /t20260731_1.html."""
    return next((_read(match) for pattern in _IN_ADDRESS if (match := pattern.search(url))), None)


def of_day(day: date) -> When:
    """A bare day as a time."""
    return When(datetime(day.year, day.month, day.day, tzinfo=SHANGHAI), Precision.DAY)


def day(text: str) -> date | None:
    """A document's date: 2019年01月27日, 2019-01-27, 二〇一九年一月二十七日."""
    if written := _HAN_DATE.search(text):
        year, rest = written[0].split("年", 1)
        month, last = rest.rstrip("日").split("月", 1)
        text = f"{year.translate(_HAN)}-{_tens(month)}-{_tens(last)}"
    when = find(text)
    return when.at.date() if when and when.precision in {Precision.DAY, Precision.MINUTE} else None


def _tens(numeral: str) -> int:
    if "十" not in numeral:
        return int(numeral.translate(_HAN))
    tens, ones = numeral.split("十", 1)
    return int((tens or "一").translate(_HAN)) * 10 + int(ones.translate(_HAN) or 0)
