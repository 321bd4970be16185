"""What a page shows beside its title and around its body: time, source, author, editor, on any layout."""

import re
from dataclasses import dataclass, field

from chainwatch.models import Precision
from crawlers.templates import dates, fields
from crawlers.templates.dates import When
from crawlers.templates.lines import inline
from crawlers.templates.page import Page
from crawlers.templates.titles import repeats, squeeze

_UNREAD = frozenset({"script", "style", "noscript", "template", "textarea", "title", "iframe", "option"})
_SOURCE_LABEL = re.compile(
    r"(?:信息来源|文章来源|稿件来源|新闻来源|来\s*源|来源于|稿源|出处)\s*[:：]|^[|｜\s]*来源(?:于|"
    r"自)?\s*[^\s:：]{2,16}$"
)
_SOURCE_CLASS = (
    "[id*='source' i], [class*='source' i], [class*='laiyuan' i], [id*='laiyuan' i], "
    "[class*='media-name' i], [class*='media_name' i], .from, .origin"
)
_OPEN_LABEL = re.compile(
    r"^[\[【（(|｜\s]*(?:信息|文章|稿件|新闻|本文)?(?:来\s*源|责任编辑|责\s?编|编\s?辑|作\s?者|"
    r"记\s?者|发布时间|选稿)(?:于|自)?\s*[:：]?\s*$"
)
_TIME_LABEL = re.compile(r"(?:发布|发表|更新|录入|上传)?(?:时间|日期)\s*[:：]|(?:发布|发表)于")
_NO_SOURCE = re.compile(
    r"字号|字体|阅读|浏览|评论|分享|发布|发表|首页|正文|打印|举报|关注|原创|来自|作者|编辑|时间|收藏|"
    r"次$|微信|微博|点击|大小|标准|推荐|文章|Facebook|Twitter|抢先|下载|登录|注册|^[大中小]+$|"
    r"[:：>，。？！+]"
)
_CREDIT = re.compile(r"^[\[【（(\s]*(?:本报|文)?(?:作\s?者|记\s?者|撰\s?文|撰\s?稿|文)\s*[:：/｜丨|]")


@dataclass(slots=True)
class Byline:
    """What a page shows beside its title and below its body; `by` says where each was found."""

    published: When | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    by: dict[str, str] = field(default_factory=dict)


def read_byline(page: Page, title: str, text: str) -> Byline:
    """Visible time, source, author and editor: near the title first, then in and below the body, then above."""
    found = Byline()
    _by_id(found, page)
    pieces = _pieces(page)
    start, end = _zone(pieces, title, text)
    zone = pieces[start:end]
    above = pieces[max(start - 12, 0) : start]
    below = pieces[end:]
    lines = text.split("\n")
    _time(found, zone, "beside title")
    _source(found, zone, "beside title")
    _people(found, zone, "beside title")
    _source_beside_time(found, zone)
    _people(found, lines[:3] + lines[-6:], "in body")
    _people(found, below, "below")
    _source(found, lines[:2] + lines[-4:], "in body")
    _time(found, above, "above title")
    _source(found, above, "above title")
    _time(found, [piece for piece in below[:200] if _TIME_LABEL.search(piece)], "below")
    _source_by_class(found, page, title)
    if found.source is None and found.author and fields.is_medium(found.author):
        found.source, found.by["source"], found.author = found.author, found.by.pop("author"), None
    return found


def _by_id(found: Byline, page: Page) -> None:
    """The ids a search engine once asked news sites to set."""
    for name in ("pubtime", "source", "author", "editor"):
        node = page.first(f"#{name}_baidu")
        text = inline(node.text() or "") if node is not None else ""
        if not text:
            continue
        by = f"#{name}_baidu"
        if name == "pubtime" and (when := dates.find(text)):
            found.published, found.by["published"] = when, by
        elif name == "source" and (source := fields.source_name(text)):
            found.source, found.by["source"] = source, by
        elif name == "author" and (author := fields.people(text)):
            found.author, found.by["author"] = author, by
        elif name == "editor" and (editor := fields.people(text)):
            found.editor, found.by["editor"] = editor, by


def _pieces(page: Page) -> list[str]:
    """Visible text pieces of the page, in order."""
    root = page.tree.body
    found = []
    for node in root.traverse(include_text=True) if root is not None else ():
        if node.tag == "-text" and node.parent is not None and node.parent.tag not in _UNREAD:
            text = inline(node.text_content or "")
            if text:
                found.append(text)
    return found


def _zone(pieces: list[str], title: str, text: str) -> tuple[int, int]:
    """Range of pieces from the title to the first sentences of the body."""
    key = squeeze(title)
    keys = [squeeze(piece) for piece in pieces]
    lines = [squeeze(line) for line in text.split("\n")]
    first = next((line[:10] for line in lines if len(line) >= 12 and not repeats(line, key)), "")
    starts = [i for i, piece in enumerate(keys) if repeats(piece, key)]
    ends = [i for i, piece in enumerate(keys) if first and first in piece and not repeats(piece, key)]
    for start in reversed(starts):
        end = next((i for i in ends if i > start), None)
        if end is not None and end - start <= 80:
            return start, end
    if ends:
        return max(ends[0] - 15, 0), ends[0]
    return (starts[0], starts[0] + 30) if starts else (0, 40)


def _labelled(pieces: list[str]) -> list[str]:
    """Pieces as credit lines: a piece that ends with its label takes the value from the next."""
    lines = []
    for i, piece in enumerate(pieces):
        following = pieces[i + 1] if i + 1 < len(pieces) else ""
        lines.append(f"{piece} {following}" if _OPEN_LABEL.search(piece) else piece)
    return lines


def _time(found: Byline, pieces: list[str], where: str) -> None:
    if found.published is not None:
        return
    when = dates.find(" ".join(piece for piece in pieces if len(piece) <= 120))
    if when is not None and when.precision in {Precision.MINUTE, Precision.DAY}:
        found.published, found.by["published"] = when, f"time {where}"


def _source(found: Byline, pieces: list[str], where: str) -> None:
    if found.source is not None:
        return
    for text in _labelled([piece for piece in pieces if len(piece) <= 120]):
        if _SOURCE_LABEL.search(text) and (name := fields.source_name(text)) and len(name) <= 30:
            found.source, found.by["source"] = name, f"label {where}"
            return


def _source_by_class(found: Byline, page: Page, title: str) -> None:
    """An element whose class says that it names the source, when its text is as short as a name."""
    if found.source is not None:
        return
    for node in page.tree.css(_SOURCE_CLASS)[:20]:
        text = inline(node.text() or "")
        inner = len(node.css(_SOURCE_CLASS)) > 1
        if (
            not inner
            and 2 <= len(text) <= 40
            and text != title
            and (name := fields.source_name(text))
            and len(name) <= 20
        ):
            found.source, found.by["source"] = name, "class of source"
            return


def _source_beside_time(found: Byline, zone: list[str]) -> None:
    """A short piece directly beside the time, where nothing labels the source: 原创 某报 2026-03-02 09:30."""
    if found.source is not None:
        return
    shown = [piece for piece in zone[1:16] if re.search(r"\w", piece)]
    for i, text in enumerate(shown):
        if dates.find(text) is None:
            continue
        rest = fields.source_name(text) or ""
        for name in (rest, *(shown[j] for j in (i - 1, i + 1) if 0 <= j < len(shown))):
            if _is_name(name):
                found.source, found.by["source"] = fields.source_name(name), "beside time"
                return


def _is_name(text: str) -> bool:
    return (
        2 <= len(text) <= 16
        and bool(re.search(r"[\u4e00-\u9fffA-Za-z]{2}", text))
        and not _NO_SOURCE.search(text)
        and dates.find(text) is None
    )


def _people(found: Byline, pieces: list[str], where: str) -> None:
    for text in _labelled(pieces):
        if len(text) > 200:
            continue
        if found.editor is None and (match := fields.EDITOR.search(text)) and (names := fields.people(match["names"])):
            found.editor, found.by["editor"] = names, f"label {where}"
        credit = found.author is None and (_CREDIT.match(text) or (len(text) <= 60 and "作者" in text))
        if credit and (match := fields.AUTHOR.search(text)) and (names := fields.people(match["names"])):
            found.author, found.by["author"] = names, f"label {where}"
