"""Values of single fields: times, credits, titles, addresses, document numbers, furniture."""

from datetime import date

import pytest

from crawlers.templates import address, dates, fields
from crawlers.templates.body import fragment_text
from crawlers.templates.furniture import strip_furniture
from crawlers.templates.head import normal_number, number_in
from crawlers.templates.titles import plain_title


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2018年12月28日 19:55", "2018-12-28T19:55:00+08:00", id="sina"),
        pytest.param("2016年05月25日10:10 某财经", "2016-05-25T10:10:00+08:00", id="no-blank"),
        pytest.param("2026-09-11-18:20:33", "2026-09-11T18:20:33+08:00", id="govcn-meta"),
        pytest.param("2026-03-01T23:30:00Z", "2026-03-02T07:30:00+08:00", id="utc"),
        pytest.param("2023 11/17 20:52:15", "2023-11-17T20:52:15+08:00", id="year-apart"),
        pytest.param("发布时间：19-09-30 22:46", "2019-09-30T22:46:00+08:00", id="short-year"),
        pytest.param("1772410800", "2026-03-02T08:20:00+08:00", id="epoch"),
        pytest.param("1772410800000", "2026-03-02T08:20:00+08:00", id="epoch-ms"),
        pytest.param("2026年3月2日 星期一 9时05分", "2026-03-02T09:05:00+08:00", id="weekday"),
        pytest.param("2026-03-02 首页 2026-03-02 09:30", "2026-03-02T09:30:00+08:00", id="minute-wins"),
    ],
)
def test_times_are_read_to_the_minute_in_chinese_time(text: str, moment: str) -> None:
    when = dates.find(text)
    assert when is not None
    assert when.precise
    assert when.at.isoformat() == moment


@pytest.mark.parametrize("text", ["", "来源：某报", "2026-13-40", "2026年02月31日", "电话 057120260302", "3小时前"])
def test_what_is_no_time_is_none(text: str) -> None:
    assert dates.find(text) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2019年01月27日", date(2019, 1, 27)),
        ("二〇二一年六月三日", date(2021, 6, 3)),
        ("二○二二年十一月二十三日", date(2022, 11, 23)),
        ("2021-6-8", date(2021, 6, 8)),
        ("不详", None),
    ],
)
def test_document_dates(text: str, day: date | None) -> None:
    assert dates.day(text) == day


@pytest.mark.parametrize(
    ("url", "day"),
    [
        ("https://zjrb.example.test/html/2026-03/02/content_1.htm", "2026-03-02"),
        ("http://x.example.test/art/2021/6/8/art_1_2.html", "2021-06-08"),
        ("https://n.example.test/xx/202607/t20260731_1406815.html", "2026-07-31"),
        ("https://n.example.test/2026/0302/1001.html", "2026-03-02"),
        ("https://n.example.test/c/8Wda7wwUnuC", None),
    ],
)
def test_the_address_gives_the_day_where_nothing_else_does(url: str, day: str | None) -> None:
    when = dates.in_address(url)
    assert (when.at.date().isoformat() if when else None) == day


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2026-03-02 09:30 来源：某省日报 分享到：", "某省日报"),
        ("2016年05月25日10:10 某财经", "某财经"),
        ("来源： 某通讯社", "某通讯社"),
        ("信息来源：产业处", "产业处"),
        ("来源于： 某办事处", "某办事处"),
        ("某某/某青年报", "某青年报"),
        ("2026-03-02", None),
        ("", None),
    ],
)
def test_source_names(text: str, name: str | None) -> None:
    assert fields.source_name(text) == name


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("责任编辑：某编辑 SF055", "某编辑"),
        ("[责任编辑：某编辑]", "某编辑"),
        ("(责编：某甲、某乙)", "某甲、某乙"),
        ("责编：某编辑 PN269", "某编辑"),
        ("某编辑_NB11331", "某编辑"),
        ("责任编辑：某甲　校对：某乙", "某甲"),
    ],
)
def test_people_lose_labels_and_work_codes(text: str, names: str) -> None:
    assert fields.people(text) == names


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("全市工业增长_经济频道_某某网", "全市工业增长"),
        ("全市工业增长|工业|增长_某财经_某网", "全市工业增长"),
        ("全市工业增长--财经--某某网", "全市工业增长"),
        ("全市工业增长 - 某某新闻网", "全市工业增长"),
        ("5G-A与低空经济：一张网两用", "5G-A与低空经济：一张网两用"),
        ("全市工业增长", "全市工业增长"),
    ],
)
def test_titles_lose_the_site_and_nothing_else(text: str, title: str) -> None:
    assert plain_title(text) == title


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        (
            "http://Finance.Example.test/a/doc-i1.shtml?cre=x&utm_source=y&id=3#top",
            "https://finance.example.test/a/doc-i1.shtml?id=3",
        ),
        ("https://e.example.test/content_1.htm?div=-1", "https://e.example.test/content_1.htm"),
        ("javascript:void(0)", None),
        ("http://[bad", None),
        (None, None),
    ],
)
def test_canonical_addresses(url: str | None, canonical: str | None) -> None:
    assert address.canonical(url) == canonical


@pytest.mark.parametrize(
    ("href", "title", "text", "name"),
    [
        ("/a/P0202601.pdf", "", "附件1：名单", "附件1：名单.pdf"),
        ("/module/download/downfile.jsp?classid=0&filename=0a1b.pdf", "", "名单.pdf", "名单.pdf"),
        ("/front/document/file-download?fileUrl=/x/abc&fileName=%E5%90%8D%E5%8D%95.xlsx", "", "", "名单.xlsx"),
        ("/news/1.html", "", "相关新闻", None),
        ("./x.ofd", "某方案.ofd", "某方案", "某方案.ofd"),
    ],
)
def test_links_to_files_are_named(href: str, title: str, text: str, name: str | None) -> None:
    assert address.file_name(href, title, text) == name


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("国发[2019] 5 号", "国发〔2019〕5号"),
        ("某政办函（2022）39号", "某政办函〔2022〕39号"),
        ("国令第706号", "国令第706号"),
        ("无", None),
    ],
)
def test_document_numbers_have_one_spelling(text: str, number: str | None) -> None:
    assert normal_number(text) == number


def test_a_number_counts_only_on_a_line_of_its_own_near_the_top() -> None:
    assert number_in("某意见\n国发〔2026〕9号\n各省：") == "国发〔2026〕9号"
    assert number_in("根据国发〔2026〕9号文件要求，推进工作。") is None


def test_inline_markup_joins_without_blanks_and_blocks_make_lines() -> None:
    html = "<div><p>　　工业<span>\n<a>机器人</a></span><em></em>、集成电路<br>增长</p><p>第二\n  段</p><ul><li>一</li><li>二</li></ul></div>"
    assert fragment_text(html) == "工业机器人、集成电路\n增长\n第二段\n一\n二"


def test_rows_of_values_stay_together_and_layout_tables_do_not() -> None:
    assert fragment_text("<table><tr><td><p>指标</p></td><td>2027年</td></tr></table>") == "指标\t2027年"
    long = "产业链协同。" * 50
    assert fragment_text(f"<table><tr><td><p>{long}</p><p>第二段</p></td><td>侧栏</td></tr></table>").split("\n") == [
        long,
        "第二段",
        "侧栏",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "责任编辑：某编辑 SF055",
        "【责任编辑：某编辑】",
        "(责编：某甲、某乙)",
        "海量资讯、精准解读，尽在新浪财经APP",
        "上一篇：某新闻",
        "1 2 3 下一页",
        "分享到：",
        "扫一扫在手机打开当前页",
        "打印本页 关闭窗口",
    ],
)
def test_furniture_lines_go(line: str) -> None:
    assert strip_furniture(f"第一段。\n第二段。\n{line}") == "第一段。\n第二段。"


@pytest.mark.parametrize(
    "line",
    [
        "（一）扫码支付产业链产值超过100亿元。",
        "编辑部所在的园区已有三百家企业。",
        "下一步，推动扩产。",
        "分享制造成为新业态。",
        "来源：某报",
    ],
)
def test_sentences_that_look_like_furniture_stay(line: str) -> None:
    assert strip_furniture(f"第一段。\n{line}\n末段。") == f"第一段。\n{line}\n末段。"


def test_links_under_a_related_heading_go_only_where_asked() -> None:
    text = "第一段。\n第二段。\n相关阅读\n另一条新闻"
    assert strip_furniture(text, related=True) == "第一段。\n第二段。"
    assert strip_furniture(text) == text
