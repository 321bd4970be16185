"""Two hundred aims, each told again and again in other words, units and order: one `new` each, and right revisions."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from chainwatch.models import Event
from tests.ledger.book import Memory
from tests.ledger.reader import page, read

SUBJECTS = (
    "智能物联产业", "高端装备产业", "生物医药产业", "新材料产业", "绿色能源产业", "集成电路产业", "视觉智能产业", "网络通信产业",
    "云计算大数据产业", "储能产业", "光伏产业", "智能仪表产业", "医疗器械产业", "汽车及零部件产业", "低空经济", "人工智能产业",
    "机器人产业", "软件和信息服务业", "数字安防产业", "现代纺织产业",
)  # fmt: skip
CITIES = ("杭州市", "宁波市", "嘉兴市", "绍兴市", "温州市")
METRICS = ("规模", "产值", "营业收入")
OPENINGS = ("记者从会上获悉，", "日前发布的方案提出，", "按照部署，", "下一步，", "")
GROUPS = 200
Telling = tuple[str, date, str]
"""Article id, day of publication, sentence."""


@dataclass(frozen=True)
class Aim:
    """What a group of articles tells."""

    city: str
    subject: str
    metric: str
    yi: int
    """Value in 亿元."""
    year: int


def _aims(dice: random.Random) -> list[Aim]:
    every = [(city, subject, metric) for city in CITIES for subject in SUBJECTS for metric in METRICS]
    dice.shuffle(every)
    sizes = (300, 500, 800, 1000, 1200, 2000, 2500, 3000, 5000, 8000, 10000, 12000, 15000, 20000)
    return [Aim(*one, dice.choice(sizes), dice.choice((2027, 2028, 2030))) for one in every[:GROUPS]]


def _amount(yi: int, dice: random.Random) -> str:
    ways = [f"{yi}亿元"]
    if yi >= 1000:
        ways.append(f"{yi:,}亿元")
    if yi >= 10000:
        ways.append(f"{yi / 10000:g}万亿元")
    return dice.choice(ways)


def _sentence(aim: Aim, dice: random.Random) -> str:
    amount = _amount(aim.yi, dice)
    reached = dice.choice((f"突破{amount}", f"超{amount}", f"达到{amount}", f"达{amount}以上", f"力争达到{amount}"))
    until = dice.choice((f"到{aim.year}年", f"到{aim.year}年底", f"力争到{aim.year}年"))
    form = dice.choice((
        "{until}，{city}{subject}{metric}{reached}。",
        "{city}提出，{until}，{subject}{metric}{reached}。",
        "{until}，全市{subject}{metric}{reached}。",
    ))  # fmt: skip
    return form.format(until=until, city=aim.city, subject=aim.subject, metric=aim.metric, reached=reached)


def _told(book: Memory, aim: Aim, telling: Telling, dice: random.Random) -> list[Event]:
    id_, on, sentence = telling
    source = dice.choice(("某日报", "某晚报", "某财经网", "某新闻客户端"))
    title = f"{aim.city}{aim.subject}有了新动向"
    text = f"{dice.choice(OPENINGS)}{sentence}\n有关部门表示，将继续优化服务，推动项目落地。"
    article = page(id_, on.isoformat(), title, text, source=source)
    reading = read(article)
    return book.tell(article, *reading.findings, tags=reading.tags)


def _of(events: list[Event], *kinds: str) -> list[Event]:
    return [event for event in events if event.kind.value in kinds]


REVISIONS = ("target.new", "target.raised", "target.lowered", "target.advanced", "target.postponed")


@pytest.mark.slow
def test_re_reported_aims_are_new_once_and_revised_rightly() -> None:
    dice = random.Random(412)
    once = right = crawled = revisions = 0
    for number, aim in enumerate(_aims(dice)):
        book = Memory()
        begin = date(2024, 3, 1) + timedelta(days=dice.randrange(60))
        days = [begin + timedelta(days=dice.randrange(20)) for _ in range(5)]
        first = _sentence(aim, dice)
        tellings = [
            (f"g{number}-{place}", day, _sentence(aim, dice) if place else first) for place, day in enumerate(days)
        ]
        tellings.append((f"g{number}-reprint", days[0], first))
        events = [event for telling in tellings for event in _told(book, aim, telling, dice)]
        once += len(_of(events, *REVISIONS)) == 1 and len(_of(events, "target.new")) == 1
        again = page(f"g{number}-0", days[0].isoformat(), "重抓", first)
        reading = read(again)
        book.tell(again, *reading.findings)
        crawled += len(book.tell(again, *reading.findings))
        later = begin + timedelta(days=120)
        for sentence, expected in _changes(aim, dice):
            revisions += 1
            said = _of(_told(book, aim, (f"g{number}-{expected}", later, sentence), dice), *REVISIONS)
            right += [event.kind.value for event in said] == [expected]
            later += timedelta(days=30)
    assert once / GROUPS >= 0.98, f"{once} of {GROUPS} groups have exactly one new"
    assert right / revisions >= 0.97, f"{right} of {revisions} revisions are right"
    assert crawled == 0, f"re-crawls made {crawled} events"


def _changes(aim: Aim, dice: random.Random) -> list[tuple[str, str]]:
    """A raised value, then the raised aim moved by a cue."""
    raised = Aim(aim.city, aim.subject, aim.metric, aim.yi * 3 // 2, aim.year)
    amount = _amount(raised.yi, dice)
    early = dice.random() < 0.5
    year = aim.year - 1 if early else aim.year + 2
    how = f"由{aim.year}年提前到{year}年" if early else f"由{aim.year}年推迟到{year}年"
    moved = f"{aim.city}将有关目标{how}，到{year}年，{aim.subject}{aim.metric}达到{amount}。"
    return [(_sentence(raised, dice), "target.raised"), (moved, "target.advanced" if early else "target.postponed")]
