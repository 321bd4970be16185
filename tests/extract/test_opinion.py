"""Whose word a coming number is: what studies, analysts and markets foresee is no aim."""

from collections.abc import Callable

import pytest

from chainwatch.models import Measure, PolicyFinding, RoleFinding

Read = Callable[..., list[Measure | PolicyFinding | RoleFinding]]


def targets(found: list[Measure | PolicyFinding | RoleFinding]) -> list[str]:
    return [one.quote for one in found if isinstance(one, Measure) and one.kind == "target"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "某市场研究公司近日发布报告称，亚洲的肥料用得最多。\n到2025年，亚洲的产量预计达到2亿吨，年均增长4%。",
            id="a study opens the text",
        ),
        pytest.param("北美的化肥用量将以2.5%的年均速度增长，到2025年达到6000万吨。", id="abroad"),
        pytest.param("欧洲今年的经济增长预期下调0.3个百分点至1.2%。", id="a bank on other countries"),
        pytest.param(
            "分析师王小草看好这家公司。\n王小草预计，公司2023年营收将达到39亿元。", id="an analyst known from above"
        ),
        pytest.param("预计2023年公司毛利率有望提高3个百分点，维持增持评级。", id="a rating"),
        pytest.param("到2025年，全国轴承需求快速增加，将达到1250亿元。", id="demand in the clause before"),
        pytest.param("2023年，国内出货量预计达到860万台。", id="shipments"),
        pytest.param("2022年8月末，大豆库存料降至410万吨。", id="stocks"),
        pytest.param("码头2023年开工，由甲公司与港口集团合建，甲公司占70%股份。", id="shares of an owner"),
        pytest.param(
            "未来三年平板需求预计增三成\n公司一直在扩产，达产后可实现产值80亿元。", id="a headline that foresees"
        ),
    ],
)
def test_what_others_foresee_is_no_aim(text: str, read: Read) -> None:
    title, _, body = text.partition("\n") if text.startswith("未来") else ("工作简报", "", text)
    assert not targets(read(body, title=title))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "某咨询公司的报告称市场很大。\n集团计划到2025年在印度投资3亿美元。", ["3亿美元"], id="a firm's plan"
        ),
        pytest.param("到2025年，法国政府的国防预算将达到600亿欧元。", ["600亿欧元"], id="a government abroad"),
        pytest.param("2025年，满足区内需求的电力装机达到280万千瓦。", ["280万千瓦"], id="what meets a demand"),
        pytest.param("2025年，新能源汽车渗透率达到45%。", ["45%"], id="a rate that an authority sets"),
        pytest.param("今年的演出季将在全球举办近500场演出。", ["500场"], id="held all over the world"),
    ],
)
def test_an_aim_stays_one_beside_studies_and_places_abroad(text: str, expected: list[str], read: Read) -> None:
    assert targets(read(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("今年，当地将奖励资金的四成用于供种，高产品种面积占比增至94%。", [], id="将 as 把"),
        pytest.param("今年，当地将供种面积占比增至94%。", ["94%"], id="将 as a verb of time"),
        pytest.param(
            "按照规划，里程达到8万公里，预计到2025年动车组需求总量约为2500列。", [], id="demand beside a plan"
        ),
        pytest.param("预计未来三年，国内产能还会以10%以上的速度增长。", [], id="what will go on"),
        pytest.param("明年，公司将弥补此前10亿元的亏损。", [], id="a figure of the past"),
    ],
)
def test_words_that_only_look_ahead(text: str, expected: list[str], read: Read) -> None:
    assert targets(read(text)) == expected
