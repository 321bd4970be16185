"""Which articles must be decided, and which remembered, with some that are chosen."""

from chainwatch.models.ledger import BAND_BITS, Needs
from chainwatch.replay.kin import Kin, Ties, kin, ties_of


def telling(page: str, *facts: str, lines: tuple[str, ...] = (), bands: tuple[int, ...] = ()) -> Ties:
    stated = tuple((fact, "1", "") for fact in facts)
    return ties_of(Needs(articles=((page, "", 0),), facts=stated, lines=frozenset(lines), bands=bands))


TIES = [
    telling("p0", "a", lines=("x",)),
    telling("p1", "a", "b", bands=(7,)),
    telling("p2", "c", lines=("x", "y")),
    telling("p3", "b"),
    telling("p4", "d", lines=("y",)),
    telling("p5", bands=((1 << BAND_BITS) + 7,)),
    telling("p5"),
    telling("p6"),
    telling("p3", "e"),
    telling("p7", "e"),
]


def test_who_states_the_same_is_decided_to_the_end_and_looser_ties_are_remembered() -> None:
    assert kin(TIES, {0}) == Kin(frozenset({0, 1, 3, 8, 9}), frozenset({2, 5, 6}))


def test_strangers_are_left_out() -> None:
    assert kin(TIES, {7}) == Kin(frozenset({7}), frozenset())
    assert kin(TIES, set()) == Kin(frozenset(), frozenset())


def test_a_value_and_its_counterpart_in_a_region_are_close() -> None:
    one, other = (
        ties_of(Needs(articles=((page, "", 0),), echoes=frozenset({echo})))
        for page, echo in (("p", "?规模=1"), ("q", "规模=1"))
    )
    assert kin([one, other], {0}).decided == {0, 1}
