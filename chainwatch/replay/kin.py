"""Kin: which articles a run must decide, and which only remember, to tell what some chosen ones tell.

Follows the needs of articles, the rows that `compare` may look at. A fact or a role follows from the articles that
state it, a policy from those that share a mark with it; what is told depends on who was told before of the same things.
So to the chosen are added, to the end, all that state a fact, role or policy with one of them, or the same value beside
a region: these must be decided. What shares no more than a line of aims or a band of text with one of them is only
remembered: its rows are looked at, what it tells is told of other things.
"""

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TypeAlias

from chainwatch.models.ledger import BAND_BITS, Needs

Keys: TypeAlias = "array[int]"
"""Hashes of keys, 64 bits each. Two keys of one hash make strangers kin: that costs only time."""

_ANY_TIME = (1 << BAND_BITS) - 1


@dataclass(frozen=True, slots=True)
class Ties:
    """What an article may share with others."""

    page: int
    """Of its revisions."""
    close: Keys
    """Facts, roles, marks of policies, values with and without a region; the page."""
    loose: Keys
    """Lines of aims and results, bands of text."""


@dataclass(frozen=True, slots=True)
class Kin:
    """Places of articles, none in both."""

    decided: frozenset[int]
    remembered: frozenset[int]


def ties_of(needs: Needs) -> Ties:
    """The ties of one article."""
    (page,) = _keys(f"article {article}" for article, _, _ in needs.articles)
    return Ties(page, array("q", [page, *_keys(_close(needs))]), _keys(_loose(needs)))


def _close(needs: Needs) -> Iterator[str]:
    yield from (f"fact {fact}" for fact, _, _ in needs.facts)
    yield from (f"echo {echo.removeprefix('?')}" for echo in needs.echoes)
    yield from (f"mark {column} {value}" for column, value in needs.marks)
    yield from (f"role {role}" for role in needs.roles)


def _loose(needs: Needs) -> Iterator[str]:
    yield from (f"line {line}" for line in needs.lines)
    yield from (f"band {band & _ANY_TIME}" for band in needs.bands)


def _keys(names: Iterable[str]) -> Keys:
    return array("q", (_hashed(name) for name in sorted(set(names))))


def _hashed(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), signed=True)


def kin(ties: Sequence[Ties], chosen: Collection[int]) -> Kin:
    """All that must be decided and remembered with the chosen places of `ties`."""
    decided = _closure([one.close for one in ties], chosen)
    known = {key for place in decided for key in ties[place].loose}
    pages = {one.page for one in ties if not known.isdisjoint(one.loose)}
    return Kin(
        frozenset(decided), frozenset(place for place, one in enumerate(ties) if one.page in pages) - frozenset(decided)
    )


def _closure(keys: Sequence[Keys], chosen: Collection[int]) -> set[int]:
    found = set(chosen)
    known = {key for place in found for key in keys[place]}
    rest = [place for place in range(len(keys)) if place not in found]
    while True:
        left: list[int] = []
        for place in rest:
            if known.isdisjoint(keys[place]):
                left.append(place)
            else:
                known.update(keys[place])
                found.add(place)
        if len(left) == len(rest):
            return found
        rest = left[::-1]
