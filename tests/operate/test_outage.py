"""A full disk under a command is told with its cure, not with a trace."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


def test_a_full_disk_is_told_with_its_cure(small_disk: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWATCH_")}
    environment |= {"CHAINWATCH_HOME": str(small_disk / "home"), "CHAINWATCH_LOG_LEVEL": "error"}
    articles = tmp_path / "articles.jsonl"
    line = '{"title": "第%d篇", "text": "%s", "published": "2026-11-01"}\n'
    articles.write_text("".join(line % (n, f"正文{n}。" * 200) for n in range(1500)), encoding="utf-8")

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        whole = [sys.executable, "-m", "chainwatch.cli", *command]
        return subprocess.run(whole, env=environment, capture_output=True, text=True, check=False)

    assert run("init", "--no-input").returncode == 0
    done = run("import", str(articles))
    assert done.returncode == 1
    assert "full" in done.stderr
    assert "Cure: free space on that disk" in done.stderr
    assert "Traceback" not in done.stderr
