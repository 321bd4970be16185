"""What an article is about, and what it only mentions."""

from datetime import UTC, datetime
from typing import Protocol

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chainwatch.matching.rules import RuleSet
from chainwatch.matching.taxonomy import Taxonomy
from chainwatch.models import Article, Strength
from consumers.tag import tag

FILL = "市里召开工作会议，听取各部门半年工作汇报，研究下一阶段安排，强调要转变作风、狠抓落实，确保全年任务完成。" * 4


class Tagger(Protocol):
    rules: RuleSet
    taxonomy: Taxonomy

    def article(self, title: str, text: str) -> Article: ...

    def about(self, title: str, text: str, scheme: str = "hz5") -> list[str]: ...

    def strengths(
        self, title: str, text: str, published: datetime | None = None, region: str | None = None
    ) -> dict[str, Strength]: ...


@pytest.mark.parametrize(
    ("title", "text", "about"),
    [
        pytest.param("光伏组件出口创新高", FILL, ["光伏"], id="the title names the chain"),
        pytest.param("全市项目建设提速", FILL + "\n城北的光伏组件项目总投资二十亿元，首条生产线已经点火，明年达产后年产值可达五十亿元。", ["光伏"], id="a passage of a tenth"),
        pytest.param("全市项目建设提速", FILL * 3 + "\n参会人员还考察了光伏组件车间。", [], id="one sentence in a long text"),
        pytest.param("全市项目建设提速", FILL + "\n会议提出，做强集成电路、人工智能、生物医药等产业，推动产业结构优化升级，加快新旧动能转换，培育经济增长点。", [], id="a list of sectors"),
        pytest.param("产业增势良好", "集成电路产量增长一成，工业机器人产量增长两成，新能源汽车产量增长三成。", [], id="a list clause by clause"),
        pytest.param("我国可再生能源发电装机再创新高", "其中，水电新增一千万千瓦，风电新增三千万千瓦，光伏发电新增五千万千瓦，三者占全部新增装机的八成。", ["光伏", "节能环保", "风电"], id="parts of the ecosystem in the title"),
        pytest.param("海康威视公布半年报", "海康威视今天公布半年报，净利润有所增长。" + FILL, [], id="a company alone"),
        pytest.param("海康威视公布半年报", "海康威视今天公布半年报，摄像头销量增长。\n" + FILL, ["视觉智能"], id="a company with a chain word"),
        pytest.param("外长会谈", "双方就光伏组件、新能源汽车合作交换意见。两国外长还谈到贸易、教育和旅游。", [], id="fields of cooperation"),
        pytest.param("俄军称击落多架无人机", "当地军方称，夜间击落数十架无人机，储能电站未受影响，居民区停电数小时后恢复供电。", [], id="war"),
        pytest.param("假期出行人次创新高", "高速公路日均通行新能源汽车一千万辆。" + FILL, [], id="cars as travel figures"),
        pytest.param("物流园启用", "仓库的货架存储能力提升一倍，集中控制更加灵敏。", [], id="masked words"),
        pytest.param("各地创业故事", FILL + "\n一位返乡青年用手机里的操作系统管理果园，带着邻居种出甜橙，日子越过越红火，村里的年轻人也跟着多了起来。", [], id="a thing named once may fill a long sentence"),
        pytest.param("各地创业故事", FILL + "\n一位返乡青年开发果园操作系统，软件产业园给他免租，软件开发团队三年扩到五十人，产品卖到邻省，订单排到年底。", ["高端软件和人工智能"], id="a thing described in its sentence"),
        pytest.param("光伏组件出口创新高", FILL + "\n当地的风电场也用上了新的风电机组，码头因此更加忙碌。", ["光伏"], id="an example in the story of another chain"),
        pytest.param("光伏组件出口创新高", "风电机组同样走俏，海上风电项目今年已经签下三十亿元的订单，码头一派忙碌。" + FILL[:80], ["光伏", "风电"], id="two passages in the story of another chain"),
        pytest.param("新能源产业提速", FILL + "\n当地的风电场用上了新的风电机组，码头因此更加忙碌。", ["风电"], id="a chain of the ecosystem in the title"),
        pytest.param("台风过境 各地全力抢险", "挖掘机和起重机连夜进场，抢修道路。植保无人机运送药品，中药材企业捐款。" + FILL, [], id="what rescuers bring"),
        pytest.param("挖掘机厂遭台风 停产三天", "挖掘机厂停产三天，工程机械交付推迟。" + FILL, ["智能装备"], id="a storm is not the topic of its victim"),
        pytest.param("半年总结", FILL + "\n1、2011第三届中国LED行业优秀供应商评价推介，请各LED企业报名参加，名额有限", [], id="boilerplate"),
    ],
)  # fmt: skip
def test_what_an_article_is_about(tagger: Tagger, title: str, text: str, about: list[str]) -> None:
    assert tagger.about(title, text) == about


def test_each_item_of_a_digest_is_judged_by_itself(tagger: Tagger) -> None:
    text = (
        "我国成功发射新一组遥感卫星\n今天上午，一枚运载火箭把一组遥感卫星送入轨道。\n"
        "三峡库区水位平稳\n水利部门说，库区水位总体平稳，水质良好，沿岸风光秀丽，游客增加。\n"
        "全国铁路客流平稳\n铁路部门介绍，各站客流平稳有序，热门方向加开列车，旅客出行顺畅。途中可见光伏电站。\n"
    )
    assert tagger.about("国内联播快讯", text) == ["智能装备"]


def test_an_item_that_names_a_thing_once_is_not_about_it(tagger: Tagger) -> None:
    text = (
        "毕业生就业服务平台上线\n平台今天上线，陆续推出乡村振兴、汽车行业等专场，预计提供岗位四十五万个。\n"
        "两地签署合作协议\n两地今天签约，共建光伏组件生产基地，首期投资二十亿元。\n"
    )
    assert tagger.about("国内联播快讯", text) == ["光伏"]


def test_what_is_named_in_passing_is_a_mention(tagger: Tagger) -> None:
    strengths = tagger.strengths("全市工作会议", FILL * 3 + "会上还提到光伏组件。")
    assert strengths["hz5/绿色能源/光伏"] is Strength.MENTION


def test_an_ecosystem_is_left_to_its_chains(tagger: Tagger) -> None:
    strengths = tagger.strengths("新能源产业园的光伏组件项目投产", "光伏组件项目在新能源产业园投产。")
    assert strengths["hz5/绿色能源/光伏"] is Strength.ABOUT
    assert strengths["hz5/绿色能源"] is Strength.MENTION


def test_programmes_and_topics_are_tagged_by_their_names(tagger: Tagger) -> None:
    assert tagger.about("杭州出台杭十条", "杭十条涉及减税降费。", "programme") == ["杭十条"]
    assert tagger.about("中国视谷建设蓝图发布", "中国视谷聚焦工业视觉与特殊成像。", "topic") == [
        "中国视谷",
        "工业视觉",
        "特殊成像",
    ]


def test_a_plain_name_counts_only_beside_the_name_above_it(tagger: Tagger) -> None:
    assert tagger.about("特殊成像技术讲座举行", "讲座介绍特殊成像。", "topic") == []


BEFORE, AFTER = datetime(2021, 6, 30, tzinfo=UTC), datetime(2026, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "published", "region", "schemes"),
    [
        pytest.param("芯片企业扩产", BEFORE, "杭州", {"hz5", "hz9", "zj10"}, id="of the city, while the nine held"),
        pytest.param("芯片企业扩产", AFTER, "杭州", {"hz5", "zj10"}, id="of the city, after the nine"),
        pytest.param(
            "芯片企业扩产，九大标志性产业链再添动能",
            AFTER,
            "杭州",
            {"hz5", "hz9", "zj10"},
            id="the old scheme is named",
        ),
        pytest.param("芯片企业扩产", BEFORE, "浙江", {"hz5", "zj10"}, id="of the province"),
        pytest.param("芯片企业扩产", BEFORE, "江苏", {"hz5"}, id="of another province"),
        pytest.param("浙江芯片企业扩产", BEFORE, None, {"hz5", "zj10"}, id="the title names the province"),
    ],
)
def test_schemes_of_the_place_and_time_get_the_same_topic(
    tagger: Tagger, title: str, published: datetime, region: str | None, schemes: set[str]
) -> None:
    strengths = tagger.strengths(title, "芯片企业今天扩产。", published, region)
    made = {node.split("/")[0] for node, strength in strengths.items() if node.endswith("集成电路")}
    assert made == schemes


def test_every_hit_is_the_text_at_its_span(tagger: Tagger) -> None:
    article: Article = tagger.article("儲能電站投產", "储能系统与ＡＩ。\n锂电池产线投产。")
    made = tag(article, tagger.rules, tagger.taxonomy)
    hits = [hit for one in made for hit in one.hits]
    assert {hit.words for hit in hits} >= {"儲能電站", "储能系统", "ＡＩ", "锂电池"}
    assert all(article.part(hit.part)[slice(*hit.span)] == hit.words for hit in hits)


PIECES = st.sampled_from(
    [
        "光伏",
        "储能电站",
        "集成电路",
        "、",
        "，",
        "。",
        "\n",
        "\n\n",
        "等产业",
        "海康威视",
        "摄像头",
        "国内联播快讯",
        "(",
        "“",
        "\x00",
        "ＡＩ",
        "𠮷",
        " ",
    ]
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.lists(PIECES, max_size=6).map("".join), text=st.lists(PIECES, max_size=40).map("".join))
def test_any_text_is_tagged_without_a_fault(tagger: Tagger, title: str, text: str) -> None:
    article = tagger.article(title, text)
    for made in tag(article, tagger.rules, tagger.taxonomy):
        assert made.hits
        assert all(article.part(hit.part)[slice(*hit.span)] == hit.words for hit in made.hits)


def test_the_same_article_is_tagged_the_same_to_the_byte(tagger: Tagger) -> None:
    article = tagger.article("储能电站投产", "锂电池与光伏组件。" + FILL)
    first, second = (b"".join(one.to_json() for one in tag(article, tagger.rules, tagger.taxonomy)) for _ in range(2))
    assert first == second
