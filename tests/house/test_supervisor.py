"""Children are kept alive and stopped together."""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from chainwatch.supervisor import Supervisor

LIVE = "import signal, time, sys; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); open(sys.argv[1], 'a').write('x'); time.sleep(60)"
DEAF = "import signal, time, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); open(sys.argv[1], 'a').write('x'); time.sleep(60)"


def stop_when(ready: Callable[[], bool]) -> Callable[[], None]:
    """Sends this process SIGTERM once, as an operator would, as soon as `ready`."""
    sent: list[bool] = []

    def tick() -> None:
        if not sent and ready():
            sent.append(True)
            os.kill(os.getpid(), signal.SIGTERM)

    return tick


def test_a_clean_stop_ends_every_child(tmp_path: Path) -> None:
    marks = [tmp_path / "a", tmp_path / "b"]
    supervisor = Supervisor({mark.name: [sys.executable, "-c", LIVE, str(mark)] for mark in marks})
    assert supervisor.run(stop_when(lambda: all(mark.exists() for mark in marks)), pause=0.01) == 0
    assert all(child.process is not None and child.process.returncode == 0 for child in supervisor.children)


def test_a_dead_child_is_started_again(tmp_path: Path) -> None:
    mark = tmp_path / "a"
    command = [sys.executable, "-c", "import sys; open(sys.argv[1], 'a').write('x')", str(mark)]
    supervisor = Supervisor({"a": command})
    supervisor.children[0].wait = 0.05
    supervisor.run(stop_when(lambda: mark.exists() and len(mark.read_text()) >= 2), pause=0.01)
    assert len(mark.read_text()) >= 2


def test_a_child_that_does_not_end_is_killed_and_reported(tmp_path: Path) -> None:
    mark = tmp_path / "a"
    supervisor = Supervisor({"a": [sys.executable, "-c", DEAF, str(mark)]}, grace=0.3)
    begun = time.monotonic()
    assert supervisor.run(stop_when(mark.exists), pause=0.01) == 1
    assert time.monotonic() - begun < 20
