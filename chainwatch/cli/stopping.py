"""How a long-running command is told to stop: SIGTERM or Ctrl-C once, to end in good order."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

log = structlog.get_logger(__name__)


@contextmanager
def stop_signals() -> Iterator[Callable[[], bool]]:
    """Whether SIGTERM or SIGINT arrived; the second one interrupts at once."""
    told = threading.Event()

    def tell(number: int, _frame: object) -> None:
        if told.is_set():
            raise KeyboardInterrupt
        told.set()
        log.info("stopping", signal=signal.Signals(number).name)

    before = {number: signal.signal(number, tell) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield told.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
