"""What an article needs is looked up, never searched for: the cost must not grow with the store."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event

from chainwatch.models import State
from tests.ledger.book import Disk, Memory, kinds
from tests.ledger.saying import article, head, measure, policy, role

TEXT = "园区管委会走访了一批视觉检测项目，梳理出储能电站的并网方案，推动了工业互联网平台建设，从而降低物流成本。" * 3


def test_no_table_is_scanned_for_an_article_new_or_read_anew(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    findings = (
        measure("储能", 10**11),
        measure("储能", 2 * 10**10, kind="actual", as_of="2022"),
        policy("杭州市储能产业行动方案", number="杭政办函〔2022〕39号", itself=True),
        role("某光电公司", "视觉智能"),
    )
    first = article("a", text=TEXT, document=head("杭政办函〔2022〕39号", index="1-2"))
    disk.tell(first, *findings)
    anew = article("a", text=TEXT + "补记。", fetched="2023-03-02")
    gone = article("a", text=TEXT, state=State.WITHDRAWN, fetched="2023-03-03")
    asked: dict[str, Any] = {}

    @event.listens_for(disk.database.engine, "before_cursor_execute")
    def _note(_connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked[statement] = parameters[0] if isinstance(parameters, list) else parameters

    for one, said in ((article("b", text=TEXT), findings), (anew, findings), (gone, ())):
        disk.tell(one, *said)
    with disk.database.read() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        plans = {
            statement: [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", given)]
            for statement, given in asked.items()
            if statement.startswith(("SELECT", "UPDATE", "DELETE"))
        }
    assert len(plans) >= 15
    for statement, steps in plans.items():
        scans = [step for step in steps if step.startswith("SCAN") and "json_each" not in step]
        assert not scans, f"{scans} for {statement}"


def test_what_an_article_said_is_found_after_its_publication_was_told_otherwise(tmp_path: Path) -> None:
    disk, said = Disk(tmp_path), measure("储能", 10**11)
    disk.tell(article("a", "2023-03-01", text=TEXT), said)
    disk.tell(article("a", "2023-03-05", text=TEXT, fetched="2023-03-06"), said)
    disk.tell(article("a", "2023-03-05", text=TEXT, state=State.WITHDRAWN, fetched="2023-03-07"))
    held = disk.dump()
    assert (held["claims"], held["facts"], held["fact_values"]) == ([], [], [])


@pytest.mark.parametrize("together", [False, True])
def test_a_first_aim_is_told_as_met_whatever_came_in_its_batch(tmp_path: Path, *, together: bool) -> None:
    """Results of a line are of use once it has an aim, even one of the very article that states the next result."""
    older = (article("a", "2023-03-01", text=TEXT), [measure("储能", 2 * 10**11, kind="actual", as_of="2022")])
    both = [measure("储能", 10**11), measure("储能", 5 * 10**10, kind="actual", as_of="2023")]
    newer = (article("b", "2023-04-01", text=TEXT), both)
    disk, memory = Disk(tmp_path), Memory()
    told = (
        disk.tell_batch([older, newer]) if together else [*disk.tell(older[0], *older[1]), *disk.tell(newer[0], *both)]
    )
    assert kinds(told) == kinds([*memory.tell(older[0], *older[1]), *memory.tell(newer[0], *both)])
    assert "target.met" in kinds(told)
