"""sources.yaml: every fault with its place, good ones go on, the last good version of the user's file stays."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from chainwatch.problem import Problem, Problems
from chainwatch.resources import sources_file
from crawlers.edit import add_source, remove_source
from crawlers.sources import json_schema, load_sources, read_sources, remember_good

GOOD = """version: 1
sources:
  - name: blog  # mine
    title: 博客
    list: {kind: feed, urls: [https://blog.example/rss.xml]}
"""
ROW = "version: 1\nsources:\n  - name: one\n    title: 一\n    list: {kind: feed, urls: [https://a.example/rss]}\n"


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        pytest.param("sources: [", ":", "", id="broken YAML"),
        pytest.param("- a\n", ":1:1", "keys version, sources", id="no mapping"),
        pytest.param("version: 2\nsources: []\n", ":1:10", "version must be 1", id="version"),
        pytest.param(ROW + "    colour: red\n", ":6:13", "Extra inputs", id="unknown key"),
        pytest.param(ROW.replace("name: one", "name: One!"), ":3:11", "pattern", id="bad name"),
        pytest.param(ROW.replace("https://", "ftp://"), ":5:31", "http or https", id="bad scheme"),
        pytest.param(ROW.replace("https://", "https://me:pw@"), ":5:31", "user name", id="password in the address"),
        pytest.param(ROW + "    schedule: sometimes\n", ":6:15", "no cron line", id="bad schedule"),
        pytest.param(ROW + "    quiet_hours: at night\n", ":6:18", "01:00-06:00", id="bad quiet hours"),
        pytest.param(ROW + "    template: sinaa\n", ":6:15", "no template 'sinaa'", id="unknown template"),
        pytest.param(ROW + "    concurrency: 9\n", ":6:18", "less than or equal to 2", id="impolite"),
        pytest.param(
            ROW.replace("kind: feed", "kind: magic"), ":5:11", "does not match any of the expected tags", id="kind"
        ),
        pytest.param(ROW + ROW[ROW.index("  - name") :], ":6:11", "stands here twice", id="twice"),
        pytest.param(
            ROW.replace(
                "{kind: feed, urls: [https://a.example/rss]}", "{kind: epaper, url: https://a.example/index.htm}"
            ),
            ":3:5",
            "must contain {year}",
            id="epaper without a date",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(text: str, place: str, what: str) -> None:
    _, problems = read_sources(text.encode(), "sources.yaml")
    assert len(problems) == 1
    assert str(problems[0].place).startswith(f"sources.yaml{place}")
    assert what in problems[0].what
    assert problems[0].cure


def test_the_other_sources_of_a_file_go_on() -> None:
    sources, problems = read_sources(
        (GOOD + "  - name: Bad!\n    title: x\n    list: {kind: feed, urls: []}\n").encode(), "f"
    )
    assert [source.name for source in sources] == ["blog"]
    assert len(problems) == 2


def test_what_is_shipped_is_faultless_and_fits_its_schema() -> None:
    sources = load_sources(sources_file())
    assert sources.problems == ()
    assert len(sources.by_name) >= 19
    schema = json_schema()
    jsonschema.validate(yaml.safe_load(sources_file().read_text(encoding="utf-8")), schema)
    shipped = sources_file().with_name("sources.schema.json")
    assert json.loads(shipped.read_text(encoding="utf-8")) == schema, "run: python -m crawlers.sources"


def test_the_users_file_joins_overrides_or_replaces_what_is_shipped(tmp_path: Path) -> None:
    own = tmp_path / "sources.yaml"
    own.write_text(GOOD, encoding="utf-8")
    joined = load_sources(sources_file(), own)
    assert {"blog", "ndrc"} <= set(joined.by_name)
    assert joined.own == {"blog"}
    own.write_text(GOOD.replace("version: 1", "version: 1\nshipped: false"), encoding="utf-8")
    assert set(load_sources(sources_file(), own).by_name) == {"blog"}
    own.write_text(GOOD.replace("name: blog", "name: ndrc"), encoding="utf-8")
    assert load_sources(sources_file(), own).by_name["ndrc"].title == "博客"


def test_the_last_good_version_of_the_users_file_stays_in_force(tmp_path: Path) -> None:
    own = tmp_path / "sources.yaml"
    own.write_text(GOOD, encoding="utf-8")
    remember_good(own)
    own.write_text(GOOD.replace("kind: feed", "kind: fed"), encoding="utf-8")
    remember_good(own)  # a faulty one is not remembered
    sources = load_sources(sources_file(), own)
    assert sources.by_name["blog"].title == "博客"
    assert len(sources.problems) == 1


def test_adding_and_removing_keeps_comments_and_refuses_faults(tmp_path: Path) -> None:
    own, more = tmp_path / "sources.yaml", tmp_path / "more.yaml"
    own.write_text(GOOD, encoding="utf-8")
    more.write_text(ROW, encoding="utf-8")
    assert add_source(more, own) == ["one"]
    assert "# mine" in own.read_text(encoding="utf-8")
    assert set(load_sources(sources_file(), own).own) == {"blog", "one"}
    with pytest.raises(Problem, match="already"):
        add_source(more, own)
    remove_source("one", own)
    assert load_sources(sources_file(), own).own == {"blog"}
    before = own.read_bytes()
    more.write_text(ROW.replace("https", "gopher"), encoding="utf-8")
    with pytest.raises(Problems):
        add_source(more, own)
    assert own.read_bytes() == before


def test_an_unknown_name_is_answered_with_names_near_it() -> None:
    with pytest.raises(Problems) as caught:
        load_sources(sources_file()).named(["sina-domestik"])
    assert "sina-domestic" in str(caught.value.problems[0].cure)
