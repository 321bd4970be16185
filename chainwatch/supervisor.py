"""Runs several commands as children of one process: starts, restarts with back-off, stops all together."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType

import structlog

log = structlog.get_logger(__name__)

FIRST_WAIT, LONGEST_WAIT, STEADY = 1.0, 60.0, 60.0
"""Seconds: before the first restart, at the most, and how long a child must live to count as steady again."""


@dataclass(slots=True)
class Child:
    """One command that is to be kept running."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = FIRST_WAIT
    due: float = 0.0


class Supervisor:
    """Keeps children alive until told to stop; then gives each `grace` seconds to end by itself."""

    def __init__(self, commands: Mapping[str, Sequence[str]], grace: float = 20.0) -> None:
        self.children = [Child(name, command) for name, command in commands.items()]
        self.grace = grace
        self.stopping = False

    def run(self, on_tick: Callable[[], None] = lambda: None, pause: float = 0.2) -> int:
        """Blocks until SIGTERM or SIGINT. 0 when every child ended cleanly, else 1."""
        previous = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            while not self.stopping:
                for child in self.children:
                    self._keep(child, time.monotonic())
                on_tick()
                time.sleep(pause)
        finally:
            clean = self._end()
            for number, handler in previous.items():
                signal.signal(number, handler)
        return 0 if clean else 1

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _keep(self, child: Child, now: float) -> None:
        if child.process is None:
            if now >= child.due:
                child.process = subprocess.Popen(child.command, env=os.environ, start_new_session=True)  # noqa: S603  our own commands
                child.started = now
                log.info("worker started", worker=child.name, pid=child.process.pid)
            return
        code = child.process.poll()
        if code is None:
            return
        child.wait = FIRST_WAIT if now - child.started > STEADY else min(child.wait * 2, LONGEST_WAIT)
        child.process, child.due = None, now + child.wait
        log.error("worker ended, to be started again", worker=child.name, code=code, seconds=child.wait)

    def _end(self) -> bool:
        running = [child for child in self.children if child.process is not None]
        for child in running:
            _signal_group(child.process, signal.SIGTERM)
        deadline = time.monotonic() + self.grace
        ended = [self._wait(child, deadline) for child in running]  # all are waited for, also after a failure
        return all(ended)

    def _wait(self, child: Child, deadline: float) -> bool:
        assert child.process is not None
        try:
            code = child.process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            _signal_group(child.process, signal.SIGKILL)
            child.process.wait()
            log.warning("worker did not end in time and was killed", worker=child.name, seconds=self.grace)
            return False
        log.info("worker stopped", worker=child.name, code=code)
        return code == 0


def _signal_group(process: subprocess.Popen[bytes] | None, number: int) -> None:
    if process is not None and process.poll() is None:
        os.killpg(process.pid, number)
