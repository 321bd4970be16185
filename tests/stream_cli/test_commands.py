"""`chainwatch stream …` on a real home folder: plans change nothing, active groups are left alone."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chainwatch.cli.init import prepare
from chainwatch.cli.main import main
from chainwatch.models import Article, content_digest
from chainwatch.settings import load_settings
from chainwatch.store import journal, positions
from chainwatch.store.schema import open_store
from chainwatch.stream.envelope import article_draft
from chainwatch.stream.protocol import ARTICLES, CONSUMERS, DAMAGED, Draft
from chainwatch.stream.sqlite import SqliteStream

Run = Callable[..., tuple[int, Any, str]]
COUNT = 12


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    prepare(load_settings({"CHAINWATCH_HOME": str(home)}))
    return home


@pytest.fixture
def home(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with some records on its stream, which a group has half consumed."""
    for name in ("store.db", "stream.db"):
        (tmp_path / name).write_bytes((template / name).read_bytes())
    for name in [name for name in os.environ if name.startswith("CHAINWATCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CHAINWATCH_HOME", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    stream = SqliteStream(tmp_path / "stream.db")
    stream.append(ARTICLES, [article_draft(article(n), datetime.now(UTC)) for n in range(COUNT)])
    ends = {number: stream.end_offset(ARTICLES, number) for number in range(4)}
    stream.close()
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    with store.write() as connection:
        taken = positions.take(connection, ARTICLES, CONSUMERS, ends)
        half = {number: positions.Position(ends[number] // 2, one.epoch) for number, one in taken.items()}
        positions.advance(connection, ARTICLES, CONSUMERS, half)
    store.close()
    return tmp_path


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; (exit code, data, talk)."""
    assert home.is_dir()

    def command(*arguments: str) -> tuple[int, Any, str]:
        capsys.readouterr()
        code = main(["stream", *arguments])
        out, err = capsys.readouterr()
        return code, json.loads(out) if "--json" in arguments and out else out, err

    return command


def article(n: int) -> Article:
    digest = content_digest("题", f"文{n}")
    return Article(id=f"a{n}", title="题", text=f"文{n}", fetched=datetime.now(UTC), content_digest=digest)


def stored(home: Path) -> dict[int, int]:
    store = open_store(f"sqlite:///{home / 'store.db'}")
    with store.read() as connection:
        found = positions.listed(connection, ARTICLES, CONSUMERS)
    store.close()
    return found


def test_a_plan_changes_nothing_and_execute_does_what_it_said(run: Run, home: Path) -> None:
    before = stored(home)
    code, plan, talk = run("reset-offsets", "--to-latest", "--json")
    assert code == 0
    assert "--execute" in talk
    assert stored(home) == before
    assert run("reset-offsets", "--to-latest", "--dry-run", "--json")[1] == plan
    assert run("reset-offsets", "--to-latest", "--execute", "--json")[1] == plan
    assert stored(home) == {row["partition"]: row["after"] for row in plan} != before
    store = open_store(f"sqlite:///{home / 'store.db'}")
    with store.read() as connection:
        (entry,) = journal.after(connection, 0, 99, kinds=["offsets.reset"])
    store.close()
    assert json.loads(entry.body) == {"group": CONSUMERS, "moves": plan}
    lag = run("lag", "--json")[1]
    assert [row["lag"] for row in lag] == [0] * 4
    assert [row["committed"] for row in lag] == [row["position"] for row in lag], "lag tools are told too"


def test_only_the_partitions_named_are_moved(run: Run, home: Path) -> None:
    before = stored(home)
    code, plan, _talk = run("reset-offsets", "--topic", f"{ARTICLES}:1,3", "--to-earliest", "--execute", "--json")
    assert code == 0
    assert [row["partition"] for row in plan] == [1, 3]
    assert stored(home) == before | {1: 0, 3: 0}


def test_an_exported_plan_is_taken_back(run: Run, home: Path) -> None:
    plan = home / "plan.csv"
    plan.write_text(run("reset-offsets", "--to-current", "--export")[1], encoding="utf-8")
    before = stored(home)
    run("reset-offsets", "--to-earliest", "--execute")
    assert set(stored(home).values()) == {0}
    assert run("reset-offsets", "--from-file", str(plan), "--execute")[0] == 0
    assert stored(home) == before


def test_a_group_at_work_is_left_alone(run: Run, home: Path) -> None:
    stream = SqliteStream(home / "stream.db")
    member = stream.consumer(ARTICLES, CONSUMERS, on_assigned=lambda ps: dict.fromkeys(ps, 0), on_lost=lambda _ps: None)
    member.poll(1, 0)
    before = stored(home)
    code, _data, talk = run("reset-offsets", "--to-earliest", "--execute")
    assert code == 1
    assert "active: 1 members" in talk
    assert "stop its consumers" in talk
    assert stored(home) == before
    assert run("reset-offsets", "--to-earliest", "--json")[0] == 0, "a plan may be looked at"
    member.close()
    stream.close()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--to-datetime", "2099-01-01"), "future"),
        (("--to-earliest", "--to-latest"), "several goals"),
        ((), "no goal"),
        (("--to-earliest", "--group", "another"), "does not keep the offsets"),
        (("--to-earliest", "--topic", "nowhere"), "no such topic"),
        (("--to-earliest", "--topic", f"{ARTICLES}:9"), "no partition 9"),
        (("--to-earliest", "--topic", f"{ARTICLES}:x"), "names no partitions"),
        (("--to-earliest", "--dry-run", "--execute"), "exclude each other"),
        (("--from-file", "/nowhere.csv"), "cannot read"),
    ],
)
def test_what_cannot_be_meant_is_refused(run: Run, home: Path, arguments: tuple[str, ...], told: str) -> None:
    before = stored(home)
    code, _data, talk = run("reset-offsets", *arguments, *(() if "--dry-run" in arguments else ("--execute",)))
    assert code == 1
    assert told in talk.replace("\n", " ")
    assert "Cure: " in talk
    assert stored(home) == before


def test_groups_tell_their_members_and_what_waits(run: Run, home: Path) -> None:
    stream = SqliteStream(home / "stream.db")
    for name in (CONSUMERS, "another"):
        stream.consumer(ARTICLES, name, on_assigned=lambda ps: dict.fromkeys(ps, 0), on_lost=lambda _ps: None).poll(
            1, 0
        )
    found = {row["group"]: (row["members"], row["lag"]) for row in run("groups", "--json")[1]}
    assert found == {CONSUMERS: (1, COUNT - sum(stored(home).values())), "another": (1, None)}
    stream.close()


def test_a_tail_can_be_of_one_partition_from_one_offset(run: Run) -> None:
    lines = run("tail", "--from-beginning")[1].splitlines()
    found = [json.loads(line) for line in lines]
    assert len(found) == COUNT
    of_one = [row["offset"] for row in found if row["partition"] == 1]
    some = run("tail", "--partition", "1", "--offset", "1", "--max-messages", "1")[1].splitlines()
    assert [json.loads(line)["offset"] for line in some] == of_one[1:2]
    assert run("tail", "--offset", "1")[0] == 1
    assert run("tail", "--partition", "7")[0] == 1


@pytest.mark.slow
def test_a_tail_that_waits_ends_when_told_to(home: Path) -> None:
    command = [sys.executable, "-m", "chainwatch.cli", "stream", "tail", "--follow", "--since", "2099-01-01"]
    with subprocess.Popen(command, env=os.environ | {"CHAINWATCH_HOME": str(home)}, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 20
        while not _waits(process):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def _waits(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process catches SIGTERM by now."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = next(line for line in status.splitlines() if line.startswith("SigCgt"))
    return bool(int(caught.split()[1], 16) & 1 << (signal.SIGTERM - 1))


def test_a_copy_is_planned_then_made_then_known(run: Run, home: Path) -> None:
    target = home / "copy.db"
    row = {"topic": ARTICLES, "already there": 0, "damaged": 0}
    assert run("copy", f"sqlite:///{target}", "--json")[:2] == (0, [row | {"to copy": COUNT}])
    there = SqliteStream(target)
    assert there.topics() == {}, "a plan makes no topic"
    assert run("copy", f"sqlite:///{target}", "--execute", "--json")[:2] == (0, [row | {"copied": COUNT}])
    assert run("copy", f"sqlite:///{target}", "--execute", "--json")[1] == [row | {"copied": 0, "already there": COUNT}]
    first, second = (
        [(r.key, r.value, r.timestamp_ms, r.headers) for n in range(4) for r in stream.read(ARTICLES, n, 0, 99)]
        for stream in (there, SqliteStream(home / "stream.db"))
    )
    assert first == second
    there.close()


def test_what_is_damaged_is_not_copied_and_told(run: Run, home: Path) -> None:
    stream = SqliteStream(home / "stream.db")
    stream.append(ARTICLES, [Draft("", b"", 0, {DAMAGED: b"a flipped bit"})])
    stream.close()
    code, counts, _talk = run("copy", f"sqlite:///{home / 'copy.db'}", "--execute", "--json")
    assert code == 1
    assert (counts[0]["copied"], counts[0]["damaged"]) == (COUNT, 1)
