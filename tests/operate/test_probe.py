"""What a worker says of itself: metrics from the store, alive, ready, and why not."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chainwatch.cli.context import Context, open_topics
from chainwatch.cli.health import health
from chainwatch.cli.init import prepare
from chainwatch.models import Article, content_digest
from chainwatch.probe import ask, probe, readiness, registry_of
from chainwatch.problem import Problem
from chainwatch.settings import Settings, load_settings
from chainwatch.stream.envelope import article_draft
from chainwatch.stream.protocol import ARTICLES


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    settings: Settings = load_settings({"CHAINWATCH_HOME": str(tmp_path)})
    prepare(settings)
    context = Context(settings)
    yield context
    context.database.close()
    context.stream.close()


def an_article(n: int) -> Article:
    now = datetime.now(UTC)
    return Article(
        id=f"a{n}", title="标题", text="正文", fetched=now, content_digest=content_digest("标题", f"正文{n}")
    )


def scraped(port: int) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    well, text = ask(port, "/metrics")
    assert well
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_metrics_tell_what_waits_on_the_stream(context: Context) -> None:
    context.stream.append(ARTICLES, [article_draft(an_article(n), datetime.now(UTC)) for n in range(7)])
    ready = readiness(context.database, context.stream)
    with probe(0, registry_of(context.database, context.stream), ready) as port:
        found = scraped(port)
    ends = [
        value
        for (name, labels), value in found.items()
        if name == "chainwatch_stream_end_offset" and ("topic", ARTICLES) in labels
    ]
    assert sum(ends) == 7
    assert found["chainwatch_articles_total", ()] == 0
    assert any(name == "process_resident_memory_bytes" for name, _labels in found)


def test_a_worker_without_its_store_is_alive_but_not_ready(context: Context, tmp_path: Path) -> None:
    registry = registry_of(context.database, context.stream)
    with probe(0, registry, readiness(context.database, context.stream)) as port:
        assert ask(port, "/readyz") == (True, "ready\n")
        (tmp_path / "store.db").rename(tmp_path / "gone.db")
        (tmp_path / "store.db").mkdir()
        context.database.engine.dispose()
        assert ask(port, "/healthz")[0]
        assert not ask(port, "/readyz")[0]


def test_a_taken_port_is_a_problem(context: Context) -> None:
    registry = registry_of(context.database, context.stream)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Problem, match=str(port)), probe(port, registry, lambda: None):
            pass


def test_health_says_no_where_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert health(port=port) == 1
    assert "ready" in capsys.readouterr().out


def test_the_stream_opens_with_its_topics(context: Context) -> None:
    stream = open_topics(context.settings)
    assert set(stream.topics()) == {"chainwatch.articles", "chainwatch.events"}
    stream.close()
