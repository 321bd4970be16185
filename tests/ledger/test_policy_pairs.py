"""Five hundred pairs of mentions: one policy or two? And the steps of a policy's life."""

import random
from collections.abc import Callable
from itertools import combinations

from chainwatch.models import Article, PolicyFinding
from consumers.ledger.policy import LIFE
from consumers.ledger.policy_identity import number_key
from tests.ledger.book import Memory, kinds
from tests.ledger.saying import article, head, policy

PAIRS = 500
THINGS = ("人工智能产业", "低空经济", "生物医药", "新型储能", "集成电路产业", "未来工厂", "工业互联网", "智能网联汽车", "机器人产业", "合成生物", "商业航天", "数字安防", "现代纺织产业", "新材料产业", "氢能产业")  # fmt: skip
FORMS = ("{place}关于加快推进{thing}高质量发展的实施意见", "{place}{thing}发展行动计划（{year}—{end}年）", "{place}促进{thing}创新发展若干政策", "{place}{thing}培育实施方案", "{place}支持{thing}发展管理办法")  # fmt: skip
CITY = (("杭州市", "杭州", "杭政办函", "杭州市经济和信息化局"), ("浙江省", "浙江", "浙政办发", "浙江省经济和信息化厅"), ("宁波市", "宁波", "甬政办发", "宁波市经济和信息化局"))  # fmt: skip

Mention = tuple[Article, PolicyFinding]


class Maker:
    """Makes one policy and mentions of it; every figure from one dice."""

    def __init__(self, dice: random.Random, number: int) -> None:
        self.dice, self.number = dice, number
        self.place, self.region, self.prefix, self.bureau = dice.choice(CITY)
        self.year = dice.choice((2021, 2022, 2023))
        self.thing = dice.choice(THINGS)
        self.form = dice.choice(FORMS)
        self.count = 0

    def title(self, *, place: bool = True, year: int | None = None) -> str:
        year = year or self.year
        return self.form.format(place=self.place if place else "", thing=self.thing, year=year, end=year + 3)

    def doc_number(self, year: int | None = None, serial: int | None = None) -> str:
        return f"{self.prefix}〔{year or self.year}〕{serial or self.number % 90 + 1}号"

    def mention(self, title: str, status: str, on: str, **more: object) -> Mention:
        self.count += 1
        source = str(more.pop("source", "某日报"))
        document = more.pop("document", None)
        said = policy(title, status, region=self.region, **more)  # type: ignore[arg-type]
        return article(f"p{self.number}-{self.count}", on, source=source, document=document), said

    def plain(self) -> Mention:
        return self.mention(self.title(), "issued", f"{self.year}-06-{self.dice.randrange(10, 28)}")


def _numbered(make: Maker) -> Mention:
    return make.mention(make.title(), "issued", f"{make.year}-06-20", number=make.doc_number())


def _document(make: Maker) -> Mention:
    bureau = f"{make.place}人民政府办公厅"
    title = f"{bureau}关于印发《{make.title()}》的通知"
    more = {"number": make.doc_number(), "issuer": bureau, "itself": True}
    return make.mention(title, "issued", f"{make.year}-06-15", document=head(make.doc_number(), bureau), **more)


def _reprint(make: Maker) -> Mention:
    title = f"关于印发{make.title()}的通知"
    return make.mention(
        title, "issued", f"{make.year}-06-25", issuer=make.bureau, itself=True, document=head(None, make.bureau)
    )


def _draft(make: Maker) -> Mention:
    tail = make.dice.choice(("（征求意见稿）", "（草案）", "（公开征求意见稿）"))
    return make.mention(make.title() + tail, "draft", f"{make.year}-03-02")


def _trial(make: Maker) -> Mention:
    return make.mention(make.title() + "（试行）", "issued", f"{make.year}-07-02")


def _brackets(make: Maker) -> Mention:
    number = make.doc_number().replace("〔", make.dice.choice("[（")).replace("〕", "]")
    return make.mention(make.title().replace("—", "-"), "mentioned", f"{make.year}-09-01", number=number)


def _bare(make: Maker) -> Mention:
    return make.mention(make.title(place=False), "interpreted", f"{make.year}-06-28")


def _planned(make: Maker) -> Mention:
    return make.mention(make.title(), "planned", f"{make.year}-01-12")


SAME: tuple[Callable[[Maker], Mention], ...] = (
    _numbered, _document, _reprint, _draft, _trial, _brackets, _bare, _planned, Maker.plain,
)  # fmt: skip


def _other_year(make: Maker) -> tuple[Mention, Mention]:
    """One title, another year: in the title, or in the numbers."""
    if "{year}" in make.form:
        return make.plain(), make.mention(make.title(year=make.year + 1), "issued", f"{make.year + 1}-06-11")
    later = make.mention(make.title(), "issued", f"{make.year + 2}-05-20", number=make.doc_number(make.year + 2, 7))
    return _numbered(make), later


def _other_place(make: Maker) -> tuple[Mention, Mention]:
    first = make.plain()
    make.place, make.region, make.prefix, make.bureau = next(one for one in CITY if one[0] != make.place)
    return first, make.plain()


def _other_thing(make: Maker) -> tuple[Mention, Mention]:
    """A title very like it."""
    first = make.plain()
    make.thing = next(thing for thing in THINGS if thing != make.thing)
    return first, make.plain()


def _other_form(make: Maker) -> tuple[Mention, Mention]:
    first = make.plain()
    make.form = next(form for form in FORMS if form != make.form)
    return first, make.plain()


def _other_number(make: Maker) -> tuple[Mention, Mention]:
    """The same words issued twice in a year, under two numbers."""
    make.form = "{place}下达{thing}专项资金"
    second = make.mention(make.title(), "issued", f"{make.year}-11-20", number=make.doc_number(serial=99))
    return _numbered(make), second


OTHER: tuple[Callable[[Maker], tuple[Mention, Mention]], ...] = (
    _other_year,
    _other_place,
    _other_thing,
    _other_form,
    _other_number,
)


def _one(mentions: tuple[Mention, Mention]) -> bool:
    book = Memory()
    for one, said in mentions:
        book.tell(one, said)
    return len(book.known.policies) == 1


def test_pairs_of_mentions_are_joined_or_kept_apart() -> None:
    dice = random.Random(500)
    combined = list(combinations(range(len(SAME)), 2))
    hit = extra = missed = 0
    wrong: list[str] = []
    for number in range(PAIRS):
        make = Maker(dice, number)
        if number % 2:
            first, second = (SAME[place] for place in combined[number // 2 % len(combined)])
            mentions, expected, name = (first(make), second(make)), True, f"{first.__name__} {second.__name__}"
        else:
            other = OTHER[number // 2 % len(OTHER)]
            mentions, expected, name = other(make), False, other.__name__
        if dice.random() < 0.5:
            mentions = (mentions[1], mentions[0])
        joined = _one(mentions)
        hit += joined and expected
        extra += joined and not expected
        missed += expected and not joined
        if joined is not expected:
            wrong.append(f"{name}: {mentions[0][1].title} | {mentions[1][1].title}")
    f1 = 2 * hit / (2 * hit + extra + missed)
    assert f1 >= 0.98, "\n".join([f"F1 {f1:.3f}: {hit} joined, {extra} wrongly, {missed} missed", *wrong])


def test_a_policy_goes_through_its_life_once() -> None:
    book = Memory()
    title = "杭州市氢能产业发展行动方案"

    def told(on: str, status: str, *, name: str = title) -> list[str]:
        return kinds(book.tell(article(published=on), policy(name, status)))

    assert told("2022-01-05", "mentioned") == ["policy.seen"]
    assert told("2022-02-05", "planned") == ["policy.new"]
    assert told("2022-03-05", "draft", name=f"{title}（征求意见稿）") == ["policy.status"]
    assert told("2022-05-05", "issued") == ["policy.status"]
    assert told("2022-05-06", "issued") == []
    assert told("2022-05-07", "planned") == []
    assert told("2022-06-05", "interpreted") == ["policy.seen"]
    assert told("2022-07-01", "in_force") == ["policy.status"]
    assert told("2023-07-01", "amended") == ["policy.status"]
    assert told("2024-07-01", "repealed") == ["policy.repealed"]
    assert told("2024-08-01", "in_force") == []
    (known,) = book.known.policies.values()
    assert known.status == "repealed"
    assert [status for status, _, _ in known.history] == list(LIFE)


def test_an_impossible_step_is_flagged_not_applied() -> None:
    book = Memory()
    book.tell(article(published="2022-05-05"), policy("宁波市氢能产业发展行动方案", "repealed", region="宁波"))
    assert (
        kinds(book.tell(article(published="2022-06-05"), policy("宁波市氢能产业发展行动方案", "draft", region="宁波")))
        == []
    )
    (known,) = book.known.policies.values()
    assert (known.status, [status for status, _ in known.flags]) == ("repealed", ["draft"])


def test_an_old_step_told_late_is_no_news() -> None:
    book = Memory()
    said = policy("浙江省氢能产业发展行动方案", "issued", date="2021-03", region="浙江")
    assert kinds(book.tell(article(published="2023-05-05"), said)) == ["policy.seen"]


def test_a_title_only_mentioned_is_never_new() -> None:
    book = Memory()
    assert kinds(book.tell(article(), policy("浙江省氢能产业发展行动方案", "mentioned"))) == ["policy.seen"]
    assert kinds(book.tell(article(), policy("浙江省氢能产业发展行动方案", "mentioned"))) == []


def test_late_evidence_is_routed_again_under_the_same_event() -> None:
    book = Memory()
    (first,) = book.tell(article(published="2023-05-05"), policy("杭州市氢能产业发展行动方案", "issued"))
    changes = book.changes(
        article(published="2023-05-06"), policy("杭州市氢能产业发展行动方案", "issued", number="杭政办函〔2023〕9号")
    )
    (again,) = changes.again
    assert (changes.events, again.id, again.after["number"]) == ((), first.id, "杭政办函〔2023〕9号")


def test_a_number_stands_in_any_brackets() -> None:
    ways = (
        "杭政办函〔2022〕39号",
        "杭政办函[2022]39号",
        "杭政办函（2022）39 号",
        "杭政办函【2022】第39号",
        "杭政办函〔２０２２〕039号",
    )
    assert {number_key(way) for way in ways} == {"杭政办函〔2022〕39号"}
