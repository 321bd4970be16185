"""The title of a page without a template: the heading that the <title> element repeats."""

import re

from crawlers.templates.body import inline
from crawlers.templates.page import Page

_SEPARATOR = re.compile(r"\s*(?:_+|\|+|｜+|-{2,}|—{2,}|–| - | — |::|»|-(?=[^-]*$))\s*")
_SITE = re.compile(
    r"(?:网|网站|新闻|频道|日报|晚报|资讯|在线|门户|客户端|博客|中文网|The Paper|NET|\.com|\.cn|\.COM|论坛|专栏|官网|首页|政府|委员会|局|厅|部|专题|财经|科技|热点|要闻|时政|社会|评论|文化|教育|健康|旅游|政府信息公开.*)$"
)
_SQUEEZE = re.compile(r"[\s　\xa0“”\"'‘’]+")
_HEADINGS = "h1, h2, h3, [class*='title' i], [id*='title' i], [class*='headline' i], [itemprop='headline'], [class*='topic' i], [id*='topic' i], [class*='tit' i]"


def squeeze(text: str) -> str:
    """The text without blanks and quotation marks, for comparing titles."""
    return _SQUEEZE.sub("", text)


def plain_title(text: str) -> str:
    """A <title> without the names of column and site at its end.

    >>> plain_title("全市工业增加值增长_经济频道_某某网")
    '全市工业增加值增长'
    """
    text = inline(text)
    parts = _SEPARATOR.split(text)
    if len(parts) == 1:
        return text
    strong = re.split(r"\s*(?:_|\||｜|--|—{2,})\s*", text)[0].strip()
    if strong and strong != text:
        return (
            re.sub(r"\s*[-–]\s*[^-–]{2,12}$", lambda tail: "" if _SITE.search(tail[0]) else tail[0], strong).strip()
            or strong
        )
    while len(parts) > 1 and (_SITE.search(parts[-1]) or len(parts[-1]) <= 8 < len(parts[0])):
        last = parts.pop()
        text = text[: text.rindex(last)].rstrip(" -—–_|｜:»")
    return text.strip()


def find_title(page: Page) -> tuple[str, str]:
    """(title, selector): the longest heading that starts <title>, else og:title, headline metas, <title>, first h1."""
    node = page.first("title")
    whole = inline(node.text() or "") if node is not None else ""
    start = squeeze(whole)
    social = page.meta("og:title", "twitter:title", "articletitle", "title") or ""
    best, by = "", ""
    if start:
        for heading in page.tree.css(_HEADINGS)[:400]:
            text = inline(heading.text() or "")
            key = squeeze(text)
            if 4 <= len(key) <= 120 and len(key) > len(squeeze(best)) and start.startswith(key):
                best, by = text, "heading in title"
    if best and len(squeeze(best)) >= min(len(squeeze(plain_title(whole))) * 0.6, 40):
        return best, by
    if article := page.meta("articletitle"):
        return inline(article), "meta ArticleTitle"
    if whole and plain_title(whole):
        plain = plain_title(whole)
        named = plain_title(social)
        return (
            (named, "meta og:title")
            if named and squeeze(named) in start and len(named) > len(plain)
            else (plain, "title")
        )
    if social:
        return plain_title(social), "meta og:title"
    heading = page.first("h1, h2")
    return (inline(heading.text() or ""), "h1") if heading is not None else ("", "")
