"""Crash points for the fault tests: `CHAINWATCH_CRASH_AT=<name>[:n]` kills this process at the n-th passing.

Without that variable every call is a no-op. The kill is SIGKILL: nothing is flushed, closed or rolled back.
"""

import os
import signal
from collections import Counter
from collections.abc import Callable

VARIABLE = "CHAINWATCH_CRASH_AT"


def armed(wanted: str, die: Callable[[], None]) -> Callable[[str], None]:
    """A crash-point function for one value of the variable: `name`, or `name:n` for the n-th passing."""
    name, _, number = wanted.partition(":")
    nth = int(number or 1)
    passed: Counter[str] = Counter()

    def point(here: str) -> None:
        passed[here] += 1
        if here == name and passed[here] == nth:
            die()

    return point


def _nothing(_name: str) -> None:
    return


crash_point: Callable[[str], None] = (
    armed(os.environ[VARIABLE], lambda: os.kill(os.getpid(), signal.SIGKILL)) if os.environ.get(VARIABLE) else _nothing
)
"""`crash_point("after_append")` stands where a crash would hurt most."""
