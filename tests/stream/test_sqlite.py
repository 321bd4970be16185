"""The embedded log alone: several processes, dead members, damaged and unwritable files."""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chainwatch.problem import Problem
from chainwatch.stream.groups import host_of, living, spread
from chainwatch.stream.protocol import Draft
from chainwatch.stream.sqlite import SqliteStream

APPEND = """
import sys
from pathlib import Path
from chainwatch.stream.protocol import Draft
from chainwatch.stream.sqlite import SqliteStream
stream = SqliteStream(Path(sys.argv[1]))
for n in range(int(sys.argv[3])):
    placed = stream.append("t", [Draft(f"{sys.argv[2]}-{n}", b"x" * 2_000, n) for _ in range(3)])
    print(n, flush=True)
"""
JOIN = """
import sys, time
from pathlib import Path
from chainwatch.stream.sqlite import SqliteStream
stream = SqliteStream(Path(sys.argv[1]))
member = stream.consumer("t", "g", on_assigned=lambda ps: dict.fromkeys(ps, 0), on_lost=lambda ps: None)
while len(member.assignment()) < 2:
    member.poll(1, 0.05)
print("joined", flush=True)
time.sleep(60)
"""


@pytest.fixture
def stream(tmp_path: Path) -> Iterator[SqliteStream]:
    log = SqliteStream(tmp_path / "stream.db")
    log.ensure_topic("t", 2)
    yield log
    log.close()


def process(code: str, *arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_append_side_by_side_and_every_batch_is_whole(stream: SqliteStream) -> None:
    writers = [process(APPEND, stream.path, name, 40) for name in "ab"]
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    keys = [record.key for number in (0, 1) for record in stream.read("t", number, 0, 1_000)]
    assert len(keys) == 240
    assert all(keys.count(f"{name}-{n}") == 3 for name in "ab" for n in range(40))
    assert sum(stream.end_offset("t", number) for number in (0, 1)) == 240


def test_what_was_acknowledged_survives_a_kill(stream: SqliteStream) -> None:
    writer = process(APPEND, stream.path, "k", 100_000)
    assert writer.stdout is not None
    acknowledged = [writer.stdout.readline() for _ in range(30)][-1]
    writer.kill()
    writer.communicate()
    found = [record.key for number in (0, 1) for record in stream.read("t", number, 0, 10_000)]
    assert all(found.count(f"k-{n}") == 3 for n in range(int(acknowledged) + 1))
    assert len(found) % 3 == 0
    stream.append("t", [Draft("after", b"", 1)])


def test_a_dead_process_loses_its_partitions_at_once(stream: SqliteStream) -> None:
    holder = process(JOIN, stream.path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "joined\n"
    assert stream.groups() == {"g": 1}
    holder.send_signal(signal.SIGKILL)
    holder.communicate()
    member = stream.consumer("t", "g", on_assigned=lambda ps: dict.fromkeys(ps, 0), on_lost=lambda _ps: None)
    member.poll(1, 0)
    assert member.assignment() == {0, 1}
    member.close()


def test_a_member_that_left_holds_nothing_open(stream: SqliteStream) -> None:
    held = []
    for _ in range(3):
        member = stream.consumer("t", "g", on_assigned=lambda ps: dict.fromkeys(ps, 0), on_lost=lambda _ps: None)
        member.poll(1, 0)
        member.close()
        files = [handle.readlink() for handle in Path("/proc/self/fd").iterdir() if handle.is_symlink()]
        held.append(files.count(stream.path))
    assert len(set(held)) == 1, held


def test_leases_end_with_time_boot_and_process() -> None:
    forever = float("inf")
    assert living(os.getpid(), host_of(), forever)
    assert not living(os.getpid(), host_of(), 0.0)
    assert not living(os.getpid(), "another-boot:x", forever)
    child = multiprocessing.get_context("spawn").Process(target=os.getpid)
    child.start()
    child.join()
    assert child.pid is not None
    assert not living(child.pid, host_of(), forever)


@pytest.mark.parametrize(
    ("wanted", "members", "moved"),
    [
        pytest.param({0: None, 1: None, 2: None}, "ab", 3, id="first-time"),
        pytest.param({0: "a", 1: "a", 2: "a", 3: "a"}, "ab", 2, id="a-member-joins"),
        pytest.param({0: "a", 1: "b", 2: "a", 3: "b"}, "ab", 0, id="nothing-changed"),
        pytest.param({0: "a", 1: "b", 2: "c"}, "ab", 1, id="a-member-left"),
        pytest.param({0: "a"}, "abc", 0, id="more-members-than-partitions"),
    ],
)
def test_partitions_spread_evenly_and_move_little(wanted: dict[int, str | None], members: str, moved: int) -> None:
    plan = spread(wanted, list(members))
    loads = [list(plan.values()).count(member) for member in members]
    assert max(loads) - min(loads) <= 1
    assert sum(plan[number] != wanted[number] for number in wanted) == moved


def test_a_file_that_is_no_log_is_a_problem_with_place_and_cure(tmp_path: Path) -> None:
    path = tmp_path / "stream.db"
    path.write_bytes(b"not a database at all" * 500)
    with pytest.raises(Problem, match="not a database") as caught:
        SqliteStream(path)
    assert caught.value.place == str(path)
    assert "backup" in str(caught.value.cure)


def test_a_full_disk_writes_nothing_by_halves(stream: SqliteStream) -> None:
    stream.append("t", [Draft("k", b"kept", 1)])
    pages = stream._connection.execute("PRAGMA page_count").fetchone()[0]
    stream._connection.execute(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(Problem, match="full") as caught:
        stream.append("t", [Draft("k", b"x" * 9_000, n) for n in range(20)])
    assert caught.value.retry
    assert sum(stream.end_offset("t", number) for number in (0, 1)) == 1
    stream._connection.execute("PRAGMA max_page_count=1000000")
    stream.append("t", [Draft("k", b"x" * 9_000, n) for n in range(20)])
