"""Articles a second that are read for findings, beside a bare scan for digits over the same text in the same run."""

import gzip
import random
import re
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import orjson

from chainwatch import resources
from chainwatch.models import SHANGHAI, Article, Precision, content_digest
from chainwatch.rulebook import read_bundle
from consumers.extract import extract
from consumers.extractors.lexicon import load_lexicon

ARTICLES = 600
STREAM = Path(__file__).parents[2] / "shared" / "data" / "stream" / "articles.jsonl.gz"
LENGTH = 660
"""Mean characters of an article of the real stream; about seven numbers stand in each."""

PLAIN = (
    "各地因地制宜推进产业升级，着力补齐短板弱项。",
    "会议强调，要坚持系统观念，统筹发展和安全。",
    "企业负责人介绍，新产线已经进入调试阶段。",
    "下一步，相关部门将加强服务保障，优化营商环境。",
    "记者走进车间，机械臂正在有序作业，工人通过屏幕查看进度。",
    "业内人士认为，市场需求有望继续回升。",
    "当地依托资源优势，引导上下游企业集聚，形成较为完整的配套。",
    "科研团队攻克多项关键技术，相关成果已在多地应用。",
)
TELLING = (
    "到2025年，全市装备制造业产值突破{a}亿元，占规上工业比重达到{b}%以上。",
    "1—4月，规上工业增加值{a}亿元，同比增长{b}%。",
    "近日，市政府印发《某市装备制造业行动计划（2021—2025年）》。",
    "目前，全市拥有专精特新企业{a}家，其中小巨人企业{b}家。",
    "甲业、乙业产值分别达到{a}亿元和{b}亿元。",
)


def invented(chance: random.Random, number: int) -> Article:
    """An article with as many numbers as a real one has."""
    lines: list[str] = []
    telling = chance.choices((0, 1, 2, 4, 8), weights=(30, 15, 18, 19, 18))[0]
    while sum(map(len, lines)) < LENGTH:
        lines.append(chance.choice(PLAIN))
    for _ in range(telling):
        at = chance.randrange(len(lines))
        lines[at] = chance.choice(TELLING).format(a=chance.randrange(20, 9000), b=chance.randrange(2, 60))
    text = "\n".join("".join(lines[i : i + 4]) for i in range(0, len(lines), 4))
    when = datetime(2022, 5, 31, tzinfo=SHANGHAI)
    return Article(
        id=str(number), title="某市装备业观察", text=text, published=when, precision=Precision.DAY, fetched=when,
        content_digest=content_digest("某市装备业观察", text),
    )  # fmt: skip


def rate(articles: Sequence[Article], read: Callable[[Article], object]) -> float:
    """Articles for each second of processor time, the best of three runs."""
    best = 0.0
    for _ in range(3):
        begun = time.process_time()
        for article in articles:
            read(article)
        best = max(best, len(articles) / (time.process_time() - begun))
    return best


def _large() -> Article:
    """An article of a megabyte: one sentence of aims again and again, all on one line."""
    sentence = "到2025年，全市甲业、乙业产值分别达到500亿元、300亿元，同比增长8%。"
    return invented(random.Random(2), 0).model_copy(update={"text": sentence * (10**6 // len(sentence.encode()))})


def real() -> list[Article]:
    """Every eighth article of the stream beside the project; empty where it is absent."""
    if not STREAM.is_file():
        return []
    with gzip.open(STREAM) as lines:
        rows = [orjson.loads(line) for line in lines][::8]
    return [_real(number, row) for number, row in enumerate(rows) if row["text"]]


def _real(number: int, row: dict[str, str]) -> Article:
    when = datetime.fromisoformat(str(row["date"])[:10]).replace(tzinfo=SHANGHAI)
    return Article(
        id=str(number), title=row["title"], text=row["text"], published=when, precision=Precision.DAY, fetched=when,
        content_digest=content_digest(row["title"], row["text"]),
    )  # fmt: skip


def main() -> None:
    chance = random.Random(1)
    articles = [invented(chance, number) for number in range(ARTICLES)]
    silent = [one.model_copy(update={"text": "".join(chance.choices(PLAIN, k=28))}) for one in articles]
    lexicon = load_lexicon(read_bundle(resources.rules_dir()))
    digits = re.compile(r"\d+")
    found = sum(len(extract(one, lexicon, None)) for one in articles)
    floor = rate(articles, lambda one: digits.findall(one.text))
    length = sum(len(one.text) for one in articles) // ARTICLES
    print(f"{ARTICLES} articles of {length} characters, {found / ARTICLES:.1f} findings each")
    print(f"findings            {rate(articles, lambda one: extract(one, lexicon, None)):>10,.0f} articles/s")
    print(f"without any number  {rate(silent, lambda one: extract(one, lexicon, None)):>10,.0f} articles/s")
    print(f"bare digit scan     {floor:>10,.0f} articles/s (floor)")
    print(f"one of a megabyte   {1 / rate([_large()], lambda one: extract(one, lexicon, None)):>10.2f} s")
    if stream := real():
        print(f"real stream         {rate(stream, lambda one: extract(one, lexicon, None)):>10,.0f} articles/s")
        print(f"bare digit scan     {rate(stream, lambda one: digits.findall(one.text)):>10,.0f} articles/s (floor)")


if __name__ == "__main__":
    main()
