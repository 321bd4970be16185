"""Policies out of invented sentences: titles, document numbers, status and date, programmes, and the document itself."""

from collections.abc import Callable
from datetime import date

import pytest

from chainwatch.models import Document, Measure, PolicyFinding, RoleFinding
from consumers.extract import extract
from consumers.extractors.docnumbers import find_numbers, normal
from consumers.extractors.lexicon import Lexicon

Found = Measure | PolicyFinding | RoleFinding
Read = Callable[..., list[Found]]


def policies(found: list[Found]) -> list[PolicyFinding]:
    return [one for one in found if isinstance(one, PolicyFinding)]


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("市政府印发《甲市装备业行动计划》。", ["甲市装备业行动计划"]),
        ("会议审议《甲市装备业“十四五”规划》。", ["甲市装备业“十四五”规划"]),
        ("出台《甲市装备业行动方案（2021—2025年）》。", ["甲市装备业行动方案（2021—2025年）"]),
        ("发布《甲市装备业条例》（草案）。", ["甲市装备业条例"]),
        ("印发《关于印发〈甲市装备业办法〉的通知》。", ["关于印发〈甲市装备业办法〉的通知"]),
        ("印发《甲办法》《乙办法》和《丙办法》。", ["甲办法", "乙办法", "丙办法"]),
        ("印发《甲市装备业若干意见》（以下简称《意见》）。《意见》提出四项任务。", ["甲市装备业若干意见"]),
        ("印发《甲市装备业若干意见》（简称“装备意见”）。《装备意见》提出任务。", ["甲市装备业若干意见"]),
        ("印发《甲市装备业若干意见》。按照《意见》，各地抓紧落实。", ["甲市装备业若干意见"]),
        ("公布《甲市产业结构调整指导目录》。", ["甲市产业结构调整指导目录"]),
        ("《中华人民共和国节约能源法》规定了标准。", ["中华人民共和国节约能源法"]),
        ("据《甲日报》报道，项目开工。", []),
        ("据《2021年装备业发展报告》，规模增长。", []),
        ("发布《甲市营商环境白皮书》。", []),
        ("他写过一本书《山里的办法总比困难多》。", []),
        ("论坛发表《甲城倡议》。", []),
        ("双方签署《战略合作协议》。", []),
        ("电影《我和我的家乡》上映。", []),
        ("公司披露《甲股份有限公司股权激励计划》。", []),
        ("《意见》提出四项任务。", []),
        ("落实《甲省装备业规划》《乙市装备业规划》要求。", ["甲省装备业规划", "乙市装备业规划"]),
        ("甲市全面落实“十四五”规划。", ["“十四五”规划"]),
        ("今年甲市深入实施“强链补链”专项行动。", ["“强链补链”专项行动"]),
        ("全市推进“1357”计划，成效明显。", ["“1357”计划"]),
        ("会议学习环境保护法、大气污染防治法。", ["环境保护法", "大气污染防治法"]),
        ("杭州推出“杭十条”，企业受益。", ["杭十条"]),
        ("某集团实施“百店计划”。", []),
    ],
)
def test_titles_and_programmes(text: str, titles: list[str], read: Read) -> None:
    assert [one.title for one in policies(read(text))] == titles


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("杭政办函〔2022〕39号", "杭政办函〔2022〕39号"), ("杭政办函[2022]39号", "杭政办函〔2022〕39号"), ("杭政办函［2022］39号", "杭政办函〔2022〕39号"),
        ("杭政办函【2022】39号", "杭政办函〔2022〕39号"), ("杭政办函（2022）39号", "杭政办函〔2022〕39号"), ("杭政办函(2022)39号", "杭政办函〔2022〕39号"),
        ("杭政办函﹝2022﹞39号", "杭政办函〔2022〕39号"), ("杭政办函〔2022〕 39 号", "杭政办函〔2022〕39号"), ("杭政办函 〔2022〕39号", "杭政办函〔2022〕39号"),
        ("国发〔2018〕42号", "国发〔2018〕42号"), ("国办发〔2021〕3号", "国办发〔2021〕3号"), ("浙政发〔2020〕22号", "浙政发〔2020〕22号"),
        ("工信部联规〔2021〕206号", "工信部联规〔2021〕206号"), ("发改高技〔2020〕1409号", "发改高技〔2020〕1409号"), ("财税〔2022〕1号", "财税〔2022〕1号"),
        ("京发改规〔2023〕5号", "京发改规〔2023〕5号"), ("沪府办规〔2022〕第8号", "沪府办规〔2022〕8号"), ("银发〔2022〕74号", "银发〔2022〕74号"),
        ("浙经信技术〔2022〕130号", "浙经信技术〔2022〕130号"), ("国发2022〕15号", "国发〔2022〕15号"), ("国务院令第722号", "国务院令第722号"),
        ("根据国发〔2018〕42号", "国发〔2018〕42号"),
    ],
)  # fmt: skip
def test_document_numbers(written: str, number: str) -> None:
    assert normal(written) == number


@pytest.mark.parametrize("text", ["〔2022〕年度", "第39号公告牌", "2022年39号楼", "路牌号〔39〕", "会议室（2022）"])
def test_what_is_no_document_number(text: str) -> None:
    assert list(find_numbers(text)) == []


def test_a_number_behind_the_title_belongs_to_it(read: Read) -> None:
    (one,) = policies(read("市政府印发《甲市装备业行动计划》（甲政办发〔2022〕7号），自即日起施行。"))
    assert one.doc_number == "甲政办发〔2022〕7号"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("市政府印发《甲市办法》。", "issued"), ("市政府发布《甲市办法》。", "issued"), ("市政府出台《甲市办法》。", "issued"), ("市政府公布了《甲市办法》。", "issued"),
        ("会议通过了《甲市办法》。", "issued"), ("《甲市办法》正式发布。", "issued"), ("《甲市办法》近日出台。", "issued"), ("市里推出《甲市办法》。", "issued"),
        ("《甲市办法》自2022年7月1日起施行。", "in_force"), ("甲市深入实施《甲市办法》。", "in_force"), ("《甲市办法》正式生效。", "in_force"),
        ("《甲市办法》正在征求意见。", "draft"), ("公布《甲市办法（征求意见稿）》。", "draft"), ("《甲市办法》（草案）提交审议。", "draft"),
        ("《甲市办法》正在征求意见，预计年内出台。", "draft"), ("甲市将出台《甲市办法》。", "planned"), ("甲市正在研究制定《甲市办法》。", "planned"),
        ("甲市拟出台《甲市办法》。", "planned"), ("甲市修订《甲市办法》。", "amended"), ("《甲市办法》修订后重新实行。", "amended"), ("《甲市办法》同时废止。", "repealed"),
        ("一图读懂《甲市办法》。", "interpreted"), ("按照《甲市办法》，各地推进。", "mentioned"), ("《甲市办法》提出五项任务。", "mentioned"),
        ("市政府印发《甲市办法》。《甲市办法》自2022年7月1日起施行。", "in_force"), ("《甲市办法》经过多次修改，已上报审批。", "planned"),
        ("《甲省湖泊条例》已由甲省第十届人大常委会的第七次会议在2022年5月20日通过，现予公布。", "issued"),
        ("《甲省湖泊条例》已经2022年4月20日省人大常委会第五次会议修订通过，自7月1日起施行。", "amended"),
        ("《甲省湖泊条例》已由省政府常务会议讨论，尚未通过。", "mentioned"), ("《甲市办法》已经列入计划，明年通过。", "mentioned"),
        ("市政府决定对《甲市办法》等3部规章的部分条款予以修改。", "amended"),
    ],
)  # fmt: skip
def test_status_words(text: str, status: str, read: Read) -> None:
    (one,) = policies(read(text))
    assert one.status.value == status


@pytest.mark.parametrize(
    ("text", "day", "issuer"),
    [
        ("2021年12月，国家发改委发布了《甲业办法》。", "2021-12", "国家发改委"),
        ("工业和信息化部等八部门近日联合印发《甲业意见》。", None, "工业和信息化部等八部门"),
        ("去年7月，市政府出台《甲业方案》。", "2021-07", "市政府"),
        ("《甲业办法》自2022年7月1日起施行。", "2022-07-01", None),
        ("甲业前景看好，《甲业办法》提出任务。", None, None),
        ("5月24日，财政部、商务部联合发布《甲业通知》。", "2022-05-24", "财政部、商务部"),
    ],
)
def test_date_and_issuer(text: str, day: str | None, issuer: str | None, read: Read) -> None:
    (one,) = policies(read(text))
    assert (one.date, one.issuer) == (day, issuer)


_OWN = "甲政发〔2022〕9号\n各区、县人民政府，市直各单位：\n为推进装备业发展，提出以下意见。\n到2025年，产值达到500亿元。\n扶持企业50家。\n甲市人民政府\n2022年3月4日"
_TITLE = "甲市人民政府关于推进装备业发展的若干意见"


def test_the_document_itself_is_issued_with_its_number_and_date(read: Read) -> None:
    found = read(f"{_TITLE}\n{_OWN}", title=_TITLE)
    own = policies(found)[0]
    assert own.itself
    assert (own.status.value, own.doc_number, own.date, own.issuer) == (
        "issued",
        "甲政发〔2022〕9号",
        "2022-03-04",
        "甲市人民政府",
    )
    assert (own.part, own.title_span) == ("text", (0, len(_TITLE)))


def test_a_reply_and_the_plan_it_approves_are_two_documents(read: Read) -> None:
    text = "省政府关于甲市港口规划的批复\n甲政函〔2022〕9号\n甲市人民政府：\n原则同意《甲市港口规划》。\n2022年5月20日"
    found = policies(read(text, title="省政府关于甲市港口规划的批复"))
    assert [one.title for one in found] == ["省政府关于甲市港口规划的批复", "甲市港口规划"]


def test_a_policys_own_text_states_no_results_without_a_time(read: Read) -> None:
    text = f"{_TITLE}\n{_OWN.replace('到2025年，产值达到500亿元。', '支持企业达到80家。')}"
    assert not [one for one in read(text, title=_TITLE) if isinstance(one, Measure) and one.kind == "actual"]


def test_the_head_table_is_the_first_witness(lexicon: Lexicon, read: Read) -> None:
    del read
    from datetime import datetime  # noqa: PLC0415  one test needs it

    from chainwatch.models import SHANGHAI, Article  # noqa: PLC0415  as above

    article = Article(
        id="d",
        title=_TITLE,
        text="为推进装备业发展，提出以下意见。",
        fetched=datetime(2022, 4, 1, tzinfo=SHANGHAI),
        content_digest="d",
        document=Document(
            number="甲政发〔2022〕9号", index="00123/2022-1", issuer="甲市人民政府", written=date(2022, 3, 4)
        ),
    )
    (own,) = policies(extract(article, lexicon, None))
    assert (own.part, own.itself, own.doc_number, own.issuer, own.date) == (
        "title",
        True,
        "甲政发〔2022〕9号",
        "甲市人民政府",
        "2022-03-04",
    )


def test_places_of_policies(read: Read) -> None:
    found = policies(read("《杭州市装备业规划》发布，衔接《浙江省装备业规划》。", title="工作简报"))
    assert [one.region for one in found] == ["杭州", "浙江"]


def test_spans_hold_the_title(read: Read) -> None:
    text = "近日，市政府印发《甲市装备业行动计划》。"
    (one,) = policies(read(text))
    assert text[slice(*one.title_span)] == one.title == one.quote


def test_an_open_mark_does_not_swallow_the_text(read: Read) -> None:
    text = "他说《甲市的事。" + "一句话。" * 100 + "市政府印发《甲市办法》。"
    assert [one.title for one in policies(read(text))] == ["甲市办法"]


def test_what_is_said_of_one_programme_of_a_list_is_said_of_all(read: Read) -> None:
    found = policies(read("下一步，将深入实施“千企焕新”工程和“百亿培育”行动，企业受益。"))
    assert [(one.title, one.status.value) for one in found] == [
        ("“千企焕新”工程", "planned"),
        ("“百亿培育”行动", "planned"),
    ]
