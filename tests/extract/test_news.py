"""What news of many kinds tells, beyond plans and statistics: accidents, forecasts, foreign places, lists over clauses."""

import random
from collections.abc import Callable

import pytest

from chainwatch.models import FINDING, Measure, PolicyFinding, RoleFinding, canonical_decimal
from consumers.extractors import times
from consumers.extractors.lexicon import Lexicon

Found = Measure | PolicyFinding | RoleFinding
Read = Callable[..., list[Found]]


def measures(found: list[Found]) -> list[Measure]:
    return [one for one in found if isinstance(one, Measure)]


def told(one: Measure) -> str:
    """T 2025 光伏电池 产量 ge 300 吨."""
    when = one.deadline or one.as_of or "-"
    value = canonical_decimal(one.value)
    return f"{one.kind[0].upper()} {when} {one.subject} {one.metric} {one.comparator.value} {value} {one.unit}"


@pytest.mark.parametrize(
    "text",
    [
        "车间起火，造成12人受伤。",
        "冲突造成约80名工人受伤。",
        "列车脱轨，导致7人死亡，多人伤势严重。",
        "死亡人数升至95人。",
        "当晚全市仍有超过5万用户断电。",
        "零件供应商正在备货，零部件价格平稳。",
        "以当日中间价1美元对人民币6.9元计算，成本不高。",
        "项目每3个月评估一次。",
        "当地正实施百万亩良田建设计划。",
        "某县是全国20个产粮大县之一。",
        "生产一吨钢要用不少电。",
        "如今的规模相当于十年前的3倍。",
        "参评企业的注册资本不得低于500万元。",
        "世行预计，2030年我国智能装备规模将达5万亿元。",
        "国际能源署发布报告称，到2030年全球储能装机将增长3倍。",
        "院士推算，到2030年我国地热利用量将超过4000万吨标准煤。",
        "县里不再新建规模在8万吨/年以下的水泥厂。",
        "限期淘汰单机容量在20万千瓦以下（热电除外）的机组。",
        "未来10年我国防腐涂料市场需求量约为50万吨。",
        "所得减按90%计入收入总额。",
        "市里推出26项减轻企业负担的政策措施。",
        "观测塔建在海拔300米处。",
    ],
)
def test_no_statement_of_the_field(text: str, read: Read) -> None:
    assert measures(read(text, title="消息")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("今年新认定的3家省级示范工厂之一投产。", ["A 2022 省级示范工厂 数量 eq 3 家"]),
        ("今年，全市重点项目预计完成投资500亿元，同比增长9%。",
         ["T 2022 重点项目 投资 eq 50000000000 元", "T 2022 重点项目 增速 eq 9 %"]),
        ("“十四五”规划提出300万千瓦的装机目标，而到2030年实现900万千瓦。",
         ["T 2025  装机 eq 3000000 千瓦", "T 2030  装机 eq 9000000 千瓦"]),
        ("12个储能示范项目合计200万千瓦，将在今明两年全部开工。",
         ["T 2023 储能示范项目 数量 eq 12 个", "T 2023 储能示范项目 装机 eq 2000000 千瓦"]),
        ("“十四五”期间，某县公路计划投资90亿元。\n其中，骨干公路投资50亿元。",
         ["T 2025 某县公路 投资 eq 9000000000 元", "T 2025 骨干公路 投资 eq 5000000000 元"]),
        ("1—4月，光伏电池产量稳步增长，达到300吨。", ["A 2022-04 光伏电池 产量 ge 300 吨"]),
        ("产值超过2亿元的县有青石、白水、黄岭，产值分别为5亿元、4亿元、3亿元。",
         ["A - 青石 产值 eq 500000000 元", "A - 白水 产值 eq 400000000 元", "A - 黄岭 产值 eq 300000000 元"]),
        ("1—4月，小微企业利润率为9.2%，比大企业高1.3个百分点。",
         ["A 2022-04 小微企业 占比 eq 9.2 %", "A 2022-04 小微企业 增速 eq 1.3 个百分点"]),
        ("1—4月，工业、服务业增加值同比增长6.1%、5.2%，比上年分别加快0.6、0.3个百分点。",
         ["A 2022-04 工业 增速 eq 6.1 %", "A 2022-04 服务业 增速 eq 5.2 %",
          "A 2022-04 工业 增速 eq 0.6 个百分点", "A 2022-04 服务业 增速 eq 0.3 个百分点"]),
        ("全市现有300万亩林地和80万亩草地。", ["A - 林地 面积 eq 3000000 亩", "A - 草地 面积 eq 800000 亩"]),
        ("2021年，全市新开通6条、300公里高速公路。",
         ["A 2021 高速公路 数量 eq 6 条", "A 2021 高速公路 长度 eq 300 公里"]),
        ("目前，9类12万公里管线纳入监管。", ["A 2022-05 管线 长度 eq 120000 公里"]),
        ("甘薯产量连续7年保持在300万吨以上。", ["A - 甘薯 产量 ge 3000000 吨"]),
        ("期货库存增加2240至18783吨。", ["A - 期货库存 数量 eq 18783 吨"]),
        ("今年园区引进的企业数达到120家。", ["A 2022 园区引进的企业 数量 ge 120 家"]),
        ("一季度，住宅投资继上年下降2.8%之后，再下降5.1%。",
         ["A 2021 住宅 增速 eq 2.8 %", "A 2021 住宅 增速 eq 5.1 %"]),
        ("2021年，全市服务支出为3亿元，工程支出为8亿元。",
         ["A 2021 服务 金额 eq 300000000 元", "A 2021 工程 金额 eq 800000000 元"]),
        ("2016年到2020年，光伏规模由120亿元增加到310亿元。",
         ["A 2016 光伏 规模 eq 12000000000 元", "A 2020 光伏 规模 eq 31000000000 元"]),
        ("4月份全省进口大豆21万吨，较3月份减少3万吨或12.5%。",
         ["A 2022-04 大豆 数量 eq 210000 吨", "A 2022-04 大豆 数量 eq 30000 吨", "A 2022-04 大豆 增速 eq 12.5 %"]),
        ("2021年，港口从外地采购了12万吨玉米。", ["A 2021 玉米 数量 eq 120000 吨"]),
        ("去年，固定资产投资完成98亿元，完成年度计划的61%。",
         ["A 2021 固定资产投资 投资 eq 9800000000 元", "A 2021 固定资产投资 占比 eq 61 %"]),
        ("2021年，规模以上软件和相关服务企业完成业务收入62亿元。",
         ["A 2021 规模以上软件和相关服务企业 营收 eq 6200000000 元"]),
        ("园区带动储能产业规模达到千亿级，配套企业落户。", ["A - 储能 规模 ge 100000000000 元"]),
        ("大桥主跨420米，全长6.5公里，连接南北两岸，是区域交通要道，计划2025年建成。",
         ["A - 大桥 长度 eq 420 米", "A - 大桥 长度 eq 6.5 公里"]),
        ("“十四五”期间，全省有46个园区被列为试点。", ["A - 园区 数量 eq 46 个"]),
        ("“十四五”期间，全省将有46个园区将被列为试点。", ["T 2025 园区 数量 eq 46 个"]),
        ("按照省里部署，2022年计划推广节能电机3万台。", ["T 2022 节能电机 数量 eq 30000 台"]),
        ("2021年，补助惠及约8万残疾人。", ["A 2021 残疾人 数量 approx 80000 人"]),
        ("2021年，海外市场增速为20%，农村市场增幅为8%。",
         ["A 2021 海外市场 增速 eq 20 %", "A 2021 农村市场 增速 eq 8 %"]),
        ("到2025年，全省算力总规模超过10万P。", ["T 2025 算力总规模 算力 gt 100000000000000000000 FLOPS"]),
        ("“十四五”期间，全省计划每年铺设90公里供热管道。", ["T 2025 供热管道 长度 eq 90 公里"]),
        ("2021年，芯片企业增速最高达到31%。", ["A 2021 芯片企业 增速 ge 31 %"]),
        ("我省规划到2025年打造产值过百亿元的集团两个。", ["T 2025 产值过百亿元的集团 数量 eq 2 个"]),
        ("今年公司销售收入预计达到5亿元，2024 年将达到10亿元。",
         ["T 2022 公司 营收 ge 500000000 元", "T 2024 公司 营收 ge 1000000000 元"]),
        ("2021年进口轴承80万套，价值12亿美元。", ["A 2021 轴承 数量 eq 800000 套", "A 2021 轴承 金额 eq 1200000000 美元"]),
        ("“十四五”时期轴承产业的总体目标是规模翻一番，年增长率达到15%。",
         ["T 2025 轴承产业 增速 eq 2 倍", "T 2025 轴承产业 增速 ge 15 %"]),
        ("目前，本地配套份额已从2019年时的三成多提升到了六成左右。",
         ["A 2019 本地配套 占比 gt 30 %", "A 2022-05 本地配套 占比 approx 60 %"]),
        ("第一季的电动车渗透率已经超过30%。", ["A 2022-03 电动车 占比 gt 30 %"]),
    ],
)  # fmt: skip
def test_statements(text: str, expected: list[str], read: Read) -> None:
    assert [told(one) for one in measures(read(text))] == expected


@pytest.mark.parametrize(
    ("text", "deadline"),
    [
        ("“十五五”开局之年，各地力争大豆产量稳定在2000万吨左右。", "2026"),
        ("未来五年，全市力争建成充电站300座。", "2031"),
        ("到5月31日前，全市将建成充电站300座。", "2026-05-31"),
    ],
)
def test_deadlines(text: str, deadline: str, read: Read) -> None:
    (one,) = measures(read(text, published="2026-03-25"))
    assert (one.kind, one.deadline) == ("target", deadline)


@pytest.mark.parametrize(
    ("text", "regions"),
    [
        ("美国第三季度经济走弱\n商务部数据显示，住宅投资下降4.1%。", ["美国"]),
        ("在四川，今年计划改造老旧管道900公里。", ["四川"]),
        ("而在河南全省，今年芝麻面积达到90万亩。", ["河南"]),
        ("山东潍坊是农机之乡。\n当地打造了7个产业联合体。", ["潍坊"]),
        ("英国2月物价指数上涨10.2%，失业率为4.1%。", ["英国", "英国"]),
        ("在苏州，地铁建设提速。去年新建30座车站。", ["苏州"]),
        ("企业在北京、上海、广东等12个省市设有40家门店。", ["全国", "全国"]),
        ("广东佛山的龙溪镇是制造业大镇。\n一季度，工业投资同比增长130%。", ["佛山"]),
        ("广东佛山与江苏苏州结对。\n一季度，工业投资同比增长130%。", ["全国"]),
        ("德清县规上工业增加值增长9%。", ["湖州/德清"]),
        ("陕西将以西安区域科技创新中心为牵引，力争到2025年研发投入强度达到3%。", ["陕西"]),
        ("《安徽省电池规划》提出，到2025年产值达到90亿元。新建工厂12家。", ["安徽", "安徽"]),
    ],
)
def test_places(text: str, regions: list[str], read: Read) -> None:
    assert [one.region for one in measures(read(text, title="快讯"))] == regions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我市将实施海洋装备产业培育行动，壮大龙头企业。", [("海洋装备产业培育行动", "planned")]),
        ("各地深入实施老城更新行动，改善居住条件。", [("老城更新行动", "in_force")]),
        ("60个城市出台了老城更新管理办法。", []),
        ("科技惠农行动扎实推进，成效明显。", [("科技惠农行动", "mentioned")]),
        ("各类专项行动持续推进。", []),
        ("全省深入实施老旧管网改良计划，提升供水质量。", [("老旧管网改良计划", "in_force")]),
        ("政府采购法制建设稳步推进。", []),
        ("国家颁布了反家庭暴力法，修订了妇女权益保障法。", [("反家庭暴力法", "issued"), ("妇女权益保障法", "amended")]),
        ("会议部署“十四五”时期全区规划，提出目标。", []),
        ("县里将谋划“6大基础设施工程”。", []),
        ("我国“十四五”港口发展规划重点项目开工。", [("“十四五”港口发展规划", "mentioned")]),
        ("塑料机械十四五规划发布\n协会获悉，塑料机械行业“十四五”发展规划已正式发布。",
         [("塑料机械行业“十四五”发展规划", "issued")]),
        ("财政部门对《统计管理办法》进行修订。", [("统计管理办法", "amended")]),
        ("即日起不再执行《外地企业管理规定》中关于备案的条款。", [("外地企业管理规定", "mentioned")]),
        ("即日起不再执行《外地企业管理规定》。", [("外地企业管理规定", "repealed")]),
        ("企业开展自律行动和质量提升行动。", []),
        ("今天，《低碳发展的地方行动》白皮书发布。", []),
        ("《测绘管理法》《测绘管理法实施条例》先后修订实施。",
         [("测绘管理法", "amended"), ("测绘管理法实施条例", "amended")]),
        ("《新材料发展规划》将于9月7日在产业博览会上正式对外发布。", [("新材料发展规划", "planned")]),
    ],
)  # fmt: skip
def test_policies(text: str, expected: list[tuple[str, str]], read: Read) -> None:
    found = [one for one in read(text, title="消息") if isinstance(one, PolicyFinding)]
    assert [(one.title, one.status.value) for one in found] == expected


@pytest.mark.parametrize(
    ("text", "issuer"),
    [
        ("工业和信息化部日前印发《机器人应用行动方案》，提出到2027年，培育企业50家。", "工业和信息化部"),
        ("记者从国家能源局了解到，到2025年，全国充电桩将达到900万台。", "国家能源局"),
        ("到2025年，全市力争建成充电站300座。", None),
        ("国家能源局表示，2021年全国充电桩达到200万台。", None),
    ],
)
def test_whose_aim_it_is(text: str, issuer: str | None, read: Read) -> None:
    (one,) = measures(read(text, title="消息"))
    assert one.issuer == issuer


def test_a_number_in_a_programmes_name_is_none(read: Read) -> None:
    found = read("“十五五”期间，全省将实施新一轮千亿斤粮食产能提升行动。", published="2026-03-25")
    assert [type(one) for one in found] == [PolicyFinding]


def test_every_finding_is_valid_as_it_was_built(read: Read) -> None:
    text = (
        "到2025年，全市装备产业产值突破3000亿元，占比达到8%–10%，年均增长9%以上。对新建项目给予最高500万元奖励。\n"
        "1—4月，规上工业增加值同比增长6.2%，其中甲业、乙业分别增长7%和5%。市政府印发《装备产业行动计划》（甲政发〔2022〕3号）。"
    )
    found = read(text, title="装备产业2025年规模将超万亿", region="浙江")
    assert len(found) > 8
    assert [FINDING.validate_python(one.model_dump()) for one in found] == found
    assert all(one.subject_span is None or one.subject_span[0] < one.subject_span[1] for one in measures(found))


def test_times_are_found_where_the_whole_grammar_finds_them(lexicon: Lexicon) -> None:
    chance = random.Random(7)
    signs = "一二三十五年月日底末初前后今明去上下半全季度目当近未来至到截由从比较“”十四五期间0123456789—，。的内个新"
    for _ in range(3000):
        text = "".join(chance.choices(signs, k=60))
        tried = [match.span() for match in times.matches(text, lexicon.clock)]
        assert tried == [match.span() for match in lexicon.clock.pattern.finditer(text)]
