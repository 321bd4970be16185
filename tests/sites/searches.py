"""Sites whose lists are asked of a service: the policy service, two searches, and the old list of information disclosure."""

import json
from dataclasses import dataclass
from urllib.parse import parse_qs, quote

from tests.sites.families import HanwebOld, Miit, Story, article_of, page
from tests.sites.server import Asked, Reply


def form(asked: Asked) -> dict[str, str] | None:
    """The form that was posted; None where it came in another way."""
    if asked.method != "POST" or "x-www-form-urlencoded" not in asked.headers.get("content-type", ""):
        return None
    return {key: values[0] for key, values in parse_qs(asked.body.decode(), keep_blank_values=True).items()}


def _json(value: object) -> Reply:
    return Reply(json.dumps(value, ensure_ascii=False).encode(), type="application/json;charset=utf-8")


def _shown(told: list[Story], number: int, size: int) -> list[Story]:
    return [one for one in told if not one.withdrawn][(number - 1) * size : number * size]


@dataclass
class Policies:
    """Policies for firms: list and text are JSON that answers to a form; the page itself is filled by a script."""

    stories: list[Story]

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/zjhqpt/views/policy-zw/detail.html":
            return Reply(page("<title>政策详情</title>", '<div id="app"></div><script src="/x.js"></script>').encode())
        sent = form(asked)
        if sent is None:
            return Reply(b"not allowed", 405)
        if asked.path == "/webapi/extMsPolicyInfo/list":
            return self.list(int(sent["pageNum"]), int(sent["pageSize"]))
        if asked.path == "/webapi/PolicyInfo/pcConsultDetail":
            return self.detail(int(sent["id"]))
        return Reply(b"not found", 404)

    def list(self, number: int, size: int) -> Reply:
        rows = [
            {"id": one.number, "title": one.title, "publishDate": f"{one.at:%Y-%m-%d}"}
            for one in _shown(self.stories, number, size)
        ]
        pages = -(-len(self.stories) // size)
        return _json({"status": 1, "body": {"totalPage": pages, "list": rows}})

    def detail(self, number: int) -> Reply:
        one = next((one for one in self.stories if one.number == number), None)
        if one is None or one.withdrawn:
            return Reply(b"", one.gone if one else 404)
        body = {
            "id": one.number,
            "title": one.title,
            "code": f"测经信〔{one.at.year}〕{one.number}号",
            "department": one.source,
            "publishdate": f"{one.at:%Y-%m-%d}",
            "content_trim": "\n".join(one.body),
            "content": one.paragraphs,
            "intercontent": "",
        }
        return _json({"status": 1, "body": body})


@dataclass
class ZjSearch:
    """The province's search: pieces of HTML in JSON, their links through a counter; the articles stand elsewhere."""

    site: HanwebOld
    base: str

    def __call__(self, asked: Asked) -> Reply:
        sent = form(asked)
        if asked.path != "/jsearchfront/interfaces/cateSearch.do" or sent is None or not sent.get("q"):
            return self.site(asked)
        shown = _shown(self.site.stories, int(sent["p"]), int(sent["pg"]))
        return _json({"total": len(self.site.stories), "result": [self.piece(one) for one in shown]})

    def piece(self, one: Story) -> str:
        link = f"/jsearchfront/visit/link.do?url={quote(self.base + self.site.path(one), safe='')}&q=x&title=y"
        return (
            f'<div class="comprehensiveItem"><div class="titleWrapper"><a href="{link}"><em>{one.title[:2]}</em>{one.title[2:]}</a></div>'
            f'<div class="newsDescribe">{one.body[0][:20]}…</div><div class="sourceTime"><span>来源: {one.source}</span>'
            f"<span>时间: {one.at:%Y-%m-%d}</span></div></div>"
        )


@dataclass
class MiitSearch:
    """The ministry's search: rows deep in groups, times in milliseconds; it answers only to its own page."""

    site: Miit
    query: str

    def __call__(self, asked: Asked) -> Reply:
        if asked.path != "/search-front-server/api/search/info":
            return self.site(asked)
        if "/search/" not in asked.headers.get("referer", "") or asked.query.get("q", "") != self.query:
            return Reply(b"forbidden", 403)
        shown = _shown(self.site.stories, int(asked.query["p"]), int(asked.query["pg"]))
        groups = [{"groupData": [{"data": self.row(one)}]} for one in shown]
        return _json({"code": "200", "data": {"searchResult": {"dataResults": groups}}})

    def row(self, one: Story) -> dict[str, str]:
        return {
            "title": f"<em>{one.title[:2]}</em>{one.title[2:]}",
            "url": self.site.path(one),
            "deploytime": str(int(one.at.timestamp() * 1000)),
        }


@dataclass
class Disclosure:
    """The old list of information disclosure: rows answer to a form; pages carry a table of their own over the text."""

    stories: list[Story]
    unit: str
    per_page: int = 3
    table: bool = False
    """Rows stand in a table in place of a list."""

    def __call__(self, asked: Asked) -> Reply:
        if asked.path != "/module/xxgk/search.jsp":
            return article_of(self.stories, asked.path, self.path, self.html)
        sent = form(asked)
        if sent is None or sent.get("jdid") != self.unit:
            return Reply(b"", 405)
        rows = "".join(self.row(one) for one in _shown(self.stories, int(sent["currpage"]), self.per_page))
        foot = "<td align='right'>共3页 <a href='javascript:goto(2)'>下一页</a></td>"
        html = f"<table>{rows}<tr>{foot}</tr></table>" if self.table else f"<ul>{rows}</ul>{foot}"
        return Reply(html.encode())

    def path(self, one: Story) -> str:
        return f"/art/{one.at.year}/{one.at.month}/{one.at.day}/art_1229063381_{one.number}.html"

    def row(self, one: Story) -> str:
        link = f"<a href='{self.path(one)}' title='{one.title}' gkfs='主动公开'>{one.title[:8]}…</a>"
        if self.table:
            return f"<tr class='tr_main_value_odd'><td>{link}</td><td>测〔2026〕1号</td><td>{one.at:%Y-%m-%d}</td></tr>"
        return f"<li class='tab_box'>{link}<span class='sub_tab_span3'>{one.at:%Y-%m-%d}</span></li>"

    def html(self, one: Story) -> str:
        table = (
            f"<table id='xxgk_tab'><tr><td>索引号：</td><td>002489442/{one.at.year}-{one.number}</td><td>公开方式：</td><td>主动公开</td></tr>"
            f"<tr><td>文件编号：</td><td>测政〔{one.at.year}〕{one.number}号</td><td>发布日期：</td><td>{one.at:%Y-%m-%d}</td></tr>"
            f"<tr><td>发布机构：</td><td>{one.source}</td><td>有效性：</td><td>有效</td></tr></table>"
        )
        body = f"{table}<div class='title'>{one.title}</div><div class='articlect'>{one.paragraphs}{one.links}</div>"
        return page(f"<title>{one.title}</title>", body)
