"""What a worker says of itself: metrics from the store, alive, ready, and why not."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from chainwatch.cli.context import Context, open_topics
from chainwatch.cli.health import health, probing
from chainwatch.cli.init import prepare
from chainwatch.metrics import PAUSE, Kept
from chainwatch.models import Article, content_digest, to_timestamp_ms
from chainwatch.probe import Looker, ask, probe, readiness, registry_of
from chainwatch.problem import Problem
from chainwatch.settings import Settings, load_settings
from chainwatch.store import articles
from chainwatch.stream.envelope import article_draft
from chainwatch.stream.protocol import ARTICLES
from chainwatch.stream.sqlite import SqliteStream


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


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_looks_leave_no_handle_behind(context: Context) -> None:
    registry = registry_of(context.database, context.stream)
    with probe(0, registry, readiness(context.database, context.stream)) as port:
        scraped(port)
        assert ask(port)[0]
        before = open_files()
        for _ in range(10):
            scraped(port)
            assert ask(port)[0]
        assert open_files() <= before + 1


def test_a_worker_can_be_asked_while_its_brokers_are_away(context: Context) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        away = context.settings.model_copy(
            update={"stream": f"kafka://127.0.0.1:{nobody.getsockname()[1]}", "metrics_port": free_port()}
        )
        spool = SqliteStream(away.home / "spool.db")
        spool.ensure_topic(ARTICLES, 2)
        spool.append(ARTICLES, [article_draft(an_article(n), datetime.now(UTC)) for n in range(3)])
        spool.close()
        with probing(Context(away), deadline=0.3) as port:
            assert ask(port, "/healthz") == (True, "alive\n")
            ready, why = ask(port)
            found = scraped(port)
    assert not ready
    assert "kafka://127.0.0.1" in why
    assert found["chainwatch_reachable", (("part", "stream"),)] == 0
    assert found["chainwatch_reachable", (("part", "store"),)] == 1
    assert found["chainwatch_articles_total", ()] == 0
    assert found["chainwatch_spool_records", ()] == 3


def test_nobody_piles_up_before_a_look_that_hangs() -> None:
    let_go, looks = threading.Event(), []

    def hanging() -> None:
        looks.append(1)
        let_go.wait(10)

    looker = Looker()
    for _ in range(3):
        with pytest.raises(TimeoutError):
            looker(hanging, 0.05)
    let_go.set()
    assert looker(lambda: "well", 5) == "well"
    assert len(looks) == 1
    looker.end()


def test_a_figure_that_is_slow_to_read_is_read_seldom() -> None:
    now = [0.0]

    def slow() -> float:
        now[0] += 2.0
        return now[0]

    kept = Kept(lambda: now[0])
    assert kept("articles", slow) == 2.0
    now[0] += 2.0 * PAUSE - 0.1
    assert kept("articles", slow) == 2.0
    now[0] += 0.2
    assert kept("articles", slow) == now[0]
    assert kept("events", lambda: 7) == 7


def test_delays_are_told_of_the_newest(context: Context) -> None:
    at = datetime.now(UTC)
    with context.database.write() as connection:
        for n in range(101):
            article = an_article(n).model_copy(update={"fetched": at - timedelta(seconds=n)})
            articles.put(connection, [articles.Arrival(article)], to_timestamp_ms(at))
    with probe(0, registry_of(context.database, context.stream), lambda: None) as port:
        found = scraped(port)
    hop = ("hop", "fetched to stored")
    assert found["chainwatch_delay_seconds", (hop, ("quantile", "0.5"))] == 50
    assert found["chainwatch_delay_seconds", (hop, ("quantile", "0.99"))] == 99


def test_a_taken_port_is_a_problem(context: Context) -> None:
    registry = registry_of(context.database, context.stream)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(Problem, match=str(port)), probe(port, registry, lambda: None):
            pass


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def test_health_says_no_where_nobody_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert health(port=free_port()) == 1
    assert "ready" in capsys.readouterr().out


def test_the_stream_opens_with_its_topics(context: Context) -> None:
    stream = open_topics(context.settings)
    assert set(stream.topics()) == {"chainwatch.articles", "chainwatch.events"}
    stream.close()
