"""Numbers with units as written: 万/亿 forms, ranges, multiples, and what only looks like a number."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from chainwatch.models import canonical_decimal
from consumers.extractors.lexicon import Lexicon
from consumers.extractors.numerals import plain
from consumers.extractors.quantities import Quantity, scan


def written(text: str, lexicon: Lexicon) -> list[str]:
    return [_short(q, text) for q in scan(plain(text), lexicon.numbers) if not q.flaw]


def _short(q: Quantity, text: str) -> str:
    high = f"–{canonical_decimal(q.high)}" if q.high is not None else ""
    return f"{text[q.start : q.end]}={canonical_decimal(q.value)}{high}{q.unit}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("产值1.2万亿元", "1.2万亿元=1200000000000元"),
        ("投入3,000万元", "3,000万元=30000000元"),
        ("投入３，０００万元", "３，０００万元=30000000元"),
        ("产值８５．５亿元", "８５．５亿元=8550000000元"),
        ("企业2万家", "2万家=20000家"),
        ("企业1.3万余家", "1.3万余家=13000家"),
        ("岗位3千万个", "3千万个=30000000个"),
        ("产值三千五百亿元", "三千五百亿元=350000000000元"),
        ("投资两亿元", "两亿元=200000000元"),
        ("投资一亿两千万元", "一亿两千万元=120000000元"),
        ("发放一点五万亿元", "一点五万亿元=1500000000000元"),
        ("发电9100亿千瓦时", "9100亿千瓦时=910000000000千瓦时"),
        ("装机2.5亿千瓦", "2.5亿千瓦=250000000千瓦"),
        ("装机1500MW", "1500MW=1500000千瓦"),
        ("电池10GWh", "10GWh=10000000千瓦时"),
        ("算力5000PFLOPS", "5000PFLOPS=5000000000000000000FLOPS"),
        ("算力1.2 EFLOPS", "1.2 EFLOPS=1200000000000000000FLOPS"),
        ("湿地12.6万公顷", "12.6万公顷=126000公顷"),
        ("供热面积4亿平方米", "4亿平方米=400000000平方米"),
        ("吞吐量800万标箱", "800万标箱=8000000标箱"),
        ("选派干部3587名", "3587名=3587人"),
        ("外资1000亿美元", "1000亿美元=100000000000美元"),
        ("燃煤1500万吨标煤", "1500万吨标煤=15000000吨标准煤"),
        ("比重9 .5%", "9 .5%=9.5%"),
        ("集聚 4 000 家", "4 000 家=4000家"),
        ("上线项目十二个", "十二个=12个"),
        ("覆盖一百零五个", "一百零五个=105个"),
    ],
)
def test_scales_and_widths(text: str, expected: str, lexicon: Lexicon) -> None:
    assert written(text, lexicon) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("增长8%–10%", "8%–10%=8–10%"),
        ("增长8%-10%", "8%-10%=8–10%"),
        ("增长8%至10%", "8%至10%=8–10%"),
        ("增长8%到10%", "8%到10%=8–10%"),
        ("增长5～6%", "5～6%=5–6%"),
        ("培育5至8家", "5至8家=5–8家"),
        ("培育三至五家", "三至五家=3–5家"),
        ("建成1到2个", "1到2个=1–2个"),
        ("投产5～6台", "5～6台=5–6台"),
        ("装机5000万-6000万千瓦", "5000万-6000万千瓦=50000000–60000000千瓦"),
        ("资源7亿～12亿千瓦", "7亿～12亿千瓦=700000000–1200000000千瓦"),
        ("投资3-5亿元", "3-5亿元=300000000–500000000元"),
        ("投资30—50亿元", "30—50亿元=3000000000–5000000000元"),
        ("投资2000至3000万元", "2000至3000万元=20000000–30000000元"),
        ("成本0.4-1.0元", "0.4-1.0元=0.4–1元"),
        ("产能200—300万吨", "200—300万吨=2000000–3000000吨"),
        ("新增10－15个", "10－15个=10–15个"),
        ("面积1.5至2万亩", "1.5至2万亩=15000–20000亩"),
        ("下降40%-45%", "40%-45%=40–45%"),
        ("提高1至2个百分点", "1至2个百分点=1–2个百分点"),
        ("引进100至200人", "100至200人=100–200人"),
    ],
)
def test_ranges(text: str, expected: str, lexicon: Lexicon) -> None:
    assert written(text, lexicon) == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("产值翻一番", "翻一番=2倍"),
        ("产值翻番", "翻番=2倍"),
        ("产值翻倍", "翻倍=2倍"),
        ("规模翻两番", "翻两番=4倍"),
        ("规模翻了两番", "翻了两番=4倍"),
        ("规模翻三番", "翻三番=8倍"),
        ("效率提升5倍", "5倍=5倍"),
        ("增长一倍", "一倍=1倍"),
        ("增长1.5倍", "1.5倍=1.5倍"),
        ("增长两倍多", "两倍=2倍"),
        ("扩大到3.2倍", "3.2倍=3.2倍"),
        ("占三成", "三成=30%"),
        ("占六成以上", "六成=60%"),
        ("占两成半", "两成半=25%"),
        ("占比过半", "过半=50%"),
        ("超半数企业", "超半数=50%"),
        ("占一半", "一半=50%"),
        ("占三分之一", "三分之一=33.33%"),
        ("占四分之三", "四分之三=75%"),
        ("占目标的3/4", "3/4=75%"),
        ("占百分之十五", "百分之十五=15%"),
        ("占百分之二十点五", "百分之二十点五=20.5%"),
        ("高5.1个百分点", "5.1个百分点=5.1个百分点"),
    ],
)
def test_multiples_and_shares(text: str, expected: str, lexicon: Lexicon) -> None:
    assert written(text, lexicon) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "推进一带一路建设", "坚持三位一体", "“十四五”规划", "引入第三方机构", "建设5G基站", "杭政办函〔2022〕39号", "2022年5月31日发布",
        "股票代码002415", "电话0571-12345678", "数百家企业", "几十个项目", "上万家门店", "千万吨级炼厂", "位列第12位", "千家万户",
        "一心一意谋发展", "二三十家企业", "十几个部门", "2018-2020年", "前10强", "年均一体化推进", "G20峰会",
    ],
)  # fmt: skip
def test_what_is_no_number(text: str, lexicon: Lexicon) -> None:
    assert written(text, lexicon) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("集聚数百家企业。", "vague number"),
        ("推进一带一路三位一体建设。", "fixed phrase"),
        ("出台30条措施。", "count of measures or parts of a text"),
        ("部署5个方面任务。", "count of measures or parts of a text"),
        ("《促进产业发展36条意见》发布。", "inside a title or name"),
        ("跻身2万亿元俱乐部。", "fixed phrase or rank"),
        ("总投资超10亿元的项目50个开工。", "size of what is counted"),
        ("规模以上企业增长能否达到5%？", "question"),
        ("出口3亿美元（约合21亿元）。", "restated in another unit"),
        ("到2025年，占比由55%上升至65%。", "start of a change without its time"),
    ],
)
def test_a_refusal_names_its_reason(text: str, reason: str, refusals: Callable[[str], list[tuple[str, str]]]) -> None:
    assert reason in [why for _, why in refusals(text)]


def test_offsets_survive_full_width_marks() -> None:
    text = "（１）产值３，０００亿元，增长８．５％"
    assert len(plain(text)) == len(text)
    assert plain(text) == "（1）产值3,000亿元，增长8.5%"


def test_values_are_exact(lexicon: Lexicon) -> None:
    (q,) = scan("产值0.1万亿元", lexicon.numbers)
    assert q.value == Decimal(100000000000)
