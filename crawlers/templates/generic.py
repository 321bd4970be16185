"""Pages without a template: title, the byline beside it, meta data, and the body that most readings agree on."""

import re
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from chainwatch.models import Precision
from crawlers.templates import dates, fields
from crawlers.templates.body import inline
from crawlers.templates.dates import When
from crawlers.templates.mainbody import Found
from crawlers.templates.metadata import Metadata
from crawlers.templates.page import Page
from crawlers.templates.titles import squeeze

NAME = "generic/1"

_UNREAD = frozenset({"script", "style", "noscript", "template", "textarea", "title", "iframe", "option"})
_SOURCE_LABEL = re.compile(
    r"(?:信息来源|文章来源|稿件来源|新闻来源|来\s*源|稿源|出处)\s*[:：]|来源\s*(?=[^\s:：]{2,12}$)|^来源$"
)
_SOURCE_CLASS = "[id*='source' i], [class*='source' i], [class*='laiyuan' i], [id*='laiyuan' i], [class*='media-name' i], [class*='media_name' i], .from, .origin"
_LAST_EDITOR = re.compile(r"(?:责任编辑|责任编|责\s?编|编\s?辑|选\s?稿)\s*[:：/｜]")
_CREDIT = re.compile(r"^[\[【（(\s]*(?:本报|文)?(?:作\s?者|记\s?者|撰\s?文|撰\s?稿|文)\s*[:：/｜丨|]")


@dataclass(slots=True)
class Byline:
    """What a page shows beside its title and below its body; `by` says where each was found."""

    published: When | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    by: dict[str, str] = field(default_factory=dict)


def read_byline(page: Page, title: str, body: Found | None) -> Byline:
    """Visible time, source, author and editor: near the title first, then at the end of the body, then anywhere."""
    found = Byline()
    pieces = _pieces(page)
    start, end = _zone(pieces, title, body)
    zone = [text for text, _ in pieces[start:end]]
    _time(found, zone, "beside title")
    _source(found, zone, "beside title")
    _source_by_class(found, page, title)
    _people(found, zone, "beside title")
    below = [text for text, _ in pieces[end:]]
    text = body.text.split("\n") if body else []
    _people(found, _joined(below), "below")
    _people(found, text[:3] + text[-6:], "in body")
    _source(found, text[:2] + text[-4:], "in body")
    before = [text for text, _ in pieces[max(start - 12, 0) : start]]
    _time(found, before, "above title")
    _source(found, before, "above title")
    _source_in_zone(found, zone)
    return found


def _pieces(page: Page) -> list[tuple[str, LexborNode]]:
    """Visible text pieces of the page with their elements, in order."""
    root = page.tree.body
    found = []
    for node in root.traverse(include_text=True) if root is not None else ():
        if node.tag == "-text" and node.parent is not None and node.parent.tag not in _UNREAD:
            text = inline(node.text_content or "")
            if text:
                found.append((text, node.parent))
    return found


def _zone(pieces: list[tuple[str, LexborNode]], title: str, body: Found | None) -> tuple[int, int]:
    """Range of pieces from the title to the first sentences of the body."""
    key = squeeze(title)
    first = squeeze(next((line for line in body.text.split("\n") if len(line) >= 12), ""))[:10] if body else ""
    keys = [squeeze(text) for text, _ in pieces]
    end = next((i for i, text in enumerate(keys) if first and first in text and text != key), len(pieces))
    starts = [
        i
        for i, text in enumerate(keys[: end + 1])
        if key and (text == key or (len(text) >= 6 and key.startswith(text) and len(text) > 0.6 * len(key)))
    ]
    start = starts[-1] if starts else max(end - 12, 0)
    if not starts and end == len(pieces):
        start, end = 0, 60
    return start, min(end + (not body), start + 60) if end > start else start + 30


def _joined(texts: list[str]) -> list[str]:
    """Each piece together with the two after it: labels and values often stand in elements of their own."""
    return [" ".join(texts[i : i + 3]) if len(texts[i]) <= 20 else texts[i] for i in range(len(texts))]


def _time(found: Byline, texts: list[str], where: str) -> None:
    if found.published is not None:
        return
    whole = "\n".join(text for text in texts if len(text) <= 120)
    joined = " ".join(whole.split("\n"))
    when = dates.find(joined)
    if when is not None and when.precision in {Precision.MINUTE, Precision.DAY}:
        found.published, found.by["published"] = when, f"time {where}"


def _source(found: Byline, texts: list[str], where: str) -> None:
    if found.source is not None:
        return
    for text in _joined([text for text in texts if len(text) <= 120]):
        if _SOURCE_LABEL.search(text) and (name := fields.source_name(text)) and len(name) <= 30:
            found.source, found.by["source"] = name, f"label {where}"
            return


def _source_by_class(found: Byline, page: Page, title: str) -> None:
    """An element whose class says that it names the source, when its text is as short as a name."""
    if found.source is not None:
        return
    for node in page.tree.css(_SOURCE_CLASS)[:20]:
        text = inline(node.text() or "")
        if 2 <= len(text) <= 40 and text != title and (name := fields.source_name(text)) and len(name) <= 20:
            found.source, found.by["source"] = name, "class of source"
            return


def _source_in_zone(found: Byline, zone: list[str]) -> None:
    """A short piece directly beside the time, where nothing labels the source: 原创 某报 2026-03-02 09:30."""
    if found.source is not None:
        return
    for i, text in enumerate(zone[1:12], 1):
        when = dates.find(text)
        if when is None:
            continue
        rest = fields.source_name(text)
        neighbours = [rest or "", *(zone[j] for j in (i - 1, i + 1) if 0 < j < len(zone))]
        for name in neighbours:
            if (
                2 <= len(name) <= 16
                and re.search(r"[\u4e00-\u9fffA-Za-z]{2}", name)
                and not dates.find(name)
                and not _NO_SOURCE.search(name)
            ):
                found.source, found.by["source"] = name, "beside time"
                return


_NO_SOURCE = re.compile(
    r"字号|字体|阅读|浏览|评论|分享|发布|发表|首页|正文|打印|举报|关注|原创|来自|作者|编辑|时间|收藏|次|微信|微博|点击|大小|^[大中小]+$|[:：>，。？！]"
)


def _people(found: Byline, texts: list[str], where: str) -> None:
    for text in texts:
        if len(text) > 200:
            continue
        if (
            found.editor is None
            and _LAST_EDITOR.search(text)
            and (match := fields.EDITOR.search(text))
            and (names := fields.people(match["names"]))
        ):
            found.editor, found.by["editor"] = names, f"label {where}"
        if (
            found.author is None
            and (_CREDIT.match(text) or (len(text) <= 60 and "作者" in text))
            and (match := fields.AUTHOR.search(text))
        ):
            if names := fields.people(match["names"]):
                found.author, found.by["author"] = names, f"label {where}"


def settle_times(visible: When | None, meta: When | None) -> tuple[When | None, When | None]:
    """(published, published_meta): the visible time before the hidden one, which may add the minute to a bare day."""
    if visible is None:
        return meta, meta
    return (visible.finer(meta) if meta else visible), meta


def usable_author(metadata: Metadata, page: Page) -> str | None:
    """The author a meta tag names, unless it names the site."""
    name = metadata.author
    if not name or len(name) > 20 or "网" in name or name.lower() in page.host:
        return None
    return fields.people(name)
