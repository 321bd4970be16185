"""An installation on three brokers and PostgreSQL, with workers of every kind, and the faults that it must survive."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path

from kafka.admin import KafkaAdminClient
from pydantic import SecretStr

from chainwatch.cli.context import Context
from chainwatch.cli.enrolment import desk_of
from chainwatch.cli.init import prepare
from chainwatch.crash import VARIABLE
from chainwatch.demo.receiver import Receiver
from chainwatch.models import SHANGHAI, Article, EventKind, to_timestamp_ms
from chainwatch.models.message import MessageState
from chainwatch.models.subscription import Filter, Subscription
from chainwatch.notify.enrol import channels_for, new_id
from chainwatch.notify.secrets import new_key
from chainwatch.runner.outgoing import GROUP as OUTGOING
from chainwatch.settings import Settings
from chainwatch.store import articles, events, messages, positions, subscriptions
from chainwatch.store.database import Database
from chainwatch.stream.kafka import KafkaStream
from chainwatch.stream.protocol import ARTICLES, CONSUMERS, EVENTS, PARTITIONS, Record
from chainwatch.stream.relay import GROUP as RELAY
from chainwatch.stream.sqlite import SqliteStream
from tests.chaos.installation import kill_group
from tests.kafka.broker import Cluster, wait_for_ports
from tests.postgres.server import Server

CRAWLERS, CONSUMING, DISPATCHING = 2, 3, 2


@dataclass(slots=True)
class Worker:
    """A process that is started again whenever it ends, as a supervisor would."""

    command: Sequence[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    crash_at: str | None = None
    finished: bool = False

    def start(self) -> None:
        environment = self.environment | ({VARIABLE: self.crash_at} if self.crash_at else {})
        self.crash_at = None
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def keep(self) -> int | None:
        """Start it where it does not run; the code it ended with."""
        code = self.process.poll() if self.process else None
        if self.finished or (self.process and code is None):
            return None
        self.start()
        return code

    def signal(self, number: int) -> None:
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        if self.process:
            kill_group(self.process)
            self.process.wait()


@dataclass(slots=True)
class Plant:
    """Workers, and what was done to them."""

    folder: Path
    workers: dict[str, Worker] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    ended: Counter[str] = field(default_factory=Counter)
    """Workers that ended without being told to, and with which code."""
    _later: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    # the course of things

    def pass_time(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Keep the workers running and carry out what is due, until the time is over or the condition holds."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for name, worker in self.workers.items():
                code = worker.keep()
                if code == 0 and name.startswith("publish"):
                    worker.kill()
                    worker.finished = True
                elif code is not None and code != -signal.SIGKILL:
                    self.ended[f"{name.partition('-')[0]} {code}"] += 1
            due = [work for at, work in self._later if at <= time.monotonic()]
            self._later = [(at, work) for at, work in self._later if at > time.monotonic()]
            for work in due:
                work()
            if until():
                return True
            time.sleep(0.2)
        return until()

    def after(self, seconds: float, work: Callable[[], None]) -> None:
        self._later.append((time.monotonic() + seconds, work))

    def undo(self) -> None:
        """Carry out at once what was to come later: thaw, restart."""
        for _at, work in self._later:
            work()
        self._later.clear()

    # faults

    def kill_worker(self, name: str, crash_at: str | None = None) -> None:
        """SIGKILL; its successor dies at the crash point, where one is named."""
        worker = self.workers[name]
        worker.crash_at = crash_at
        worker.kill()
        self.done += [f"kill {name}", *([f"crash {name} {crash_at}"] if crash_at else [])]

    def freeze_worker(self, name: str, seconds: float) -> None:
        worker = self.workers[name]
        worker.signal(signal.SIGSTOP)
        self.after(seconds, lambda: worker.signal(signal.SIGCONT))
        self.done.append(f"freeze {name}")

    # what is where

    def stored(self, database: Database) -> int:
        with database.read() as connection:
            return articles.count(connection)

    def stop(self) -> dict[str, tuple[int, float]]:
        """SIGTERM to every worker at once; exit code and seconds of each."""
        running = {name: one.process for name, one in self.workers.items() if one.process and not one.finished}
        begun = time.monotonic()
        for process in running.values():
            process.terminate()
        return {name: (process.wait(60), time.monotonic() - begun) for name, process in running.items()}

    def told(self) -> str:
        """The ends of the workers' logs."""
        return "\n".join(f"--- {name}\n{worker.log.read_text()[-1500:]}" for name, worker in self.workers.items())

    def close(self) -> None:
        """Thaw and kill every worker."""
        for worker in self.workers.values():
            worker.signal(signal.SIGCONT)
            worker.kill()
        self.undo()


@dataclass(slots=True, kw_only=True)
class Works(Plant):
    """A plant with brokers and a database server."""

    server: Server
    cluster: Cluster

    def kill_broker(self, number: int) -> None:
        broker = self.cluster.brokers[number]
        broker.kill()
        self.after(2, broker.start)
        self.done.append(f"kill broker-{number}")

    def freeze_broker(self, number: int, seconds: float) -> None:
        broker = self.cluster.brokers[number]
        broker.signal(signal.SIGSTOP)
        self.after(seconds, lambda: broker.signal(signal.SIGCONT))
        self.done.append(f"freeze broker-{number}")

    def kill_postgres(self) -> None:
        self.server.kill()
        self.after(2, self.server.start)
        self.done.append("kill postgres")

    def freeze_postgres(self, seconds: float) -> None:
        self.server.signal(signal.SIGSTOP)
        self.after(seconds, lambda: self.server.signal(signal.SIGCONT))
        self.done.append("freeze postgres")

    def spool(self, number: int) -> Path:
        return self.folder / f"crawler-{number}" / "spool.db"

    def settled(self, database: Database, stream: KafkaStream) -> bool:
        """Whether nothing is under way anywhere."""
        if not all(worker.finished for name, worker in self.workers.items() if name.startswith("publish")):
            return False
        if not all(_handed_over(self.spool(number)) for number in range(CRAWLERS)):
            return False
        with database.read() as connection:
            there = positions.listed(connection, ARTICLES, CONSUMERS)
            sent = set(messages.counts(connection)) <= {MessageState.DELIVERED.value, MessageState.MERGED.value}
            carried = not events.after(connection, positions.listed(connection, EVENTS, OUTGOING).get(0, 0), 1)
        return sent and carried and all(there.get(n, 0) == stream.end_offset(ARTICLES, n) for n in range(PARTITIONS))


def _handed_over(spool: Path) -> bool:
    stream = SqliteStream(spool)
    done = stream.committed(ARTICLES, RELAY)
    ends = {number: stream.end_offset(ARTICLES, number) for number in range(PARTITIONS)}
    stream.close()
    return all(done.get(number, 0) == end for number, end in ends.items())


def all_of(stream: KafkaStream, topic: str) -> Iterator[Record]:
    """Every record of a topic, as a read_committed reader sees it."""
    for partition in range(stream.topics()[topic]):
        offset = 0
        while batch := stream.read(topic, partition, offset, 500):
            yield from batch
            offset = batch[-1].offset + 1


@contextmanager
def works(folder: Path, webhook: Receiver, made: Sequence[Article], pause: float) -> Iterator[Works]:
    """Servers started, topics and store made, a subscriber of new targets; no worker runs yet."""
    one = Works(folder, server=Server(folder / "pg"), cluster=Cluster(folder / "kafka", nodes=3))
    try:
        one.server.start()
        one.cluster.start()
        _wait_for_brokers(one.cluster)
        _furnish(one, webhook, made, pause)
        yield one
    finally:
        one.close()
        one.cluster.stop()
        one.server.stop()


def _wait_for_brokers(cluster: Cluster, patience: float = 60.0) -> None:
    """Until all have joined: a topic made before that would have fewer copies."""
    admin = KafkaAdminClient(bootstrap_servers=cluster.bootstrap.split(","), bootstrap_timeout_ms=60_000)
    deadline = time.monotonic() + patience
    while len(admin.describe_cluster()["brokers"]) < len(cluster.brokers):
        assert time.monotonic() < deadline, "the brokers did not join"
        time.sleep(0.2)
    admin.close()
    wait_for_ports([broker.port for broker in cluster.brokers], patience)


def _furnish(one: Works, webhook: Receiver, made: Sequence[Article], pause: float) -> None:
    common = {
        "CHAINWATCH_STORE": one.server.create("chainwatch"),
        "CHAINWATCH_STREAM": f"kafka://{one.cluster.bootstrap}",
        "CHAINWATCH_SECRET_KEY": new_key(),
        "CHAINWATCH_ALLOW_NETWORKS": "127.0.0.0/8",
        "CHAINWATCH_WORKERS": "1",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CHAINWATCH_")}

    def settings(home: str) -> Settings:
        return Settings(
            home=one.folder / home,
            store=SecretStr(common["CHAINWATCH_STORE"]),
            stream=common["CHAINWATCH_STREAM"],
            secret_key=SecretStr(common["CHAINWATCH_SECRET_KEY"]),
            allow_networks=(ip_network("127.0.0.0/8"),),
        )

    def add(name: str, home: str, *command: str) -> None:
        environment = kept | common | {"CHAINWATCH_HOME": str(one.folder / home)}
        one.workers[name] = Worker([sys.executable, *command], environment, one.folder / f"{name}.log")

    for home in ("work", *(f"crawler-{number}" for number in range(CRAWLERS))):
        prepare(settings(home))
    subscribe(settings("work"), webhook)
    for number in range(CRAWLERS):
        file = one.folder / f"articles-{number}.jsonl"
        file.write_bytes(b"".join(article.to_json() + b"\n" for article in made[number::CRAWLERS]))
        spool, home = one.spool(number), f"crawler-{number}"
        add(f"publish-{number}", home, "-m", "tests.chaos.publisher", str(spool), str(file), str(pause))
        add(f"relay-{number}", home, "-m", "chainwatch.cli", "relay")
    for number in range(CONSUMING):
        add(f"consume-{number}", "work", "-m", "chainwatch.cli", "consume")
    for number in range(DISPATCHING):
        add(f"dispatch-{number}", "work", "-m", "chainwatch.cli", "dispatch")


def subscribe(settings: Settings, webhook: Receiver) -> None:
    """Tell the webhook of new targets and policies."""
    now = datetime.now(SHANGHAI)
    wanted = Filter(kinds=(EventKind.TARGET_NEW.value, EventKind.POLICY_NEW.value))
    with Context(settings) as context, context.database.write() as connection:
        address = f"json://127.0.0.1:{webhook.port}/"
        channels = channels_for(connection, desk_of(context), [address], owner="plant", now=now)
        made = Subscription(id=new_id("sub"), name="plant", filter=wanted, channels=channels)
        subscriptions.save(connection, made, to_timestamp_ms(now))
