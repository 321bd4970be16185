"""`chainwatch sources`, `chainwatch crawl` and Scrapy's own commands."""

import json
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest

from chainwatch.cli.main import main
from chainwatch.models import Article
from tests.sites.home import ROOT, Home
from tests.sites.mission import MISSION, plain_url
from tests.sites.offline import crawl_offline
from tests.sites.server import Reply, Sites


def command(home: Home, *arguments: str) -> int:
    with patch.dict(os.environ, {"CHAINWATCH_HOME": str(home.folder), "LANG": "C", "LC_ALL": "C"}):
        return main(arguments)


def test_sources_are_listed_with_the_faults_of_their_file(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.sources(
        {"name": "good", "list": {"kind": "feed", "urls": ["http://a.test/rss"]}},
        {"name": "bad", "list": {"kind": "fed"}},
    )
    assert command(home, "sources", "list", "--json") == 1
    told = capsys.readouterr()
    assert [row["name"] for row in json.loads(told.out)] == ["good"]
    assert "sources.yaml:" in told.err


def test_a_paused_source_waits_until_it_is_resumed(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.sources({"name": "one", "list": {"kind": "feed", "urls": ["http://a.test/rss"]}})
    assert command(home, "sources", "pause", "one", "--reason", "site works") == 0
    assert command(home, "sources", "status", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["condition"], row["reasons"], row["next"]) == ("paused", ["site works"], "")
    assert command(home, "crawl", "one") == 1
    assert "sources resume one" in capsys.readouterr().err
    assert command(home, "sources", "resume", "one") == 0
    assert command(home, "sources", "status", "--json") == 0
    assert json.loads(capsys.readouterr().out)[0]["condition"] == "unknown"


def test_coverage_shows_every_run_and_the_pages_in_trouble(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    family = MISSION["trs"](plain_url)
    home.sources(family.source)
    bad = family.site.path(family.stories[2])  # type: ignore[attr-defined]  # a TRS site
    hosts = dict.fromkeys(family.hosts, lambda asked: Reply(b"\0\0") if asked.path == bad else family.site(asked))
    run = crawl_offline(home, hosts, "trs")
    assert command(home, "sources", "coverage", "trs", "--json") == 0
    (row,) = json.loads(capsys.readouterr().out)
    parts = ("published", "duplicate", "filtered", "failed", "quarantined")
    assert row["discovered"] == 8 == sum(row[part] for part in parts)
    assert row["quarantined"] == 1
    assert command(home, "sources", "coverage", "--run", run.run, "--json") == 0
    (trouble,) = json.loads(capsys.readouterr().out)
    assert (trouble["outcome"], trouble["url"]) == ("quarantined", plain_url("ndrc.test", bad))
    assert trouble["raw_digest"]


def test_only_own_sources_are_removed_and_only_when_told_so(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.sources({"name": "one", "list": {"kind": "feed", "urls": ["http://a.test/rss"]}})
    assert command(home, "sources", "remove", "one") == 1
    assert command(home, "sources", "remove", "one", "--yes") == 0
    assert command(home, "sources", "remove", "ndrc", "--yes") == 1
    capsys.readouterr()


def test_crawl_wants_names(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(home, "crawl") == 2
    assert command(home, "crawl", "no-such-source") == 1
    assert "no source" in capsys.readouterr().err


def scrapy(home: Home, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in home.environment.items() if name != "SCRAPY_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_scrapys_own_commands_work_in_the_checkout(sites: Sites, home: Home, tmp_path: Path) -> None:
    family = MISSION["trs"](lambda host, path: sites.url(host)[:-1] + path)
    sites.hosts |= dict.fromkeys(family.hosts, family.site)
    home.sources(family.source)
    assert scrapy(home, "list").stdout.split() == ["trs"]
    assert "Ran 0 contracts" in scrapy(home, "check").stderr
    url = sites.url("ndrc.test", family.site.path(family.stories[0]))  # type: ignore[attr-defined]  # a TRS site
    parsed = scrapy(home, "parse", "--spider", "trs", url)
    assert family.stories[0].title in parsed.stdout
    shell = scrapy(home, "shell", "--spider", "trs", url, "-c", "response.css('h1::text').get()")
    assert family.stories[0].title in shell.stdout
    lines = tmp_path / "articles.jsonl"
    assert scrapy(home, "crawl", "trs", "-O", str(lines)).returncode == 0
    assert len([Article.from_json(line) for line in lines.read_bytes().splitlines()]) == 8


@pytest.mark.slow
def test_check_names_the_selector_of_each_field_and_remembers_nothing(sites: Sites, home: Home) -> None:
    family = MISSION["hanweb-new"](lambda host, path: sites.url(host)[:-1] + path)
    sites.hosts |= dict.fromkeys(family.hosts, family.site)
    home.sources(family.source)
    done = subprocess.run(
        [sys.executable, "-m", "chainwatch.cli", "sources", "check", "hanweb-new", "--json"],
        cwd=ROOT, env=home.environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    report = json.loads(done.stdout)
    assert (done.returncode, report["rows"], report["dated"], report["faults"]) == (0, 3, 3, {})
    assert report["article"]["title"] == family.stories[0].title
    assert {"title", "text", "published"} <= set(report["article"]["selectors"])
    assert home.runs("hanweb-new") == []
    assert home.articles() == []
