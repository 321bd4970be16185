"""Whatever a record says of its version, it is read, left for an upgrade, or set aside: never a crash."""

import pytest

from chainwatch.stream.envelope import MalformedError, NewerError, decode
from chainwatch.stream.protocol import ARCHIVED, DAMAGED, Record


def record(value: bytes, **headers: bytes) -> Record:
    return Record("t", 0, 7, 1, "k", value, headers)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (b"chainwatch.article.v2", b"{}"),
        (b"chainwatch.article.v2", b'{"version": "x"}'),
        (b"chainwatch.article.v2", b"[]"),
        (b"chainwatch.article.v1", b'{"version": 2}'),
        (b"chainwatch.event.v999999", b'{"version": null}'),
    ],
)
def test_a_newer_record_waits_for_an_upgrade(kind: bytes, value: bytes) -> None:
    with pytest.raises(NewerError, match=r"t/0@7: .*version (2|999999)"):
        decode(record(value, ce_type=kind))


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        (b"", {}),
        (b"{}", {"ce_type": b"chainwatch.article.v" + b"9" * 5_000}),
        (b"{}", {"ce_type": "chainwatch.article.v２".encode()}),
        (b"{}", {"ce_type": b"\xff.v1"}),
        (b'{"version": "x"}', {}),
        (b"[" * 100_000, {}),
        (b"", {ARCHIVED: b"\xff"}),
        (b"", {DAMAGED: b"\xff"}),
    ],
)
def test_what_is_no_record_of_ours_is_set_aside(value: bytes, headers: dict[str, bytes]) -> None:
    with pytest.raises(MalformedError):
        decode(record(value, **headers))
