"""What is said of a topic's keeping: each fault on its own, and nothing of a sound one."""

from dataclasses import replace

import pytest

from chainwatch.stream.keeping import Keeping, faults

SOUND = Keeping(
    brokers=3,
    copies=3,
    in_step=3,
    least_in_step=2,
    retention_ms=-1,
    retention_bytes=-1,
    cleanup="delete",
    largest_batch=1_048_588,
    unclean_election=False,
)


def test_a_sound_topic_has_no_fault() -> None:
    assert list(faults("t", SOUND)) == []


@pytest.mark.parametrize(
    ("there", "told", "grave"),
    [
        pytest.param({"retention_ms": 604_800_000}, "retention.ms", True, id="broker-default"),
        pytest.param({"retention_bytes": 1 << 30}, "retention.bytes", True, id="by-size"),
        pytest.param({"cleanup": "compact"}, "cleanup.policy", True, id="compacted"),
        pytest.param({"largest_batch": 500_000}, "max.message.bytes", True, id="small-records-only"),
        pytest.param({"unclean_election": True}, "behind may become the leader", True, id="unclean"),
        pytest.param({"copies": 1, "in_step": 1, "least_in_step": 1}, "1 copies on 3 brokers", False, id="too-few"),
        pytest.param({"brokers": 1, "copies": 1, "in_step": 1, "least_in_step": 1}, "one copy", False, id="one-broker"),
        pytest.param({"least_in_step": 1}, "on one broker only", True, id="acknowledged-by-one"),
        pytest.param({"least_in_step": 3}, "stops every append", False, id="all-must-be-there"),
        pytest.param({"in_step": 2}, "2 of 3 copies in step", False, id="one-is-behind"),
        pytest.param({"in_step": 1}, "appends are refused", True, id="two-are-away"),
    ],
)
def test_each_fault_is_told_with_its_cure(there: dict[str, object], told: str, grave: bool) -> None:
    (fault,) = faults("t", replace(SOUND, **there))  # type: ignore[arg-type]
    assert told in fault.what
    assert fault.grave is grave
    assert fault.cure


@pytest.mark.parametrize(("retention", "grave"), [(86_400_000, True), (30 * 86_400_000, False), (-1, False)])
def test_records_may_be_kept_longer_than_asked_but_not_shorter(retention: int, grave: bool) -> None:
    wanted = 7 * 86_400_000
    (fault,) = faults("t", replace(SOUND, retention_ms=retention), wanted)
    assert fault.grave is grave
    assert f"retention.ms={wanted}" in fault.cure
