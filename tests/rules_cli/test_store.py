"""The rules commands over a store."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from chainwatch.cli.main import main
from chainwatch.models import SHANGHAI, Article, Precision, content_digest, to_timestamp_ms
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle
from chainwatch.store import articles, bundles, schema
from chainwatch.store.database import Database

NOW = datetime.now(SHANGHAI)
RULE = "id: topic.subsidy\nstatus: test\nmatch: {any: [储能], all: [补贴]}\n"


def article(number: int, days: int, text: str) -> Article:
    at = NOW - timedelta(days=days)
    return Article(
        id=f"a{number}",
        title=f"第{number}篇",
        text=text,
        published=at,
        precision=Precision.DAY,
        fetched=at,
        content_digest=content_digest(f"第{number}篇", text),
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CHAINWATCH_HOME", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "C")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yaml").write_text(RULE, encoding="utf-8")
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    schema.create(database)
    stored = [
        article(1, 1, "储能项目获补贴。"),
        article(2, 20, "储能补贴到位。"),
        article(3, 90, "储能补贴。"),
        article(4, 2, "储能电站。储能电站。"),
    ]
    with database.write() as connection:
        bundle = read_bundle(rules_dir(), tmp_path / "rules")
        bundles.activate(connection, bundle, to_timestamp_ms(NOW))
        arrivals = [articles.Arrival(one, f"t/0@{n}", bundle.digest) for n, one in enumerate(stored)]
        articles.put(connection, arrivals, to_timestamp_ms(NOW))
    database.close()
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["rules", *arguments]) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("home")
def test_stats_count_hits_of_late_and_name_dead_rules(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(run(capsys, "stats", "--json"))
    rows = {row["id"]: row for row in found["rules"]}
    assert (rows["topic.subsidy"]["week"], rows["topic.subsidy"]["month"]) == (1, 2)
    assert rows["watch.chain-leader"]["dead"]
    assert found["active"] == found["files"]


def test_diff_of_what_is_in_force_with_what_is_on_disk(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(run(capsys, "diff", "active", "files", "--json"))["changed_articles"] == 0
    (home / "rules" / "a.yaml").write_text(RULE.replace("补贴", "电站"), encoding="utf-8")
    found = json.loads(run(capsys, "diff", "active", "files", "--json"))
    assert found["rules"] == [{"name": "topic.subsidy", "gained": 1, "lost": 3}]
    since = (NOW - timedelta(days=30)).date().isoformat()
    found = json.loads(run(capsys, "diff", "active", "files", "--since", since, "--json"))
    assert found["rules"] == [{"name": "topic.subsidy", "gained": 1, "lost": 2}]


@pytest.mark.usefixtures("home")
def test_add_tells_what_it_would_have_found_and_proposes_cases(capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(run(capsys, "add", "储能 +补贴", "--dry-run", "--json"))
    assert (told["week"], told["month"], told["written"]) == (1, 2, False)
    assert told["hits"] == ["储能项目获补贴。", "储能补贴到位。"]
    assert told["misses"] == ["储能电站。"]


@pytest.mark.usefixtures("home")
def test_check_names_the_longer_words_that_short_ones_stand_in(capsys: pytest.CaptureFixture[str]) -> None:
    notes = [fault["what"] for fault in json.loads(run(capsys, "check", "--json")) if fault["level"] == "note"]
    assert "储能 often stands in: 储能电站 2, 储能补贴 2" in notes


@pytest.mark.usefixtures("home")
def test_explain_reads_the_stored_article(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(run(capsys, "explain", "a4", "topic.subsidy", "--json"))[0]["holds"] is False
