"""`chainwatch parse`: a JSON line a page, in order, also for pages that fail."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from chainwatch.cli.main import main

GOLDEN = Path(__file__).parent / "golden"


def rows(capfd: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capfd.readouterr().out.splitlines()]


def test_files_named_become_articles(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", str(GOLDEN / "sina-2018" / "page.html"), str(GOLDEN / "govcn-table" / "page.html")]) == 0
    first, second = rows(capfd)
    assert (first["template"], first["editor"], first["published"]) == ("sina/1", "某编辑", "2018-12-28T19:55:00+08:00")
    assert (second["published"], second["document"]) != (None, None)
    assert second["published"] == "2019-02-15"


def test_lines_on_standard_input_give_a_line_each(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "empty.html").write_text("<html><body></body></html>", encoding="utf-8")
    (tmp_path / "garbled.html").write_bytes(bytes(range(128, 256)) * 40)
    lines = [
        f"{GOLDEN / 'epaper' / 'page.html'}\thttps://zjrb.zjol.com.cn/html/2026-03/02/content_9000003.htm",
        f"{tmp_path / 'empty.html'}\t",
        f"{tmp_path / 'garbled.html'}",
        f"{tmp_path / 'missing.html'}\thttps://x.example.test/1",
    ]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\n".join(lines).encode() + b"\n")))
    assert main(["parse", "-"]) == 0
    got = rows(capfd)
    assert [row.get("reason") for row in got] == [None, "empty", "encoding", "unreadable"]
    assert got[0]["published"] == "2026-03-02"
    keys = {"title", "published", "source", "author", "editor", "text", "document"}
    assert all(keys <= row.keys() for row in got)


def test_no_templates_reads_the_generic_way(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", "--no-templates", str(GOLDEN / "sina-2018" / "page.html")]) == 0
    assert rows(capfd)[0]["template"] == "generic/1"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "no page given"),
        (["a.html", "b.html", "--url", "https://x.example.test/"], "one file only"),
        (["a.html", "--template", "nonesuch"], "no template is called nonesuch"),
    ],
)
def test_wrong_calls_are_told_with_a_cure(arguments: list[str], words: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["parse", *arguments]) == 1
    told = " ".join(capfd.readouterr().err.split())
    assert words in told
    assert "Cure:" in told


def test_a_file_that_fails_is_an_exit_code_too(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["parse", str(tmp_path / "missing.html")]) == 1
    assert rows(capfd)[0]["reason"] == "unreadable"


HEAVY = (
    "scrapy", "twisted", "sqlalchemy", "alembic", "apprise", "kafka", "structlog", "readability", "trafilatura", "pypdfium2",
    "docx", "python_calamine", "warcio", "lxml", "bs4", "rich", "jinja2", "markdown", "ruamel", "yaml", "re2", "asyncio",
    "crawlers.templates.generic", "chainwatch.store", "chainwatch.stream",
)  # fmt: skip
"""What `parse` has no use for on a page with a template."""


def test_parse_loads_nothing_that_it_does_not_use() -> None:
    code = (
        "import io, sys\n"
        f"sys.stdin = io.TextIOWrapper(io.BytesIO({str(GOLDEN / 'sina-2018' / 'page.html').encode()!r}))\n"
        "from chainwatch.cli.main import main\n"
        "assert main(['parse', '-']) == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["template"] == "sina/1"
    assert done.stderr.strip() == "[]"
