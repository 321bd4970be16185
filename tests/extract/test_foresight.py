"""What is foreseen, supposed, described or carried too far is no aim."""

from collections.abc import Callable

import pytest

from chainwatch.models import Measure, PolicyFinding, RoleFinding

Read = Callable[..., list[Measure | PolicyFinding | RoleFinding]]


def kinds(found: list[Measure | PolicyFinding | RoleFinding]) -> list[str]:
    return [f"{one.kind} {one.quote}" for one in found if isinstance(one, Measure)]


@pytest.mark.parametrize(
    "text",
    [
        "到2026年，国内玩具消费额将突破900亿元。",
        "预计2024年我国宠物用品市场规模将达到3000亿元。",
        "某旅游研究院预计，到2025年滑雪人数将达到2亿人次。",
        "《露营产业发展报告》显示，到2025年露营装备收入将达到800亿元。",
        "据数据提供商的数据，明年国内电池产能将达到90万吨。",
        "Panelscan发布的市场调查指出，2023年全球显示屏出货量为2亿台。",
        "到2024年，全球棉花库存将增至800万吨。",
        "到2025年，当地水泥产能可能达到3000万吨。",
        "“十四五”末，焦炭产能或将达到4亿吨，大型焦炉占比升至70%。",
        "如果电价以每年5%的速度下降，到2030年光伏电价可以降到0.2元/千瓦时。",
        "按照过去五年的增长率来看，到2025年这个行业将达到4000亿元产值。",
        "我们预计公司2023—2024年每股收益分别为1.20元、1.50元。",
        "2021年至2030年，企业可以按照研发费用的100%加计扣除。",
    ],
)
def test_what_is_foreseen_or_supposed_is_no_aim(text: str, read: Read) -> None:
    assert not [one for one in kinds(read(text)) if one.startswith("target")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("规划提出，到2025年，北斗产业市场规模达到600亿元。", "target 600亿元"),
        ("力争到2025年，全球市场份额达到30%。", "target 30%"),
        ("按照规划，到2025年光伏装机可能为3000万千瓦。", "target 3000万千瓦"),
        ("研究院制定的方案提出，到2025年孵化企业80家。", "target 80家"),
        ("到2025年，公司智能装备产能将达到5万台。", "target 5万台"),
    ],
)
def test_an_aim_stays_one_beside_the_same_words(text: str, expected: str, read: Read) -> None:
    assert expected in kinds(read(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("某高铁双线隧道贯通，为明年通车奠定基础。高铁正线全长180公里。", "actual 180公里"),
        ("水库预计9月底蓄水。该电站装机容量80万千瓦。", "actual 80万千瓦"),
        ("到2025年将建成体系。工信部门对2000家网站进行了改造。", "actual 2000家"),
        ("今年，全省将新建粮仓90座。小麦机收率达到95%。", "actual 95%"),
        ("截至3月底，已改造住宅80万户，超“十四五”总任务数的75%。", "actual 75%"),
        ("到2025年，建成示范园20个。智能工厂达到300家。", "target 300家"),
        ("今年，全市计划新建公园30个。其中，口袋公园20个。", "target 20个"),
        ("日前，中央财政提前下达2023年农村改革转移支付90亿元，支持各地改善村容。", "commitment 90亿元"),
    ],
)
def test_a_deadline_is_lent_only_to_what_goes_on_with_the_aim(text: str, expected: str, read: Read) -> None:
    assert expected in kinds(read(text))


@pytest.mark.parametrize("text", ["《条例》共6章42条。", "到2025年，公路密度达到150公里/百平方公里。"])
def test_clauses_and_what_a_rate_is_measured_on_are_not_counted(text: str, read: Read) -> None:
    assert not [one for one in kinds(read(text)) if one.endswith(("42条", "百平方公里")) and "150" not in one]


def test_other_works_are_no_rest(read: Read) -> None:
    found = read("到2025年，投资防洪工程40亿元、其他专项工程5亿元。")
    assert sum(one.quote == "5亿元" for one in found) == 1


@pytest.mark.parametrize(
    "text",
    [
        "村里倡导“光盘行动”，不搞“形象工程”。",
        "部队转入“防御行动”。",
        "一位委员提交了题为《关于加快照明产业发展的建议》的提案。",
    ],
)
def test_slogans_and_motions_are_no_policies(text: str, read: Read) -> None:
    assert not [one for one in read(text) if isinstance(one, PolicyFinding)]
