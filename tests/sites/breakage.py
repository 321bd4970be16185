"""Thirty ways in which a site breaks: what it answers instead."""

import re
from collections.abc import Callable
from dataclasses import replace

from chainwatch.store.sources import Condition
from tests.sites.families import page
from tests.sites.server import Asked, Host, Reply

Change = Callable[[Asked, Reply], Reply]

LOGIN = page(
    "<title>统一认证</title>", '<form><input name="u"><input type="password" name="p">请先登录</form>'
).encode()
WAF = page("<title>访问验证</title>", "<script>var acw_sc__v2='x';</script>您的访问过于频繁，请完成安全验证").encode()


def is_list(asked: Asked) -> bool:
    return bool(
        re.search(r"/api/|index|dataproxy|unit$|\.json$|/data$|/xwfb/$|/list$|cateSearch|search\.jsp", asked.path)
    )


def lists(change: Callable[[Reply], Reply]) -> Change:
    return lambda asked, reply: change(reply) if is_list(asked) else reply


def pages(change: Callable[[Reply], Reply]) -> Change:
    return lambda asked, reply: reply if is_list(asked) or reply.status != 200 else change(reply)


def all_(change: Callable[[Reply], Reply]) -> Change:
    return lambda _asked, reply: change(reply)


def text(*pairs: tuple[str, str]) -> Callable[[Reply], Reply]:
    def apply(reply: Reply) -> Reply:
        html = reply.body.decode()
        for pattern, new in pairs:
            html = re.sub(pattern, new, html, flags=re.DOTALL)
        return replace(reply, body=html.encode())

    return apply


def instead(body: bytes, status: int = 200, kind: str = "text/html; charset=utf-8") -> Callable[[Reply], Reply]:
    return lambda _reply: Reply(body, status, kind)


def moji(reply: Reply) -> Reply:
    return replace(reply, body=reply.body.decode().encode().decode("latin-1").encode())


def front(_reply: Reply) -> Reply:
    return Reply(
        page(
            "<title>首页</title>",
            '<h1 class="main-title">首页</h1><div id="artibody">'
            + "<p>欢迎来到本站首页，这里汇集了最新的栏目导航与服务信息。</p>" * 8
            + "</div>",
        ).encode()
    )


BROKEN, BLOCKED = Condition.BROKEN, Condition.BLOCKED
KINDS: dict[str, tuple[str, Change, Condition]] = {
    "renamed class of the rows": ("trs", lists(text(("u-list", "news-box"))), BROKEN),
    "empty feed": ("sina", lists(lambda r: replace(r, body=b'{"result":{"total":0,"data":[]}}')), BROKEN),
    "feed refuses the call": ("sina", lists(lambda r: replace(r, body=b'{"result":{"data":{}}}')), BROKEN),
    "feed became a page": ("sina", lists(instead(page("", "<p>改版中</p>").encode())), BROKEN),
    "fields of the feed renamed": ("sina", lists(text((r'"url"', '"link"'))), BROKEN),
    "list filled by script": (
        "hanweb-old",
        lists(instead(page("", '<div id="app"></div><script src="/x.js"></script>').encode())),
        BROKEN,
    ),
    "unit renamed": ("jpaas", lists(text(("querydata", "data-query"))), BROKEN),
    "search finds nothing": ("library", lists(text((r'"listVO": \[.*?\]', '"listVO": []'))), BROKEN),
    "pieces of the search renamed": ("snippets", lists(text(("titleWrapper", "jcse-title"))), BROKEN),
    "service refuses the list": ("policies", lists(instead(b'{"status":0,"body":{}}')), BROKEN),
    "service refuses the articles": ("policies", pages(instead(b'{"status":0,"body":{}}')), BROKEN),
    "form answers with its page": ("disclosure", lists(text(("tab_box", "tab_row"))), BROKEN),
    "rows lead to other hosts": ("trs", lists(text((r'href="\./', 'href="http://elsewhere.test/'))), BROKEN),
    "list moved away": ("trs", lists(instead(b"not found", 404)), BROKEN),
    "list answers 500": ("govcn", lists(instead(b"oops", 500)), BROKEN),
    "list is shut": ("govcn", lists(instead(b"forbidden", 403)), BLOCKED),
    "login page in place of the list": ("hanweb-old", lists(instead(LOGIN)), BLOCKED),
    "firewall with status 200": ("trs", all_(instead(WAF)), BLOCKED),
    "firewall in place of articles": ("sina", pages(instead(WAF)), BLOCKED),
    "articles are shut": ("sina", pages(instead(b"forbidden", 403)), BLOCKED),
    "renamed class of the body": (
        "sina",
        pages(text(('id="artibody"', 'id="x1"'), ('class="article"', 'class="x2"'))),
        BROKEN,
    ),
    "body filled by script": ("sina", pages(text(("<p>.*</p>", "<script>load()</script>"))), BROKEN),
    "date moved": (
        "sina",
        pages(text(('<div class="date-source">.*?</div>', ""), ("<meta property=[^>]*>", ""))),
        BROKEN,
    ),
    "title moved": ("trs", pages(text(("<h1>.*?</h1>", ""), ('<meta name="ArticleTitle"[^>]*>', ""))), BROKEN),
    "truncated pages": ("sina", pages(lambda r: replace(r, body=r.body[: r.body.index(b"</p>") - 60])), BROKEN),
    "text in the wrong encoding": ("trs", pages(moji), BROKEN),
    "every article is the front page": ("sina", pages(front), BROKEN),
    "articles answer 500": ("trs", pages(instead(b"oops", 500)), BROKEN),
    "all known pages are gone": ("trs", pages(instead(b"not found", 404)), BROKEN),
    "dates in the future": ("sina", lists(text((r'"ctime": "\d+"', '"ctime": "1999999999"'))), BROKEN),
}


def broken(site: Host, change: Change) -> Host:
    return lambda asked: change(asked, site(asked))
