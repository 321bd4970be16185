"""How a real broker keeps our topics is read, shown and judged; groups of other programs are told as they are."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from chainwatch.cli.main import main
from chainwatch.stream.access import Access
from chainwatch.stream.kafka import KafkaStream
from chainwatch.stream.protocol import ARTICLES, EVENTS, Draft
from tests.kafka.broker import Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.xdist_group("kafka")]


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    one = Cluster(tmp_path / "kafka")
    one.start()
    yield one
    one.stop()


@pytest.fixture
def command(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, Any]]:
    monkeypatch.setenv("CHAINWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CHAINWATCH_STREAM", f"kafka://{cluster.bootstrap}")
    assert main(["init", "--no-input"]) == 0

    def run(*arguments: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = main([*arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def change(cluster: Cluster, topic: str, **settings: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=cluster.bootstrap)
    given = {name.replace("_", "."): value for name, value in settings.items()}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=given)])
    admin.close()


def test_doctor_and_topics_tell_how_the_brokers_keep_our_topics(
    command: Callable[..., tuple[int, Any]], cluster: Cluster
) -> None:
    def found() -> list[tuple[str, str]]:
        return [(row["outcome"], row["detail"]) for row in command("doctor")[1] if row["what"] == "topic"]

    one_copy = [("warning", f"{topic}: one copy, on one broker") for topic in (ARTICLES, EVENTS)]
    assert found() == one_copy
    shown = {row["topic"]: row for row in command("stream", "topics")[1]}
    assert (shown[ARTICLES]["copies"], shown[ARTICLES]["kept"]) == ("1 of 1", "for ever")
    change(cluster, ARTICLES, retention_ms=str(7 * 86_400_000), cleanup_policy="compact,delete")
    code, rows = command("doctor")
    grave = {row["detail"]: row["cure"] for row in rows if row["what"] == "topic" and row["outcome"] == "fault"}
    assert code == 1
    assert [text.split(" is ")[0] for text in grave] == [f"{ARTICLES}: retention.ms", f"{ARTICLES}: cleanup.policy"]
    assert "--add-config retention.ms=-1" in next(iter(grave.values()))
    assert {row["topic"]: row for row in command("stream", "topics")[1]}[ARTICLES]["kept"] == "7 days"


def test_a_group_of_another_program_is_told_by_its_own_word(
    command: Callable[..., tuple[int, Any]], cluster: Cluster
) -> None:
    stream = KafkaStream(Access((cluster.bootstrap,)), deadline=20)
    stream.append(EVENTS, [Draft("k", b"{}", n) for n in range(5)])
    (number,) = [number for number in range(4) if stream.end_offset(EVENTS, number)]
    stream.tell(EVENTS, "reports", {number: 3})
    rows = command("stream", "lag", "--topic", EVENTS, "--group", "reports")[1]
    assert [row["lag"] for row in rows if row["partition"] == number] == [2]
    assert {"group": "reports", "members": 0, "lag": None} in command("stream", "groups")[1]
    assert main(["stream", "reset-offsets", "--topic", EVENTS, "--group", "reports", "--to-latest"]) == 1
    assert stream.committed(EVENTS, "reports") == {number: 3}
    stream.close()
