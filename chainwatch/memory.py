"""How much memory a process held at most, asked where the answer counts only that process."""

import resource
import sys
from pathlib import Path


def peak_bytes(pid: int | None = None) -> int:
    """Resident bytes at the highest, of this process or of a living one.

    Linux hands the parent's figure of `getrusage` down to a child, so a small process begun by a large one looks large;
    the kernel's own `VmHWM` begins with the program. Other systems know only `getrusage`, and only of this process.

    Raises:
        ProcessLookupError: the process is gone, or its system cannot tell of another one.
    """
    try:
        status = Path(f"/proc/{pid or 'self'}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        status = ""
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    if pid is not None:
        raise ProcessLookupError(pid)
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held if sys.platform == "darwin" else held * 1024
