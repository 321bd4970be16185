"""Cutting by bytes: no part over the limit, the parts joined are the text, cuts at good places."""

import random
import re

import pytest

from chainwatch.notify.services import Limit
from chainwatch.notify.split import joined, measure, split

PIECES = [
    "智能物联核心产业规模突破1万亿元", "到2025年", "，", "；", "。", "\n", "\n\n", "（口径：核心）", "【首见】", "🚀", "Ａ",
    "https://news.example/a?b=1&c=2", "\\*", "&amp;", "3.5%", "①", "——", " ", "é", "\u0301",
]  # fmt: skip


def _digest(chance: random.Random, longest: int) -> str:
    return "".join(chance.choices(PIECES, k=chance.randint(1, longest)))


def _check(count: int, longest: int) -> int:
    chance = random.Random(20261120)
    parts_made = 0
    for _ in range(count):
        text = _digest(chance, longest)
        limit = Limit(chance.choice([2_048, 4_096, 20_000]), chance.choice(["bytes", "bytes", "utf16"]))
        parts = split(text, limit)
        parts_made += len(parts)
        size = measure(limit)
        assert max(map(size, parts)) <= limit.size
        assert joined(parts) == text
    return parts_made


def test_parts_fit_and_join_to_the_text() -> None:
    assert _check(300, 3_000) > 600


@pytest.mark.slow
def test_ten_thousand_digests_fit_and_join_to_the_text() -> None:
    assert _check(10_000, 1_500) > 15_000


@pytest.mark.parametrize(
    ("text", "first"),
    [
        pytest.param("甲" * 30 + "。" + "乙" * 40, "甲" * 30 + "。", id="sentence"),
        pytest.param("甲" * 20 + "\n" + "乙" * 8 + "。" + "丙" * 60, "甲" * 20 + "\n", id="line-before-sentence"),
        pytest.param("甲" * 22 + "\n\n" + "乙" * 6 + "\n" + "丙" * 60, "甲" * 22 + "\n\n", id="paragraph-before-line"),
        pytest.param("甲" * 25 + "，" + "乙" * 60, "甲" * 25 + "，", id="phrase"),
        pytest.param("甲" * 30 + "https://news.example/abcdefghijklmnopqrstuvwxyz", "甲" * 30, id="not-inside-a-link"),
    ],
)
def test_cuts_stand_at_the_best_border(text: str, first: str) -> None:
    assert split(text, Limit(120, "bytes"))[0].partition("\n")[2] == first


def test_parts_are_marked() -> None:
    parts = split("甲。" * 400, Limit(200, "bytes"))
    assert len(parts) > 9
    assert [part.partition("\n")[0] for part in parts] == [f"({n}/{len(parts)})" for n in range(1, len(parts) + 1)]


def test_a_text_that_fits_has_no_mark() -> None:
    assert split("短", Limit(64, "bytes")) == ["短"]


def test_html_parts_stand_for_themselves_and_lose_no_text() -> None:
    chance = random.Random(5)
    for _ in range(60):
        blocks = [
            f"<h3>标题{n}</h3>\n<blockquote>{'甲&amp;乙。' * chance.randint(1, 400)}</blockquote>" for n in range(4)
        ]
        text = "\n".join(blocks)
        parts = split(text, Limit(2_048, "bytes"), html=True)
        assert max(len(part.encode()) for part in parts) <= 2_048
        for part in parts:
            opened = re.findall(r"<(h3|blockquote)>", part)
            assert sorted(opened) == sorted(re.findall(r"</(h3|blockquote)>", part))
            assert not re.search(r"&(?!amp;)", part)
        plain = "".join(re.sub("<[^>]+>", "", part.partition("\n")[2] if len(parts) > 1 else part) for part in parts)
        assert plain == re.sub("<[^>]+>", "", text)
