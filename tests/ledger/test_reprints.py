"""Reprints, wrapped and edited, are one cluster; statistics that differ in their figures never are."""

import gzip
import json
import random
from datetime import date, timedelta
from pathlib import Path

import pytest

from chainwatch.models import Article
from chainwatch.store import clusters
from tests.ledger.book import Disk, Memory, kinds
from tests.ledger.reader import page, read
from tests.ledger.saying import measure

COPIES = 500
WHO = (
    "市经信部门",
    "园区管委会",
    "行业协会",
    "多家链主企业",
    "调研组",
    "有关专家",
    "产业研究机构",
    "区里的专班",
    "配套企业",
    "高校团队",
)
DOES = ("走访了", "梳理出", "推动了", "发布了", "建成了", "联合开展", "重点支持", "改造升级", "对接了", "引进了")
WHAT = ("一批视觉检测项目", "储能电站的并网方案", "工业互联网平台", "关键零部件的国产替代", "中试基地", "数字化车间", "产学研合作清单", "供应链服务窗口", "人才公寓", "绿色工厂诊断", "海外仓布局", "检测认证中心")  # fmt: skip
WHY = ("以缓解企业的用地难题", "为下一阶段扩产做准备", "从而降低物流成本", "并建立月度通报机制", "使交付周期明显缩短", "让上下游坐到一张桌子上", "受到中小企业欢迎", "有望在年内见效")  # fmt: skip


def _body(dice: random.Random, sentences: int = 14) -> str:
    parts = [
        f"{dice.choice(WHO)}{dice.choice(DOES)}{dice.choice(WHAT)}，{dice.choice(WHY)}，涉及{dice.randrange(3, 900)}家单位。"
        for _ in range(sentences)
    ]
    return "".join(parts)


def _edited(text: str, dice: random.Random) -> str:
    """Three in a hundred characters changed, none of them a figure; a header, a footer, perhaps a sentence less."""
    characters = list(text)
    for place in dice.sample(range(len(text)), len(text) * 3 // 100):
        if not characters[place].isdigit():
            characters[place] = dice.choice("的了在新再更并也")
    sentences = "".join(characters).split("。")
    if dice.random() < 0.3:
        sentences.pop(dice.randrange(len(sentences) - 1))
    opening = dice.choice(
        ("", "本报讯（记者）", "来源：某财经网。", "原标题见文末。编者按：本文转自合作媒体，观点供参考。")
    )
    ending = dice.choice(
        ("", "\n责任编辑：某某", "\n更多内容请下载客户端，欢迎留言讨论。", "\n（本文仅供参考，不构成投资建议）")
    )
    return opening + "。".join(sentences) + ending


def _article(id_: str, on: date, title: str, text: str) -> Article:
    return page(id_, on.isoformat(), title, text)


def test_edited_and_wrapped_copies_are_found() -> None:
    dice = random.Random(76)
    book = Memory()
    found = 0
    for number in range(COPIES):
        body, on = _body(dice), date(2024, 1, 1) + timedelta(days=dice.randrange(200))
        title = f"{dice.choice(WHO)}的新动作"
        book.tell(_article(f"o{number:03d}", on, title, body))
        copy = _article(f"r{number:03d}", on + timedelta(days=dice.randrange(5)), f"聚焦：{title}", _edited(body, dice))
        book.tell(copy)
        found += book.known.signatures[copy.id].cluster == f"o{number:03d}"
    clusters = {signature.cluster for signature in book.known.signatures.values()}
    assert found / COPIES >= 0.98, f"{found} of {COPIES} copies found"
    assert len(clusters) >= COPIES, "originals were joined with each other"


def test_monthly_statistics_are_never_joined() -> None:
    dice = random.Random(9)
    book = Memory()
    for month in range(1, 13):
        numbers = [dice.randrange(100, 9999) for _ in range(12)]
        body = "，".join(
            f"全市第{place}类工业品产量达{value}吨，同比有所变化，各区县运行平稳" for place, value in enumerate(numbers)
        )
        book.tell(_article(f"m{month:02d}", date(2024, month, 15), f"{month}月工业经济运行情况", body + "。"))
        book.tell(_article(f"n{month:02d}", date(2024, month, 15), "工业经济运行情况", body.replace("达", "为") + "。"))
    together = [s.article for s in book.known.signatures.values() if s.cluster != s.article]
    assert together == []


def test_articles_that_state_other_values_are_never_joined() -> None:
    book = Memory()
    body = _body(random.Random(3))
    book.tell(_article("a", date(2024, 1, 1), "新目标", body), measure("储能", 10**11))
    book.tell(_article("b", date(2024, 1, 2), "新目标", body), measure("储能", 2 * 10**11))
    assert book.known.signatures["b"].cluster == "b"


def test_a_cluster_never_hides_a_new_fact(tmp_path: Path) -> None:
    for book in (Memory(), Disk(tmp_path)):
        body = _body(random.Random(4))
        assert kinds(book.tell(_article("a", date(2024, 1, 1), "新目标", body), measure("储能", 10**11))) == [
            "target.new"
        ]
        more = (measure("储能", 10**11), measure("光伏", 10**11, at=50))
        events = book.tell(_article("b", date(2024, 1, 2), "新目标", f"{body}另有补充。"), *more)
        assert sorted(kinds(events)) == ["target.new", "target.restated"]


def test_clusters_join_in_any_order_and_are_named_by_the_least_article() -> None:
    body = _body(random.Random(5), 20)
    tellings = [_article(name, date(2024, 1, day), "同题", body) for name, day in (("c", 3), ("a", 20), ("b", 8))]
    far = _article("z", date(2024, 6, 1), "同题", body)
    for order in ((0, 1, 2), (2, 1, 0), (1, 0, 2)):
        book = Memory()
        book.tell(far)
        for place in order:
            book.tell(tellings[place])
        assert {s.article: s.cluster for s in book.known.signatures.values()} == {
            "a": "a",
            "b": "a",
            "c": "a",
            "z": "z",
        }


def test_the_fullest_text_represents_its_cluster(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    body = _body(random.Random(6), 20)
    for name, text in (("a", body), ("b", f"{body}另有一段补充说明。"), ("c", f"{body}补充。")):
        disk.tell(_article(name, date(2024, 1, 3), "同题", text))
    disk.tell(_article("z", date(2024, 1, 3), "别题", _body(random.Random(7), 20)))
    with disk.database.read() as connection:
        shown = {name: [each for each, _ in clusters.cluster_of(connection, name)] for name in "abcz"}
    assert shown == {"a": ["b", "c", "a"], "b": ["b", "c", "a"], "c": ["b", "c", "a"], "z": ["z"]}


@pytest.mark.slow
def test_the_real_stream_joins_no_articles_of_other_figures(shared: Path) -> None:
    """Articles of one title pattern with other months or figures stay apart; whatever is joined has equal titles' figures."""
    with gzip.open(shared / "data/stream/articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    monthly = [
        row
        for row in rows
        if any(word in row["title"] for word in ("月", "季度", "半年", "指数", "产量", "价格", "同比"))
    ]
    book = Memory()
    for number, row in enumerate(monthly):
        article = page(f"s{number:05d}", row["date"], row["title"], row["text"], source=row["source"] or "")
        book.tell(article, *read(article).findings)
    known = book.known.signatures
    joined = [(one, known[one.cluster]) for one in known.values() if one.cluster != one.article]
    assert all(one.figures == other.figures for one, other in joined)
    held = {one.article: dict(one.measures) for one in known.values()}
    for one, other in joined:
        both = held[one.article].keys() & held[other.article].keys()
        assert all(held[one.article][fact] == held[other.article][fact] for fact in both)
