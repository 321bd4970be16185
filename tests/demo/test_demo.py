"""The demo tells exactly what its pages plant, and nothing when it is run again."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

PLANTED = {
    ("target.raised", "视觉智能 规模"): ("4000亿元以上", "4500亿元以上"),
    ("target.advanced", "光伏 装机"): ("6000万千瓦以上", "6000万千瓦以上"),
    ("target.new", "高端装备 产值"): (None, "超1.1万亿元"),
    ("target.new", "汽车及零部件 产值"): (None, "5000亿元以上"),
    ("target.new", "储能 产值"): (None, "超800亿元"),
    ("target.new", "高端软件和人工智能 营收"): (None, "8000亿元以上"),
    ("target.new", "集成电路 产值"): (None, "1500亿元以上"),
    ("target.raised", "储能 产值"): ("超800亿元", "超900亿元"),
    ("target.progress", "智能物联 产值"): (None, "超1.2万亿元"),
    ("target.restated", "智能物联 产值"): (None, "超1.2万亿元"),
    ("policy.status", "《浙江省人工智能产业创新发展实施意见》"): ("将出台", "印发"),
}
SILENT_PAGES = ("螺纹钢", "足球", "花展", "献血", "音乐会", "酒店", "天气", "网络通信")


def run_demo(home: Path) -> dict[str, Any]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWATCH_")}
    done = subprocess.run(
        [sys.executable, "-m", "chainwatch.cli", "demo", "--json"],
        env=environment | {"CHAINWATCH_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    told: dict[str, Any] = json.loads(done.stdout)
    return told


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def first(home: Path) -> dict[str, Any]:
    return run_demo(home)


def shown(values: dict[str, str] | None) -> str | None:
    return values.get("shown") if values else None


@pytest.mark.parametrize("planted", sorted(PLANTED))
def test_what_is_planted_is_told(first: dict[str, Any], planted: tuple[str, str]) -> None:
    found = [
        (shown(event["before"]), shown(event["after"]))
        for event in first["events"]
        if (event["kind"], event["title"]) == planted
    ]
    assert found == [PLANTED[planted]]


def test_every_event_quotes_its_evidence(first: dict[str, Any]) -> None:
    facts = [event for event in first["events"] if event["kind"].split(".")[0] in {"target", "commitment", "policy"}]
    assert len(facts) >= len(PLANTED)
    for event in facts:
        assert event["evidence"], event["id"]
        assert all(one["quote"] in one["sentence"] for one in event["evidence"])


def test_pages_that_must_yield_nothing_yield_nothing(first: dict[str, Any]) -> None:
    told = json.dumps([event["title"] for event in first["events"]], ensure_ascii=False)
    assert [word for word in SILENT_PAGES if word in told] == []


def test_every_page_is_accounted_for(first: dict[str, Any]) -> None:
    for row in first["coverage"]:
        parts = ("published", "duplicate", "filtered", "failed", "quarantined")
        assert row["discovered"] == sum(row[part] for part in parts)
        assert row["failed"] == 0
    assert first["set_aside"] == []


def test_each_message_arrives_once(first: dict[str, Any]) -> None:
    assert first["messages"]
    assert max(Counter(message["id"] for message in first["messages"]).values()) == 1


def test_a_second_run_finds_nothing_new(first: dict[str, Any], home: Path) -> None:
    assert first["first"]
    again = run_demo(home)
    assert (again["first"], again["events"], again["messages"]) == (False, [], [])
    assert all(row["published"] == 0 for row in again["coverage"])
