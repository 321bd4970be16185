"""Reads the rule folders from disk into a Bundle: what chainwatch ships, and what the user adds in the home folder."""

from pathlib import Path

from chainwatch.matching.bundle import OWN, Bundle
from chainwatch.problem import Problem


def read_bundle(shipped: Path, own: Path | None = None) -> Bundle:
    """All `*.yaml` below both folders. Raises Problem where a file cannot be read; content is judged by compiling."""
    files: dict[str, bytes] = {}
    for folder, prefix in ((shipped, ""), (own, OWN)):
        if folder is None or not folder.is_dir():
            continue
        for path in sorted(folder.rglob("*.yaml")):
            try:
                files[prefix + path.relative_to(folder).as_posix()] = path.read_bytes()
            except OSError as error:
                raise Problem(f"cannot read: {error.strerror}", place=str(path), retry=True) from error
    return Bundle(files)
