"""What holds for any input: numbers read back, spans are exact, order and repetition change nothing, no text hangs."""

import random
import time
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainwatch import resources
from chainwatch.models import SHANGHAI, Article, Measure, PolicyFinding, Precision, RoleFinding, content_digest
from chainwatch.rulebook import read_bundle
from consumers.extract import extract
from consumers.extractors.lexicon import Lexicon, load_lexicon
from consumers.extractors.numerals import plain
from consumers.extractors.quantities import scan

DIGITS = "零一二三四五六七八九"
FULL = str.maketrans("0123456789.%", "０１２３４５６７８９．％")
UNITS = ("元", "家", "吨", "千瓦", "平方米", "人", "个", "公里", "辆", "%")


def chinese(number: int) -> str:
    """The numeral of a whole number below 10^16, written from the grammar of the language and not from the reader."""
    if number < 10:
        return DIGITS[number]
    for base, word in ((10**8, "亿"), (10**4, "万"), (1000, "千"), (100, "百"), (10, "十")):
        if number >= base:
            head, rest = divmod(number, base)
            left = chinese(head) + word
            if not rest:
                return left
            return left + ("零" if rest < base // 10 else "") + chinese(rest)
    raise AssertionError(number)


def decimal_words(value: Decimal) -> str:
    whole, _, fraction = f"{value:f}".partition(".")
    return chinese(int(whole)) + ("点" + "".join(DIGITS[int(digit)] for digit in fraction) if fraction else "")


def forms(chance: random.Random) -> tuple[str, Decimal]:
    """A number in one of the ways that texts write it, and its value."""
    scale, factor = chance.choice((("", 1), ("万", 10**4), ("亿", 10**8), ("万亿", 10**12)))
    value = Decimal(chance.randrange(1, 10**6)) / chance.choice((1, 10, 100))
    if value == value.to_integral_value():
        value = value.quantize(Decimal(1))
    way = chance.randrange(6)
    if way == 0:
        return f"{value:f}{scale}", value * factor
    if way == 1:
        return f"{value:,f}{scale}", value * factor
    if way == 2:
        return f"{value:f}{scale}".translate(FULL), value * factor
    if way == 3:
        whole = chance.randrange(11, 10 ** chance.randrange(2, 13))
        return chinese(whole), Decimal(whole)
    if way == 4 and scale:
        small = Decimal(chance.randrange(11, 9999)) / 10
        return decimal_words(small) + scale, small * factor
    return f"{value:f}余{scale}" if scale else f"{value:f}", value * factor


def read_back(count: int, seed: int, lexicon: Lexicon) -> Iterator[tuple[str, Decimal, list[Decimal]]]:
    chance = random.Random(seed)
    for _ in range(count):
        written, value = forms(chance)
        unit = chance.choice(UNITS)
        text = f"项目共{written}{unit}。"
        yield text, value, [q.value for q in scan(plain(text), lexicon.numbers)]


def test_numbers_read_back_in_every_form(lexicon: Lexicon) -> None:
    for text, value, found in read_back(2_000, 1, lexicon):
        assert found == [value], text


@pytest.mark.slow
def test_a_hundred_thousand_numbers_read_back(lexicon: Lexicon) -> None:
    for text, value, found in read_back(100_000, 2, lexicon):
        assert found == [value], text


_LEXICON = load_lexicon(read_bundle(resources.rules_dir()))


@given(st.integers(min_value=11, max_value=10**15))
@settings(max_examples=80, deadline=None)
def test_chinese_numerals_read_back(number: int) -> None:
    (found,) = scan(f"共{chinese(number)}家", _LEXICON.numbers)
    assert found.value == number


def article(text: str, number: int = 0, published: str = "2022-05-31") -> Article:
    title = text[:20]
    when = datetime.fromisoformat(published).replace(tzinfo=SHANGHAI)
    return Article(
        id=f"a{number}", title=title, text=text, published=when, precision=Precision.DAY, fetched=when,
        content_digest=content_digest(title, text),
    )  # fmt: skip


def dumped(found: list[Measure | PolicyFinding | RoleFinding]) -> bytes:
    return b"\n".join(one.to_json() for one in found)


PIECES = (
    "到2025年", "力争", "将", "已", "去年", "今年前三季度", "“十四五”期间", "全市", "浙江", "杭州", "集成电路", "生物医药", "、", "和", "分别", "均", "产值", "增加值",
    "占GDP比重", "突破", "达到", "超过", "约", "以上", "左右", "增长", "下降", "500亿元", "1.2万亿元", "30家", "8%–10%", "三成", "翻一番", "过半", "其余", "各", "合计", "《", "》",
    "《甲市装备业行动计划》", "印发", "征求意见", "〔2022〕", "39号", "（", "）", "“", "”", "，", "。", "；", "\n", "：", "——", "链长", "链主", "专班", "担任", "预计", "分析师", "给予", "奖励",
    "最高", "的", "从", "由", "至", "企业", "项目", "万亿级", "每年", "2020年", "比", "较", " ", "0", "万", "亿", "千瓦", "?", "1/2", "(", ")", ",", "\u3000", "\x00", "😀",
)  # fmt: skip


def jumbles(count: int, seed: int) -> Iterator[str]:
    chance = random.Random(seed)
    for _ in range(count):
        yield "".join(chance.choices(PIECES, k=chance.randrange(1, 60)))


def check_spans(one: Article, found: list[Measure | PolicyFinding | RoleFinding]) -> None:
    for finding in found:
        text = one.part(finding.part)
        assert text[slice(*finding.sentence_span)] == finding.sentence
        if isinstance(finding, Measure):
            assert text[slice(*finding.value_span)] == finding.quote
            if finding.subject_span is not None:
                assert text[slice(*finding.subject_span)] == finding.subject
        elif isinstance(finding, PolicyFinding):
            assert text[slice(*finding.title_span)] == finding.title == finding.quote
        else:
            assert text[slice(*finding.holder_span)] == finding.holder


def test_jumbled_texts_neither_crash_nor_lose_their_spans(lexicon: Lexicon) -> None:
    for text in jumbles(250, 3):
        one = article(text or "空")
        check_spans(one, extract(one, lexicon, None))


@pytest.mark.slow
def test_many_jumbled_texts_neither_crash_nor_lose_their_spans(lexicon: Lexicon) -> None:
    for text in jumbles(4_000, 4):
        one = article(text or "空")
        check_spans(one, extract(one, lexicon, None))


@given(st.text(max_size=300))
@settings(max_examples=50, deadline=None)
def test_any_text_is_read(text: str) -> None:
    one = article(f"题{text}")
    check_spans(one, extract(one, _LEXICON, None))


def test_two_runs_and_any_order_give_the_same_bytes(lexicon: Lexicon) -> None:
    articles = [article(text or "空", number) for number, text in enumerate(jumbles(80, 5))]
    first = {one.id: dumped(extract(one, lexicon, None)) for one in articles}
    random.Random(6).shuffle(articles)
    again = {
        one.id: dumped(extract(one, load_lexicon(read_bundle(resources.rules_dir())), None)) for one in articles[:3]
    }
    assert {one.id: dumped(extract(one, lexicon, None)) for one in articles} == first
    assert all(first[id_] == data for id_, data in again.items())


def test_an_observer_changes_nothing(lexicon: Lexicon) -> None:
    for text in jumbles(50, 7):
        one = article(text or "空")
        seen: list[object] = []
        assert dumped(extract(one, lexicon, None, seen.append)) == dumped(extract(one, lexicon, None))


def hard_texts(size: int) -> dict[str, str]:
    sentence = "到2025年，全市集成电路、生物医药产值分别达到500亿元、300亿元，同比增长8%。"
    return {
        "one line": sentence * (size // len(sentence)),
        "lines": (sentence + "\n") * (size // len(sentence)),
        "digits": "1" * size,
        "chinese digits": "一百万亿" * (size // 4),
        "open marks": "《" * size,
        "marks": "《》" * (size // 2),
        "quotes": "“” " * (size // 3),
        "commas": "，、" * (size // 2),
        "no marks": "产值增长占比达到" * (size // 8),
        "numbers": "500亿元、" * (size // 6),
        "years": "2025年" * (size // 5),
        "brackets": "（" * size,
        "plans": "“十四五”规划" * (size // 7),
        "verbs": "实施出台印发" * (size // 6),
        "chains": "产业链链长链主专班" * (size // 9),
        "agencies": "杭政办函〔" * (size // 5),
    }


def _seconds(one: Article, lexicon: Lexicon) -> float:
    begun = time.process_time()
    extract(one, lexicon, None)
    return time.process_time() - begun


@pytest.mark.parametrize("name", list(hard_texts(100)))
def test_time_grows_with_length_alone(name: str, lexicon: Lexicon) -> None:
    spent = []
    for size in (2_000, 8_000):
        one = article(hard_texts(size)[name])
        spent.append(min(_seconds(one, lexicon) for _ in range(3)))
    assert spent[1] < 0.05 + 10 * spent[0], spent


@pytest.mark.slow
def test_a_character_of_an_article_of_a_megabyte_costs_what_it_costs_in_a_short_one(lexicon: Lexicon) -> None:
    short, long = hard_texts(33_300), hard_texts(333_000)
    for name in ("one line", "numbers", "chinese digits", "open marks", "plans", "chains"):
        floor = min(_seconds(article(short[name]), lexicon) for _ in range(3))
        assert _seconds(article(long[name]), lexicon) < 0.2 + 20 * floor, name


@pytest.mark.slow
def test_the_stream_gives_the_same_bytes_in_any_order(shared: Path, lexicon: Lexicon) -> None:
    import gzip  # noqa: PLC0415  one test needs it

    with gzip.open(shared / "data" / "stream" / "articles.jsonl.gz") as lines:
        rows = [orjson.loads(line) for line in lines]
    articles = [article(row["text"], i, str(row["date"])[:10]) for i, row in enumerate(rows) if row["text"]][::8]
    first = {one.id: dumped(extract(one, lexicon, None)) for one in articles}
    for one in articles:
        check_spans(one, extract(one, lexicon, None))
    assert {one.id: dumped(extract(one, lexicon, None)) for one in reversed(articles)} == first
    assert sum(map(len, first.values())) > 100_000
