"""Fault F31: a rule file is written in place, replaced, left half written and deleted, 1,000 times, while articles flow.

Long form of test_reload.py. Every article is stored once and tagged by one set: that of the bundle it names.
"""

import gc
import os
import re
import resource
import shutil
import statistics
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from sqlalchemy import func, select

from chainwatch.resources import rules_dir
from chainwatch.runner import live as live_module
from chainwatch.runner.live import Live
from chainwatch.runner.loop import Machinery, Runner
from chainwatch.store import articles, bundles, schema, tags
from chainwatch.store.database import Database
from chainwatch.stream.envelope import article_draft
from chainwatch.stream.protocol import ARTICLES
from chainwatch.stream.sqlite import SqliteStream
from tests.rules_cli.test_reload import NOW, Quiet, article

RELOADS = 100 if os.environ.get("CHAINWATCH_CHAOS") == "short" else 1_000
WARM = RELOADS // 4
"""Reloads after which memory is first looked at."""
GROWTH = 24 << 20
"""Bytes that memory may have grown by since then: less than 33 kB for each of 750 reloads."""
RULE = "id: own.a\nstatus: test\ntags: [topic/n{}]\nmatch: {{any: [储能]}}\n"
TOPIC = re.compile(r"topic/n\d+")


class Editor:
    """Changes the rule file before each batch, each time in another way, and appends the next article."""

    def __init__(self, live: Live, stream: SqliteStream, path: Path) -> None:
        self._live, self._stream, self._path = live, stream, path
        self._turns = self._ways()
        self.seconds: list[float] = []
        """Of the processor, for each look and reload."""
        self.memory: list[int] = []
        self.appended = 0

    def append(self) -> None:
        """One more article."""
        self._stream.append(ARTICLES, [article_draft(article(self.appended), NOW)])
        self.appended += 1

    def __call__(self) -> Machinery:
        """The hops for the next batch, after the next change."""
        if len(self.seconds) < RELOADS:
            next(self._turns)
            self.append()
        begun = time.process_time()
        machinery = self._live()
        self.seconds.append(time.process_time() - begun)
        if len(self.seconds) % 25 == 0:
            gc.collect()
            self.memory.append(_resident())
        return machinery

    def _ways(self) -> Iterator[None]:
        number = 0
        while True:
            text = RULE.format(number)
            self._path.write_text(text, encoding="utf-8")  # in place
            yield
            aside = self._path.with_suffix(".new")
            aside.write_text(RULE.format(number + 1), encoding="utf-8")
            aside.replace(self._path)
            yield
            self._path.write_bytes(RULE.format(number + 2).encode()[:-8])  # half written, cut within a character
            yield
            self._path.write_text(RULE.format(number + 3), encoding="utf-8")
            yield
            self._path.unlink()
            yield
            number += 4


def _few_shipped(folder: Path) -> Path:
    """What no set can do without: a reload of all that is shipped takes four times as long."""
    shutil.copytree(rules_dir() / "lexicon", folder / "lexicon")
    (folder / "taxonomy").mkdir()
    for name in ("tagging.yaml", "taxonomy/regions.yaml"):
        shutil.copy(rules_dir() / name, folder / name)
    return folder


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


@pytest.mark.chaos
def test_a_thousand_reloads_mix_nothing_miss_nothing_and_keep_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_module, "LOOK_SECONDS", 0.0)
    database = Database(f"sqlite:///{tmp_path / 'store.db'}")
    schema.create(database)
    own = tmp_path / "rules"
    own.mkdir()
    stream = SqliteStream(tmp_path / "stream.db")
    stream.ensure_topic(ARTICLES, 1)
    live = Live(database, _few_shipped(tmp_path / "shipped"), own, workers=1)
    watch, editor = Quiet(), Editor(live, stream, own / "a.yaml")
    with structlog.testing.capture_logs() as logged:
        live.activate(NOW)
        editor.append()
        Runner(
            database,
            stream,
            topic=ARTICLES,
            group="test",
            machinery=editor,
            clock=lambda: NOW,
            window=timedelta(days=3),
            watch=watch,
            patient=False,
        ).run(lambda: len(editor.seconds) >= RELOADS and watch.seen >= editor.appended)
        faults = sum(line["event"] == "rule file is faulty" for line in logged)
    live.close()
    stream.close()

    stored = _topics_by_article(database)
    assert len(stored) == editor.appended == RELOADS + 1
    assert all(made == expected for made, expected in stored.values())
    assert faults >= RELOADS // 5 - 1, "half-written files were told"
    assert statistics.median(editor.seconds) < 1
    assert max(editor.memory) - editor.memory[WARM // 25] < GROWTH
    database.close()


def _topics_by_article(database: Database) -> dict[int, tuple[list[str], list[str]]]:
    """Revision → (topics it was tagged with, topics that the rule file of its bundle gives)."""
    found: dict[int, tuple[list[str], list[str]]] = {}
    with database.read() as connection:
        rows = connection.execute(select(articles.revisions.c.number, articles.revisions.c.bundle)).all()
        total = connection.execute(select(func.count()).select_from(articles.articles)).scalar_one()
        assert total == len(rows)
        for row in rows:
            bundle = bundles.load(connection, row.bundle)
            assert bundle is not None
            text = bundle.files.get("own/a.yaml", b"").decode()
            nodes = connection.execute(select(tags.tags.c.node).where(tags.tags.c.number == row.number)).scalars()
            found[row.number] = ([node for node in nodes if TOPIC.fullmatch(node)], TOPIC.findall(text))
    return found
