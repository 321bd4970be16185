"""What a process held is its own, not its parent's."""

import subprocess
import sys

import pytest

from chainwatch.memory import peak_bytes

MEGABYTE = 1 << 20


def test_a_small_child_of_a_large_process_is_small() -> None:
    held = b"x" * (300 * MEGABYTE)
    assert peak_bytes() > len(held)
    code = "from chainwatch.memory import peak_bytes; print(peak_bytes())"
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert MEGABYTE < int(child.stdout) < 100 * MEGABYTE


def test_a_process_that_is_gone_is_said_to_be() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    with pytest.raises(ProcessLookupError):
        peak_bytes(child.pid)
