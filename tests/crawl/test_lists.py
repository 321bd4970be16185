"""What each kind of list says: the traps of the real sites, as values."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from chainwatch.models import SHANGHAI, to_timestamp_ms
from chainwatch.settings import Settings
from crawlers.address import absolute, belongs
from crawlers.listing import Answer, Ask, ListFault, ListPage, is_wall
from crawlers.loader import spider_class
from crawlers.progress import Progress
from crawlers.source import Source
from crawlers.spiders.jpaas_list import pairs
from crawlers.spiders.json_list import at


@pytest.fixture(autouse=True)
def _no_installation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CHAINWATCH_HOME", str(tmp_path))


def read(listing: dict[str, Any], text: str, url: str = "http://a.test/col/col12/index.html", **ask: Any) -> ListPage:
    """One list page as the kind's spider reads it."""
    source = Source.model_validate({"name": "one", "title": "一", "list": listing})
    spider = spider_class(source, Settings(home=Path("/nowhere")))()
    return spider.read(Ask(url, **{"walk": url, **ask}), Answer(url, text, text.encode()))


def day(year: int, month: int, date: int) -> int:
    return to_timestamp_ms(datetime(year, month, date, tzinfo=SHANGHAI))


HANWEB = {"kind": "hanweb_list", "urls": ["http://a.test/col/col12/index.html"], "per_page": 2}
STORE = '<div id="5031616"><script type="text/xml"><datastore><recordset>{}</recordset><totalrecord>9</totalrecord></datastore></script></div>'


@pytest.mark.parametrize(
    ("row", "url", "title", "date"),
    [
        pytest.param(
            "<li class='clearfix'><a class='bt-left' href='/art/2026/3/2/art_12_7.html' title='全称很长的标题'>全称…</a><span class='bt-right'>2026-03-02</span></li>",
            "http://a.test/art/2026/3/2/art_12_7.html", "全称很长的标题", day(2026, 3, 2), id="li with title attribute",
        ),
        pytest.param(
            '<p class="lb-list"><a href="//b.test/art/2026/3/2/art_12_8.html">双斜杠</a><span>[2026-03-02]</span></p>',
            "http://b.test/art/2026/3/2/art_12_8.html", "双斜杠", day(2026, 3, 2), id="link with two slashes",
        ),
        pytest.param(
            "<tr><td>·<a href='/art/2025/12/31/art_12_9.html'>表格</a></td><td>[2025-12-31]</td></tr>",
            "http://a.test/art/2025/12/31/art_12_9.html", "表格", day(2025, 12, 31), id="table row: date from the address",
        ),
        pytest.param(
            "<li><span>2026-03-02</span><p><a href='/art/2026/art_0123456789abcdef0123456789abcdef.html' title='日期在外'>日期…</a></p></li>",
            "http://a.test/art/2026/art_0123456789abcdef0123456789abcdef.html", "日期在外", day(2026, 3, 2), id="date outside the paragraph",
        ),
        pytest.param(
            "<li><a href='/col/col3/index.html'>[栏目]</a><a href='/art/2026/3/2/art_12_7.html'>有栏目名</a><b>2026-03-02</b></li>",
            "http://a.test/art/2026/3/2/art_12_7.html", "有栏目名", day(2026, 3, 2), id="a column's name before the link",
        ),
    ],
)  # fmt: skip
def test_rows_of_a_data_store(row: str, url: str, title: str, date: int) -> None:
    page = read(HANWEB, STORE.format(f"<record><![CDATA[{row}]]></record>"), step=0)
    assert [(one.url, one.title, one.date_ms) for one in page.rows] == [(url, title, date)]


def test_the_proxy_is_asked_with_the_parameters_of_the_page() -> None:
    row = "<record><![CDATA[<li><a href='/art/2026/3/2/art_12_{}.html'>标题</a></li>]]></record>"
    page = read(HANWEB, "<script>var webid='3185';</script>" + STORE.format(row.format(1) + row.format(2)), step=0)
    assert page.following is not None
    assert page.following.url.startswith("http://a.test/module/web/jpage/dataproxy.jsp?col=1&appid=1&webid=3185&")
    for part in ("columnid=12", "unitid=5031616", "startrecord=3", "endrecord=4", "perpage=2"):
        assert part in page.following.url
    last = read(HANWEB, STORE.format(row.format(9)), step=5, context={"read": "8"})
    assert last.following is None, "all nine records are read"


def test_a_unit_is_found_behind_single_quotes_or_entities_and_paged_by_parameter_json() -> None:
    listing = {"kind": "jpaas_list", "urls": ["http://a.test/x"], "per_page": 15}
    for quote in ("'", "&quot;"):
        data = (
            "{'parseType':'bulidstatic','webId':'31','pageId':'12','tagId':'当前栏目list','editType':'null'}".replace(
                "'", quote
            )
        )
        column = f'<script url="/gw/build/unit" querydata="{data}"></script>'
        page = read(listing, column, step=0)
        (ask,) = page.parts
        assert ask.url.startswith("http://a.test/gw/build/unit?parseType=bulidstatic&webId=31&pageId=12&")
        assert "paramJson=%7B%22pageNo%22%3A1%2C%22pageSize%22%3A15%7D" in ask.url
        assert page.container
    with pytest.raises(ListFault, match="names no list unit"):
        read(listing, "<p>改版</p>", step=0)


def test_pseudo_json_is_read_word_by_word() -> None:
    assert pairs("{'a':'b', \"c\":\"d\", 'e':null, 'f':12}") == {"a": "b", "c": "d", "e": "null", "f": "12"}


SINA = {"kind": "sina_roll", "pageid": 155, "lid": 1686, "num": 1}
ROW = '{"url":"https://finance.sina.com.cn/roll/2026-03-02/doc-inabc.shtml","title":"标题","docid":"comos:nabc","ctime":"1772413200"}'


@pytest.mark.parametrize("text", ['{"result":{"total":2,"data":[%s]}}', 'cb_1({"result":{"total":"2","data":[%s]}});'])
def test_the_roll_feed_is_read_as_json_and_jsonp(text: str) -> None:
    page = read(SINA, text % ROW, step=1)
    assert [(one.id, one.date_ms) for one in page.rows] == [("comos:nabc", 1772413200000)]
    assert page.following is not None
    assert "page=2" in page.following.url


@pytest.mark.parametrize(
    ("listing", "text", "fault"),
    [
        (SINA, '{"result":{"data":{}}}', "refuses the call"),
        (SINA, "<html>改版</html>", "no JSON"),
        (SINA, "[]", "no result"),
        ({"kind": "json_list", "urls": ["http://a.test/x"], "rows": "list", "fields": {"url": "u", "title": "t"}}, "{}", "holds no list"),
        ({"kind": "feed", "urls": ["http://a.test/x"]}, "<html>no feed</html>", "gives no feed"),
        ({"kind": "feed", "urls": ["http://a.test/x"]}, '{"title":"x"}', "gives no feed"),
        ({"kind": "sitemap", "urls": ["http://a.test/x"]}, "nothing", "cannot be read"),
        ({"kind": "html_list", "urls": ["http://a.test/x"], "row": "li::::"}, "<li>", "selector cannot be read"),
    ],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_a_fault(listing: dict[str, Any], text: str, fault: str) -> None:
    with pytest.raises(ListFault, match=fault):
        read(listing, text, step=1)


def test_a_trs_list_counts_further_pages_from_one_and_takes_dates_from_addresses() -> None:
    listing = {
        "kind": "html_list",
        "urls": ["http://a.test/x/"],
        "row": "ul.u-list li:has(a)",
        "next_url": "index_{index}.html",
    }
    html = '<ul class="u-list"><li><a href="./202607/t20260731_1406815.html">标题</a></li><li class="empty"></li></ul>'
    page = read(listing, html, url="http://a.test/x/", step=1)
    assert [(one.url, one.date_ms) for one in page.rows] == [
        ("http://a.test/x/202607/t20260731_1406815.html", day(2026, 7, 31))
    ]
    assert page.following is not None
    assert page.following.url == "http://a.test/x/index_1.html"
    assert page.bad_rows == 0


def test_a_list_behind_a_form_is_asked_and_paged_by_the_form() -> None:
    listing = {
        "kind": "html_list",
        "urls": ["http://a.test/module/xxgk/search.jsp"],
        "row": "li.tab_box",
        "form": {"infotypeId": "F01", "jdid": 149},
        "page_parameter": "currpage",
    }
    html = "<li class='tab_box'><a href='/art/2026/3/2/art_12_7.html' title='某意见'>某…</a><span class='sub_tab_span3'>2026-03-02</span></li>"
    page = read(listing, html, url="http://a.test/module/xxgk/search.jsp", step=1)
    assert [(one.url, one.title, one.date_ms) for one in page.rows] == [
        ("http://a.test/art/2026/3/2/art_12_7.html", "某意见", day(2026, 3, 2))
    ]
    assert page.following is not None
    assert (page.following.method, page.following.body) == ("POST", b"infotypeId=F01&jdid=149&currpage=2")
    assert read(listing, "<p>暂无</p>", url="http://a.test/x", step=3).following is None


SNIPPETS = {
    "kind": "search_json", "url": "http://s.test/cateSearch.do", "method": "POST", "body": "form", "parameters": {"q": "产业链"},
    "page_parameter": "p", "rows": ["result"], "snippets": True, "link_parameter": "url",
    "fields": {"url": ".titleWrapper > a::attr(href)", "title": ".titleWrapper > a", "date": ".sourceTime"},
}  # fmt: skip


def test_a_search_of_html_pieces_is_read_by_selectors_and_through_its_counter() -> None:
    piece = (
        "<div class='titleWrapper'><a href='/visit/link.do?url=http%3A%2F%2Fb.test%2Fart%2F1.html&q=x'><em>产业</em>链对接</a></div>"
        "<div class='sourceTime'><span>来源: 某厅</span><span>时间: 2026-03-02</span></div>"
    )
    bare = "<div class='titleWrapper'><a href='http://b.test/art/2.html'>直接的地址</a></div>"
    page = read(SNIPPETS, json.dumps({"result": [piece, bare, "<p>广告</p>", 7]}), url="http://s.test/x", step=1)
    assert [(one.url, one.title, one.date_ms) for one in page.rows] == [
        ("http://b.test/art/1.html", "产业链对接", day(2026, 3, 2)),
        ("http://b.test/art/2.html", "直接的地址", None),
    ]
    assert page.bad_rows == 2
    assert page.following is not None
    assert page.following.body == b"q=%E4%BA%A7%E4%B8%9A%E9%93%BE&p=2"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"kind": "html_list", "urls": ["http://a.test/"], "row": "li", "page_parameter": "p"}, "page_parameter needs form"),
        ({"kind": "html_list", "urls": ["http://a.test/"], "row": "li", "form": {"a": 1}, "next_link": "a"}, "paged by page_parameter"),
        ({**SNIPPETS, "article_service": "http://s.test/x"}, "article_service needs article_url"),
    ],
)  # fmt: skip
def test_options_that_do_not_fit_together_are_refused(more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Source.model_validate({"name": "one", "title": "一", "list": more})


def test_an_index_of_a_newspaper_follows_its_refresh_once() -> None:
    listing = {"kind": "epaper", "url": "http://a.test/html/{year}-{month}/{day}/index.htm"}
    html = '<meta http-equiv="refresh" content="0; URL=node_1.htm">'
    page = read(listing, html, url="http://a.test/html/2026-03/02/index.htm", step=1, context={"day": "2026-03-02"})
    assert [part.url for part in page.parts] == ["http://a.test/html/2026-03/02/node_1.htm"]
    again = read(
        listing, html, url="http://a.test/x", step=1, context={"day": "2026-03-02", "refreshed": "yes"}, part=True
    )
    assert again.parts == ()


def test_keys_lead_through_lists_and_stars() -> None:
    document = {"data": {"results": [{"group": [{"data": {"url": 1}}]}, {"group": [{"data": {"url": 2}}]}, {}]}}
    assert at(document, "data.results.*.group.0.data") == [{"url": 1}, {"url": 2}]
    assert at(document, "data.nothing.here") is None
    assert at([1], "") == [1]


@pytest.mark.parametrize(
    ("href", "url"),
    [
        ("//b.test/x", "http://b.test/x"),
        ("../y.htm", "http://a.test/y.htm"),
        (" z\n.htm ", "http://a.test/q/z.htm"),
        ("javascript:void(0)", None),
        ("#top", None),
        ("http://[bad", None),
        ("ftp://b.test/x", None),
        ("file:///etc/passwd", None),
    ],
)
def test_links_become_web_addresses_or_nothing(href: str, url: str | None) -> None:
    assert absolute("http://a.test/q/p.htm", href) == url


def test_a_host_belongs_to_its_domain_not_to_a_longer_name() -> None:
    assert belongs("https://finance.sina.com.cn:8443/x", ["sina.com.cn"])
    assert not belongs("https://evilsina.com.cn/x", ["sina.com.cn"])


@pytest.mark.parametrize(
    ("html", "wall"),
    [
        ('<form><input type="password">请登录</form>', True),
        ("<title>访问验证</title><p>您的访问过于频繁</p>", True),
        ("<ul></ul><p>暂无内容</p>", False),
        ("", False),
    ],
)
def test_a_firewall_or_login_in_place_of_a_list_is_told_from_an_empty_one(html: str, wall: bool) -> None:
    assert is_wall(Answer("http://a.test/", html, html.encode())) is wall


def test_a_walk_stands_at_the_first_page_with_an_open_article() -> None:
    progress = Progress()
    assert progress.added("w", 1, 2) == 1
    assert progress.added("w", 2, 1) == 1
    assert progress.settled("w", 2) == 1
    assert progress.settled("w", 1) == 1
    assert progress.settled("w", 1) == 3
    assert progress.added("w", 3, 0) == 4
    assert progress.added("other", 7, 1) == 7
