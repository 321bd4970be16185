"""Kin: which articles a run must decide, and which only remember, to tell what some chosen ones tell.

What is told of an event hangs on who was told before of the same event, of the same fact with or without its region,
or, for a withdrawal, of anything that the page said. So with the chosen are decided their pages, whoever tells of a
fact that one of these tells of, whoever names a policy that one of them names, under whichever name, and the pages of
all these. Nothing leads further: what the sets tell alike of other things they tell alike with or without it. What else
shares a line, role, policy or band of text with the decided is only remembered: `compare` looks at its rows.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from consumers.ledger.ties import Keys, Ties

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Kin:
    """Places of articles, none in both."""

    decided: frozenset[int]
    remembered: frozenset[int]


def kin(ties: Sequence[Ties], chosen: Collection[int]) -> Kin:
    """All that must be decided and remembered with the chosen places of `ties`."""
    named = _policies(ties)
    first = _with_pages(ties, set(chosen))
    telling = _sharing([one.told for one in ties], first) | _sharing(named, first)
    decided = _with_pages(ties, first | telling)
    looked_at = _sharing([(*one.told, *one.rows) for one in ties], decided) | _sharing(named, decided)
    return Kin(frozenset(decided), frozenset(_with_pages(ties, looked_at) - decided))


def _with_pages(ties: Sequence[Ties], some: Collection[int]) -> set[int]:
    """These and all other revisions of their pages."""
    pages = {ties[place].page for place in some}
    return {place for place, one in enumerate(ties) if one.page in pages}


def _sharing(keys: Sequence[Iterable[Key]], some: Collection[int]) -> set[int]:
    """The places that have a key with one of these."""
    wanted = {key for place in some for key in keys[place]}
    return {place for place, mine in enumerate(keys) if not wanted.isdisjoint(mine)}


def _policies(ties: Sequence[Ties]) -> list[set[int]]:
    """For each article one key for each policy: what shares a mark with it, directly or not, is the same one."""
    above: dict[int, int] = {}
    for one in ties:
        for card in one.cards:
            _join(above, card)
    return [{_top(above, card[0]) for card in one.cards} for one in ties]


def _join(above: dict[int, int], marks: Keys) -> None:
    top = _top(above, marks[0])
    for mark in marks[1:]:
        above[_top(above, mark)] = top


def _top(above: Mapping[int, int], mark: int) -> int:
    while (next_ := above.get(mark, mark)) != mark:
        mark = next_
    return mark
