"""The same input gives the same bytes, whatever the time zone, locale, hash seed and number of workers."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from tests.chaos.newsroom import Edition, write

pytestmark = pytest.mark.slow

Command = Callable[..., bytes]
SETTINGS = [
    {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0", "CHAINWATCH_WORKERS": "1"},
    {"TZ": "Asia/Shanghai", "LC_ALL": "C", "PYTHONHASHSEED": "1", "CHAINWATCH_WORKERS": "2"},
    {"TZ": "America/New_York", "LC_ALL": "POSIX", "PYTHONHASHSEED": "4242", "CHAINWATCH_WORKERS": "1"},
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "7", "CHAINWATCH_WORKERS": "2"},
]
"""Surroundings; the language of the output is set, not guessed from the locale."""


@pytest.fixture
def command(tmp_path: Path) -> Command:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWATCH_")}
    home = {"CHAINWATCH_HOME": str(tmp_path / "home"), "CHAINWATCH_LOG_LEVEL": "error", "CHAINWATCH_LANGUAGE": "en"}

    def run(*arguments: str | Path, **surroundings: str) -> bytes:
        done = subprocess.run(
            [sys.executable, "-m", "chainwatch.cli", *map(str, arguments)],
            env=kept | home | surroundings,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    return run


def test_replay_and_analysis_give_the_same_bytes_in_all_surroundings(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    made = write(Edition(30, facts=10, told=2, seed=3), datetime.now(UTC))
    file.write_bytes(b"".join(article.to_json() + b"\n" for article in made))
    command("init", "--no-input")
    command("publish", file)
    command("consume", "--drain")
    replayed = [command("replay", "--fail-on-difference", "--json", **one) for one in SETTINGS]
    analysed = [command("analyse", file, **one) for one in SETTINGS]
    counts = json.loads(replayed[0])["counts"]
    assert counts["articles"] == 30
    assert counts["events now"] == counts["events then"] >= 10
    assert len({sha256(output).hexdigest() for output in replayed}) == 1
    assert len({sha256(output).hexdigest() for output in analysed}) == 1
    assert b"target" in analysed[0]
