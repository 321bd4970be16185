"""What makes a number an aim or takes it away: terms and days, past plans, tasks, and whom the aim is set for."""

from collections.abc import Callable

import pytest

from chainwatch.models import Measure, PolicyFinding, RoleFinding

Read = Callable[..., list[Measure | PolicyFinding | RoleFinding]]


def told(found: list[Measure | PolicyFinding | RoleFinding]) -> list[str]:
    return [f"{one.kind} {one.quote} {one.deadline or ''}".strip() for one in found if isinstance(one, Measure)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今年全县共有重点项目12个，需完成投资21亿元。", "target 21亿元 2022"),
        ("2022年完成直接融资70亿元、间接融资90亿元的任务。", "target 70亿元 2022"),
        ("2021年计划投资6亿元建设水厂。", "target 6亿元 2021"),
        ("这家企业计划在今年一季度形成30万吨产能。", "target 30万吨 2022-03"),
        ("6月30日前，全市建成充电桩5000个。", "target 5000个 2022-06-30"),
        ("另外15吉瓦计划于2023年4月到2027年3月间建成。", "target 15吉瓦 2027-03"),
        ("“十四五”时期，要推动产业规模四年内突破2000亿元。", "target 2000亿元 2025"),
        ("到2026年建成学校，未来五年资助200万产业工人提升技能。", "target 200万 2026"),
        ("到2025年，修订绿色标准百项以上。", "target 百项 2025"),
        ("到2025年，形成两家年销售收入30亿元以上的企业。", "target 两家 2025"),
        ("今年争取实现利税2个亿。", "target 2个亿 2022"),
        ("2022年，预计完成运输总周转量1500亿吨公里。", "target 1500亿吨公里 2022"),
        ("今年经济增长目标为5%左右。", "target 5% 2022"),
        ("力争用三年时间打造3000个旅居村。", "target 3000个 2025"),
        ("公司计划5年内投资约300亿元。", "target 300亿元 2027"),
        ("甲省今年计划早稻面积约1800万亩。", "target 1800万亩 2022"),
        ("2022年，全国开采总量控制为9万吨。", "target 9万吨 2022"),
        ("2022年，公司的投资目标设定为12家。", "target 12家 2022"),
        ("据媒体报道，公司计划今年底前将网点增至2.1万个。", "target 2.1万个 2022"),
        ("到2025年，全国采购额达到1800亿人民币。", "target 1800亿人民币 2025"),
    ],
)
def test_an_aim_is_read_with_its_term(text: str, expected: str, read: Read) -> None:
    assert expected in told(read(text))


@pytest.mark.parametrize(
    ("text", "unexpected"),
    [
        pytest.param("车展将于10月15日开幕，本届共设展位7万个。", "展位", id="the day of an event"),
        pytest.param("展期为6月3日到6月7日，展览面积达5万平方米。", "面积", id="the days of a fair"),
        pytest.param("新厂明年投产。工地每天可以完成1.5万立方米土方。", "土方", id="what is done each day"),
        pytest.param("“十四五”重大工程的安福铁路段，近800名建设者坚守一线。", "建设者", id="works of a plan"),
        pytest.param("上周召开“十四五”时期经济社会发展座谈会。网上收到留言200多万条。", "留言", id="a meeting's name"),
        pytest.param("明年上线。经过半个多月的磨合，食堂更顺了。", "磨合", id="half a month"),
        pytest.param("央行宣布将利率目标区间下调到4.00%至4.25%。", "利率", id="a band that is called a target"),
        pytest.param("要求2024年前淘汰镉含量大于0.005%的电池。", "镉", id="a limit"),
        pytest.param("截至9月底，已完成投资2000万元；投资7000万元的水厂正在建设。", "水厂", id="as of a day to come"),
    ],
)
def test_a_time_near_by_makes_no_aim(text: str, unexpected: str, read: Read) -> None:
    assert not [one for one in told(read(text)) if one.startswith("target")], unexpected


@pytest.mark.parametrize(
    ("text", "subject", "region"),
    [
        ("首相表示，将在2025年前将国防开支提高至GDP的2.5%。", "国防开支", "全国"),
        ("到2025年，高端钢材国产化率从30%大幅提升至70%以上。", "高端钢材", "全国"),
        ("今年，牢牢守住17亿亩耕地红线。", "耕地红线", "全国"),
        ("黄山市2022年计划投资6亿元实施30个生态项目。", "生态项目", "黄山"),
        ("在2025年3月前完成3吉瓦的光伏装机。", "光伏", "全国"),
        ("到2025年，目标达到2吉瓦的光伏装机。", "光伏", "全国"),
        ("到2025年，形成5个100万吨/年电石基地。", "电石基地", "全国"),
        ("到2025年，提升1000个左右主要货运节点的能力。", "主要货运节点", "全国"),
        ("印度：政府启动了一项计划。力争到2025年光伏装机达到7吉瓦。", "光伏", "印度"),
        ("据《北京商报》报道，甲公司计划今年采购100万台电脑。", "电脑", "全国"),
    ],
)
def test_the_aim_is_said_of_its_thing_and_place(text: str, subject: str, region: str, read: Read) -> None:
    found = [one for one in read(text) if isinstance(one, Measure)]
    assert [(one.region, subject in one.subject) for one in found][-1] == (region, True), [o.subject for o in found]


def test_growth_of_two_things_is_told_twice(read: Read) -> None:
    text = "到2025年，电子元件销售收入达到2万亿元，年均增长10%。电子元件出口额达到860亿美元，年均增长10%。"
    assert told(read(text)).count("target 10% 2025") == 2


def test_money_set_aside_for_something_is_promised(read: Read) -> None:
    assert told(read("省政府2022年安排4亿元推动LED产业发展。")) == ["commitment 4亿元"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今年，乙省计划改造老旧小区500个，惠及居民3万户。", [("老旧小区", "500"), ("居民", "30000")]),
        ("今年，全省将新建30万亩、改造提升20万亩高标准农田。", [("高标准农田", "300000"), ("高标准农田", "200000")]),
        ("未来三年，集团计划在甲县打造40万亩药材基地。", [("药材基地", "400000")]),
    ],
)
def test_what_is_built_stands_behind_its_amount(text: str, expected: list[tuple[str, str]], read: Read) -> None:
    found = [one for one in read(text) if isinstance(one, Measure) and one.kind == "target"]
    assert [(one.subject, f"{one.value.normalize():f}") for one in found] == expected


def test_the_first_year_of_a_plan_in_the_headline_sets_no_term(read: Read) -> None:
    found = read("新的一年，甲省确保粮食面积稳定在2亿亩以上。", title="“十五五”开好局", published="2026-02-08")
    assert told(found) == ["target 2亿亩 2026"]


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("设备首先在广州试用。今年，湖南将布局攻关项目120项。", "湖南"),
        ("目前，某公司在南京总部公布规划，到2025年销售额达到300亿元。", "全国"),
    ],
)
def test_the_place_that_acts_is_the_aims(text: str, region: str, read: Read) -> None:
    assert [one.region for one in read(text) if isinstance(one, Measure)] == [region]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "今年年底之前，产量将由之前的90万件减少到20万件。", ["target 20万件 2022"], id="where a change starts"
        ),
        pytest.param("至9月份价格已达9000元。", ["actual 9000元"], id="reached already"),
        pytest.param("到2025年，建成园区。首批18个场景今天对外发布。", ["actual 18个"], id="told today"),
        pytest.param("今年，部门拟统一定价，并选取了50个品种试点。", ["actual 50个"], id="was done"),
        pytest.param("今年，专项行动将重点开展10项任务。", [], id="a count of tasks"),
        pytest.param("到2025年，患病率大于0.1%的县数为零。", [], id="a limit of a rate"),
        pytest.param("据此估算，2023年设备投资将超过2亿元。", [], id="worked out"),
        pytest.param("力争9月底前建成水厂30座。", ["target 30座 2022-09"], id="a month hoped for"),
        pytest.param("国标明年初出台，热水器耗电只有普通产品的四分之一。", ["actual 四分之一"], id="how it is"),
        pytest.param("公路途经4个县，计划10月1日通车。", ["actual 4个"], id="what a road passes"),
    ],
)
def test_what_is_done_or_so_is_no_aim(text: str, expected: list[str], read: Read) -> None:
    assert told(read(text)) == expected


def test_a_plans_period_in_its_last_year_tells_what_is_done(read: Read) -> None:
    text = "“十四五”期间，对口省市安排援建项目229个。"
    assert told(read(text, published="2024-08-27")) == ["actual 229个"]
    assert told(read(text, published="2021-08-27")) == ["target 229个 2025"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "今年，全省将新建水厂20座。新增水电装机30万千瓦，争取列入试点；兴建小型工程5万个。",
            ["target 20座 2022", "target 30万千瓦 2022", "target 5万个 2022"],
            id="a list of tasks goes on",
        ),
        pytest.param("到2025年，万元工业增加值用水量下降13%。", ["target 13% 2025"], id="what a rate is measured on"),
        pytest.param("今年，湖南将依托140个平台，突破技术100项。", ["target 100项 2022"], id="means to an end"),
        pytest.param("项目投产后年实现收入15亿元。", ["actual 15亿元"], id="after the start, each year"),
        pytest.param("未来十年，政府财政投入1000亿元，打造产业链。", ["commitment 1000亿元"], id="public money"),
    ],
)
def test_lists_rates_and_means(text: str, expected: list[str], read: Read) -> None:
    assert told(read(text)) == expected


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("到2025年，湖南将建设中国黑茶中心，茶叶产值突破500亿元。", "region", "湖南"),
        ("到2025年，茶叶出口创汇2亿美元。", "metric", "出口"),
        ("到2025年，形成100万辆新能源汽车的生产能力。", "metric", "产能"),
        ("到2025年，清洁能源装机突破1亿千瓦，算力规模达到10万P。", "subject", "算力规模"),
        ("去年白酒产量为1万吨，从今年开始每年增产，到2025年达到2万吨。", "subject", "白酒"),
    ],
)
def test_the_last_aims_fields(text: str, field: str, value: str, read: Read) -> None:
    found = [one for one in read(text) if isinstance(one, Measure)]
    assert getattr(found[-1], field) == value


def test_a_press_conference_issues_no_plan(read: Read) -> None:
    found = read("某办举行完成《“十四五”粮食发展规划》主题新闻发布会，介绍成就。")
    assert [one.status.value for one in found if isinstance(one, PolicyFinding)] == ["mentioned"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "今年，甲市实施更新项目27个，计划投资超80亿元。", ["target 27个 2022", "target 80亿元 2022"], id="goes on"
        ),
        pytest.param(
            "力争6月底前完成收费改造；改造收费站16个。",
            [],
            id="a month holds for its part of the sentence",
        ),
        pytest.param(
            "“十四五”期间规划投资达到14万亿元，比“十三五”期间7万亿元的投资增长一倍。",
            ["target 14万亿元 2025", "target 一倍 2025"],
            id="what is compared with",
        ),
        pytest.param("力争到2025年将现有的100家规模扩展至5000家。", ["target 5000家 2025"], id="what there is"),
        pytest.param("到2025年，光伏装机达到10个GW(1000万千瓦)。", ["target 10个GW 2025"], id="restated in brackets"),
        pytest.param("多数企业一成不变。到2025年将建成园区3个。", ["target 3个 2025"], id="a saying"),
        pytest.param("协会当时的发展目标是2020年建成线路2500公里。", ["target 2500公里 2020"], id="a past plan quoted"),
    ],
)
def test_parts_of_a_sentence_are_held_apart(text: str, expected: list[str], read: Read) -> None:
    assert told(read(text)) == expected


def test_a_size_of_power_is_its_capacity(read: Read) -> None:
    assert [one.metric for one in read("到2025年，海上风电规模超1000万千瓦。") if isinstance(one, Measure)] == ["装机"]


def test_a_part_of_a_sentence_about_documents_names_none(read: Read) -> None:
    text = "有关部门要研究制定专门管理办法，落实发展部门在专项规划中的安排，制定完善小区配套幼儿园建设管理办法。"
    assert not [one.title for one in read(text) if isinstance(one, PolicyFinding) and "在" in one.title]


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("到2025年，全行业的销售收入和出口额均翻一番。", ["销售收入", "出口额"]),
        ("2021年，工业产值、利润分别增长8%、9%。", ["工业", "利润"]),
        ("2021年，工业用电量和用水量分别增长5%和3%。", ["工业", "用水量"]),
    ],
)
def test_two_measures_of_one_thing_are_two_findings(text: str, subjects: list[str], read: Read) -> None:
    found = [one.subject for one in read(text) if isinstance(one, Measure)]
    assert len(found) == 2
    assert [subject.endswith(wanted) for subject, wanted in zip(found, subjects, strict=True)] == [True, True], found


def test_the_headlines_plan_lends_its_term_to_the_section_of_its_aims(read: Read) -> None:
    text = "主要目标\n规上工业增加值达到2万亿元。\n高新技术企业达到3万家。\n发展基础\n全省有园区300家。"
    found = told(read(text, title="某省制造业“十四五”规划"))
    assert found == ["target 2万亿元 2025", "target 3万家 2025", "actual 300家"]
