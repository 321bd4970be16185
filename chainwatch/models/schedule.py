"""Schedule: when a subscriber wants to be told: at once or in a digest, not in quiet hours, on working days only."""

from datetime import datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, model_validator

from chainwatch.models.wire import Wire

Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""Local time of day, 24 hours: 08:00."""

WORKING = frozenset({1, 2, 3, 4, 5})
"""ISO weekdays Monday to Friday. Public holidays and moved working days are not known here."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError(f"{name} is no time zone; Asia/Shanghai is one") from error
    return name


class Schedule(Wire):
    """At once, or a digest each hour, day or week at a local time. Quiet hours and days off move a message later."""

    every: Literal["now", "hour", "day", "week"] = "now"
    at: Clock = "08:00"
    """Of daily and weekly digests; an hourly one uses the minute."""
    weekday: int = Field(default=1, ge=1, le=7)
    """ISO weekday of the weekly digest: 1 is Monday."""
    quiet: tuple[Clock, Clock] | None = None
    """From and until, may pass midnight: 22:00, 07:00."""
    working_days: bool = False
    """Only Monday to Friday."""
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"

    @model_validator(mode="after")
    def _quiet_ends(self) -> "Schedule":
        if self.quiet and self.quiet[0] == self.quiet[1]:
            raise ValueError("quiet hours begin and end at the same time; leave them out, or name two times")
        return self

    @property
    def digest(self) -> bool:
        """Whether events are collected into one message per period."""
        return self.every != "now"

    def due(self, now: datetime) -> datetime:
        """The first moment from `now` on (for a digest: after `now`) at which a message may go."""
        if not (self.digest or self.quiet or self.working_days):
            return now
        zone = ZoneInfo(self.timezone)
        local = now.astimezone(zone)
        if self.digest:
            local = self._next_period(local)
        while True:
            moved = self._after_quiet(self._working(local))
            if moved == local:
                return local.astimezone(now.tzinfo)
            local = moved

    def _next_period(self, local: datetime) -> datetime:
        at = time.fromisoformat(self.at)
        if self.every == "hour":
            found = local.replace(minute=at.minute, second=0, microsecond=0)
            return found if found > local else found + timedelta(hours=1)
        found = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
        if self.every == "week":
            found += timedelta(days=(self.weekday - local.isoweekday()) % 7)
        step = timedelta(days=7 if self.every == "week" else 1)
        return found if found > local else found + step

    def _working(self, local: datetime) -> datetime:
        if not self.working_days or local.isoweekday() in WORKING:
            return local
        morning = time.fromisoformat(self.at) if self.digest else time(0)
        monday = local + timedelta(days=8 - local.isoweekday())
        return monday.replace(hour=morning.hour, minute=morning.minute, second=0, microsecond=0)

    def _after_quiet(self, local: datetime) -> datetime:
        if self.quiet is None:
            return local
        begin, end = (time.fromisoformat(clock) for clock in self.quiet)
        here = local.time()
        over_midnight = begin > end
        inside = (here >= begin or here < end) if over_midnight else begin <= here < end
        if not inside:
            return local
        found = local.replace(hour=end.hour, minute=end.minute, second=0, microsecond=0)
        return found + timedelta(days=1) if over_midnight and here >= begin else found
