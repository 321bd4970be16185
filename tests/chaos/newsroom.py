"""Made-up Chinese articles about made-up industries: how many known facts and policies, told by how many, is chosen."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chainwatch.models import Article, Precision, article_id, content_digest

FIRST = "星海松岚云溪青禾朗润瑞鹤锦澜霁川"
SECOND = "材芯镜膜泵阀舱翼缆槽轮锚炉窑"
MEDIA = ("某市日报", "某市晚报", "某省新闻网", "某产业周刊")
NAMING = "岚溪禾朗润鹤锦澜霁川松棉麻竹藤陶瓷砚笔墨纸琴棋茶盐糖豆瓜桃李杏梅兰菊葵柳枫桐鹭雁鲤蝉萤霜露虹霞"
"""Characters of made-up names of things, of which no place (荷兰) can be made."""
PLACES = ("城东新区", "湖滨街道", "临港片区", "南岸园区", "西郊基地", "北站商务区")
ACTORS = ("负责人", "园区工作人员", "研发团队", "行业协会", "服务专员", "项目专班")
DEEDS = ("介绍了", "走访了", "梳理了", "对接了", "复盘了", "演示了")
THINGS = ("中试车间", "检测平台", "仓储系统", "工艺流程", "培训课程", "备件清单", "供水管网", "数据看板", "安全手册")
WAYS = ("逐项", "现场", "联合", "分批", "按计划", "连续几天", "在雨中", "趁周末")
WHY = ("便于下一步工作", "听取各方意见", "减少重复劳动", "方便后来者查阅", "保证按期交付", "让群众少跑腿")


@dataclass(frozen=True, slots=True)
class Edition:
    """How much to write: `facts` targets and a policy for every tenth of them, each told `told` times, the rest idle."""

    articles: int
    facts: int
    told: int = 2
    seed: int = 1

    def __post_init__(self) -> None:
        assert self.facts <= len(FIRST) * len(SECOND) * 3, "no more industries can be named"
        assert self.facts * self.told + self.facts // 10 * self.told <= self.articles, "more is told than written"


def industries() -> list[str]:
    """Names that no taxonomy knows, none within another."""
    return [f"{a}{b}{c}" for c in ("装备", "新材料", "服务") for a in FIRST for b in SECOND]


def write(edition: Edition, now: datetime) -> Iterator[Article]:
    """The articles in a shuffled order, all fetched now and published in the last two days."""
    chance = random.Random(edition.seed)
    names = industries()[: edition.facts]
    leads = [_target(name, chance) for name in names]
    leads += [_policy(name, chance) for name in names[: edition.facts // 10]]
    tales = [lead for lead in leads for _ in range(edition.told)]
    tales += [("", "")] * (edition.articles - len(tales))
    chance.shuffle(tales)
    for number, (title, lead) in enumerate(tales):
        yield _article(number, title, lead, chance, now)


def _target(name: str, chance: random.Random) -> tuple[str, str]:
    value, year = 10 * chance.randint(3, 90), chance.choice((2028, 2030, 2035))
    return f"{name}产业定下新目标", f"会议提出，到{year}年，全市{name}产业产值力争达到{value}亿元。"


def _policy(name: str, chance: random.Random) -> tuple[str, str]:
    number = chance.randint(1, 90)
    paper = f"《关于支持{name}产业发展的若干措施》（示政办发〔2026〕{number}号）"
    return f"支持{name}产业的措施出台", f"近日，示例市人民政府办公室印发{paper}。"


def _article(number: int, title: str, lead: str, chance: random.Random, now: datetime) -> Article:
    title = title or f"{chance.choice(PLACES)}记事之{number}"
    lines = [lead] if lead else []
    lines += ["".join(_sentence(chance) for _ in range(4)) for _ in range(5)]
    text, medium = "\n".join(lines), chance.choice(MEDIA)
    published = now - timedelta(minutes=chance.randint(10, 2 * 24 * 60))
    return Article(
        id=article_id(document_id=f"newsroom-{number}", canonical_url=None, title=title, published="", text=text),
        title=title,
        text=text,
        site="newsroom",
        source=medium,
        published=published,
        precision=Precision.MINUTE,
        fetched=now,
        content_digest=content_digest(title, text),
    )


def _sentence(chance: random.Random) -> str:
    """Mostly words that no other sentence has: else every article would look like a reprint of the others."""
    pick = chance.choice
    names = "、".join("".join(chance.choices(NAMING, k=chance.randint(3, 5))) for _ in range(6))
    return f"{pick(PLACES)}的{pick(ACTORS)}{pick((*DEEDS, *WAYS))}{names}{pick((*THINGS, *WHY))}。"
