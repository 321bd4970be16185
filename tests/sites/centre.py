"""More sites of the real ones' structure: gov.cn, TRS (ndrc), the e-paper, feeds and a sitemap."""

import gzip
import json
from dataclasses import dataclass
from email.utils import format_datetime
from html import escape

from tests.sites.families import Story, article_of, page
from tests.sites.server import Asked, Reply


@dataclass
class GovCn:
    """Static JSON of the newest policies, the policy library's search, and article pages with a head table."""

    stories: list[Story]
    base: str
    empty_library: bool = False
    static: str = "/zhengce/zuixin/ZUIXINZHENGCE.json"
    refuse_default_agents: bool = True

    def __call__(self, asked: Asked) -> Reply:
        agent = asked.headers.get("user-agent", "")
        if self.refuse_default_agents and ("Scrapy" in agent or "python" in agent.lower() or not agent):
            return Reply(b"forbidden", 403)
        if asked.path == self.static:
            return self._json([self._row(one) for one in self.listed()])
        if asked.path == "/search-gov/data":
            return self.library(asked)
        return article_of(self.stories, asked.path, self.path, self.html)

    def listed(self) -> list[Story]:
        return [one for one in self.stories if not one.withdrawn]

    def path(self, one: Story) -> str:
        return f"/zhengce/content/{one.at:%Y%m}/content_{6900000 + one.number}.htm"

    def _row(self, one: Story) -> dict[str, str]:
        return {
            "TITLE": one.title,
            "SUB_TITLE": "",
            "URL": self.base + self.path(one),
            "DOCRELPUBTIME": f"{one.at:%Y-%m-%d}",
        }

    def library(self, asked: Asked) -> Reply:
        size, number = int(asked.query["n"]), int(asked.query["p"])
        shown = [] if self.empty_library else self.listed()[(number - 1) * size : number * size]
        rows = [
            {
                "title": f"<em>{one.title[:2]}</em>{one.title[2:]}",
                "url": self.base + self.path(one),
                "pubtimeStr": f"{one.at:%Y.%m.%d}",
            }
            for one in shown
        ]
        return self._json(
            {
                "code": 200,
                "searchVO": {
                    "totalCount": len(rows),
                    "catMap": {"gongwen": {"listVO": rows}, "bumenfile": {"listVO": []}},
                },
            }
        )

    def _json(self, value: object) -> Reply:
        return Reply(json.dumps(value, ensure_ascii=False).encode(), type="application/json;charset=utf-8")

    def html(self, one: Story) -> str:
        head = (
            f'<meta name="firstpublishedtime" content="{one.at:%Y-%m-%d-%H:%M:%S}"><meta name="lanmu" content="政策">'
        )
        table = (
            f'<table class="bd1"><tr><td>索 引 号：</td><td>000014349/{one.at.year}-{one.number:05d}</td><td>主题分类：</td><td>工业、交通\\其他</td></tr>'
            f"<tr><td>发文机关：</td><td>测试部</td><td>成文日期：</td><td>{one.at:%Y年%m月%d日}</td></tr>"
            f"<tr><td>标　　题：</td><td colspan=3>{one.title}</td></tr>"
            f"<tr><td>发文字号：</td><td>测部发〔{one.at.year}〕{one.number}号</td><td>发布日期：</td><td>{one.at:%Y年%m月%d日}</td></tr></table>"
        )
        body = (
            f'<h1 id="ti">{one.title}</h1><div class="pages-date">{one.at:%Y-%m-%d %H:%M}<span>来源：{one.source}</span></div>{table}'
            f'<div class="pages_content" id="UCAP-CONTENT">{one.paragraphs}{one.links}</div>'
        )
        return page(head, body)


@dataclass
class Trs:
    """A TRS site: ul.u-list with relative links, index_1.html as the second page, no dates in one of its lists."""

    stories: list[Story]
    per_page: int = 10
    dated: bool = True
    folder: str = "/xwdt/xwfb/"

    def __call__(self, asked: Asked) -> Reply:
        folder = self.folder
        if asked.path.startswith(folder + "index_") or asked.path == folder:
            number = (
                0 if asked.path == folder else int(asked.path.removeprefix(folder + "index_").removesuffix(".html"))
            )
            return self.index(number)
        return article_of(self.stories, asked.path, self.path, self.html)

    def path(self, one: Story) -> str:
        return f"{self.folder}{one.at:%Y%m}/t{one.at:%Y%m%d}_{1406000 + one.number}.html"

    def index(self, number: int) -> Reply:
        shown = [one for one in self.stories if not one.withdrawn][
            number * self.per_page : (number + 1) * self.per_page
        ]
        if not shown:
            return Reply(b"not found", 404)
        rows = "".join(
            f'<li><a href="./{self.path(one).removeprefix(self.folder)}">{one.title}</a>{f"<span>{one.at:%Y/%m/%d}</span>" if self.dated else ""}</li><li class="empty"></li>'
            for one in shown
        )
        return Reply(page("", f'<ul class="u-list">{rows}</ul>').encode())

    def html(self, one: Story) -> str:
        head = f'<meta name="ArticleTitle" content="{one.title}"><meta name="PubDate" content="{one.at:%Y-%m-%d %H:%M}"><meta name="ContentSource" content="{one.source}">'
        return page(
            head,
            f'<div class="article"><h1>{one.title}</h1><div class="TRS_Editor">{one.paragraphs}</div>{self.files(one)}</div>',
        )

    def files(self, one: Story) -> str:
        return f'<table class="enclosure"><tr><td>{one.links}</td></tr></table>' if one.files else ""


@dataclass
class Paper:
    """A newspaper: a front door that refreshes, an index of each day, pages, articles with `?div=-1`."""

    stories: list[Story]
    pages: int = 2

    def __call__(self, asked: Asked) -> Reply:
        parts = asked.path.split("/")
        if asked.path == "/paperindex.htm":
            day = self.stories[0].at
            return Reply(f'<meta http-equiv="refresh" content="0; URL=html/{day:%Y-%m}/{day:%d}/node_1.htm">'.encode())
        if len(parts) != 5 or parts[1] != "html":
            return Reply(b"not found", 404)
        told = [one for one in self.stories if f"{one.at:%Y-%m/%d}" == f"{parts[2]}/{parts[3]}" and not one.withdrawn]
        name = parts[4]
        if name == "zjrbindex.htm" or name.startswith("node_"):
            number = 1 if name == "zjrbindex.htm" else int(name.removeprefix("node_").removesuffix(".htm"))
            return self.node(told, number) if told else Reply(b"no paper that day", 404)
        return article_of(self.stories, asked.path, self.path, self.html)

    def path(self, one: Story) -> str:
        return f"/html/{one.at:%Y-%m}/{one.at:%d}/content_{3600000 + one.number}.htm"

    def node(self, day: list[Story], number: int) -> Reply:
        shown = [one for one in day if one.number % self.pages == number - 1]
        rows = "".join(f'<li><a href="content_{3600000 + one.number}.htm?div=-1">{one.title}</a></li>' for one in shown)
        links = "".join(f'<a id="pageLink" href="node_{n}.htm">第{n}版</a>' for n in range(1, self.pages + 1))
        return Reply(page("", f'{links}<ul class="main-ed-articlenav-list">{rows}</ul>').encode())

    def html(self, one: Story) -> str:
        return page(
            f"<title>{one.title}</title>",
            f'<div class="main-article-alltitle"><div class="main-article-title">{one.title}</div></div>'
            f'<div class="main-article-content"><founder-content>{one.paragraphs}</founder-content></div>',
        )


@dataclass
class Feeds:
    """One blog-like site with RSS, Atom, JSON Feed and a gzipped sitemap, whose pages have no template."""

    stories: list[Story]
    base: str

    def __call__(self, asked: Asked) -> Reply:
        makers = {
            "/rss.xml": self.rss,
            "/atom.xml": self.atom,
            "/feed.json": self.json_feed,
            "/sitemap.xml": self.index,
        }
        if asked.path in makers:
            return makers[asked.path]()
        if asked.path == "/sitemap-1.xml.gz":
            return Reply(gzip.compress(self.sitemap().encode()), type="application/gzip")
        return article_of(self.stories, asked.path, self.path, self.html)

    def path(self, one: Story) -> str:
        return f"/posts/{one.number}.html"

    def listed(self) -> list[Story]:
        return [one for one in self.stories if not one.withdrawn]

    def rss(self) -> Reply:
        items = "".join(
            f"<item><title>{one.title}</title><link>{self.base}{self.path(one)}?utm_source=rss</link><pubDate>{format_datetime(one.at)}</pubDate></item>"
            for one in self.listed()
        )
        return Reply(
            f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel><title>测试</title>{items}</channel></rss>'.encode(),
            type="application/rss+xml",
        )

    def atom(self) -> Reply:
        entries = "".join(
            f'<entry><title>{one.title}</title><link href="{self.path(one)}"/><id>{one.number}</id><updated>{one.at.isoformat()}</updated></entry>'
            for one in self.listed()
        )
        return Reply(
            f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>测试</title>{entries}</feed>'.encode(),
            type="application/atom+xml",
        )

    def json_feed(self) -> Reply:
        items = [
            {
                "id": str(one.number),
                "url": self.base + self.path(one),
                "title": one.title,
                "date_published": one.at.isoformat(),
            }
            for one in self.listed()
        ]
        return Reply(
            json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "测试", "items": items}).encode(),
            type="application/feed+json",
        )

    def index(self) -> Reply:
        text = f'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>{self.base}/sitemap-1.xml.gz</loc></sitemap></sitemapindex>'
        return Reply(text.encode(), type="application/xml")

    def sitemap(self) -> str:
        urls = "".join(
            f"<url><loc>{self.base}{self.path(one)}</loc><lastmod>{one.at.isoformat()}</lastmod></url>"
            for one in self.listed()
        )
        return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>'

    def html(self, one: Story) -> str:
        head = f'<title>{one.title}</title><meta property="article:published_time" content="{one.at.isoformat()}">'
        return page(head, f"<main><h1>{escape(one.title)}</h1><article>{one.paragraphs}</article></main>")
