"""Workers that start while their brokers are away: alive, not ready, ended in good order when told to."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from chainwatch.cli.init import prepare
from chainwatch.probe import ask
from chainwatch.settings import load_settings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    prepare(load_settings({"CHAINWATCH_HOME": str(folder)}))
    (folder / "sources.yaml").write_text("version: 1\nsources: []\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "command",
    [["dispatch"], ["consume"], ["relay"], ["run", "--no-consume", "--no-dispatch", "--no-crawl"]],
    ids=["dispatcher", "consumer", "relay", "supervisor"],
)
def test_a_worker_starts_while_its_brokers_are_away(home: Path, tmp_path: Path, command: list[str]) -> None:
    with socket.socket() as nobody, socket.socket() as free:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        given = {
            "CHAINWATCH_HOME": str(home),
            "CHAINWATCH_STREAM": f"kafka://127.0.0.1:{nobody.getsockname()[1]}",
            "CHAINWATCH_METRICS_PORT": str(port),
            "CHAINWATCH_WORKERS": "1",
        }
        with (tmp_path / "log").open("wb") as log:
            worker = subprocess.Popen(
                [sys.executable, "-m", "chainwatch.cli", *command], env=os.environ | given, stderr=log
            )
        try:
            deadline = time.monotonic() + 30
            while not ask(port, "/healthz")[0]:
                assert worker.poll() is None, (tmp_path / "log").read_text()
                assert time.monotonic() < deadline, (tmp_path / "log").read_text()
                time.sleep(0.1)
            ready, why = ask(port)
            assert not ready
            assert "cannot be connected to" in why
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(15) == 0, (tmp_path / "log").read_text()
        finally:
            worker.kill()
            worker.wait()
    assert "Traceback" not in (tmp_path / "log").read_text()
