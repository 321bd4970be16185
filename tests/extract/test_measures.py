"""Targets and actuals out of invented sentences: comparators, growth, lists, tenses, scopes, places."""

from collections.abc import Callable, Iterable

import pytest

from chainwatch.models import Measure, PolicyFinding, RoleFinding, canonical_decimal

Found = Measure | PolicyFinding | RoleFinding
Read = Callable[..., list[Found]]


def measures(found: Iterable[Found], kind: str | None = None) -> list[Measure]:
    return [one for one in found if isinstance(one, Measure) and kind in {None, one.kind}]


def amount(one: Measure) -> str:
    """3–5 家."""
    high = f"–{canonical_decimal(one.value_high)}" if one.value_high is not None else ""
    return f"{canonical_decimal(one.value)}{high} {one.unit}"


def brief(one: Measure) -> str:
    """T 智能物联 规模 gt 1000000000000 元 2025."""
    when = one.deadline or one.as_of or "-"
    return f"{one.kind[0].upper()} {one.subject} {one.metric} {one.comparator.value} {amount(one)} {when}"


@pytest.mark.parametrize(
    ("words", "comparator"),
    [
        ("突破500亿元", "gt"), ("超过500亿元", "gt"), ("超500亿元", "gt"), ("高于500亿元", "gt"), ("逾500亿元", "gt"), ("大于500亿元", "gt"),
        ("达到500亿元", "ge"), ("达500亿元", "ge"), ("500亿元以上", "ge"), ("不低于500亿元", "ge"), ("不少于500亿元", "ge"), ("至少500亿元", "ge"),
        ("达到500亿元以上", "ge"), ("力争达500亿元", "ge"), ("为500亿元", "eq"), ("500亿元", "eq"), ("约500亿元", "approx"), ("达到500亿元左右", "approx"),
        ("500亿元左右", "approx"), ("接近500亿元", "approx"), ("不超过500亿元", "le"), ("控制在500亿元以内", "le"), ("500亿元以内", "le"),
        ("低于500亿元", "lt"), ("不到500亿元", "lt"), ("不足500亿元", "lt"), ("500多亿元", "gt"), ("500余亿元", "gt"), ("迈上500亿元", "ge"),
    ],
)  # fmt: skip
def test_comparators(words: str, comparator: str, read: Read) -> None:
    (one,) = measures(read(f"到2025年，全市绿色石化产值{words}。"))
    assert (one.kind, one.comparator.value, one.subject) == ("target", comparator, "绿色石化")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("去年，全市纺织业产值同比增长12.5%。", ["A 纺织业 增速 eq 12.5 % 2021"]),
        ("去年，全市纺织业产值同比下降3.1%。", ["A 纺织业 增速 eq 3.1 % 2021"]),
        ("1—4月，规上工业增加值增长6.3%。", ["A 规上工业 增速 eq 6.3 % 2022-04"]),
        ("到2025年，研发投入年均增长10%以上。", ["T 研发投入 增速 ge 10 % 2025"]),
        ("到2025年，软件业营收年均增速保持在15%左右。", ["T 软件业 增速 approx 15 % 2025"]),
        ("一季度，工业投资增长超过20%。", ["A 工业投资 增速 gt 20 % 2022-03"]),
        ("去年，机器人产量增长1.2倍。", ["A 机器人 增速 eq 1.2 倍 2021"]),
        ("去年，光缆产量比上年翻一番。", ["A 光缆 增速 eq 2 倍 2021"]),
        ("到2025年，光缆产能比2020年翻两番。", ["T 光缆 增速 eq 4 倍 2025"]),
        ("到2025年，单位产值能耗比2020年下降15%。", ["T 单位产值 能耗 eq 15 % 2025"]),
        ("去年，二氧化碳排放量下降4%。", ["A 二氧化碳 排放 eq 4 % 2021"]),
        ("去年，全市用电量增长5.6%。", ["A 用电量 消费量 eq 5.6 % 2021"]),
        ("去年，出口额增幅达18%。", ["A 出口额 增速 ge 18 % 2021"]),
        ("去年，新材料产业增加值占比提高2.3个百分点。", ["A 新材料产业 增速 eq 2.3 个百分点 2021"]),
        (
            "去年，轴承产值由2019年的80亿元增长到120亿元。",
            ["A 轴承 产值 eq 8000000000 元 2019", "A 轴承 产值 eq 12000000000 元 2021"],
        ),
        ("去年，轴承产值从80亿元增至120亿元。", ["A 轴承 产值 eq 12000000000 元 2021"]),
        ("去年，废水排放率降至2.5%。", ["A 废水 占比 eq 2.5 % 2021"]),
        ("去年，数控化率提高到71%。", ["A 数控化率 占比 eq 71 % 2021"]),
        ("去年，玻璃产量减少20%，利润增长8%。", ["A 玻璃 增速 eq 20 % 2021", "A 玻璃 增速 eq 8 % 2021"]),
        ("去年，零售额保持9%以上的较快增长。", ["A 零售额 增速 ge 9 % 2021"]),
        ("去年，全市外贸进出口总额增长7.7%。", ["A 外贸进出口总额 增速 eq 7.7 % 2021"]),
    ],
)
def test_growth(text: str, expected: list[str], read: Read) -> None:
    assert [brief(one) for one in measures(read(text))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "到2025年，甲材、乙材、丙材产值分别达到30亿元、20亿元、10亿元。",
            [("甲材", "30"), ("乙材", "20"), ("丙材", "10")],
        ),
        ("到2025年，风机、叶片产值分别达到300亿元和200亿元。", [("风机", "300"), ("叶片", "200")]),
        ("去年，服装、鞋帽产值分别增长5.1%和6.2%。", [("服装", "5.1"), ("鞋帽", "6.2")]),
        ("去年，服装、鞋帽、箱包产值分别增长5.1%、6.2%和7.3%。", [("服装", "5.1"), ("鞋帽", "6.2"), ("箱包", "7.3")]),
        ("到2025年，储能、氢能产业规模均超过100亿元。", [("储能", "100"), ("氢能", "100")]),
        ("到2025年，储能、氢能产业规模都达到100亿元。", [("储能", "100"), ("氢能", "100")]),
        ("到2025年，储能、氢能产业规模各达100亿元。", [("储能", "100"), ("氢能", "100")]),
        ("到2025年，储能和氢能产业规模超百亿元。", [("储能", "100"), ("氢能", "100")]),
        ("到2025年，储能、氢能产业规模合计超过300亿元。", [("储能、氢能", "300")]),
        ("到2025年，储能、氢能产业规模总和超过300亿元。", [("储能、氢能", "300")]),
        ("去年，水泥、玻璃产量分别为30万吨和20万吨。", [("水泥", "30"), ("玻璃", "20")]),
        ("去年，茶叶种植、加工机械化率分别达到45%和60%。", [("茶叶种植", "45"), ("加工", "60")]),
        ("去年，茶叶种植、加工机械化率均达到45%。", [("茶叶种植", "45"), ("加工", "45")]),
        ("去年，核电总装机容量和发电量分别是80万千瓦和60亿千瓦时。", [("核电", "80"), ("核电", "60")]),
        ("去年，信息传输、软件和信息技术服务业营收突破90亿元。", [("信息传输、软件和信息技术服务业", "90")]),
        ("去年，交通运输、仓储和邮政业增加值达到50亿元。", [("交通运输、仓储和邮政业", "50")]),
        ("去年，建成公园、广场、绿道120处。", [("公园、广场、绿道", "120")]),
        ("去年，城镇、农村居民人均可支配收入分别达到7.2万元和4.1万元。", [("城镇", "7.2"), ("农村居民", "4.1")]),
        ("到2025年，棉花种植、收获机械化率分别达到65%和55%。", [("棉花种植", "65"), ("收获", "55")]),
        (
            "去年，钢材、铝材出口额分别增长11%、12%，两年平均增长5%、6%。",
            [("钢材", "11"), ("铝材", "12"), ("钢材", "5"), ("铝材", "6")],
        ),
        (
            "到2025年，芯片、传感器、雷达产值分别超过500亿元、300亿元、100亿元以上。",
            [("芯片", "500"), ("传感器", "300"), ("雷达", "100")],
        ),
    ],
)
def test_distributive_lists(text: str, expected: list[tuple[str, str]], read: Read) -> None:
    found = measures(read(text))
    assert [(one.subject, one.quote.rstrip("万亿元千瓦时吨%处个家百") or "100") for one in found] == expected


_CHAINS = "七大产业链包括甲业、乙业、丙业、丁业、戊业、己业、庚业。"


@pytest.mark.parametrize("metric", ["产值", "规模", "营收", "增加值"])
@pytest.mark.parametrize(
    ("told", "left"),
    [
        ("甲业、乙业、丙业{m}分别达到300亿元、200亿元、100亿元，其余产业链均为50亿元。", "丁业 戊业 己业 庚业"),
        ("甲业、乙业{m}分别达到300亿元、200亿元，其余产业链{m}均为50亿元。", "丙业 丁业 戊业 己业 庚业"),
        (
            "甲业、乙业、丙业、丁业{m}分别达到300亿元、200亿元、100亿元、90亿元，其他产业链均达50亿元。",
            "戊业 己业 庚业",
        ),
        ("甲业{m}达到300亿元，乙业{m}达到200亿元，其余产业链均为50亿元。", "丙业 丁业 戊业 己业 庚业"),
        (
            "甲业、乙业、丙业{m}分别达到300亿元、200亿元、100亿元，丁业为80亿元，其余产业链均为50亿元。",
            "戊业 己业 庚业",
        ),
    ],
)
def test_the_rest_is_every_member_named_before(metric: str, told: str, left: str, read: Read) -> None:
    found = measures(read(f"{_CHAINS}到2025年，{told.format(m=metric)}"), "target")
    rest = [one for one in found if one.quote == "50亿元"]
    assert [one.subject for one in rest] == left.split()
    assert {(one.metric, one.deadline) for one in rest} == {(metric, "2025")}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("到2025年，全市产值突破500亿元。", "target"), ("力争到2025年，全市产值达到500亿元。", "target"), ("全市产值已突破500亿元。", "actual"),
        ("去年，全市产值突破500亿元。", "actual"), ("去年，全市产值达到500亿元。", "actual"), ("1—4月，全市产值达到500亿元。", "actual"),
        ("今年，全市产值将突破500亿元。", "target"), ("今年，全市力争产值达到500亿元。", "target"), ("今年以来，全市产值达到500亿元。", "actual"),
        ("截至2021年底，全市产值达到500亿元。", "actual"), ("到2021年底，全市产值达到500亿元。", "actual"), ("此前的规划提出，到2020年，全市产值达到500亿元。", "target"),
        ("目前，全市产值超过500亿元。", "actual"), ("“十四五”期间，全市产值年均达到500亿元。", "target"), ("“十三五”期间，全市产值达到500亿元。", "actual"),
        ("上半年，全市产值完成500亿元。", "actual"), ("全年力争完成产值500亿元，到年底见效。", "target"), ("预计到2025年，全市产值达到500亿元。", "target"),
        ("到2025年，全省累计建成园区50个。", "target"), ("截至目前，全省累计建成园区50个。", "actual"), ("明年，全市产值确保达到500亿元。", "target"),
        ("未来三年，全市产值要突破500亿元。", "target"), ("近三年，全市产值突破500亿元。", "actual"), ("2021年，全市产值首次突破500亿元。", "actual"),
        ("到2025年实现500亿元产值的目标。", "target"), ("全市产值同比增长5%。", "actual"), ("计划到2024年新建厂房50万平方米。", "target"),
        ("截至2022年4月，全市计划总投资500亿元。", "actual"),
    ],
)  # fmt: skip
def test_tense_decides(text: str, kind: str, read: Read) -> None:
    (one,) = measures(read(text))
    assert one.kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "有分析师预计，到2025年，行业规模将突破500亿元。", "某证券研报预测，明年行业规模将达到500亿元。", "专家认为，2025年渗透率有望达到40%。",
        "业内人士预计，今年销量将突破30万辆。", "全市要打造园区30个。", "今年产值能否突破500亿元？", "今年产值不太可能突破500亿元。",
        "如果产值达到500亿元，将升格管理。", "对产值达到5亿元的企业，给予表彰。",
    ],
)  # fmt: skip
def test_neither_target_nor_actual(text: str, read: Read) -> None:
    assert measures(read(text)) == []


def test_a_list_of_times_is_shared_out_too(read: Read) -> None:
    found = measures(read("2025年、2030年，新能源汽车渗透率分别达到50%、80%左右。"))
    assert [(amount(one), one.deadline) for one in found] == [("50 %", "2025"), ("80 %", "2030")]


def test_counts_in_a_row_are_taken_up_again_in_order(read: Read) -> None:
    found = measures(read("新增国家级工厂12家、省级车间25家，累计分别达到58家、130家。"))
    assert [(one.subject, amount(one)) for one in found] == [
        ("国家级工厂", "12 家"),
        ("省级车间", "25 家"),
        ("国家级工厂", "58 家"),
        ("省级车间", "130 家"),
    ]


@pytest.mark.parametrize(
    ("text", "metric"),
    [
        ("到2026年，全市装备业总产值翻一番，达到2000亿元。", "产值"),
        ("2022年，全市装备业营收同比增长12%，达到300亿元。", "营收"),
        ("前三季度，甲市装备出口增长8%，达120亿美元。", "出口"),
        ("2022年，甲市钢材产量增长5%，达300万吨。", "产量"),
        ("2022年，甲市工业投资增长9%，高于全省2个百分点，达到600亿元。", "投资"),
        ("2022年，甲市进出口增长9%，引进人才5000人。", "数量"),
    ],
)
def test_the_amount_behind_a_change_is_of_what_changed(text: str, metric: str, read: Read) -> None:
    assert measures(read(text))[-1].metric == metric


def test_a_metric_alone_does_not_inherit_another_metric_as_its_subject(read: Read) -> None:
    found = measures(read("一季度，全市出口132亿元，增长6.1%；进口70亿元，下降4.4%。"))
    assert [one.subject for one in found] == ["出口", "出口", "进口", "进口"]


def test_an_outsider_may_quote_a_plan(read: Read) -> None:
    (one,) = measures(read("有专家分析，按照规划，到2025年行业规模要达到500亿元。"))
    assert (one.kind, one.deadline) == ("target", "2025")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("到2025年，全市产值达到500亿元，企业达到80家。", ["2025", "2025"]),
        ("到2025年，全市产值达到500亿元。新增企业80家。", ["2025", "2025"]),
        ("到2025年，产业实力明显增强。全市产值达到500亿元。", ["2025"]),
        ("到2025年，产值达到500亿元；到2030年，产值达到900亿元，企业达到80家。", ["2025", "2030", "2030"]),
        ("（二）发展目标。到2025年，产值达到500亿元。培育企业80家以上。", ["2025", "2025"]),
        ("主要目标（到2025年）：\n——产值达到500亿元。\n——企业达到80家。", ["2025", "2025"]),
        ("到2025年，实现以下目标：\n1.产值达到500亿元。\n2.企业达到80家。", ["2025", "2025"]),
        ("到2027年，主要目标是：\n（一）产值达到500亿元。\n（二）企业达到80家。", ["2027", "2027"]),
        ("“十四五”期间，引进项目500个，其中外资项目50个。", ["2025", "2025"]),
        ("未来三年，引进项目500个，累计投资80亿元。", ["2025", "2025"]),
        ("规划期为2021～2030年，规划期内将直接投资80亿元。", ["2030"]),
        ("将建设厂房4座、仓库2座，计划2024年投产。", ["2024", "2024"]),
        ("今年初开工，将建设厂房4座，2024年投产。", ["2024"]),
        ("力争到2025年，产值突破500亿元，占全省比重超过20%。", ["2025", "2025"]),
        ("到2025年底，产值达到500亿元，年均增长8%。", ["2025", "2025"]),
        ("到2025年6月底，新建厂房30栋，改造厂房20栋。", ["2025-06", "2025-06"]),
        ("明年，引进人才500名，其中博士50名。", ["2023", "2023"]),
        ("到2025年，建成园区3个以上，其中省级园区2个。", ["2025", "2025"]),
        ("2025年产值达到500亿元，2030年达到900亿元。", ["2025", "2030"]),
        ("到2025年，产值达到500亿元。目前，产值为300亿元。", ["2025"]),
        ("到2025年，产值达到500亿元，现有企业80家。", ["2025", "2025"]),
    ],
)
def test_deadlines_are_inherited(text: str, expected: list[str], read: Read) -> None:
    assert [one.deadline for one in measures(read(text), "target")] == expected


def test_a_heading_and_a_headline_lend_their_deadline(read: Read) -> None:
    (under,) = measures(read("2027年主要目标\n全市产值要达到500亿元。"))
    (below,) = measures(read("全市产值要达到500亿元。", title="“十四五”装备产业目标出炉"))
    assert (under.deadline, below.deadline) == ("2027", "2025")


@pytest.mark.parametrize(
    ("text", "title", "region"),
    [
        ("到2025年，浙江产值达到500亿元。", "工作简报", "浙江"), ("到2025年，杭州产值达到500亿元。", "工作简报", "杭州"),
        ("到2025年，萧山区产值达到500亿元。", "工作简报", "杭州/萧山"), ("到2025年，全市产值达到500亿元。", "宁波装备业观察", "宁波"),
        ("到2025年，全省产值达到500亿元。", "宁波装备业观察", "浙江"), ("到2025年，全国产值达到500亿元。", "宁波装备业观察", "全国"),
        ("到2025年，我国产值达到500亿元。", "宁波装备业观察", "全国"), ("到2025年，产值达到500亿元，居全国第二。", "宁波装备业观察", "宁波"),
        ("到2025年，产值达到500亿元，占全省比重20%。", "宁波装备业观察", "宁波"), ("宁波提出，到2025年，产值达到500亿元。", "浙江各地谋划", "宁波"),
        ("按照《温州市装备业行动方案》，到2025年，产值达到500亿元。", "浙江各地谋划", "温州"), ("浙江大学牵头，到2025年，产值达到500亿元。", "宁波装备业观察", "宁波"),
        ("在安徽合肥，到2025年，产值达到500亿元。", "工作简报", "合肥"), ("到2025年，长三角地区产值达到500亿元。", "工作简报", "长三角"),
        ("到2025年，产值达到500亿元。", "绍兴：纺织业再出发", "绍兴"), ("到2025年，产值达到500亿元。", "工作简报", "全国"),
        ("全市目标：到2025年，产值达到500亿元。", "湖州绿色制造", "湖州"), ("杭州\n到2025年，产值达到500亿元。", "浙江各地谋划", "杭州"),
        ("去年，苏州产值已达900亿元。到2025年，杭州产值达到500亿元。", "工作简报", "杭州"), ("与北京大学合作，到2025年，全市产值达到500亿元。", "金华新材料", "金华"),
        ("到2025年，西湖区产值达到500亿元。", "杭州新材料", "杭州/西湖"),
    ],
)  # fmt: skip
def test_the_place_that_governs_wins(text: str, title: str, region: str, read: Read) -> None:
    found = [one for one in measures(read(text, title=title)) if one.deadline == "2025" and one.unit == "元"]
    assert [one.region for one in found] == [region]


def test_city_and_province_stand_side_by_side(read: Read) -> None:
    found = measures(read("浙江提出，到2025年数字安防产值达到400亿元；杭州提出，到2025年数字安防产值达到300亿元。"))
    assert [(one.region, amount(one)) for one in found] == [("浙江", "40000000000 元"), ("杭州", "30000000000 元")]


@pytest.mark.parametrize(
    ("text", "subject", "metric"),
    [
        ("2022年，全市单位产值二氧化碳排放下降4%。", "单位产值二氧化碳", "排放"),
        ("2022年，全市动力电池产能达到20GWh。", "动力电池", "产能"),
        ("2022年，全县装机3000万千瓦，其中分布式1500万千瓦。", "分布式", "装机"),
        ("去年实现规上工业总产值倍增，突破1200亿元。", "规上工业", "产值"),
        ("2022年，培育10家以上年营收超1亿元的甲业企业，50家乙业骨干企业。", "乙业骨干企业", "数量"),
        ("到2025年，装备制造业增加值达到90亿元。", "装备制造业", "增加值"), ("到2025年，装备制造业利润达到90亿元。", "装备制造业", "利润"),
        ("到2025年，全社会研发投入强度达到3.5%。", "全社会研发投入强度", "研发强度"), ("到2025年，光伏装机达到90万千瓦。", "光伏", "装机"),
        ("到2025年，铜箔产能达到90万吨。", "铜箔", "产能"), ("到2025年，新增就业岗位9万个。", "就业岗位", "就业"),
        ("到2025年，高铁营业里程达到900公里。", "高铁", "长度"), ("到2025年，智能算力达到90EFLOPS。", "智能算力", "算力"),
        ("到2025年，绿色工厂达到90家。", "绿色工厂", "数量"), ("到2025年，培育绿色工厂90家以上。", "绿色工厂", "数量"),
        ("到2025年，培育90家以上绿色工厂。", "绿色工厂", "数量"), ("到2025年，数字经济增加值占GDP比重达到60%。", "数字经济", "占比"),
        ("到2025年，审批时限压缩至3个工作日。", "审批时限", "时间"), ("到2025年，全员劳动生产率达到每人30万元。", "全员劳动生产率", "生产率"),
    ],
)  # fmt: skip
def test_subject_and_metric(text: str, subject: str, metric: str, read: Read) -> None:
    last = measures(read(text))[-1]
    assert (last.subject, last.metric) == (subject, metric)


def test_a_share_keeps_what_it_is_a_share_of(read: Read) -> None:
    found = measures(read("前三季度，数字经济核心产业增加值373亿元，占GDP比重达27.4%。", published="2022-12-20"))
    assert [(one.subject, one.metric, one.base) for one in found] == [
        ("数字经济核心产业", "增加值", None),
        ("数字经济核心产业", "占比", "GDP"),
    ]


def test_scope_flow_level_and_recap(read: Read) -> None:
    (core,) = measures(read("到2035年，谷地核心产业规模力争达万亿元。"))
    (new,) = measures(read("去年，新增小巨人企业15家。"))
    (level,) = measures(read("到2027年，打造万亿级产业集群。"))
    (old,) = measures(read("此前曾提出，到2025年产值达到500亿元。"))
    assert (core.scope, core.comparator.value) == ("核心", "ge")
    assert new.flow == "new"
    assert (level.level, amount(level), level.comparator.value) == (True, "1000000000000 元", "ge")
    assert old.recap


def test_a_figure_told_twice_is_one_finding(read: Read) -> None:
    text = "某市装备产值2025年要破500亿元\n到2025年，全市装备产值突破500亿元。会议重申，到2025年装备产值突破500亿元。"
    (one,) = measures(read(text, title="某市装备产值2025年要破500亿元"))
    assert text[slice(*one.value_span)] == "500亿元"
    assert one.sentence == "到2025年，全市装备产值突破500亿元。"


def test_a_figure_of_the_headline_alone_carries_its_part(read: Read) -> None:
    (one,) = measures(read("会议于昨日召开。", title="2025年全市装备产值将达500亿元"))
    assert (one.part, one.quote) == ("title", "500亿元")


def test_marks_of_both_widths_read_alike(read: Read) -> None:
    wide = measures(read("去年，产值（不变价）达到３，０００亿元，增长８．５％。"))
    narrow = measures(read("去年,产值(不变价)达到3,000亿元,增长8.5%。"))
    assert [brief(one) for one in wide] == [brief(one) for one in narrow]
