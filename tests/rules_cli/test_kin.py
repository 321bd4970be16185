"""Which articles must be decided, and which remembered, with some that are chosen."""

from array import array
from collections.abc import Sequence

import pytest

from chainwatch.replay.kin import Kin, kin
from consumers.ledger.ties import Ties


def telling(page: int, told: Sequence[int] = (), cards: Sequence[Sequence[int]] = (), rows: Sequence[int] = ()) -> Ties:
    return Ties(page, array("q", told), tuple(array("q", card) for card in cards), array("q", rows))


@pytest.mark.parametrize(
    ("ties", "chosen", "decided", "remembered"),
    [
        pytest.param([telling(1), telling(2)], {1}, {1}, set(), id="strangers"),
        pytest.param([telling(1, [7])], set(), set(), set(), id="nothing-chosen"),
        pytest.param([telling(1), telling(2), telling(1)], {0}, {0, 2}, set(), id="all-of-a-page"),
        pytest.param([telling(1, [7]), telling(2, [7, 8]), telling(3, [8])], {0}, {0, 1}, {2}, id="one-fact-no-further"),
        pytest.param([telling(1), telling(1, [7]), telling(2, [7])], {0}, {0, 1, 2}, set(), id="facts-of-the-page"),
        pytest.param([telling(1, [7]), telling(2, [7]), telling(2)], {0}, {0, 1, 2}, set(), id="pages-of-who-states-it"),
        pytest.param(
            [telling(1, cards=[[4]]), telling(2, cards=[[4, 5]]), telling(3, cards=[[5, 6], [9]]), telling(4, cards=[[9]])],
            {0}, {0, 1, 2}, {3}, id="a-policy-by-its-other-names",
        ),
        pytest.param([telling(1, rows=[3]), telling(2, rows=[3]), telling(2)], {0}, {0}, {1, 2}, id="lines-and-their-pages"),
        pytest.param([telling(1, rows=[3]), telling(2, [3])], {0}, {0}, {1}, id="a-hash-of-both-costs-time-only"),
    ],
)  # fmt: skip
def test_kin(ties: list[Ties], chosen: set[int], decided: set[int], remembered: set[int]) -> None:
    assert kin(ties, chosen) == Kin(frozenset(decided), frozenset(remembered))
