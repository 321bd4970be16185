"""Pages as a whole: which template reads them, what stands in for articles, several pages, hostile markup."""

import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest

from crawlers.templates import Reason, Refused, join, parse, parse_page

FETCHED = datetime(2026, 10, 1, tzinfo=UTC)
SENTENCES = "本市今年工业增加值增长百分之六，产业链企业达三百家。" * 8
BODY = f"<p>{SENTENCES}</p><p>链主企业牵头攻关，配套率提高到七成。</p>"


def page(body: str, title: str = "某市产业链提速") -> str:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"


@pytest.mark.parametrize(
    ("url", "html", "template"),
    [
        (None, page(f"<div id='artibody'>{BODY}</div>"), "sina/1"),
        (None, page(f"<div id='con_con'>{BODY}</div>"), "jpaas/1"),
        (None, page(f"<div id='zoom'>{BODY}</div>"), "hanweb_jcms/1"),
        (None, page(f"<div id='js_content'>{BODY}</div>"), "wechat/1"),
        ("https://www.ndrc.gov.cn/a/t20260101_1.html", page(f"<div class='article_con'>{BODY}</div>"), "trs/1"),
        ("https://finance.sina.com.cn/new/layout", page(f"<div class='never-seen'>{BODY}</div>"), "generic/1"),
        ("https://unknown.example.test/1", page(f"<div class='x'>{BODY}</div>"), "generic/1"),
    ],
)
def test_host_or_mark_choose_the_template(url: str | None, html: str, template: str) -> None:
    assert parse(html, url, fetched=FETCHED).template == template


def test_a_named_template_is_tried_first_and_a_misfit_shows() -> None:
    html = page(f"<div id='zoom'>{BODY}</div>")
    assert parse(html, None, fetched=FETCHED, template="hanweb_jcms").template == "hanweb_jcms/1"
    assert parse(html, None, fetched=FETCHED, template="epaper").template == "hanweb_jcms/1"


def test_without_templates_every_page_is_read_the_generic_way() -> None:
    article = parse(page(f"<div id='artibody'>{BODY}</div>"), None, fetched=FETCHED, use_templates=False)
    assert article.template == "generic/1"
    assert SENTENCES in article.text


def test_nested_divs_of_the_same_id_lose_no_text() -> None:
    html = page(f"<div id='zoom'><div><p>前言。</p></div><div id='zoom'>{BODY}</div><p>落款单位</p></div>")
    text = parse(html, None, fetched=FETCHED).text
    assert text.startswith("前言。")
    assert text.endswith("落款单位")


def test_a_hot_list_is_no_part_of_a_short_article() -> None:
    hot = "".join(f"<li><a href='/{i}'>完全无关的热点新闻标题之{i}，点击查看</a></li>" for i in range(30))
    html = page(
        f"<div class='c1'><p>某县链主企业今日投产，年产值可达三亿元。</p></div><div class='c2'><h3>热榜</h3><ul>{hot}</ul></div>"
    )
    assert parse(html, None, fetched=FETCHED).text == "某县链主企业今日投产，年产值可达三亿元。"


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        pytest.param("", Reason.EMPTY, id="nothing"),
        pytest.param('{"code": 403}', Reason.NOT_HTML, id="json"),
        pytest.param("%PDF-1.7", Reason.NOT_HTML, id="pdf"),
        pytest.param(page("<p>您的访问过于频繁，请输入验证码后继续。</p>", "安全验证"), Reason.CHALLENGE, id="waf"),
        pytest.param(
            "<html><head><title>登录</title></head><body><form>用户登录<input type='password'></form></body></html>",
            Reason.CHALLENGE,
            id="login",
        ),
        pytest.param(
            "<html><head><meta http-equiv='refresh' content='0;URL=html/node_1.htm'></head><body></body></html>",
            Reason.REDIRECT,
            id="refresh",
        ),
        pytest.param("<html><body><script>location.href='/x'</script></body></html>", Reason.REDIRECT, id="script"),
        pytest.param(
            page(
                "<ul>"
                + "".join(f"<li><a href='/{i}'>某市发布第{i}批产业链建设项目清单</a></li>" for i in range(20))
                + "</ul>"
            ),
            Reason.LIST,
            id="list",
        ),
        pytest.param(page("<div class='c'></div>"), Reason.EMPTY, id="empty-body"),
    ],
)
def test_what_is_no_article_is_refused_with_its_reason(html: str, reason: Reason) -> None:
    with pytest.raises(Refused) as refused:
        parse(html, None, fetched=FETCHED)
    assert refused.value.reason == reason


def test_pages_of_one_article_are_found_in_order_and_joined() -> None:
    links = (
        "<a href='c_3.html'>3</a><a href='c_2.html'>[2]</a><a href='c_2.html'>下一页</a><a href='/other/d_2.html'>2</a>"
    )
    first = parse_page(page(f"<div id='zoom'>{BODY}</div>{links}"), "http://x.example.test/n/c.html", fetched=FETCHED)
    assert first.next_pages == ("http://x.example.test/n/c_2.html", "http://x.example.test/n/c_3.html")
    second = parse(
        page("<div id='zoom'><p>第二页的正文。</p><p>责任编辑：某编辑</p></div>"), first.next_pages[0], fetched=FETCHED
    )
    whole = join(first.article, second)
    assert whole.text == f"{first.article.text}\n第二页的正文。"
    assert whole.editor == "某编辑"
    assert whole.id == first.article.id
    assert whole.content_digest != first.article.content_digest


def test_the_same_page_gives_the_same_article() -> None:
    html = page(f"<div id='artibody'>{BODY}</div>")
    assert parse(html, None, fetched=FETCHED).to_json() == parse(html, None, fetched=FETCHED).to_json()


BOMBS = {
    "nested-div": "<div>" * 100_000 + BODY + "</div>" * 100_000,
    "open-div": "<div>" * 100_000 + BODY,
    "deep-body": "<div id='artibody'>" + "<span>" * 5_000 + BODY + "</div>",
    "open-tags": "<a " * 200_000 + BODY,
    "attributes": "<div " + " ".join(f"a{i}='1'" for i in range(200_000)) + ">" + BODY + "</div>",
    "entities": BODY + "<p>" + "&amp;&lt;&bogus;" * 30_000 + "</p>",
    "cdata": "<![CDATA[" * 200_000 + BODY,
    "nul": BODY.replace("，", "\0，"),
    "one-line": "<p>" + "本市工业增加值增长，" * 100_000 + "</p>" + BODY,
}


@pytest.mark.parametrize("name", BOMBS)
def test_hostile_markup_ends_in_bounded_time_with_its_text(name: str) -> None:
    started = time.process_time()
    article = parse(BOMBS[name], None, fetched=FETCHED)
    assert time.process_time() - started < 3
    assert "产业链企业达三百家" in article.text


@pytest.mark.parametrize("name", ["<!--", "<script>", "<select><option>", "<form><input>"])
def test_markup_that_swallows_the_text_is_refused_never_silently_empty(name: str) -> None:
    with pytest.raises(Refused):
        parse(name * 20_000 + BODY, None, fetched=FETCHED)


@pytest.mark.slow
@pytest.mark.parametrize("piece", ["growth of chains 12 percent, ", "本市工业增加值增长，"])
def test_ten_megabytes_on_one_line_are_read_in_bounded_memory(piece: str) -> None:
    code = (
        "import sys, time\n"
        "from datetime import UTC, datetime\n"
        "from chainwatch.memory import peak_bytes\n"
        "from crawlers.templates import parse_bytes\n"
        "piece = sys.argv[1].encode()\n"
        "data = b'<p>' + piece * (10_000_000 // len(piece)) + b'</p>'\n"
        "text = parse_bytes(data, None, fetched=datetime(2026, 1, 1, tzinfo=UTC)).text\n"
        "print(len(text.encode()), peak_bytes() >> 20, time.process_time())"
    )
    done = subprocess.run([sys.executable, "-c", code, piece], capture_output=True, text=True, check=True)
    size, memory, seconds = map(float, done.stdout.split())
    assert size > 9_900_000
    assert memory < 400
    assert seconds < 6


@pytest.mark.parametrize(
    "url", ["http://[bad", "//x", "ftp://a.example.test/b", "not an address", "https://x.example.test:port/"]
)
def test_a_malformed_address_costs_nothing_but_itself(url: str) -> None:
    parsed = parse_page(page(f"<div id='zoom'>{BODY}</div><a href='http://[worse'>2</a>"), url, fetched=FETCHED)
    assert SENTENCES in parsed.article.text
    assert parsed.next_pages == ()


def test_a_page_cut_off_anywhere_is_read_or_refused() -> None:
    whole = page(f"<div class='x'><p class='y'>{BODY}</p></div>")
    for end in range(0, len(whole), 7):
        try:
            article = parse(whole[:end], None, fetched=FETCHED)
        except Refused:
            continue
        assert article.text
