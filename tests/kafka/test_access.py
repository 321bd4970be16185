"""Brokers that ask who comes: TLS and SASL on a real listener, and what is told where they do not let us in."""

import dataclasses
import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chainwatch.cli.main import main
from chainwatch.problem import Problem, Problems
from chainwatch.stream.access import Access, Security
from chainwatch.stream.kafka import KafkaStream
from chainwatch.stream.open import open_stream
from chainwatch.stream.protocol import Draft
from tests.kafka.broker import Cluster, free_ports
from tests.kafka.secure import PASSWORD, USER, Secure

quiet = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
"""kafka-python leaves the sockets of refused connections to the garbage collector, which is called in the same test."""


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secure]:
    """A broker's listener that takes one user, over TLS alone."""
    folder = tmp_path_factory.mktemp("secure")
    listener = Secure(folder / "tls", free_ports(1)[0])
    cluster = Cluster(folder / "kafka", secure=listener)
    cluster.start()
    yield listener
    cluster.stop()


def known(secure: Secure) -> Security:
    return Security("SASL_SSL", "SCRAM-SHA-256", USER, PASSWORD, secure.ca_file)


def asked(secure: Secure, security: Security) -> KafkaStream:
    return KafkaStream(Access((f"127.0.0.1:{secure.port}",), security), deadline=5)


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "PLAIN"])
def test_a_known_user_appends_and_reads_over_tls(secure: Secure, mechanism: str) -> None:
    stream = asked(secure, dataclasses.replace(known(secure), mechanism=mechanism))
    topic = f"t-{mechanism}"
    stream.ensure_topic(topic, 1)
    stream.append(topic, [Draft("k", b"v", 1)])
    assert [record.value for record in stream.read(topic, 0, 0, 10)] == [b"v"]
    member = stream.consumer(topic, "g", on_assigned=lambda ps: dict.fromkeys(ps, 0), on_lost=lambda _ps: None)
    found = next(records for _ in range(50) if (records := member.poll(10, 0.2)))
    assert [record.value for record in found] == [b"v"]
    member.close()
    stream.close()


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
@quiet
@pytest.mark.parametrize(
    ("change", "told", "cure"),
    [
        pytest.param({"password": "another"}, "does not answer this client", "kafka_password", id="password"),
        pytest.param({"ca_file": None}, "is not trusted", "kafka_ca_file", id="authority"),
        pytest.param(
            {"protocol": "PLAINTEXT", "mechanism": None}, "does not answer", "kafka_security_protocol", id="no-tls"
        ),
    ],
)
def test_who_is_not_let_in_hears_why(secure: Secure, change: dict[str, object], told: str, cure: str) -> None:
    stream = asked(secure, dataclasses.replace(known(secure), **change))  # type: ignore[arg-type]
    stream.deadline = 2
    with pytest.raises(Problem, match=told) as caught:
        stream.topics()
    assert cure in str(caught.value.cure)
    assert caught.value.retry
    assert PASSWORD not in str(caught.value)
    stream.close()
    del stream, caught
    gc.collect()


@quiet
def test_a_closed_port_is_told_as_such() -> None:
    (port,) = free_ports(1)
    stream = KafkaStream(Access((f"127.0.0.1:{port}",)), deadline=0.2)
    with pytest.raises(Problem, match=r"cannot be connected to: .*refused"):
        stream.topics()
    stream.close()
    gc.collect()


@pytest.mark.parametrize(
    ("security", "places"),
    [
        (Security("SASL_SSL"), ["kafka_sasl_mechanism", "kafka_user", "kafka_password"]),
        (Security("SASL_SSL", "PLAIN", "u"), ["kafka_password"]),
        (Security("SSL", "PLAIN"), ["kafka_sasl_mechanism"]),
        (Security("SSL", ca_file=Path("/nowhere.pem")), ["kafka_ca_file"]),
    ],
)
def test_settings_that_cannot_work_are_refused_before_anything_is_asked(security: Security, places: list[str]) -> None:
    with pytest.raises(Problems) as caught:
        open_stream("kafka://broker:9092", security=security)
    assert [one.place for one in caught.value.problems] == places
    assert all(one.cure for one in caught.value.problems)


@pytest.fixture
def command(
    tmp_path: Path, secure: Secure, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    (tmp_path / "password").write_text(PASSWORD, encoding="utf-8")
    given = {
        "HOME": tmp_path / "home",
        "STREAM": f"kafka://127.0.0.1:{secure.port}",
        "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
        "KAFKA_SASL_MECHANISM": "SCRAM-SHA-256",
        "KAFKA_USER": USER,
        "KAFKA_PASSWORD_FILE": tmp_path / "password",
        "KAFKA_CA_FILE": secure.ca_file,
        "WORKERS": 1,
    }
    for name, value in given.items():
        monkeypatch.setenv(f"CHAINWATCH_{name}", str(value))

    def run(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = main(list(arguments))
        out, err = capsys.readouterr()
        return code, out + err

    return run


@pytest.mark.kafka
@pytest.mark.xdist_group("kafka")
@pytest.mark.slow
def test_commands_reach_such_brokers_by_their_settings(command: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    article, before = tmp_path / "one.jsonl", threading.active_count()
    article.write_text('{"title": "标题", "text": "正文", "id": "one"}\n', encoding="utf-8")
    told = [
        command("init", "--no-input"),
        command("publish", str(article)),
        command("consume", "--drain"),
        command("stream", "lag", "--json"),
        command("stream", "copy", f"sqlite:///{tmp_path / 'copy.db'}", "--execute", "--json"),
        command("doctor", "--json"),
    ]
    assert [code for code, _said in told] == [0] * 6, told
    assert '"copied": 1' in told[4][1]
    assert not any(PASSWORD in said for _code, said in told)
    assert threading.active_count() <= before, "a command left its client behind"
