"""Waiting that ends early when the process is told to stop."""

import time
from collections.abc import Callable

SLICE_S = 0.1
"""Seconds between two questions whether to stop."""


def wait(seconds: float, stopping: Callable[[], bool]) -> None:
    """Wait so many seconds, or until told to stop."""
    until = time.monotonic() + seconds
    while time.monotonic() < until and not stopping():
        time.sleep(min(SLICE_S, seconds))
