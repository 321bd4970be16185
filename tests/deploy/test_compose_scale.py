"""The compose file's scale profile, without containers: each service's own command and environment, run here.

Only what a container would provide is put in its place: the home folder, the secrets' files, the broker's and the
database's addresses, and a free metrics port for each.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from chainwatch.cli.demo import SOURCES
from chainwatch.demo import pages as demo_pages
from chainwatch.demo.receiver import Receiver, receive
from chainwatch.demo.site import DemoSite, serve
from chainwatch.models import SHANGHAI
from chainwatch.notify.secrets import new_key
from chainwatch.probe import ask
from tests.kafka.broker import Cluster, free_ports
from tests.postgres.server import Server

pytestmark = [pytest.mark.kafka, pytest.mark.postgres, pytest.mark.slow, pytest.mark.xdist_group("kafka")]

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
PATIENCE = 180.0


class Machine:
    """What stands in for the containers' surroundings."""

    def __init__(self, folder: Path, bootstrap: str, store: str) -> None:
        self.home, self.secrets, self.bootstrap = folder / "home", folder / "secrets", bootstrap
        self.secrets.mkdir()
        self.write_secret("store_url", store)
        self.write_secret("secret_key", new_key())
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.logs = folder

    def write_secret(self, name: str, value: str) -> None:
        (self.secrets / name).write_text(value, encoding="utf-8")

    def environment(self, service: str) -> tuple[dict[str, str], int]:
        (port,) = free_ports(1)
        given = {
            name: str(value)
            .replace("/var/lib/chainwatch", str(self.home))
            .replace("/run/secrets", str(self.secrets))
            .replace("kafka:9092", self.bootstrap)
            for name, value in COMPOSE["services"][service]["environment"].items()
        }
        given |= {"CHAINWATCH_METRICS_PORT": str(port), "CHAINWATCH_ALLOW_NETWORKS": "127.0.0.0/8"}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWATCH_")}
        return kept | given, port

    def run(self, service: str, *command: str) -> str:
        environment, _port = self.environment(service)
        done = subprocess.run(
            [sys.executable, "-m", "chainwatch.cli", *command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, service: str) -> int:
        environment, port = self.environment(service)
        with (self.logs / f"{service}.log").open("wb") as out:
            self.processes[service] = subprocess.Popen(
                [sys.executable, "-m", "chainwatch.cli", *COMPOSE["services"][service]["command"]],
                env=environment,
                stdout=out,
                stderr=out,
            )
        return port

    def stop(self) -> dict[str, int]:
        for process in self.processes.values():
            process.terminate()
        return {name: process.wait(60) for name, process in self.processes.items()}

    def log(self, service: str) -> str:
        return (self.logs / f"{service}.log").read_text(encoding="utf-8")

    def told(self) -> str:
        return "\n".join(f"--- {name}\n{(self.logs / f'{name}.log').read_text()[-3000:]}" for name in self.processes)


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    server = Server(tmp_path / "pg")
    cluster = Cluster(tmp_path / "kafka")
    server.start()
    cluster.start()
    machine = Machine(tmp_path, cluster.bootstrap, server.create("chainwatch"))
    try:
        yield machine
    finally:
        for process in machine.processes.values():
            process.kill()
        cluster.stop()
        server.stop()


@pytest.fixture
def site() -> Iterator[DemoSite]:
    note, pages = demo_pages.load(datetime.now(SHANGHAI).date())
    with serve(note, pages) as site:
        site.day = 2
        yield site


@pytest.fixture
def webhook() -> Iterator[Receiver]:
    with receive() as receiver:
        yield receiver


def sources_of(site: DemoSite) -> str:
    """The demo's news site, alerting from its first run on; the shipped sources are switched off."""
    columns = {"city": demo_pages.CITY_COLUMN, "province": demo_pages.PROVINCE_COLUMN}
    wanted = yaml.safe_load(
        SOURCES.format(base=site.base, names=("demo-news", "demo-city", "demo-province"), **columns)
    )
    shipped = yaml.safe_load((ROOT / "crawlers/sources.yaml").read_text(encoding="utf-8"))["sources"]
    news = {**wanted["sources"][0], "alert_first_run": True, "schedule": "* * * * *"}
    return yaml.safe_dump(
        {"version": 1, "sources": [news, *({**one, "enabled": False} for one in shipped)]}, allow_unicode=True
    )


def article_told_of(machine: Machine, service: str, field: str) -> str | list[str]:
    """Ids of the articles that a service's log tells of; of the dispatcher the first one of its first message."""
    lines = [json.loads(line) for line in machine.log(service).splitlines() if line.startswith("{")]
    told = [line[field] for line in lines if line.get(field)]
    assert told, machine.log(service)[-3000:]
    return str(told[0][0]) if field == "articles" else told


def test_an_article_goes_through_every_service_to_a_webhook(
    machine: Machine, site: DemoSite, webhook: Receiver
) -> None:
    machine.run("prepare", *COMPOSE["services"]["prepare"]["command"])
    (machine.home / "sources.yaml").write_text(sources_of(site), encoding="utf-8")
    address = f"json://127.0.0.1:{webhook.port}/"
    machine.run("dispatcher", "subscribe", "--to", address, "--node", "高端装备", "--yes")
    ports = {service: machine.start(service) for service in ("crawler", "consumer", "dispatcher")}
    deadline = time.monotonic() + PATIENCE
    while not webhook.bodies and time.monotonic() < deadline:
        assert all(process.poll() is None for process in machine.processes.values()), machine.told()
        time.sleep(0.5)
    assert webhook.bodies, machine.told()
    assert "高端装备" in str(webhook.bodies[0])
    assert article_told_of(machine, "dispatcher", "articles") in article_told_of(machine, "crawler", "article")
    assert article_told_of(machine, "dispatcher", "articles") in article_told_of(machine, "consumer", "article")
    for service, port in ports.items():
        assert ask(port, "/readyz") == (True, "ready\n"), service
    assert machine.stop() == {"crawler": 0, "consumer": 0, "dispatcher": 0}, machine.told()
    assert '"lag": 0' in machine.run("consumer", "stream", "lag", "--json")
