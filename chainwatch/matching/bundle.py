"""Bundle: the bytes of every rule, taxonomy and lexicon file that are in force together, named by their digest.

What the hops decide depends on nothing else, so a bundle is archived whole the first time it is used.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import orjson

from chainwatch.models import digest

OWN = "own/"
"""Prefix of the user's own files in a bundle: own/storage.yaml."""


@dataclass(frozen=True)
class Bundle:
    """File name (`taxonomy/hz5.yaml`, `lexicon/cues.yaml`, `own/mine.yaml`) → bytes, in UTF-8."""

    files: Mapping[str, bytes]

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hex) over names and bytes in order of name."""
        return digest(*(part for name in sorted(self.files) for part in (name, self.files[name])))

    def under(self, *folders: str) -> dict[str, bytes]:
        """The files below any of the folders (`taxonomy`, `own` …), in order of name."""
        wanted = tuple(f"{folder}/" for folder in folders)
        return {name: self.files[name] for name in sorted(self.files) if name.startswith(wanted)}

    def to_bytes(self) -> bytes:
        """For the archive. Equal bundles give equal bytes."""
        texts = {name: data.decode("utf-8") for name, data in self.files.items()}
        return zlib.compress(orjson.dumps(texts, option=orjson.OPT_SORT_KEYS), 6)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Bundle":
        """Read what `to_bytes` wrote."""
        return cls({name: text.encode() for name, text in orjson.loads(zlib.decompress(data)).items()})
