"""The rules commands as people type them."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from chainwatch.cli.main import main
from chainwatch.matching.bundle import Bundle
from chainwatch.matching.lowering import case_article
from chainwatch.matching.rules import compile_rules
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle
from chainwatch.rulediff import Run, changed, diff, side, verdict

RULE = """\
# my rules
version: 1
rules:
- id: topic.subsidy  # money
  status: stable
  tags: [topic/储能补贴]
  match: {any: [储能], all: [补贴], none: [招聘]}
  cases:
    hits: [储能补贴政策]
    misses: [储能招聘补贴]
"""
ARTICLES = [
    {"id": "a1", "title": "省里出台储能补贴办法", "text": "对新型储能项目给予补贴。", "published": "2026-11-20"},
    {"id": "a2", "title": "企业招聘", "text": "储能企业招聘，补贴丰厚。", "published": "2026-11-10"},
    {"id": "a3", "title": "光伏新规", "text": "光伏电站补贴退坡。", "published": "2026-10-10"},
]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHAINWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LC_ALL", "C")
    own = tmp_path / "home" / "rules"
    own.mkdir(parents=True)
    (own / "mine.yaml").write_text(RULE, encoding="utf-8")
    return tmp_path / "home"


@pytest.fixture
def past(tmp_path: Path) -> str:
    path = tmp_path / "articles.jsonl"
    path.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in ARTICLES), encoding="utf-8")
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main(["rules", *arguments]) == code
    return capsys.readouterr().out


@pytest.mark.usefixtures("home")
def test_list_and_show(capsys: pytest.CaptureFixture[str]) -> None:
    [row] = json.loads(run(capsys, "list", "--own", "--json"))
    assert (row["id"], row["status"], row["place"]) == ("topic.subsidy", "stable", "own/mine.yaml:4:3")
    assert "match: {any: [储能]" in run(capsys, "show", "topic.subsidy")
    assert json.loads(run(capsys, "show", "topic.subsidy", "--json"))["odd"] == []
    run(capsys, "show", "topic.nothing", code=1)
    run(capsys, "list", "--status", "off", "--fail-on-empty", code=3)


def test_check_names_every_fault_with_its_place(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "check")
    bad = home / "rules" / "bad.yaml"
    bad.write_text("rules:\n- {id: a, quick: '!x'}\n- {id: B, quick: 储能}\n", encoding="utf-8")
    (home / "rules" / "worse.yaml").write_text("rules: [", encoding="utf-8")
    faults = json.loads(run(capsys, "check", "--format", "json", code=1))
    assert [(Path(fault["place"]).name, fault["level"]) for fault in faults] == [
        ("bad.yaml:2:18", "error"),
        ("bad.yaml:3:8", "error"),
        ("worse.yaml:2:1", "error"),
    ]
    assert main(["rules", "list"]) == 1
    assert f"{bad}:2:18: quick form" in capsys.readouterr().err
    assert f"::error file={bad},line=3,col=8::" in run(capsys, "check", "--format", "github", code=1)


def test_check_warns_of_rules_that_can_never_hold(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "rules" / "odd.yaml").write_text(
        "rules:\n"
        "- {id: a, match: {all: [储能电站], none: [储能]}}\n"
        "- {id: b, match: {any: [储能], min_score: 2}}\n"
        "- {id: c, tags: [no/such], match: {any: [储能]}}\n"
        "disabled: [topic.gone]\n",
        encoding="utf-8",
    )
    faults = json.loads(run(capsys, "check", "--json"))
    assert [fault["what"].split(":")[0] for fault in faults] == [
        "no rule topic.gone is shipped (any more)",
        "can never match",
        "can never match",
        "no node no/such",
    ]
    run(capsys, "check", "--strict", code=1)


def test_test_runs_cases_and_writes_junit(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = home / "junit.xml"
    run(capsys, "test", "topic.subsidy", "--junit", str(report))
    suite = ET.parse(report).getroot()
    assert (suite.get("tests"), suite.get("failures")) == ("2", "0")
    path = home / "rules" / "mine.yaml"
    path.write_text(RULE.replace("储能补贴政策", "没有词"), encoding="utf-8")
    [failed] = json.loads(run(capsys, "test", "topic.subsidy", "--json", code=1))["failed"]
    assert (failed["place"], failed["expected"]) == ("own/mine.yaml:9:12", "hit")


@pytest.mark.usefixtures("home")
def test_explain_says_why_and_what_is_missing(past: str, capsys: pytest.CaptureFixture[str]) -> None:
    lines = json.loads(run(capsys, "explain", "a1", "topic.subsidy", "--file", past, "--json"))
    assert lines[0]["holds"]
    assert ["储能", "储能"] in [[place["words"] for place in line["places"]] for line in lines]
    lines = json.loads(run(capsys, "explain", "a3", "topic.subsidy", "--file", past, "--json"))
    assert [line["asks"] for line in lines if line["note"] == "absent"] == ["储能", "招聘"]
    assert not lines[0]["holds"]


def test_add_edit_off_and_on_keep_comments(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    added = json.loads(run(capsys, "add", "光伏 +补贴 ！招聘", "--owner", "me", "--json"))
    text = (home / "rules" / "quick.yaml").read_text(encoding="utf-8")
    assert "quick: 光伏 +补贴 ！招聘" in text
    run(capsys, "add", "+ +", code=1)
    assert (home / "rules" / "quick.yaml").read_text(encoding="utf-8") == text
    run(capsys, "edit", "topic.subsidy", "--status", "test")
    changed_text = (home / "rules" / "mine.yaml").read_text(encoding="utf-8")
    assert changed_text.replace("status: test", "status: stable").replace("\n", "").replace(" ", "") == RULE.replace(
        "\n", ""
    ).replace(" ", "")
    run(capsys, "off", added["id"])
    status = {row["id"]: row["status"] for row in json.loads(run(capsys, "list", "--own", "--json"))}
    assert status == {"topic.subsidy": "test", added["id"]: "off"}
    run(capsys, "on", added["id"])
    run(capsys, "on", added["id"], code=1)


def test_a_line_is_one_rule_for_each_owner(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ids = [
        json.loads(run(capsys, "add", "光伏 +补贴", *owner, "--json"))["id"]
        for owner in ((), ("--owner", "王"), ("--owner", "李"))
    ]
    assert len(set(ids)) == 3
    text = (home / "rules" / "quick.yaml").read_text(encoding="utf-8")
    assert main(["rules", "add", "光伏 +补贴", "--owner", "王"]) == 1
    assert f"this rule is there already: {ids[1]}" in capsys.readouterr().err
    assert (home / "rules" / "quick.yaml").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["add", "+ +"], "LINE: quick form: a sign without a word", id="sign"),
        pytest.param(["add", "/a+/"], "LINE: quick.", id="runs-everywhere"),
        pytest.param(["add", "光伏", "--tag", "hz9/光伏"], "--tag: no node hz9/光伏", id="node"),
        pytest.param(["add", "光伏", "--owner", "a/b"], "--owner: no / in the name", id="owner"),
        pytest.param(["export", "nowhere/x.csv", "--to", "csv"], "nowhere: no such folder", id="folder"),
        pytest.param(["import", "nowhere.csv", "--from", "trendradar"], "cannot read: No such file", id="file"),
    ],
)
@pytest.mark.usefixtures("home")
def test_a_wrong_call_is_told_with_its_place(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rules", *arguments]) == 1
    talk = capsys.readouterr().err
    assert told in talk
    assert "Cure: " in talk


def test_show_prints_the_rule_and_not_its_neighbours(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "rules" / "several.yaml").write_text(
        "rules:\n- {id: a, match: {any: [储能]}}\n- id: b\n  match: {any: [光伏]}  # mine\ndisabled: []\n",
        encoding="utf-8",
    )
    shown = run(capsys, "show", "b")
    assert shown.startswith("- id: b\n  match: {any: [光伏]}  # mine\n# ")
    assert "- {id: a" in run(capsys, "show", "a")


@pytest.mark.usefixtures("home")
def test_faults_of_a_compared_folder_are_named_with_its_path(
    tmp_path: Path, past: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "x.yaml").write_text('rules:\n- {id: a, quick: "!x"}\n', encoding="utf-8")
    assert main(["rules", "diff", "files", str(bad), "--file", past]) == 1
    assert f"{bad / 'x.yaml'}:2:18: quick form" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["trendradar", "csv", "xlsx"])
def test_word_lists_come_back_as_they_went(
    kind: str, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"words.{kind}"
    run(capsys, "export", str(path), "--to", kind, "--own")
    (home / "rules" / "mine.yaml").unlink()
    run(capsys, "import", str(path), "--from", kind, "--name", "again")
    [row] = json.loads(run(capsys, "list", "--own", "--json"))
    shown = json.loads(run(capsys, "show", row["id"], "--json"))
    assert shown["rule"]["match"] == {"any": ["储能"], "all": ["补贴"], "none": ["招聘"]}


def test_a_trendradar_file_is_taken_over(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "frequency_words.txt"
    path.write_text(
        "[GLOBAL_FILTER]\n广告\n\n[WORD_GROUPS]\n储能\n光伏 => 新能源\n+补贴\n!招聘\n@5\n\n/千亿级?/ => 千亿\n\n!只有排除\n",
        "utf-8",
    )
    told = json.loads(run(capsys, "import", str(path), "--from", "trendradar", "--json"))
    assert told["rules"] == 2
    assert [note.split(":")[0] for note in told["not_taken"]] == ["9", "13"]
    rules = compile_rules(read_bundle(rules_dir(), home / "rules"))
    held = {hit.of.title["zh"] for hit in rules.match(case_article("", "光伏补贴，千亿级产业"))}
    assert {"新能源", "千亿"} <= held
    assert not [hit for hit in rules.match(case_article("", "光伏补贴广告")) if hit.rule.startswith("trendradar")]
    run(capsys, "import", str(path), "--from", "trendradar", code=1)


def test_a_cell_is_never_a_formula(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "rules" / "f.yaml").write_text("id: f\nmatch: {any: ['=1+1']}", encoding="utf-8")
    run(capsys, "export", str(tmp_path / "t.csv"), "--to", "csv", "--own")
    assert "'=1+1" in (tmp_path / "t.csv").read_text(encoding="utf-8")


@pytest.mark.usefixtures("home")
def test_backtest_counts_by_week(past: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "backtest", "topic.subsidy", "--file", past, "--json"))
    assert (found["looked_at"], found["hits"], found["weeks"]) == (3, 1, [{"week": "2026-W47", "hits": 1}])


def test_diff_predicts_what_a_run_gives(
    home: Path, tmp_path: Path, past: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "mine.yaml").write_text(RULE.replace("none: [招聘]", "none: [退坡]"), encoding="utf-8")
    found = json.loads(run(capsys, "diff", "files", str(other), "--file", past, "--workers", "1", "--json"))
    assert found["rules"] == [{"name": "topic.subsidy", "gained": 1, "lost": 0}]
    assert found["tags"] == [{"name": "topic/储能补贴", "gained": 1, "lost": 0}]
    assert [one["article"] for one in found["articles"]] == ["a2"]
    assert home.is_dir()


@pytest.mark.slow
def test_several_processes_say_the_same_in_the_same_order(tmp_path: Path) -> None:
    old = read_bundle(rules_dir())
    new = Bundle({**old.files, "own/a.yaml": RULE.encode()})
    bodies = [case_article(f"第{n}篇", "储能补贴" if n % 3 else "无关").to_json().decode() for n in range(900)]
    looked = list[int]()
    found = [list(diff(old, new, bodies, tmp_path, Run(workers, looked.append))) for workers in (1, 2)]
    assert found[0] == found[1]
    assert len(found[0]) == 600
    assert sum(looked) == 1_800


def test_a_difference_is_found_exactly_where_verdicts_differ() -> None:
    shipped = read_bundle(rules_dir()).files
    old = Bundle({**shipped, "own/a.yaml": RULE.encode()})
    new_words = re.sub(
        rb"(?ms)^strong:.*?^weak: \[",
        "strong: [蓄能站]\nweak: [蓄能楼, ".encode(),
        shipped["ecosystems/energy-storage.yaml"],
    )
    assert new_words != shipped["ecosystems/energy-storage.yaml"]
    for changed_file in (
        {"own/a.yaml": RULE.replace("all: [补贴]", "all: [资金]").encode()},
        {"ecosystems/energy-storage.yaml": new_words},
        {"masks.yaml": b"masks: []"},
    ):
        new = Bundle({**old.files, **changed_file})
        sides = [side(bundle, compile_rules(bundle)) for bundle in (old, new)]
        for title, text in [
            ("储能补贴", "储能项目"),
            ("蓄能", "抽水蓄能与储能资金"),
            ("存储能力", "存储能力"),
            ("无关", "无关"),
        ]:
            article = case_article(title, text)
            verdicts = [verdict(article, one) for one in sides]
            assert (changed(article, *sides) is not None) == (verdicts[0] != verdicts[1])
