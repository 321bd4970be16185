"""Whatever the order of arrival, the ledger ends the same."""

import random
from pathlib import Path

import pytest

from chainwatch.models import State
from tests.ledger.book import Disk, Memory, Telling, kinds
from tests.ledger.saying import article, head, measure, policy, role

THINGS = "hz5/智能物联"


def _world() -> list[Telling]:
    """Articles with every trap of order: late, mute, rounded, without region, renamed, revised, withdrawn."""
    chain = "杭州市产业链链长制实施方案"
    return [
        (article("n1", "2022-05-10"), [measure("智能物联", 10**12, node=THINGS, comparator="gt")]),
        (article("n2", "2022-06-01"), [measure("智能物联产业生态圈", 12 * 10**11)]),
        (article("n3", "2021-12-01"), [measure("智能物联", 8 * 10**11, node=THINGS, region=None)]),
        (article("n4", "2022-07-01"), [measure("智能物联", 10**12, node=THINGS, level=True)]),
        (article("n5", "2022-08-01"), [measure("智能物联", 9 * 10**11, node=THINGS, recap=True)]),
        (article("n6", "2022-05-20", source="杭州市人民政府"), [measure("智能物联", 11 * 10**11, node=THINGS)]),
        (article("n7", "2022-09-01"), [measure("智能物联", 15 * 10**11, node=THINGS)]),
        (article("n8", "2022-09-02"), [measure("智能物联", 11 * 10**11, node=THINGS, deadline="2024", sentence="提前到2024年")]),
        (article("n9", "2023-01-10"), [measure("智能物联", 7812 * 10**8, node=THINGS, kind="actual", as_of="2022")]),
        (article("m1", "2023-01-12"), [measure("智能物联", 78 * 10**10, node=THINGS, kind="actual", as_of="2022", comparator="gt")]),
        (article("m2", "2023-01-13"), [measure("智能物联", 79 * 10**10, node=THINGS, kind="actual", as_of="2022")]),
        (article("p1", "2022-01-10"), [policy(chain, "planned")]),
        (article("p2", "2022-03-10"), [policy("产业链链长制实施方案（征求意见稿）", "draft", issuer="杭州市经济和信息化局")]),
        (article("p3", "2022-05-10", document=head("杭政办函〔2022〕39号", "杭州市人民政府办公厅")), [policy(f"关于印发《{chain}》的通知", "issued", number="杭政办函〔2022〕39号", itself=True)]),
        (article("p4", "2022-06-10"), [policy(chain, "interpreted"), policy(chain, "draft", at=30)]),
        (article("p5", "2021-02-10"), [policy(chain, "mentioned", region=None), role("某光电公司", "视觉智能")]),
        (article("r1", "2022-05-10", text="第一版"), [measure("储能", 10**11), role("某光电公司", "视觉智能")]),
        (article("r1", "2022-05-10", text="第二版", fetched="2022-05-12"), [measure("储能", 2 * 10**11)]),
        (article("w1", "2022-05-11", text="原文"), [measure("储能", 3 * 10**11), policy(chain, "issued", number="杭政办函〔2022〕39号")]),
        (article("w1", "2022-05-11", text="原文", fetched="2022-05-13", state=State.WITHDRAWN), []),
    ]  # fmt: skip


@pytest.mark.parametrize("orders", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_any_order_of_arrival_ends_in_one_ledger(orders: int) -> None:
    world = _world()
    shuffler = random.Random(20231)
    expected = None
    for _ in range(orders):
        memory = Memory()
        for one, findings in world:
            memory.tell(one, *findings)
        dump = memory.dump()
        expected = expected or dump
        assert dump == expected
        shuffler.shuffle(world)


def test_the_store_ends_the_same_in_any_order_and_any_batches(tmp_path: Path) -> None:
    world = _world()
    shuffler = random.Random(7)
    expected = None
    for attempt in range(12):
        (tmp_path / str(attempt)).mkdir()
        disk = Disk(tmp_path / str(attempt))
        if attempt % 2:
            cut = shuffler.randrange(1, len(world))
            disk.tell_batch(world[:cut])
            disk.tell_batch(world[cut:])
        else:
            for one, findings in world:
                disk.tell(one, *findings)
        dump = disk.dump()
        expected = expected or dump
        assert dump == expected
        shuffler.shuffle(world)


def test_a_late_old_article_never_raises(tmp_path: Path) -> None:
    for book in (Memory(), Disk(tmp_path)):
        book.tell(article(published="2022-05-10"), measure("新材料", 3 * 10**11))
        assert kinds(book.tell(article(published="2021-05-10"), measure("新材料", 5 * 10**11))) == []
        assert kinds(book.tell(article(published="2022-05-09"), measure("新材料", 2 * 10**11))) == []


def test_a_re_crawl_raises_nothing(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    world = _world()[:17]
    for one, findings in world:
        disk.tell(one, *findings)
    dump = disk.dump()
    again = [event for one, findings in world for event in disk.tell(one, *findings)]
    assert (again, disk.dump()) == ([], dump)
