"""The story of the chains, read by the real extractor: each article gives the events expected, and commands show it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chainwatch.cli.main import main
from chainwatch.models import Event
from tests.ledger.home import Home
from tests.ledger.story import STORY

Run = Callable[..., Any]
EXPECTED = {
    "province-2020": {
        ("target.new", "数字安防 产值", "4000亿元以上", "2025"),
        ("target.new", "十大标志性产业链 产值", "超6万亿元", "2025"),
        ("target.new", "十大标志性产业链 占比", "68%以上", "2025"),
        ("policy.new", "《浙江省实施制造业产业基础再造和产业链提升工程行动方案（2020-2025年）》", "印发", ""),
    },
    "city-nine": {
        ("target.new", "视觉智能 产值", "3000亿元以上", "2025"),
        ("target.new", "生物医药与健康 产值", "3000亿元以上", "2025"),
        ("target.new", "现代纺织 产值", "2500亿元以上", "2025"),
        ("target.new", "集成电路 产值", "800亿元以上", "2025"),
        ("target.new", "智能计算 产值", "1000亿元以上", "2025"),
        ("target.new", "网络通信 产值", "1000亿元以上", "2025"),
        ("target.new", "节能与新能源汽车 产值", "1000亿元以上", "2025"),
        ("target.new", "智能家居 产值", "1000亿元以上", "2025"),
        ("target.new", "智能装备 产值", "1000亿元以上", "2025"),
        ("target.new", "九大标志性产业链 产值", "超1.2万亿元", "2025"),
        ("target.new", "规上工业 产值", "超1.5万亿元", "2021"),
    },
    "green-announced": {("target.new", "绿色能源 规模", "超3000亿元", "2025")},
    "five-ecosystems": {
        ("target.new", "智能物联 规模", "超1万亿元", "2025"),
        ("target.new", "高端装备 规模", "超1万亿元", "2025"),
        ("target.new", "生物医药 规模", "超5000亿元", "2025"),
        ("target.new", "新材料 规模", "超3000亿元", "2025"),
        ("target.restated", "绿色能源 规模", "超3000亿元", "2025"),
        ("policy.new", "《杭州市产业链链长制实施方案》", "印发", ""),
    },
    "ladder-aim": {
        ("target.new", "省级专精特新 数量", "2500家以上", "2025"),
        ("target.new", "省级隐形冠军 数量", "100家", "2025"),
        ("target.new", "国家级小巨人 数量", "约240家", "2025"),
        ("target.progress", "省级专精特新 数量", "2500家以上", "2025"),
        ("target.progress", "省级隐形冠军 数量", "100家", "2025"),
        ("target.progress", "国家级小巨人 数量", "约240家", "2025"),
    },
    "digital-three-quarters": set(),
    "ladder-counts": {("target.progress", "国家级小巨人 数量", "约240家", "2025")},
    "digital-year": set(),
    "factories-older": set(),
    "valley-2035": {("target.new", "中国视谷 核心规模", "1万亿元以上", "2035")},
    "iot-result": {("target.progress", "智能物联 规模", "超1万亿元", "2025")},
    "valley-2027": {("target.new", "中国视谷 规模", "超1万亿元", "2027")},
    "ai-planned": {("policy.new", "《关于加快推进人工智能产业创新发展的实施意见》", "将出台", "")},
    "ai-issued": {("policy.status", "《关于加快推进人工智能产业创新发展的实施意见》", "印发", "")},
    "equipment-advance": {
        ("target.restated", "高端装备 规模", "超1万亿元", "2025"),
        ("target.advanced", "高端装备 规模", "超1万亿元", "2024"),
    },
    "materials-postponed": {("target.postponed", "新材料 规模", "超3000亿元", "2026")},
}


def _brief(event: Event) -> tuple[str, str, str, str]:
    return event.kind.value, event.title, event.after["shown"], event.after.get("deadline", "")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[Event]]]:
    folder = tmp_path_factory.mktemp("home")
    home = Home(folder)
    events = home.tell_pages(STORY)
    home.database.close()
    return folder, events


@pytest.fixture
def run(
    told: tuple[Path, dict[str, list[Event]]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs a command on the story's home; what it printed, as JSON where asked for."""
    monkeypatch.setenv("CHAINWATCH_HOME", str(told[0]))
    monkeypatch.setenv("LANG", "en_US.UTF-8")

    def run(*arguments: str, code: int = 0) -> Any:
        assert main(arguments) == code, capsys.readouterr().err
        printed = capsys.readouterr().out
        return json.loads(printed) if "--json" in arguments else printed

    return run


@pytest.mark.parametrize("id_", EXPECTED)
def test_each_article_gives_exactly_its_events(told: tuple[Path, dict[str, list[Event]]], id_: str) -> None:
    assert {_brief(event) for event in told[1][id_]} == EXPECTED[id_]


def test_every_event_shows_where_it_is_said(told: tuple[Path, dict[str, list[Event]]]) -> None:
    texts = {page.id: page for page in STORY}
    for event in (event for events in told[1].values() for event in events):
        (evidence,) = event.evidence
        page = texts[evidence.article]
        part = page.title if evidence.part == "title" else page.text
        assert part[evidence.span[0] : evidence.span[1]] == evidence.quote
        assert evidence.quote in evidence.sentence


def test_an_advance_names_what_was_known_before(told: tuple[Path, dict[str, list[Event]]]) -> None:
    (moved,) = (event for event in told[1]["equipment-advance"] if event.kind.value == "target.advanced")
    assert moved.before is not None
    assert (moved.before["deadline"], moved.after["deadline"]) == ("2025", "2024")


def test_the_board_prints_every_aim_of_the_city_with_the_province_beside(run: Run) -> None:
    rows = run("targets", "board", "--region", "杭州", "--at", "2023-12-01", "--json")
    aims = {(row["region"], row["subject"], row["deadline"]): row for row in rows}
    assert {("杭州", "视觉智能", "2025"), ("浙江", "数字安防", "2025"), ("杭州", "中国视谷", "2035")} <= aims.keys()
    things = aims["杭州", "智能物联", "2025"]
    assert (things["progress"], things["as_of"], things["state"]) == ("78 %", "2022", "open")
    assert (aims["杭州", "高端装备", "2025"]["state"], aims["杭州", "高端装备", "2025"]["reason"]) == ("moved", "2024")
    assert "78 %" in run("targets", "board", "--region", "杭州")


def test_a_chain_shows_its_aims_results_policies_and_news(run: Run) -> None:
    page = run("chains", "show", "智能物联", "--json")
    assert [(row["aim"], row["progress"]) for row in page["aims"] if row["subject"] == "智能物联"] == [
        ("超1万亿元", "78 %")
    ]
    assert [row["shown"] for row in page["results"]] == ["超7800亿元"]
    assert "杭州市产业链链长制实施方案" in {row["title"] for row in page["policies"]["issued"]}
    assert page["events"]
    assert len(page["articles_per_week"]) == 12
    assert "智能物联" in run("chains", "show", "智能物联")


def test_two_scopes_of_one_valley_are_related_facts(run: Run) -> None:
    (core, total) = sorted(run("targets", "list", "--name", "中国视谷", "--json"), key=lambda row: row["deadline"])[
        ::-1
    ]
    shown = run("targets", "show", core["key"], "--json")
    assert ("scope", total["key"]) in [(one["relation"], one["key"]) for one in shown["related"]]
    assert shown["evidence"][0]["sentence"].startswith("到2035年")


def test_every_page_of_the_story_is_expected() -> None:
    assert EXPECTED.keys() == {page.id for page in STORY}


def test_the_ladder_counts_up(run: Run) -> None:
    rows = run("targets", "list", "--kind", "actual", "--metric", "数量", "--json")
    counted = {(row["subject"], row["flow"], row["as_of"]): row["shown"] for row in rows}
    assert counted == {
        ("省级专精特新", None, "2022-06"): "310家",
        ("省级隐形冠军", None, "2022-06"): "36家",
        ("国家级小巨人", None, "2022-06"): "53家",
        ("国家级小巨人", None, "2022"): "208家",
        ("国家级小巨人", "new", "2022"): "155家",
        ("单项冠军", None, "2022"): "34家",
        ("单项冠军", "new", "2022"): "8家",
        ("雄鹰", None, "2022"): "32家",
        ("雄鹰", "new", "2022"): "4家",
        ("省级未来工厂", None, "2022"): "14家",
        ("省级未来工厂", None, "2023-03"): "11家",
    }
    board = run("targets", "board", "--region", "杭州", "--at", "2023-12-01", "--json")
    rungs = {row["subject"]: (row["aim"], row["actual"], row["progress"]) for row in board if row["metric"] == "数量"}
    assert rungs == {
        "省级专精特新": ("2500家以上", "310家", "12 %"),
        "省级隐形冠军": ("100家", "36家", "36 %"),
        "国家级小巨人": ("约240家", "208家", "87 %"),
    }


def test_shares_of_other_wholes_are_other_results(run: Run) -> None:
    rows = run("targets", "list", "--kind", "actual", "--name", "数字经济核心产业", "--json")
    assert {(row["metric"], row["base"], row["as_of"]): row["shown"] for row in rows} == {
        ("增加值", None, "2022-09"): "3733亿元以上",
        ("占比", "全市GDP", "2022-09"): "27.4%",
        ("增加值", None, "2022"): "超5000亿元",
        ("占比", "全市GDP", "2022"): "超27%",
        ("占比", "全省数字经济核心产业增加值", "2022"): "约57%",
    }


def test_an_aim_announced_under_the_older_name_is_the_ecosystems_own(run: Run) -> None:
    (row,) = run("targets", "list", "--name", "绿色能源", "--json")
    assert (row["first_told"], row["statements"]) == ("2022-04-20", 2)
    page = run("chains", "show", "绿色低碳", "--json")
    assert (page["node"], [aim["key"] for aim in page["aims"]]) == ("hz5/绿色能源", [row["key"]])


def test_a_policy_shows_its_life(run: Run) -> None:
    (row,) = run("policies", "list", "--title", "人工智能", "--json")
    assert (row["status"], row["number"]) == ("issued", "杭政办函〔2023〕60号")
    steps = run("policies", "show", row["key"], "--json")["steps"]
    assert [step["status"] for step in steps] == ["planned", "issued"]
    assert len(run("policies", "timeline", row["key"], "--json")) == 2


def test_events_are_listed_and_shown(run: Run) -> None:
    rows = run("events", "list", "--kind", "target.advanced", "--json")
    assert [row["change"] for row in rows] == ["超1万亿元 2025 → 超1万亿元 2024"]
    assert run("events", "show", rows[0]["id"], "--json")["after"]["deadline"] == "2024"
    assert run("events", "list", "--kind", "target.met", "--fail-on-empty", code=3) == ""


def test_exports_open_in_spreadsheets_and_calendars(run: Run, tmp_path: Path) -> None:
    for form, begin in (("csv", b"\xef\xbb\xbf"), ("xlsx", b"PK"), ("jsonl", b"{"), ("ics", b"BEGIN:VCALENDAR\r\n")):
        file = tmp_path / f"aims.{form}"
        run("export", "targets", "--format", form, "--output", str(file))
        assert file.read_bytes().startswith(begin)
    calendar = (tmp_path / "aims.ics").read_bytes()
    assert calendar.count(b"BEGIN:VEVENT") == (tmp_path / "aims.jsonl").read_bytes().count(b"\n")
    assert b"DTSTART;VALUE=DATE:20251231\r\n" in calendar
    assert all(len(line) <= 75 for line in calendar.split(b"\r\n"))


def test_an_editor_corrects_and_takes_it_back(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    (row,) = run("targets", "list", "--name", "绿色能源", "--json")
    hand = ("--by", "编辑", "--reason", "试")
    run("correct", row["key"], "--value", "0.5万亿", *hand)
    (after,) = run("targets", "list", "--name", "绿色能源", "--json")
    assert (after["aim"], after["key"]) == ("超5000亿元", row["key"])
    (edit,) = run("edits", "list", "--json")
    assert edit["changed"] == ["value: 300000000000 → 500000000000"]
    run("edits", "undo", str(edit["number"]), *hand)
    assert run("targets", "list", "--name", "绿色能源", "--json") == [row]
    told = run("events", "list", "--kind", "fact.corrected", "--json")
    assert [one["change"] for one in told] == ["超5000亿元 2025 → 超3000亿元 2025", "超3000亿元 2025 → 超5000亿元 2025"]
    run("correct", row["key"], "--value", "很多", *hand, code=1)
    run("merge", row["key"], *hand, code=1)
    capsys.readouterr()
