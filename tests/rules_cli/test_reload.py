"""Rules change while articles flow: nothing is missed, nothing is tagged twice, every tag names the set that made it."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog
from sqlalchemy import func, select

from chainwatch.matching.rules import compile_rules
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.models import Article, Precision, Tag, content_digest
from chainwatch.resources import rules_dir
from chainwatch.runner import live as live_module
from chainwatch.runner.decide import Decision
from chainwatch.runner.live import Live
from chainwatch.runner.loop import Runner
from chainwatch.runner.pool import Failure
from chainwatch.store import articles, bundles, schema, tags
from chainwatch.store.database import Database
from chainwatch.stream.envelope import article_draft
from chainwatch.stream.protocol import ARTICLES, Record
from chainwatch.stream.sqlite import SqliteStream
from consumers.tag import tag

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
STEPS: tuple[str | None, ...] = (
    "id: own.a\nstatus: test\ntags: [topic/甲]\nmatch: {any: [储能]}",
    "id: own.a\nstatus: test\ntags: [topic/乙]\nmatch: {any: [光伏]}",
    "id: own.a\nstatus: test\nquick: '",
    "id: own.a\nstatus: test\ntags: [topic/丙]\nmatch: {any: [储能, 光伏]}",
    None,
)
"""What becomes of the rule file: written, edited, broken, mended, deleted."""
EACH = 30
"""Articles appended around each step."""


class Quiet:
    def __init__(self) -> None:
        self.seen = 0

    def decided(self, decisions: Sequence[Decision]) -> None:
        self.seen += len(decisions)

    def quarantined(self, record: Record, failure: Failure) -> None:
        raise AssertionError((record.place, failure))

    def idle(self) -> bool:
        return False


def article(number: int) -> Article:
    title, text = f"第{number}篇", f"储能与光伏项目开工，编号{number}。"
    return Article(
        id=f"a{number}",
        title=title,
        text=text,
        published=NOW,
        precision=Precision.MINUTE,
        fetched=NOW,
        content_digest=content_digest(title, text),
    )


@pytest.mark.slow
def test_rules_change_while_articles_flow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_module, "LOOK_SECONDS", 0.0)
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    schema.create(database)
    own = tmp_path / "rules"
    own.mkdir()
    live = Live(database, rules_dir(), own, workers=1)
    stream = SqliteStream(tmp_path / "stream.db")
    stream.ensure_topic(ARTICLES, 2)
    watch, total = Quiet(), EACH * (len(STEPS) + 1)

    def feed() -> None:
        log = SqliteStream(tmp_path / "stream.db")
        waiting = threading.Event()
        numbers = iter(range(total))
        for step in (*STEPS, None):
            batch = [article(next(numbers)) for _ in range(EACH)]
            for one in batch:
                log.append(ARTICLES, [article_draft(one, NOW)])
                waiting.wait(0.01)
            path = own / "a.yaml"
            path.unlink(missing_ok=True) if step is None else path.write_text(step, encoding="utf-8")
        log.close()

    with structlog.testing.capture_logs() as logged:
        live.activate(NOW)
        feeder = threading.Thread(target=feed)
        feeder.start()
        runner = Runner(
            database,
            stream,
            topic=ARTICLES,
            group="test",
            machinery=live,
            clock=lambda: NOW,
            window=timedelta(days=3),
            watch=watch,
            patient=False,
        )
        runner.run(lambda: not feeder.is_alive() and watch.seen >= total)
        feeder.join()
    live.close()
    stream.close()

    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(articles.revisions)).scalar_one() == total
        rows = connection.execute(
            select(articles.revisions.c.number, articles.revisions.c.bundle, articles.revisions.c.body)
        ).all()
        stored: dict[int, list[Tag]] = {}
        for row in connection.execute(select(tags.tags).order_by(tags.tags.c.number, tags.tags.c.position)):
            stored.setdefault(row.number, []).append(Tag.from_json(row.body))
        used = {row.bundle: bundles.load(connection, row.bundle) for row in rows}
    database.close()
    assert len(used) >= 3
    for digest, bundle in used.items():
        assert bundle is not None
        rules, taxonomy = compile_rules(bundle), load_taxonomy(bundle)
        for row in (row for row in rows if row.bundle == digest):
            assert stored.get(row.number, []) == tag(Article.from_json(row.body), rules, taxonomy)
    assert {node for made in stored.values() for node in (one.node for one in made)} >= {"topic/乙", "topic/丙"}
    assert any(line["event"] == "rule file is faulty" for line in logged)
