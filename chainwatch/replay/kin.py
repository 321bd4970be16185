"""Kin: the articles whose ledger rows can meet, so that the story of a few can be told without that of all.

Two articles are kin where they need a row in common, or are both kin of a third. What `compare` looks at and changes
lies within the needs of its article, so the rows of one family are the same whether or not others are folded in.
"""

from array import array
from collections.abc import Collection, Iterator, Sequence
from hashlib import blake2b
from typing import TypeAlias

from chainwatch.models.ledger import BAND_BITS, Needs

Keys: TypeAlias = "array[int]"
"""Hashes of the keys of ledger rows, 64 bits each. Two keys of one hash make two families one: that costs only time."""

_ANY_TIME = (1 << BAND_BITS) - 1


def keys_of(needs: Needs) -> Keys:
    """The rows that an article looks at or changes."""
    return array("q", (_hashed(key) for key in sorted(set(_named(needs)))))


def _named(needs: Needs) -> Iterator[str]:
    yield from (f"article {article}" for article, _, _ in needs.articles)
    yield from (f"fact {fact}" for fact, _, _ in needs.facts)
    yield from (f"line {line}" for line in needs.lines)
    yield from (f"echo {echo.removeprefix('?')}" for echo in needs.echoes)
    yield from (f"mark {column} {value}" for column, value in needs.marks)
    yield from (f"role {role}" for role in needs.roles)
    yield from (f"band {band & _ANY_TIME}" for band in needs.bands)


def _hashed(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), signed=True)


def kin(families: Sequence[Keys], chosen: Collection[int]) -> set[int]:
    """The places of all kin of the chosen ones, and these.

    Args:
        families: keys of each article.
        chosen: places in it.
    """
    found = set(chosen)
    known = {key for place in found for key in families[place]}
    rest = [place for place in range(len(families)) if place not in found]
    while True:
        left: list[int] = []
        for place in rest:
            if known.isdisjoint(families[place]):
                left.append(place)
            else:
                known.update(families[place])
                found.add(place)
        if len(left) == len(rest):
            return found
        rest = left[::-1]
