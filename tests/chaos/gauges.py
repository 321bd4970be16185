"""What a running process holds, sampled over time, and whether it grows."""

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a process and its children. Seconds since the start, resident bytes, open file handles."""

    seconds: float
    resident: int
    handles: int


@dataclass(slots=True)
class Gauge:
    """Samples of one process over its life."""

    name: str
    samples: list[Sample] = field(default_factory=list)

    def look(self, group: int, seconds: float) -> None:
        """Sample every process of a process group."""
        resident = handles = 0
        for process in _members(group):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it may end between two questions
                resident += int((process / "statm").read_text().split()[1]) * PAGE
                handles += len(list((process / "fd").iterdir()))
        if resident:
            self.samples.append(Sample(seconds, resident, handles))

    def after(self, seconds: float) -> list[Sample]:
        """Samples of the time after warming up."""
        return [one for one in self.samples if one.seconds >= seconds]


def _members(group: int) -> list[Path]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int((process / "stat").read_text().rpartition(")")[2].split()[2]) == group:
                found.append(process)
    return found


def growth(times: Sequence[float], values: Sequence[float]) -> float:
    """How much the values grow over the whole of the time, by the straight line that fits them best."""
    middle, mean = sum(times) / len(times), sum(values) / len(values)
    spread = sum((time - middle) ** 2 for time in times)
    slope = sum((time - middle) * (value - mean) for time, value in zip(times, values, strict=True)) / spread
    return slope * (times[-1] - times[0])
