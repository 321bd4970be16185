"""import, publish, consume, articles, replay, audit and dlq on a real home folder."""

import gzip
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chainwatch.cli.main import main
from chainwatch.models import SHANGHAI
from chainwatch.store import events, journal
from chainwatch.store.schema import open_store

TARGET = "到2030年，杭州市智能物联产业生态圈产值力争突破1.5万亿元，视觉智能产业链产值达到4000亿元以上。"
PAGE = (
    "<html><head><title>{title}</title></head><body><h1>{title}</h1><div class='time'>2026-11-02 10:20</div>"
    "<div class='article'><p>{text}</p><p>记者从现场了解到，相关工作正在有序推进，各部门将加强协同。</p></div></body></html>"
)

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command with --json; (exit code, data, talk)."""
    monkeypatch.setenv("CHAINWATCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CHAINWATCH_WORKERS", "1")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert main(["init", "--no-input"]) == 0

    def command(*arguments: str | Path, data: bool = True) -> tuple[int, Any, str]:
        capsys.readouterr()
        code = main([*map(str, arguments), *(["--json"] if data else [])])
        out, err = capsys.readouterr()
        return code, json.loads(out) if data and out else None, err

    return command


def line(title: str, text: str, **fields: object) -> str:
    return json.dumps({"title": title, "text": text, **fields}, ensure_ascii=False) + "\n"


def pages(folder: Path, kinds: Mapping[str, str]) -> Path:
    folder.mkdir()
    rows = [{"id": name, "kind": kind, "url": None, "encoding": "utf-8"} for name, kind in kinds.items()]
    (folder / "index.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    for name in kinds:
        (folder / f"{name}.html").write_text(
            PAGE.format(title=f"通告{name}：产业链工作", text=TARGET), encoding="utf-8"
        )
    return folder


def newest(home: Path) -> list[events.Stored]:
    store = open_store(f"sqlite:///{home / 'store.db'}")
    with store.read() as connection:
        found = events.listed(connection, events.Filter(), 100)
    store.close()
    return found


def test_an_import_counts_everything_and_alerts_nobody(run: Run, tmp_path: Path) -> None:
    folder = pages(tmp_path / "pages", {"a1": "article", "a2": "article-fragment", "l1": "list"})
    lines = tmp_path / "more.jsonl.gz"
    same = line("重复的一篇", "正文相同。" * 20, date="2026-11-01")
    with gzip.open(lines, "wt", encoding="utf-8") as file:
        file.write(
            line("今日发布", TARGET, published=datetime.now(SHANGHAI).isoformat(), source="示例日报") + same + same
        )
    code, counts, _talk = run("import", folder, lines)
    assert code == 0
    assert counts == {
        "discovered": 6,
        "published": 4,
        "duplicate": 1,
        "filtered": {"list": 1},
        "failed": 0,
        "quarantined": 0,
    }
    found = newest(tmp_path / "home")
    assert {one.event.kind.value for one in found} >= {"target.new"}
    assert all(one.event.silent for one in found)

    code, again, _talk = run("import", folder, lines)
    assert (code, again["published"], again["duplicate"], again["discovered"]) == (0, 0, 5, 6)
    assert len(newest(tmp_path / "home")) == len(found)


def test_bad_input_is_told_item_by_item_and_the_rest_goes_on(run: Run, tmp_path: Path) -> None:
    folder = pages(tmp_path / "pages", {"good": "article"})
    (folder / "broken.html").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    with (folder / "index.jsonl").open("a", encoding="utf-8") as index:
        index.write('{"id": "gone", "kind": "article"}\n{"id": 7\n')
    (tmp_path / "empty.jsonl").touch()
    shapes = tmp_path / "shapes.jsonl"
    bad = ["[1]\n", '{"title": "只有标题"}\n', line("空", " "), line("日期", "文", date="昨天"), "\n"]
    shapes.write_text("".join([*bad, line("好的一行", "正文足够。")]), encoding="utf-8")
    cut = tmp_path / "cut.jsonl.gz"
    whole = gzip.compress("".join(line(f"第{n}行", f"第{n}段正文。" * 9) for n in range(400)).encode())
    cut.write_bytes(whole[: len(whole) // 2])
    (tmp_path / "plain.jsonl.gz").write_bytes(b"not gzip")
    code, counts, talk = run(
        "import", folder, tmp_path / "empty.jsonl", shapes, cut, tmp_path / "plain.jsonl.gz", tmp_path / "nowhere"
    )
    assert code == 1
    assert counts["failed"] == 11
    assert counts["published"] > 2
    assert counts["discovered"] == counts["published"] + counts["duplicate"] + counts["failed"]
    for place in (
        "broken.html",
        "index.jsonl:2",
        "index.jsonl:3",
        "empty.jsonl",
        "shapes.jsonl:1",
        "shapes.jsonl:4: date",
    ):
        assert place in talk.replace("\n", ""), place
    for said in ("cut short", "not a gzip file", "no such file", "text is missing", "text is empty", "no date or time"):
        assert said in talk, said
    assert talk.count("Cure: ") >= 10


def test_published_articles_are_live_and_alert(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "live.jsonl"
    now = datetime.now(SHANGHAI)
    old = (now - timedelta(days=9)).isoformat()
    file.write_text(
        line("目标发布", TARGET, published=now.isoformat(), id="live-1", source="示例日报")
        + line("旧闻", TARGET.replace("1.5", "2.5"), published=old, id="live-2", source="示例日报"),
        encoding="utf-8",
    )
    assert run("publish", file)[0] == 0
    assert newest(tmp_path / "home") == []
    code, counts, _talk = run("consume", "--drain")
    assert (code, counts["stored"], counts["quarantined"]) == (0, 2, 0)
    loud = {one.event.evidence[0].article for one in newest(tmp_path / "home") if not one.event.silent}
    assert loud == {"live-1"}


def test_replay_repeats_what_was_and_shows_what_other_rules_would_change(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "live.jsonl"
    now = datetime.now(SHANGHAI).isoformat()
    file.write_text(line("目标发布", TARGET, published=now, id="live-1"), encoding="utf-8")
    run("publish", file)
    run("consume", "--drain")
    before = _head(tmp_path / "home")

    code, report, _talk = run("replay", "--fail-on-difference")
    assert code == 0
    assert report["counts"]["articles"] == 1
    assert report["counts"]["events now"] == report["counts"]["events then"] > 0

    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "mine.yaml").write_text(
        "version: 1\nrules:\n- id: own.visual\n  status: stable\n  tags: [topic/自有话题]\n  match: {any: [视觉智能]}\n"
        "  cases: {hits: [视觉智能产业], misses: [无关的话]}\n",
        encoding="utf-8",
    )
    code, changed, _talk = run("replay", "--rules", rules, "--fail-on-difference")
    gained = {row["kind"] for row in changed["events"] if row["change"] == "gained"}
    assert (code, gained) == (1, {"rule.hit"})
    assert _head(tmp_path / "home") == before
    assert run("replay", "--since", "2031-01-01", "--until", "2030-01-01")[0] == 1


def _head(home: Path) -> journal.Entry | None:
    store = open_store(f"sqlite:///{home / 'store.db'}")
    with store.read() as connection:
        found = journal.head(connection)
    store.close()
    return found


def test_stored_articles_are_listed_searched_and_shown(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    file.write_text(
        line("储能补贴细则", "新型储能项目可获补贴。" + TARGET, date="2026-11-01", id="one"), encoding="utf-8"
    )
    run("import", file)
    (row,) = run("articles", "list", "--node", "hz5/智能物联")[1]
    assert row["id"] == "one"
    assert run("articles", "list", "--since", "2026-11-02")[1] == []
    (hit,) = run("articles", "search", "储能", "补贴")[1]
    assert "储能项目可获补贴" in hit["passage"]
    assert run("articles", "search", "没有这个词", "--fail-on-empty")[0] == 3
    shown = run("articles", "show", "one")[1]
    assert shown["article"]["precision"] == "day"
    assert {finding["kind"] for finding in shown["findings"]} >= {"target"}
    assert run("articles", "show", "nobody", data=False)[0] == 1
    assert run("audit", "verify")[1]["whole"] is True


def test_a_record_set_aside_can_be_looked_at_and_put_back(run: Run, tmp_path: Path) -> None:
    from chainwatch.stream.protocol import ARTICLES, Draft  # noqa: PLC0415
    from chainwatch.stream.sqlite import SqliteStream  # noqa: PLC0415

    stream = SqliteStream(tmp_path / "home" / "stream.db")
    stream.append(ARTICLES, [Draft("x", b"{broken", 1)])
    stream.close()
    assert run("consume", "--drain")[1]["quarantined"] == 1
    (row,) = run("dlq", "list")[1]
    assert run("dlq", "show", str(row["number"]))[1]["value"] == "{broken"
    assert run("dlq", "retry", str(row["number"]), data=False)[0] == 0
    assert run("consume", "--drain")[1]["quarantined"] == 1
    assert [one["state"] for one in run("dlq", "list", "--state", "retried")[1]] == ["retried"]
