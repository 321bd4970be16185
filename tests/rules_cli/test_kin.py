"""Which articles' ledger rows can meet."""

from chainwatch.models.ledger import BAND_BITS, Needs
from chainwatch.replay.kin import Keys, keys_of, kin


def test_kin_share_a_row_or_a_relative() -> None:
    def needing(*facts: str, bands: tuple[int, ...] = ()) -> Keys:
        return keys_of(Needs(facts=tuple((fact, "1", "") for fact in facts), bands=bands))

    families = [
        needing("a"),
        needing("a", "b"),
        needing("c"),
        needing("b", "d"),
        needing(bands=(7,)),
        needing("d", bands=((1 << BAND_BITS) + 7,)),
        needing(),
    ]
    assert kin(families, {0}) == kin(families, {4}) == {0, 1, 3, 4, 5}
    assert kin(families, {2}) == {2}
    assert kin(families, {6}) == {6}
    assert kin(families, set()) == set()


def test_a_statement_and_its_counterpart_in_a_region_are_kin() -> None:
    with_region, without = (keys_of(Needs(echoes=frozenset({echo}))) for echo in ("?规模=1", "规模=1"))
    assert with_region == without
