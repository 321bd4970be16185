"""Every node and system of the field exists, resolves by its names, and maps as the field says."""

from datetime import date

import pytest

from chainwatch.matching.taxonomy import Taxonomy

ECOSYSTEMS = {
    "智能物联": ["视觉智能", "云计算大数据", "集成电路", "高端软件和人工智能", "智能仪表", "网络通信"],
    "生物医药": ["药品", "医药流通", "医疗及康养服务", "医疗器械"],
    "高端装备": ["智能装备", "汽车及零部件"],
    "新材料": ["膜材料", "金属材料", "微纳材料", "生物材料", "半导体材料"],
    "绿色能源": ["储能", "风电", "光伏", "节能环保"],
}
NINE = {
    "视觉智能": "hz5/智能物联",
    "生物医药与健康": "hz5/生物医药",
    "智能计算": "hz5/智能物联",
    "集成电路": "hz5/智能物联",
    "网络通信": "hz5/智能物联",
    "节能与新能源汽车": "hz5/高端装备",
    "智能装备": "hz5/高端装备",
    "智能家居": None,
    "现代纺织": None,
}
TEN = [
    "数字安防",
    "集成电路",
    "网络通信",
    "智能计算",
    "生物医药",
    "炼化一体化与新材料",
    "节能与新能源汽车",
    "智能装备",
    "智能家居",
    "现代纺织",
]
SYSTEMS = [
    ("链长制", "system/链长制"),
    ("产业链“链长制”", "system/链长制"),
    ("链长", "system/链长制/链长"),
    ("工作专班", "system/链长制/工作专班"),
    ("链主企业", "system/链长制/链主"),
    ("一张图", "system/重大项目平台/一张图"),
    ("进度滞后预警", "system/重大项目平台/进度滞后预警"),
    ("中国视谷", "topic/中国视谷"),
    ("“中国视谷”", "topic/中国视谷"),
    ("topic/中国视谷/数字安防", "topic/中国视谷/数字安防"),
    ("工业视觉", "topic/中国视谷/工业视觉"),
    ("医学影像", "topic/中国视谷/医学影像"),
    ("自动驾驶", "topic/中国视谷/自动驾驶"),
    ("智能生活及办公", "topic/中国视谷/智能生活及办公"),
    ("虚拟现实及元宇宙", "topic/中国视谷/虚拟现实及元宇宙"),
    ("特殊成像", "topic/中国视谷/特殊成像"),
    ("一窗两核四区全域", "topic/中国视谷/一窗两核四区全域"),
    ("三层七端", "topic/中国视谷/视谷产业基金"),
    ("数字经济核心产业", "topic/数字经济核心产业"),
    ("“专精特新”中小企业", "ladder/专精特新"),
    ("浙江省隐形冠军企业", "ladder/隐形冠军"),
    ("国家级专精特新“小巨人”", "ladder/小巨人"),
    ("单项冠军示范企业（产品）", "ladder/单项冠军"),
    ("雄鹰企业", "ladder/雄鹰"),
    ("鲲鹏企业", "ladder/鲲鹏"),
    ("未来工厂", "topic/未来工厂"),
    ("省级“未来工厂”", "topic/未来工厂/省级未来工厂"),
    ("市级“未来工厂”", "topic/未来工厂/市级未来工厂"),
    ("产业大脑", "topic/产业大脑"),
    ("生物医药产业大脑", "topic/产业大脑/生物医药产业大脑"),
    ("化纤产业大脑", "topic/产业大脑/化纤产业大脑"),
    ("印制电路板产业大脑", "topic/产业大脑/印制电路板产业大脑"),
    ("无人驾驶产业大脑", "topic/产业大脑/无人驾驶产业大脑"),
    ("机器人产业大脑", "topic/产业大脑/机器人产业大脑"),
    ("一诉求一协调", "topic/助企服务/一诉求一协调"),
    ("“千名干部助千企”活动", "topic/助企服务/千名干部助千企"),
    ("产业链对接会", "topic/助企服务/产业链对接会"),
    ("可开放算力", "topic/杭州人工智能产业/可开放算力"),
    ("平台经济", "topic/平台经济"),
    ("触发式监管", "topic/平台经济/包容审慎监管"),
    ("城市机遇", "topic/城市机遇"),
    ("城市智慧运维", "topic/城市机遇/城市智慧运维"),
    ("幸会·杭州", "topic/城市机遇/幸会杭州"),
    ("揭榜挂帅", "topic/城市机遇/揭榜挂帅"),
    ("杭州倡议", "topic/杭州倡议"),
    ("产业链供应链生态体系建设试点", "topic/产业链供应链生态体系建设试点"),
    ("关于加快推进人工智能产业创新发展的实施意见", "policy/关于加快推进人工智能产业创新发展的实施意见"),
    ("浙江省全球先进制造业基地建设“十四五”规划", "policy/浙江省全球先进制造业基地建设“十四五”规划"),
    ("杭州市国土空间总体规划（2021-2035年）", "policy/杭州市国土空间总体规划（2021-2035年）"),
    ("稳进提质攻坚行动", "campaign/稳进提质"),
    ("“畅循环稳工业”攻坚行动", "campaign/畅循环稳工业"),
    ("稳企业强主体", "campaign/稳企业强主体"),
    ("“1248”计划", "programme/1248计划"),
    ("八大攻坚行动", "programme/八大攻坚行动"),
    ("新制造业计划", "programme/新制造业计划"),
    ("一号发展工程", "programme/一号发展工程"),
    ("一号改革工程", "programme/一号改革工程"),
    ("西湖明珠工程", "programme/西湖明珠工程"),
    ("杭十条", "programme/杭十条"),
    ("之江实验室", "platform/浙江省实验室/之江实验室"),
    ("湖畔实验室", "platform/浙江省实验室/湖畔实验室"),
    ("天目山实验室", "platform/浙江省实验室/天目山实验室"),
    ("supET", "platform/工业互联网平台/supET"),
]


def test_the_five_ecosystems_hold_their_chains(shipped: Taxonomy) -> None:
    assert {
        shipped.nodes[one].name: [shipped.nodes[below].name for below in shipped.children(one)]
        for one in shipped.children("hz5")
    } == ECOSYSTEMS


@pytest.mark.parametrize(("chain", "ecosystem"), NINE.items())
def test_each_of_the_nine_chains_leads_to_its_ecosystem(shipped: Taxonomy, chain: str, ecosystem: str | None) -> None:
    node = shipped.nodes[f"hz9/{chain}"]
    mapped = shipped.map(node.id, "hz5")
    assert node.ended is (ecosystem is None)
    assert {one if one.count("/") == 1 else shipped.nodes[one].parent for one in mapped} == ({ecosystem} - {None})
    assert all(node.id in shipped.map(one, "hz9") for one in mapped)


def test_the_nine_are_the_province_s_ten_without_refining(shipped: Taxonomy) -> None:
    assert [shipped.nodes[one].name for one in shipped.children("zj10")] == TEN
    without = [one for one in shipped.children("zj10") if not shipped.map(one, "hz9")]
    assert without == ["zj10/炼化一体化与新材料"]


@pytest.mark.parametrize(("name", "node"), SYSTEMS)
def test_every_system_of_the_field_resolves_by_its_name(shipped: Taxonomy, name: str, node: str) -> None:
    found = shipped.resolve(name)
    assert found is not None
    assert found.id == node
    assert found.title_en


def test_the_ladder_is_in_ascending_order(shipped: Taxonomy) -> None:
    rungs = [shipped.nodes[one] for one in shipped.children("ladder")]
    assert [rung.name for rung in rungs] == ["专精特新", "隐形冠军", "小巨人", "单项冠军", "雄鹰", "鲲鹏"]
    assert [rung.order for rung in rungs] == list(range(6))


def test_seven_of_the_ten_provincial_laboratories_are_in_the_city(shipped: Taxonomy) -> None:
    regions = [shipped.nodes[one].region for one in shipped.children("platform/浙江省实验室")]
    assert (len(regions), regions.count("杭州")) == (10, 7)


@pytest.mark.parametrize(
    ("name", "node", "basis"),
    [
        ("海康威视", "hz5/智能物联/视觉智能", "stated"),
        ("sz002236", "hz5/智能物联/视觉智能", "stated"),
        ("宇视科技", "hz5/智能物联/视觉智能", "stated"),
        ("先临三维", "hz5/智能物联/视觉智能", "stated"),
        ("000938", "hz5/智能物联/网络通信", "stated"),
        ("新华三集团", "hz9/智能计算", "stated"),
        ("sh688023", "hz9/智能计算", "stated"),
        ("阿里巴巴", "hz9/智能计算", "stated"),
        ("网易", "hz9/智能计算", "stated"),
        ("华为杭州研究院", "hz9/智能计算", "stated"),
        ("之江实验室", "hz9/智能计算", "stated"),
        ("sh603019", "hz9/智能计算", "stated"),
        ("阿里云", "hz5/智能物联/高端软件和人工智能", "stated"),
        ("中控", "hz5/智能物联/高端软件和人工智能", "stated"),
        ("矽力杰", "hz5/智能物联/集成电路", "stated"),
        ("吉利", "hz5/高端装备/汽车及零部件", "stated"),
        ("天境生物", "hz5/生物医药/药品", "stated"),
        ("sz002508", "hz9/智能家居", "inferred"),
        ("老板电器", "topic/未来工厂", "stated"),
    ],
)
def test_companies_stand_for_their_chains(shipped: Taxonomy, name: str, node: str, basis: str) -> None:
    firm = shipped.company(name)
    assert firm is not None
    assert (node, basis) in {(link.node, link.basis) for link in firm.chains}


@pytest.mark.parametrize(
    ("name", "at", "region", "node"),
    [
        pytest.param("绿色低碳", date(2022, 6, 1), None, "hz5/绿色能源", id="while it was the name"),
        pytest.param("绿色能源", date(2023, 6, 1), None, "hz5/绿色能源", id="as it became"),
        pytest.param("绿色低碳产业生态圈", date(2023, 6, 1), "杭州", "hz5/绿色能源", id="still named so later"),
        pytest.param("视觉智能（数字安防）", date(2021, 6, 30), "杭州", "hz9/视觉智能", id="of the nine"),
        pytest.param("数字安防产业链", date(2021, 6, 30), "浙江", "zj10/数字安防", id="of the province"),
        pytest.param("视觉智能", date(2023, 6, 30), "杭州", "hz5/智能物联/视觉智能", id="of the five"),
        pytest.param("视觉智能", None, None, "hz5/智能物联/视觉智能", id="at no time in particular"),
        pytest.param("智能家居", date(2023, 6, 30), "杭州/滨江", "hz9/智能家居", id="superseded, in a district"),
        pytest.param("智能装备产业链", date(2021, 6, 30), "宁波", "zj10/智能装备", id="another city of the province"),
        pytest.param("杭州市智能物联产业生态圈", None, None, "hz5/智能物联", id="with its place"),
        pytest.param("ＡＩ", None, None, "hz5/智能物联/高端软件和人工智能", id="full width"),
        pytest.param("规上工业", None, None, None, id="no node"),
        pytest.param("杭州", None, None, None, id="a place is no node"),
    ],
)
def test_a_name_means_a_node_by_day_and_place(
    shipped: Taxonomy, name: str, at: date | None, region: str | None, node: str | None
) -> None:
    found = shipped.resolve(name, at, region)
    assert (found.id if found else None) == node


def test_the_green_ecosystem_has_the_name_of_its_day(shipped: Taxonomy) -> None:
    node = shipped.nodes["hz5/绿色能源"]
    assert [node.name_at(date(*day)) for day in ((2022, 5, 31), (2022, 10, 31), (2022, 11, 1))] == [
        "绿色低碳",
        "绿色低碳",
        "绿色能源",
    ]


def test_a_mapping_holds_from_the_day_its_target_does(shipped: Taxonomy) -> None:
    assert shipped.map("hz9/视觉智能", "hz5", date(2021, 6, 30)) == []
    assert shipped.map("hz9/视觉智能", "hz5", date(2022, 5, 1)) == ["hz5/智能物联/视觉智能"]
    assert shipped.map("zj10/数字安防", "hz5") == ["hz5/智能物联/视觉智能"]
    assert shipped.map("hz5/智能物联/视觉智能", "zj10") == ["zj10/数字安防"]
    assert shipped.map("hz5/新材料/膜材料", "hz9") == []


def test_ancestors_and_descendants(shipped: Taxonomy) -> None:
    assert shipped.ancestors("hz5/智能物联/视觉智能") == ["hz5/智能物联", "hz5"]
    assert shipped.descendants("hz5/高端装备") == ["hz5/高端装备/智能装备", "hz5/高端装备/汽车及零部件"]
    assert len(shipped.descendants("hz5")) == 26


@pytest.mark.parametrize(
    ("name", "around"),
    [
        ("杭州/滨江", ["杭州/滨江", "杭州", "浙江", "全国", "世界"]),
        ("滨江区", ["杭州/滨江", "杭州", "浙江", "全国", "世界"]),
        ("浙江省", ["浙江", "全国", "世界"]),
        ("苏州市", ["苏州", "江苏", "全国", "世界"]),
        ("广西壮族自治区", ["广西", "全国", "世界"]),
        ("吉林", ["吉林", "全国", "世界"]),
    ],
)
def test_places_lie_in_places(shipped: Taxonomy, name: str, around: list[str]) -> None:
    place = shipped.region(name)
    assert place is not None
    assert shipped.around(place.id) == around
