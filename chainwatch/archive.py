"""Raw bytes by their digest: every page and header block as it came, never changed, kept once.

A file is written aside, synced and renamed, so a name that exists holds the whole content even after a power cut.
"""

import gzip
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chainwatch.problem import Problem


class Archive:
    """Content-addressed folder: `<2 hex>/<2 hex>/<SHA-256 hex>.gz`. Safe for many writing processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        """Where the bytes of this digest live."""
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise Problem("no SHA-256 digest", place=repr(digest), cure="64 hexadecimal digits")
        return self.folder / digest[:2] / digest[2:4] / f"{digest}.gz"

    def put(self, data: bytes) -> str:
        """Keep the bytes; their SHA-256 (hex). Durable when it returns. Raises Problem where the disk refuses."""
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        if path.exists():
            return digest
        try:
            _write(path, gzip.compress(data, 6, mtime=0))
        except OSError as error:
            cure = "free space or make the folder writable, then run again"
            raise Problem(f"cannot keep a page: {error.strerror}", place=str(path), cure=cure, retry=True) from error
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes. Raises Problem where they are absent, cut or changed."""
        path = self.path(digest)
        try:
            data = gzip.decompress(path.read_bytes())
        except FileNotFoundError:
            raise Problem("no such page in the archive", place=digest, cure="see `chainwatch doctor`") from None
        except (OSError, EOFError, gzip.BadGzipFile) as error:
            raise Problem(f"unreadable: {error}", place=str(path), cure="restore it from a backup") from error
        if hashlib.sha256(data).hexdigest() != digest:
            raise Problem("its content is not what its name says", place=str(path), cure="restore it from a backup")
        return data

    def __contains__(self, digest: str) -> bool:
        return self.path(digest).exists()

    def digests(self) -> Iterator[str]:
        """Every digest kept, in order."""
        for path in sorted(self.folder.glob("??/??/*.gz")):
            yield path.stem


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".part-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
