"""Sites in the structure of the real ones, made of data: articles that a test may add, change, withdraw or break."""

import json
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from html import escape

from chainwatch.models import SHANGHAI
from tests.sites.server import Asked, Reply

DAY = timedelta(days=1)


@dataclass(slots=True)
class Story:
    """One article of a site."""

    number: int
    title: str
    body: tuple[str, ...]
    at: datetime
    source: str = "浙江日报"
    withdrawn: bool = False
    gone: int = 404
    """What the site answers for it once it is withdrawn."""
    files: tuple[tuple[str, str], ...] = ()
    """(name, address) of what it links to."""
    more: str = ""
    """The paragraph of its second page."""

    @property
    def paragraphs(self) -> str:
        return "".join(f"<p>　　{escape(text)}</p>" for text in self.body)

    @property
    def links(self) -> str:
        return "".join(f'<p><a href="{href}">{name}</a></p>' for name, href in self.files)


def story(number: int, at: datetime, chain: str = "智能物联") -> Story:
    """A story with a text of its own."""
    body = (
        f"第{number}号消息：当地围绕{chain}产业链召开现场推进会，梳理了{number * 7}项在建任务，逐项明确牵头单位与完成时限。",
        f"会议提出，到2027年，{chain}产业规模要达到{number * 100 + 50}亿元，带动上下游企业超过{number * 3 + 20}家，形成协同配套的格局。",
        f"与会单位表示，将把{number}个重点平台的开放场景清单对外公布，欢迎企业按需对接，共同完善链条上的薄弱环节。",
    )
    return Story(number, f"{chain}产业链第{number}次现场推进会举行", body, at)


def stories(count: int, newest: datetime | None = None, chain: str = "智能物联", first: int = 1) -> list[Story]:
    """Newest first, an hour apart."""
    last = newest or datetime.now(SHANGHAI).replace(second=0, microsecond=0)
    return [story(first + count - 1 - index, last - index * timedelta(hours=1), chain) for index in range(count)]


def page(head: str, body: str) -> str:
    return f'<!DOCTYPE html><html><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'


def article_of(
    told: Iterable[Story],
    asked: str,
    path: Callable[[Story], str],
    html: Callable[[Story], str],
    encoding: str = "utf-8",
) -> Reply:
    """The page of the story that stands at the path asked for, its second page, or what is left of a withdrawn one."""
    for one in told:
        first = path(one)
        stem, _, end = first.rpartition(".")
        second = f"{stem}_2.{end}"
        if asked not in ({first, second} if one.more else {first}):
            continue
        if one.withdrawn:
            return Reply("<html><body>页面没有找到</body></html>".encode(encoding), one.gone)
        if asked == second:
            text = html(replace(one, body=(one.more,), files=(), more=""))
        else:
            link = f'<div class="pagination"><a href="{second}">2</a></div></body>' if one.more else "</body>"
            text = html(one).replace("</body>", link)
        return Reply(text.encode(encoding, "replace"))
    return Reply(b"not found", 404)


@dataclass
class Sina:
    """The roll feed and three generations of article pages."""

    stories: list[Story]
    base: str
    padding: str = ""
    broken: str = ""
    etag: bool = False
    wrapped: bool = False
    channel: tuple[str, str] | None = None
    """(pageid, lid) of the only channel it has; None: any."""
    layout: str = "2018"
    """Generation of the article pages: 2018, 2014 or mobile."""

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/api/roll/get":
            return self.feed(asked)
        reply = article_of(self.stories, asked.path, self.path, self.html, "gbk" if self.layout == "2014" else "utf-8")
        if not self.etag or reply.status != 200:
            return reply
        tag = f'"{zlib.crc32(reply.body):x}"'
        same = asked.headers.get("if-none-match") == tag
        return Reply(b"", 304, headers={"ETag": tag}) if same else replace(reply, headers={"ETag": tag})

    def path(self, one: Story) -> str:
        if self.layout == "mobile":
            return f"/{one.at:%Y-%m-%d}/detail-inabcde{one.number:07d}.d.html"
        return f"/roll/{one.at:%Y-%m-%d}/doc-inabcde{one.number:07d}.shtml"

    def feed(self, asked: Asked) -> Reply:
        size, number = int(asked.query["num"]), int(asked.query["page"])
        shown = [one for one in self.stories if not one.withdrawn][(number - 1) * size : number * size]
        data = [
            {
                "title": one.title,
                "url": self.base + self.path(one),
                "media_name": one.source,
                "docid": f"comos:nabcde{one.number:07d}",
                "ctime": str(int(one.at.timestamp())),
                "intime": str(int(one.at.timestamp())),
                "mtime": str(int(one.at.timestamp())),
            }
            for one in shown
        ]
        result = {
            "status": {"code": 0},
            "total": len(self.stories),
            "data": data if self.channel in {None, (asked.query["pageid"], asked.query["lid"])} else {},
        }
        text = json.dumps({"result": result})
        if self.wrapped:
            text = (
                f"try{{feedCallback({text});}}catch(e){{}};"
                if asked.query.get("callback")
                else f"feedCallback({text});"
            )
        return Reply(text.encode(), type="application/json")

    def html(self, one: Story) -> str:
        return {"2018": self.of_2018, "2014": self.of_2014, "mobile": self.mobile}[self.layout](one)

    def of_2014(self, one: Story) -> str:
        body = (
            f'<h1 id="artibodyTitle">{one.title}</h1><div class="page-info"><span class="time-source">{one.at:%Y年%m月%d日%H:%M} '
            f'<a href="http://example.test/">{one.source}</a></span></div><div class="article article_16" id="artibody">'
            '<div class="ct_hqimg"><div class="hqimg_related"><span>热点栏目</span></div></div>'
            f'{one.paragraphs}<p class="article-editor">责任编辑：某编辑 SF099</p></div>'
        )
        text = page(f'<title>{one.title}_新浪财经_新浪网</title><meta name="mediaid" content="{one.source}">', body)
        return text.replace('charset="utf-8"', 'charset="gb2312"', 1)

    def mobile(self, one: Story) -> str:
        body = (
            f'<main><h1 class="art_tit_h1">{one.title}</h1><cite class="art_cite"><time class="art_time">{one.at:%Y.%m.%d %H:%M}</time>'
            f'<span class="source">{one.source}</span></cite><section class="art_box"><div class="art_content">{one.paragraphs}'
            '<p class="show_author">责任编辑：某编辑</p></div><div class="m-pop">打开新浪新闻</div></section></main>'
        )
        return page(f"<title>{one.title}_手机新浪网</title>", body)

    def of_2018(self, one: Story) -> str:
        iso = one.at.isoformat()
        head = (
            f"<title>{one.title}_新浪财经</title>"
            f'<meta property="article:published_time" content="{iso}"><meta name="publishid" content="comos:nabcde{one.number:07d}">'
        )
        body = (
            f'<h1 class="main-title">{one.title}</h1><div class="date-source"><span class="date">{one.at:%Y年%m月%d日 %H:%M}</span>'
            f'<a class="source">{one.source}</a></div><div class="article" id="artibody">{one.paragraphs}'
            "<!-- article_adlist[<p>广告位</p>]article_adlist -->"
            '<div class="appendQr_wrap">海量资讯尽在应用</div><p class="article-editor">责任编辑：某编辑 SF055</p></div>'
            f"<!-- {self.padding} -->"
        )
        return page(head, body)


@dataclass
class HanwebOld:
    """A column whose rows stand in a data store, with a proxy for the further ones, and old article pages."""

    stories: list[Story]
    column: str = "1229123402"
    unit: str = "5031616"
    per_page: int = 15
    nextgroup: bool = False
    encoding: str = "utf-8"
    files: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    @property
    def index(self) -> str:
        """Path of the column page."""
        return f"/col/col{self.column}/index.html"

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == self.index:
            return self._reply(self.column_page())
        if asked.path.startswith("/module/") and asked.path.endswith("dataproxy.jsp"):
            return self.proxy(asked)
        if asked.path in self.files:
            data, kind = self.files[asked.path]
            return Reply(data, type=kind)
        reply = article_of(self.stories, asked.path, self.path, self.html, self.encoding)
        return replace(reply, type="text/html")

    def _reply(self, text: str) -> Reply:
        return Reply(text.encode(self.encoding, "replace"), type="text/html")

    def path(self, one: Story) -> str:
        return f"/art/{one.at.year}/{one.at.month}/{one.at.day}/art_{self.column}_{one.number}.html"

    def row(self, one: Story) -> str:
        return f"<li class='clearfix'><a class='bt-left' href='{self.path(one)}' title='{one.title}'>{one.title[:8]}…</a><span class='bt-right'>{one.at:%Y-%m-%d}</span></li>"

    def records(self, shown: list[Story]) -> str:
        return "".join(f"<record><![CDATA[{self.row(one)}]]></record>" for one in shown)

    def listed(self) -> list[Story]:
        return [one for one in self.stories if not one.withdrawn]

    def column_page(self) -> str:
        shown = self.listed()
        link = f"/module/web/jpage/dataproxy.jsp?page=1&amp;webid=3185&amp;path=/&amp;columnid={self.column}&amp;unitid={self.unit}&amp;webname=x&amp;permissiontype=0"
        group = f'<nextgroup><![CDATA[<a href="{link}"></a>]]></nextgroup>' if self.nextgroup else ""
        store = f"<datastore>{group}<recordset>{self.records(shown[: self.per_page])}</recordset><totalrecord>{len(shown)}</totalrecord></datastore>"
        body = f'<script>var webid = "3185";</script><div id="{self.unit}" class="default_pgContainer"><script type="text/xml">{store}</script></div>'
        return page(f'<meta name="ColumnName" content="文件"><meta charset="{self.encoding}">', body).replace(
            '<meta charset="utf-8">', "", 1
        )

    def proxy(self, asked: Asked) -> Reply:
        if asked.query.get("columnid") != self.column:
            return Reply(b"no such column", 404)
        if asked.query.get("unitid") != self.unit:
            return Reply(b"<datastore></datastore>", type="text/xml")
        shown = self.listed()
        first, last = int(asked.query["startrecord"]), int(asked.query["endrecord"])
        text = f"<?xml version='1.0'?><datastore><totalrecord>{len(shown)}</totalrecord><recordset>{self.records(shown[first - 1 : last])}</recordset></datastore>"
        return Reply(text.encode(), type="text/xml;charset=utf-8")

    def html(self, one: Story) -> str:
        head = (
            f'<meta charset="{self.encoding}"><meta name="ArticleTitle" content="{one.title}"><meta name="PubDate" content="{one.at:%Y-%m-%d %H:%M}">'
            f'<meta name="ContentSource" content="{one.source}"><meta name="SiteName" content="测试站">'
        )
        body = (
            f'<p class="con-title">{one.title}</p><div class="small-title"><span>发布日期：{one.at:%Y-%m-%d %H:%M}</span><span>信息来源：{one.source}</span></div>'
            f'<div id="zoom"><div><div>{one.paragraphs}</div></div>{one.links}</div>'
        )
        return page(head, body).replace('<meta charset="utf-8">', "", 1)


@dataclass
class HanwebNew(HanwebOld):
    """A column of jpaas: the page names a unit; only `paramJson` pages it, anything else brings page 1 again."""

    column: str = "1229560971"
    absolute: str = ""
    honest: bool = True

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/api-gateway/jpaas-publish-server/front/page/build/unit":
            return self.unit_reply(asked)
        return HanwebOld.__call__(self, asked)

    def path(self, one: Story) -> str:
        return f"/col/col{self.column}/art/{one.at.year}/art_{one.number:032x}.html"

    def column_page(self) -> str:
        query = (
            "{'parseType':'bulidstatic','webId':'3185','tplSetId':'abc','pageType':'column',"
            f"'tagId':'当前栏目list','editType':'null','pageId':'{self.column}'}}"
        )
        script = f'<script url="/api-gateway/jpaas-publish-server/front/page/build/unit" querydata="{query}"></script>'
        return page("", f'<div class="list">{script}</div>')

    def row(self, one: Story) -> str:
        return f'<li><span>{one.at:%Y-%m-%d}</span><p><a href="{self.absolute}{self.path(one)}" title="{one.title}">{one.title}</a></p></li>'

    def unit_reply(self, asked: Asked) -> Reply:
        if asked.query.get("pageId") != self.column:
            return Reply(b"no such column", 404)
        if asked.query.get("parseType") != "bulidstatic":
            return Reply(b'{"success":false}', type="application/json")
        wanted = json.loads(asked.query.get("paramJson", "{}")) if self.honest else {}
        number, size = int(wanted.get("pageNo", 1)), int(wanted.get("pageSize", self.per_page))
        shown = self.listed()
        rows = "".join(self.row(one) for one in shown[(number - 1) * size : number * size])
        html = f'<ul>{rows}</ul><div class="pagination" rows="{size}" count="{len(shown)}"></div>'
        return Reply(json.dumps({"success": True, "data": {"html": html}}).encode(), type="application/json")


@dataclass
class Miit(HanwebNew):
    """jpaas as the ministry runs it: columns in folders, dates before the links, pages of its own layout."""

    folder: str = "/zwgk/zcwj/"

    @property
    def index(self) -> str:
        return f"{self.folder}index.html"

    def path(self, one: Story) -> str:
        return f"{self.folder}art/{one.at.year}/art_{one.number:032x}.html"

    def html(self, one: Story) -> str:
        head = f'<title>{one.title}</title><meta name="ArticleTitle" content="{one.title}"><meta name="ContentSource" content="{one.source}">'
        body = (
            f'<h1 id="con_title">{one.title}</h1><div class="cinfo"><span id="con_time">发布时间：{one.at:%Y-%m-%d %H:%M}</span>'
            f'<span>来源：{one.source}</span></div><div id="con_con">{one.paragraphs}{one.links}</div>'
        )
        return page(head, body)


def revised(one: Story, sentence: str) -> Story:
    """The story with another last paragraph."""
    return replace(one, body=(*one.body[:-1], sentence))
