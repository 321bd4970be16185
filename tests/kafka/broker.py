"""Real Kafka brokers from their Maven jars, for tests: KRaft, loopback, own folder and ports, stopped by their pid."""

import os
import shutil
import signal
import socket
import subprocess
import time
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.kafka.secure import Secure

LIBS = Path(__file__).parents[2] / ".cache" / "kafka" / "libs"


def free_ports(count: int) -> list[int]:
    """Ports that were free a moment ago."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports: list[int] = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def require_jars() -> None:
    """Skip, saying how to get them, where Java or the broker's jars are absent (in CI that is a failure)."""
    if shutil.which("java") is None or not any(LIBS.glob("kafka_2.13-*.jar")):
        pytest.skip(f"no Kafka broker: Java 17 and the jars in {LIBS.name} are needed; run tools/real_parts.sh")


class Broker:
    """One node: broker and controller in one process."""

    def __init__(
        self, node: int, folder: Path, ports: tuple[int, int], voters: str, nodes: int, *, secure: Secure | None = None
    ) -> None:
        self.node, self.folder, self.secure = node, folder, secure
        self.port, controller_port = ports
        self.process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        self._config = folder / "server.properties"
        listeners = f"PLAINTEXT://127.0.0.1:{self.port}" + (f",SECURE://127.0.0.1:{secure.port}" if secure else "")
        self._config.write_text(
            "\n".join(
                f"{key}={value}"
                for key, value in {
                    "node.id": node,
                    "process.roles": "broker,controller",
                    "controller.quorum.voters": voters,
                    "controller.listener.names": "CONTROLLER",
                    "inter.broker.listener.name": "PLAINTEXT",
                    "listeners": f"{listeners},CONTROLLER://127.0.0.1:{controller_port}",
                    "advertised.listeners": listeners,
                    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SECURE:SASL_SSL",
                    "log.dirs": folder / "log",
                    "auto.create.topics.enable": "false",
                    "offsets.topic.replication.factor": min(nodes, 3),
                    "offsets.topic.num.partitions": 4,
                    "transaction.state.log.replication.factor": min(nodes, 3),
                    "transaction.state.log.num.partitions": 4,
                    "transaction.state.log.min.isr": 1 if nodes < 3 else 2,
                    "group.initial.rebalance.delay.ms": 0,
                    "group.min.session.timeout.ms": 1000,
                    "log.segment.delete.delay.ms": 1000,
                    "num.network.threads": 2,
                    "num.io.threads": 4,
                    "log.cleaner.enable": "false",
                    **(secure.settings() if secure else {}),
                }.items()
            ),
            encoding="utf-8",
        )

    def format(self, cluster: str) -> None:
        """Make the empty log folder of a node of that cluster."""
        users = self.secure.users() if self.secure else []
        self._java(
            "kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--config", str(self._config), *users
        )

    def _command(self, main: str, *arguments: str) -> list[str]:
        heap = ["-Xmx320m", "-Xms128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
        return ["java", *heap, "-cp", f"{LIBS}/*", main, *arguments]

    def _java(self, main: str, *arguments: str) -> None:
        done = subprocess.run(self._command(main, *arguments), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Start the process in a session of its own."""
        with (self.folder / "out.txt").open("ab") as out:
            self.process = subprocess.Popen(
                self._command("kafka.Kafka", str(self._config)), stdout=out, stderr=out, start_new_session=True
            )

    def signal(self, number: int) -> None:
        """Send a signal to this broker only."""
        assert self.process is not None
        os.kill(self.process.pid, number)

    def kill(self) -> None:
        """As power loss would: SIGKILL."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def stop(self) -> None:
        """SIGTERM, then SIGKILL if it does not end."""
        if self.process is None or self.process.poll() is not None:
            return
        self.signal(signal.SIGCONT)
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()


class Cluster:
    """Some brokers that form one cluster. `bootstrap` is `host:port,…`."""

    def __init__(self, folder: Path, nodes: int = 1, secure: Secure | None = None) -> None:
        require_jars()
        ports = free_ports(2 * nodes)
        cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        voters = ",".join(f"{n + 1}@127.0.0.1:{ports[2 * n + 1]}" for n in range(nodes))
        self.brokers = [
            Broker(n + 1, folder / f"node{n + 1}", (ports[2 * n], ports[2 * n + 1]), voters, nodes, secure=secure)
            for n in range(nodes)
        ]
        for broker in self.brokers:
            broker.format(cluster)
        self.bootstrap = ",".join(f"127.0.0.1:{broker.port}" for broker in self.brokers)

    def start(self, patience: float = 60.0) -> None:
        """Start all and wait until every node answers."""
        for broker in self.brokers:
            broker.start()
        wait_for_ports([broker.port for broker in self.brokers], patience)

    def stop(self) -> None:
        """Stop all."""
        for broker in self.brokers:
            broker.stop()


def wait_for_ports(ports: Sequence[int], patience: float) -> None:
    """Until something listens on each port."""
    deadline = time.monotonic() + patience
    for port in ports:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert time.monotonic() < deadline, f"nothing listens on {port}"
                time.sleep(0.1)
