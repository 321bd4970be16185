"""Commitments and roles out of invented sentences."""

from collections.abc import Callable

import pytest

from chainwatch.models import Measure, PolicyFinding, RoleFinding, canonical_decimal

Found = Measure | PolicyFinding | RoleFinding
Read = Callable[..., list[Found]]


def promises(found: list[Found]) -> list[Measure]:
    return [one for one in found if isinstance(one, Measure) and one.kind == "commitment"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("对认定企业，给予一次性奖励100万元。", ["奖励 eq 1000000"]),
        ("对首台装备，最高奖励500万元。", ["奖励 le 5000000"]),
        ("给予不超过300万元的补助。", ["补助 le 3000000"]),
        ("每年安排专项资金不少于2亿元支持创新。", ["专项资金 ge 200000000"]),
        ("设立总规模1000亿元的产业基金。", ["产业基金 eq 100000000000"]),
        ("每年发放5000万元“算力券”。", ["“算力券” eq 50000000"]),
        ("按投入的30%给予补贴。", ["补贴 eq 30"]),
        ("可申请最高不超过15万元的创业担保贷款。", ["创业担保贷款 le 150000"]),
        ("30亿元的产业投资基金正式设立。", ["产业投资基金 eq 3000000000"]),
        ("单项资助最高达1200万元，各区积极兑现奖励。", ["单项资助 le 12000000"]),
        ("对购买服务的企业按30%给予补贴，单个企业每年最高800万元。", ["补贴 eq 30", "单个企业 le 8000000"]),
        ("市财政安排引导资金3亿元。", ["引导资金 eq 300000000"]),
        ("对建档家庭，发放一次性津贴800元；对示范机构，按每床位500元的标准发放建设补贴。",
         ["津贴 eq 800", "建设补贴 eq 500"]),
        ("文旅部门推出500万元观影补贴。", ["观影补贴 eq 5000000"]),
        ("省里将失业人员生活补助标准，由每人每月900元提高至1100元。", ["失业人员生活补助标准 eq 1100"]),
        ("2023年将安排2.5亿元职工关爱资金用于走访慰问。", ["职工关爱 eq 250000000"]),
        ("去年累计发放津贴800万元。", []),
        ("去年累计发放补贴3亿元。", []),
        ("某公司投入资金3亿元建厂。", []),
        ("贷款余额达到3亿元，同比增长8%。", []),
    ],
)  # fmt: skip
def test_commitments(text: str, expected: list[str], read: Read) -> None:
    assert [
        f"{one.subject} {one.comparator.value} {canonical_decimal(one.value)}" for one in promises(read(text))
    ] == expected


def test_payer_beneficiary_and_cap(read: Read) -> None:
    (one,) = promises(read("对新引进的研发机构，给予最高200万元补助，由市财政承担。"))
    assert (one.payer, one.beneficiary, one.comparator.value) == ("市财政", "新引进的研发机构", "le")
    (each,) = promises(read("每年发放补助，每家企业最高奖励200万元。"))
    assert each.cap_per_item


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("市领导担任产业链链长。", [("chain_chief", "市领导", "产业链")]),
        ("副市长担任集成电路产业链链长。", [("chain_chief", "副市长", "集成电路产业链")]),
        ("集成电路产业链链长由副市长担任。", [("chain_chief", "副市长", "集成电路产业链")]),
        ("六大产业生态圈的“链长”，由市领导担任。", [("chain_chief", "市领导", "六大产业生态圈")]),
        ("甲电子是视觉智能产业链链主企业。", [("leader_firm", "甲电子", "视觉智能产业链")]),
        ("甲电子获评全省数字安防产业链“链主”企业。", [("leader_firm", "甲电子", "数字安防产业链")]),
        ("甲药业被认定为生物医药产业链链主企业。", [("leader_firm", "甲药业", "生物医药产业链")]),
        ("全市成立生物医药产业工作专班。", [("task_force", "生物医药产业工作专班", "生物医药产业")]),
        ("推动“链主”企业开放资源。", []),
        ("全面推行链长制。", []),
        ("培育一批链主企业。", []),
        ("建立工作专班。", []),
    ],
)
def test_roles(text: str, expected: list[tuple[str, str, str]], read: Read) -> None:
    found = [one for one in read(text) if isinstance(one, RoleFinding)]
    assert [(one.role, one.holder, one.subject) for one in found] == expected


def test_spans_of_roles_hold_what_they_name(read: Read) -> None:
    text = "近日，甲电子是视觉智能产业链链主企业。"
    (one,) = [one for one in read(text) if isinstance(one, RoleFinding)]
    assert text[slice(*one.holder_span)] == one.holder
    assert one.subject_span is not None
    assert text[slice(*one.subject_span)] == one.subject
    assert one.quote in text
