"""The title of a page without a template: the heading that the <title> element repeats."""

import re

from crawlers.templates.lines import inline
from crawlers.templates.page import Page

_SEPARATOR = re.compile(r"\s*(?:_+|\|+|｜+|-{2,}|—{2,}|–| - | — |::|»|-(?=[^-]*$))\s*")
_SITE = re.compile(
    r"(?:网|网站|新闻|频道|日报|晚报|资讯|在线|门户|客户端|博客|中文网|The Paper|NET|\.com|\.cn|\.COM|"
    r"论坛|专栏|官网|首页|政府|委员会|局|厅|部|专题|财经|科技|热点|要闻|时政|社会|评论|文化|教育|健康|"
    r"旅游|政府信息公开.*)$"
)
_SQUEEZE = re.compile(r"[\s　\xa0“”\"'‘’]+")
_HEADINGS = (
    "h1",
    "h2",
    "h3, h4, h5",
    (
        "[class*='title' i], [id*='title' i], [class*='headline' i], [itemprop='headline'], "
        "[class*='topic' i], [id*='topic' i], [class*='tit' i]"
    ),
)


def squeeze(text: str) -> str:
    """The text without blanks and quotation marks, for comparing titles."""
    return _SQUEEZE.sub("", text)


def repeats(text: str, title: str) -> bool:
    """Whether a squeezed text is the squeezed title, or most of it from either end."""
    return bool(title) and (
        text == title
        or (len(text) >= 6 and len(text) > 0.6 * len(title) and (title.startswith(text) or title.endswith(text)))
    )


def plain_title(text: str) -> str:
    """A <title> without the names of column and site at its end.

    >>> plain_title("全市工业增加值增长_经济频道_某某网")
    '全市工业增加值增长'
    """
    text = inline(text)
    parts = _SEPARATOR.split(text)
    if len(parts) == 1:
        return text
    strong = re.split(r"\s*(?:_|\||｜|--(?=[^-]{2,20}(?:--|$)))\s*", text)[0].strip()
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
    """(title, selector): a heading that starts <title>, else meta ArticleTitle, <title>, og:title or the first h1."""
    node = page.first("title")
    whole = inline(node.text() or "") if node is not None else ""
    plain = plain_title(whole)
    heading = _heading(page, squeeze(whole))
    if heading and len(squeeze(heading[0])) >= min(0.6 * len(squeeze(plain)), 40):
        return heading
    if article := page.meta("articletitle"):
        return inline(article), "meta ArticleTitle"
    social = plain_title(page.meta("og:title", "twitter:title") or "")
    if plain and not (len(squeeze(social)) > len(squeeze(plain)) and squeeze(social) in squeeze(whole)):
        return plain, "title"
    if social:
        return social, "meta og:title"
    first = page.first("h1, h2")
    return (inline(first.text() or ""), "h1") if first is not None else ("", "")


def _heading(page: Page, whole: str) -> tuple[str, str] | None:
    """The heading that <title> starts with: h1 before h2 … before classes that say title, the longest of a kind."""
    if not whole:
        return None
    for css in _HEADINGS:
        texts = (inline(node.text() or "") for node in page.tree.css(css)[:200])
        fitting = [text for text in texts if 4 <= len(squeeze(text)) <= 120 and whole.startswith(squeeze(text))]
        if fitting:
            best = max(fitting, key=len)
            return (plain_title(best) if squeeze(best) == whole else best), f"heading {css.partition(',')[0]}"
    return _shown(page, whole)


def _shown(page: Page, whole: str) -> tuple[str, str] | None:
    """The longest piece of visible text that <title> starts with, where no heading is marked as one."""
    body = page.tree.body
    best = ""
    for node in body.traverse(include_text=True) if body is not None else ():
        if node.tag != "-text" or node.parent is None or node.parent.tag in {"script", "style", "a"}:
            continue
        text = node.text_content or ""
        if 6 <= len(text) <= 200 and len(text) > len(best) and whole.startswith(key := squeeze(text)) and len(key) >= 6:
            best = inline(text)
    return (best, "text in title") if squeeze(best) != whole and len(squeeze(best)) >= 0.4 * len(whole) else None
