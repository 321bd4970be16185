"""What rules mean: tables of rule, article and what is found."""

import pytest

from chainwatch.matching.bundle import Bundle
from chainwatch.matching.lowering import case_article
from chainwatch.matching.rules import RuleSet, compile_rules
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle


def compiled(match: str, masks: str = "") -> RuleSet:
    files = {"own/a.yaml": f"rules:\n- id: r\n  {match}\n".encode()}
    return compile_rules(Bundle(files | ({"masks.yaml": masks.encode()} if masks else {})))


@pytest.mark.parametrize(
    ("match", "title", "text", "found"),
    [
        pytest.param("match: {any: [储能, 光伏]}", "", "光伏与储能", ["光伏", "储能"], id="any"),
        pytest.param("match: {all: [储能, 补贴]}", "", "只有储能", None, id="all-misses-one"),
        pytest.param("match: {all: [储能], none: [招聘]}", "招聘启事", "储能", None, id="none"),
        pytest.param("match: {any: [储能]}", "", "発展儲能", ["儲能"], id="traditional"),
        pytest.param("match: {any: [儲能]}", "", "发展储能", ["储能"], id="traditional-keyword"),
        pytest.param("match: {any: [5g芯片]}", "", "国产５Ｇ芯片", ["５Ｇ芯片"], id="full-width-and-case"),
        pytest.param("match: {any: [AI]}", "", "TRAIN 和 said", None, id="latin-words-need-borders"),
        pytest.param("match: {any: [AI]}", "", "用AI赋能", ["AI"], id="han-is-a-border"),
        pytest.param("match: {any: [储能]}", "", "🚀🚀储能", ["储能"], id="astral"),
        pytest.param("match: {any: [储能], not_inside: [存储能力]}", "", "存储能力", None, id="not-inside"),
        pytest.param(
            "match: {any: [储能], not_inside: [存储能力]}", "", "存储能力，储能", ["储能"], id="not-inside-elsewhere"
        ),
        pytest.param("match: {any: [储能], fields: [title]}", "", "储能", None, id="title-only"),
        pytest.param("match: {any: [储能], fields: [first]}", "", "\n\n首段\n储能", None, id="first-paragraph-only"),
        pytest.param(
            "match: {near: [{a: 政策, b: 资金, within: 3}]}", "", "资金和政策", ["资金", "政策"], id="near-both-ways"
        ),
        pytest.param("match: {near: [{a: 政策, b: 资金, within: 3}]}", "", "资金一二三四政策", None, id="too-far"),
        pytest.param("match: {near: [{a: 政策, b: 资金}]}", "", "资金。政策", None, id="another-sentence"),
        pytest.param(
            "match: {near: [{a: 政策, b: 资金, within: paragraph}]}", "", "资金。政策", ["资金", "政策"], id="paragraph"
        ),
        pytest.param("match: {near: [{a: 政策, b: 资金, within: 9}]}", "资金", "政策", None, id="never-over-parts"),
        pytest.param("match: {regex: ['\\d+亿级']}", "", "🚀达100亿级", ["100亿级"], id="regex"),
        pytest.param(
            "match: {any: [{words: [甲甲], weight: 2}, 乙乙], min_score: 3}", "", "甲甲", None, id="score-too-low"
        ),
        pytest.param(
            "match: {any: [{words: [甲甲], weight: 2}, 乙乙], min_score: 3}",
            "",
            "甲甲乙乙",
            ["甲甲", "乙乙"],
            id="score-enough",
        ),
        pytest.param("match: {any: [甲甲], boost: {title: 3}, min_score: 3}", "甲甲", "", ["甲甲"], id="boost"),
        pytest.param("quick: 储能 +补贴 !招聘", "", "储能补贴", ["储能", "补贴"], id="quick"),
        pytest.param("quick: 储能 +补贴 ！招聘", "", "储能补贴招聘", None, id="quick-full-width"),
    ],
)
def test_match(match: str, title: str, text: str, found: list[str] | None) -> None:
    hits = compiled(match).match(case_article(title, text))
    assert [[hit.words for hit in one.hits] for one in hits] == ([] if found is None else [found])


@pytest.mark.parametrize(
    ("query", "text", "holds"),
    [
        ("储能 补贴", "储能补贴", True),
        ("储能 AND 补贴", "储能", False),
        ("储能 OR 补贴", "补贴", True),
        ("储能 NOT 招聘", "储能招聘", False),
        ("储能 与 （补贴 或 资金） 非 招聘", "储能资金", True),
        ("储能 与 （补贴 或 资金） 非 招聘", "储能", False),
        ("生物医药与健康", "生物医药与健康", True),
        ("“补贴 资金”", "补贴资金", False),
        ("title:储能 补贴", "储能补贴", False),
        ("正文:（储能 OR 光伏）", "光伏", True),
        ("政策 NEAR/2 资金", "政策一二资金", True),
        ("政策 NEAR/2 资金", "政策一二三资金", False),
        ("(政策 OR 规划) NEAR/句 资金", "规划。资金", False),
        ("a OR b AND c", "a", True),
        ("NOT 招聘 储能", "储能", True),
        ("ANDROID NOTE", "android note", True),
    ],
)
def test_query(query: str, text: str, holds: bool) -> None:
    assert bool(compiled(f"match: {{query: '{query}'}}").match(case_article("", text))) is holds


def test_shipped_masks_hold_for_every_rule() -> None:
    masks = "masks: [{word: 储能, inside: [存储能力]}]"
    assert not compiled("match: {any: [储能]}", masks).match(case_article("", "存储能力"))


def test_every_hit_names_its_span() -> None:
    article = case_article("储能🚀政策", "🚀安排資金\n再次提到儲能", attachment="附件也说储能")
    hits = compiled("match: {any: [储能, 资金]}").match(article)[0].hits
    assert [hit.words for hit in hits] == ["储能", "資金", "儲能", "储能"]
    assert all(article.part(hit.part)[slice(*hit.span)] == hit.words for hit in hits)


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("{regions: [杭州]}", True),
        ("{regions: [浙江]}", True),
        ("{regions: [宁波]}", False),
        ("{sources: [杭州日报]}", True),
        ("{sources: [其他]}", False),
        ("{regions: [杭州], sources: [其他]}", False),
    ],
)
def test_region_and_source_conditions(when: str, holds: bool) -> None:
    files = read_bundle(rules_dir()).files
    rules = compile_rules(Bundle({**files, "own/a.yaml": f"id: r\nwhen: {when}\nmatch: {{any: [储能]}}".encode()}))
    article = case_article("", "储能", source="杭州日报", region="杭州/滨江")
    assert bool(rules.match(article)) is holds
