"""What `rules diff` says of alerts is what two real runs of consume tell, one with each set of rules."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from chainwatch.cli.main import main
from chainwatch.models import SHANGHAI, Article, Precision, State, content_digest, to_timestamp_ms
from chainwatch.models.subscription import Filter, Subscription
from chainwatch.resources import rules_dir
from chainwatch.store import channels, messages, subscriptions
from chainwatch.store.channels import Channel
from chainwatch.store.schema import open_store
from chainwatch.stream.envelope import article_draft
from chainwatch.stream.protocol import ARTICLES
from chainwatch.stream.sqlite import SqliteStream

pytestmark = pytest.mark.slow
Told = set[tuple[str, str, str]]
NOW = datetime.now(UTC).replace(microsecond=0)
OLD = """\
rules:
- {id: own.storage, status: test, tags: [hz5/绿色能源/储能], match: {any: [储能], all: [补贴]}}
- {id: own.gone, status: test, match: {any: [视谷]}}
- {id: own.draft, match: {any: [算力]}}
- {id: own.quick, owner: 王, tags: [hz5/绿色能源/光伏], quick: 屋顶电站}
"""
NEW = """\
rules:
- {id: own.storage, status: test, tags: [hz5/绿色能源/储能], match: {any: [储能, 电站], none: [招聘]}}
- {id: own.draft, status: test, match: {any: [算力]}}
- {id: own.quick, owner: 李, tags: [hz5/绿色能源/光伏], quick: 屋顶电站}
- {id: own.target, status: test, match: {any: [万亿元]}}
"""
CHANNEL = Channel(
    id="c",
    name="c",
    service="json",
    masked="",
    text_format="text",
    limit_size=1_000,
    limit_unit="characters",
    takes_title=True,
    owner="",
    created_ms=0,
)
FILLER = "记者从现场了解到，相关工作正在有序推进，各部门将加强协同，确保各项任务按时完成。" * 3
TEXTS = [
    ("储能补贴办法出台", "新型储能项目可获补贴。" + FILLER),
    ("屋顶电站并网", "一批屋顶电站今日并网。"),
    ("视谷开园", "中国视谷核心区今日开园。" + FILLER[:90]),
    ("算力中心启用", "算力中心今日启用。"),
    ("产业目标发布", "到2030年，杭州市智能物联产业生态圈产值力争突破1.5万亿元。" + FILLER),
    ("产业目标发布会", "到2030年，杭州市智能物联产业生态圈产值力争突破1.5万亿元。" + FILLER),
    ("产业目标上调", "到2030年，杭州市智能物联产业生态圈产值力争突破2万亿元，算力产业同步推进。"),
    ("规模目标", "到2030年，视觉智能产业链产值达到4000亿元以上。"),
    ("屋顶电站与规模目标", "到2030年，杭州市视觉智能产业链产值达到4000亿元以上，屋顶电站配套。"),
    ("屋顶电站目标", "到2032年，杭州市屋顶电站产业规模达到5200亿元以上。"),
    ("储能企业招聘", "储能企业招聘，补贴丰厚。"),
    ("与此无关", "今天的天气晴好。"),
]


def article(name: str, hours: int, title: str, text: str, state: State = State.LIVE) -> Article:
    at = NOW - timedelta(hours=hours)
    return Article(
        id=name,
        title=title,
        text=text,
        source="示例日报",
        region="杭州",
        published=at,
        precision=Precision.MINUTE,
        fetched=at + timedelta(minutes=5),
        state=state,
        content_digest=content_digest(title, text, state),
    )


def early() -> Iterator[Article]:
    for place, (title, text) in enumerate(TEXTS):
        yield article(f"a{place}", 60 - place, title, text)
    yield article("old", 24 * 30, "旧闻", "储能补贴。").model_copy(update={"fetched": NOW})


def late() -> Iterator[Article]:
    yield article("a1", 30, "屋顶电站并网（更正）", "一批屋顶电站昨日并网，储能补贴随后发放。")
    yield article("a0", 20, *TEXTS[0], State.WITHDRAWN)
    yield article("a9", 15, *TEXTS[9], State.WITHDRAWN)
    yield article("a6", 10, "产业目标上调", "到2030年，杭州市智能物联产业生态圈产值力争突破2.2万亿元。")
    yield article("b1", 5, "算力电站", "算力中心的电站今日启用，储能补贴到位。")


def asked() -> Iterator[Subscription]:
    for owner in ("", "王", "李"):
        for name, wanted in {
            "all": Filter(),
            "hits": Filter(kinds=("rule.hit",)),
            "rule": Filter(rules=("own.quick", "own.storage", "own.draft")),
            "chain": Filter(nodes=("hz5/绿色能源",)),
            "targets": Filter(nodes=("hz5/智能物联",), kinds=("target.*", "article.*")),
        }.items():
            yield Subscription(id=f"{owner}{name}", name=f"{owner}{name}", owner=owner, channels=("c",), filter=wanted)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation with rules and subscriptions."""
    folder = tmp_path / "home"
    monkeypatch.setenv("CHAINWATCH_HOME", str(folder))
    monkeypatch.setenv("CHAINWATCH_WORKERS", "1")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert main(["init", "--no-input"]) == 0
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "rules" / "a.yaml").write_text(OLD, encoding="utf-8")
    store = open_store(f"sqlite:///{folder / 'store.db'}")
    with store.write() as connection:
        channels.add(connection, CHANNEL, b"", (), 0)
        for one in asked():
            subscriptions.save(connection, one, to_timestamp_ms(NOW - timedelta(days=60)))
    store.close()
    return folder


def consume(home: Path, some: Iterator[Article], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINWATCH_HOME", str(home))
    stream = SqliteStream(home / "stream.db")
    for one in some:
        stream.append(ARTICLES, [article_draft(one, NOW)])
    stream.close()
    assert main(["consume", "--drain"]) == 0


def told(home: Path) -> Told:
    store = open_store(f"sqlite:///{home / 'store.db'}")
    table = messages.reasons
    with store.read() as connection:
        rows = connection.execute(select(table.c.channel, table.c.subscription, table.c.event)).all()
    store.close()
    return {(row.channel, row.subscription, row.event) for row in rows}


def other_rules(rules: Path) -> None:
    (rules / "a.yaml").write_text(NEW, encoding="utf-8")


def no_rules(rules: Path) -> None:
    (rules / "a.yaml").unlink()


def other_words(rules: Path) -> None:
    _write(rules, "ecosystems/energy-storage.yaml", "strong:\n  [", "strong:\n  [屋顶电站, 算力中心, ")


def other_taxonomy(rules: Path) -> None:
    """A subject of targets gets a node."""
    _write(rules, "taxonomy/hz5.yaml", "aliases: [芯片, ", "aliases: [屋顶电站, 屋顶电站产业, 芯片, ")


def _write(rules: Path, name: str, old: str, new: str) -> None:
    shipped = (rules_dir() / name).read_text(encoding="utf-8")
    assert old in shipped
    (rules / name).parent.mkdir()
    (rules / name).write_text(shipped.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "since", "differ"),
    [
        pytest.param(other_rules, False, (True, True), id="rules"),
        pytest.param(other_rules, True, (True, True), id="rules-from-a-day-on"),
        pytest.param(other_words, False, (True, False), id="words-of-a-node"),
        pytest.param(other_taxonomy, False, (True, True), id="taxonomy"),
        pytest.param(no_rules, False, (False, True), id="no-rules"),
    ],
)
def test_alerts_gained_and_lost_are_those_of_two_runs(
    *,
    home: Path,
    tmp_path: Path,
    change: Callable[[Path], None],
    since: bool,
    differ: tuple[bool, bool],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    other = tmp_path / "other"
    shutil.copytree(home, other)
    consume(home, early(), monkeypatch)
    consume(home, late(), monkeypatch)
    if not since:
        change(other / "rules")
    consume(other, early(), monkeypatch)
    if since:
        change(other / "rules")
    consume(other, late(), monkeypatch)
    before, after = told(home), told(other)

    monkeypatch.setenv("CHAINWATCH_HOME", str(home))
    capsys.readouterr()
    day = (NOW - timedelta(hours=40)).astimezone(SHANGHAI).isoformat(timespec="minutes")
    given = ["--since", day] if since else []
    assert main(["rules", "diff", "active", str(other / "rules"), *given, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["alerts"]
    gained, lost = (
        {(row["channel"], row["subscription"], row["event"]) for row in found[way]} for way in ("gained", "lost")
    )
    assert (gained, lost) == (after - before, before - after)
    assert (bool(gained), bool(lost)) == differ
    assert all(row["because"] and row["title"] for way in found.values() for row in way)
    assert told(home) == before
