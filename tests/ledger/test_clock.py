"""The clock, the first start on a backlog, and what a live article then tells."""

import gzip
import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from chainwatch import clock
from chainwatch.models import SHANGHAI, content_digest
from chainwatch.store import journal
from tests.ledger.book import kinds
from tests.ledger.home import Home, Nobody
from tests.ledger.reader import page, read

WINDOW = timedelta(days=3)


def _at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=SHANGHAI)


def test_a_passed_deadline_is_told_once_and_journalled(tmp_path: Path) -> None:
    home = Home(tmp_path)
    aim = page("aim", "2022-05-31", "新目标", "到2025年，杭州市储能产业规模突破1000亿元。")
    result = page("result", "2025-02-01", "去年成绩", "2024年，杭州市储能产业规模达到700亿元。")
    home.tell(*((one, read(one)) for one in (aim, result)))
    told = []
    for day in ("2025-12-31", "2025-12-31", "2026-01-01", "2026-01-02"):
        with home.database.write() as connection:
            told.append(kinds(clock.strike(connection, Nobody(), _at(day), WINDOW)))
    assert told == [[], [], ["target.lagging"], []]
    with home.database.read() as connection:
        entries = connection.execute(select(journal.journal.c.kind).where(journal.journal.c.kind == "tick")).all()
    assert len(entries) == 3


def test_a_lag_shows_the_aim_and_the_result(tmp_path: Path) -> None:
    home = Home(tmp_path)
    aim = page("aim", "2022-05-31", "新目标", "到2025年，杭州市储能产业规模突破1000亿元。")
    result = page("result", "2025-02-01", "去年成绩", "2024年，杭州市储能产业规模达到700亿元。")
    home.tell(*((one, read(one)) for one in (aim, result)))
    with home.database.write() as connection:
        (event,) = clock.strike(connection, Nobody(), _at("2026-01-01"), WINDOW)
    assert [one.article for one in event.evidence] == ["aim", "result"]
    assert (event.after["progress"], event.after["reason"]) == ("70 %", "unmet at deadline")


@pytest.mark.chaos
def test_a_whole_stream_of_backlog_alerts_nobody_and_then_one_new_article_does(shared: Path, tmp_path: Path) -> None:
    """The real stream comes as a backfill; what it states is known afterwards."""
    home = Home(tmp_path)
    with gzip.open(shared / "data/stream/articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rows.sort(key=lambda row: str(row["date"]))
    counts: Counter[bool] = Counter()
    for start in range(0, len(rows), 200):
        backlog = [
            page(f"b{start + place}", row["date"], row["title"], row["text"], source=row["source"] or "").model_copy(
                update={"backfill": True}
            )
            for place, row in enumerate(rows[start : start + 200])
        ]
        told = home.tell(*((one, read(one)) for one in backlog))
        counts.update(event.silent for events in told.values() for event in events)
    assert len(rows) > 7_000
    assert counts[True] > 1_000
    assert counts[False] == 0
    text = "到2031年，杭州市储能产业规模突破1000亿元。"
    live = page("live", "2026-12-01", "新目标", text)
    (alert,) = home.tell((live, read(live)))["live"]
    assert (alert.kind.value, alert.silent) == ("target.new", False)
    again = page("reprint", "2026-12-01", "新目标", text + "（转载）")
    events = home.tell((again, read(again)))["reprint"]
    assert kinds(events) == ["target.restated"]
    assert content_digest(live.title, live.text) != again.content_digest
