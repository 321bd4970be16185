"""Body fragment → plain text: paragraphs by newline, inline markup joined as a reader sees it.

The fast parser has selected and pruned the fragment; BeautifulSoup cleans it, from decoded text, never bytes.
"""

import re

from bs4 import BeautifulSoup, Comment
from bs4.element import NavigableString, PreformattedString, Tag
from selectolax.lexbor import LexborNode

from crawlers.templates.page import MAX_DEPTH, depth

_SILENT = (
    "script",
    "style",
    "noscript",
    "iframe",
    "template",
    "textarea",
    "select",
    "option",
    "button",
    "svg",
    "canvas",
    "object",
    "embed",
    "video",
    "audio",
    "img",
    "input",
    "link",
    "meta",
    "head",
    "title",
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
        "caption",
        "founder-content",
    ]
)
_INLINE = ["span", "font", "b", "strong", "em", "i", "u", "a", "big", "small", "label", "ins"]
"""Markup that says nothing about paragraphs; unwrapped before the soup is made, which halves its work."""
_ATTRIBUTES = re.compile(r"""<([a-zA-Z][\w:-]*)(?: [^ "=>]+(?:="[^"]*")?)+>""")
_COMMENTS = re.compile(r"<!--.*?-->", re.DOTALL)
_BREAK = "\ue000"
"""A private character that stands for a paragraph's border while the soup is made."""
_PARAGRAPH = re.compile(r"</?(?:p|div|section|center|h[1-6]|article)>|<br>")
"""Borders that need no tree: four fifths of the tags of a body never reach the soup."""
_LONG_FRAGMENT = 1_000_000
"""Longer fragments are read without a soup, which would take ten times their size."""
_CELL = 200
"""A table row with a longer cell lays the page out; its cells are paragraphs, not values."""

_HAN = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’—…·"
_SOURCE_BREAK = re.compile(rf"(?<=[{_HAN}])[ \xa0]*\x1e[ \xa0\x1e]*(?=[{_HAN}])")
_BLANKS = re.compile(r"[ \r\n\f\v\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1f\x7f]")


def prune(node: LexborNode, *drop: str) -> None:
    """Take silent elements and everything the selectors of `drop` find out of the node, in place."""
    for found in node.css(", ".join((*_SILENT, *drop))):
        if found.mem_id != node.mem_id:
            found.decompose()


def drop_link_lists(node: LexborNode) -> None:
    """Take lists that are nothing but links (相关阅读) out of the node, in place."""
    for block in node.css("ul, ol, dl"):
        links = block.css("a")
        linked = sum(len(link.text(strip=True) or "") for link in links)
        if len(links) >= 2 and linked >= 0.8 * len(block.text(strip=True) or ""):
            block.decompose()


def text_of(node: LexborNode) -> str:
    """Plain text of a pruned node; never silently empty, however deep the tree."""
    node.unwrap_tags(_INLINE)
    html = _ATTRIBUTES.sub(r"<\1>", _COMMENTS.sub("", node.html or ""))
    if len(html) > _LONG_FRAGMENT or depth(html, MAX_DEPTH) > MAX_DEPTH:
        return _flat(node)
    return fragment_text(_PARAGRAPH.sub(_BREAK, html.replace(_BREAK, "")))


def fragment_text(html: str) -> str:
    """Plain text of an HTML fragment."""
    soup = BeautifulSoup(f"<main>{html}</main>", "lxml")
    pieces: list[str] = []
    _walk(soup, pieces)
    return tidy(_joined("".join(pieces)))


def tidy(text: str) -> str:
    r"""One paragraph a line, blanks folded, no invisible characters, no empty lines.

    >>> tidy("  第一段 \x00 a\n\n　　第二段")
    '第一段 a\n第二段'
    """
    lines = (_BLANKS.sub(" ", _INVISIBLE.sub("", line)).strip() for line in re.split(r"[\n\u2029]", text))
    return "\n".join(line for line in lines if line)


def inline(text: str) -> str:
    """One line: every run of blanks is one space."""
    return " ".join(_INVISIBLE.sub("", text).split())


def _walk(node: Tag, pieces: list[str]) -> None:
    """Depth first over a tree that is at most MAX_DEPTH deep."""
    for child in node.children:
        if isinstance(child, NavigableString):
            if not isinstance(child, Comment | PreformattedString):
                pieces.append(_marked(str(child)))
        elif isinstance(child, Tag):
            _element(child, pieces)


def _element(tag: Tag, pieces: list[str]) -> None:
    name = tag.name
    if name in _SILENT:
        return
    if name == "br":
        pieces.append("\n")
    elif name == "tr" and (cells := _data_cells(tag)):
        pieces += ["\n", "\t".join(cells), "\n"]
    elif name in _BLOCKS:
        pieces.append("\n")
        _walk(tag, pieces)
        pieces.append("\n")
    elif name in {"td", "th"}:
        pieces.append("\n")
        _walk(tag, pieces)
    else:
        _walk(tag, pieces)


def _data_cells(row: Tag) -> list[str]:
    """Texts of the cells of a row that holds values; none where the row lays out the page."""
    cells = list(row.find_all(["td", "th"], recursive=False))
    if len(cells) < 2 or any(cell.find("table") for cell in cells):
        return []
    texts = [inline(_joined(_marked(cell.get_text(" " if cell.find(["p", "br", "div"]) else "")))) for cell in cells]
    return texts if sum(map(bool, texts)) > 1 and max(map(len, texts)) <= _CELL else []


def _marked(text: str) -> str:
    """Text of one node with the line breaks of the source marked, since they are no paragraphs."""
    return text.replace("\r", "").replace("\n", "\x1e").replace("\t", " ").replace(_BREAK, "\n")


def _joined(text: str) -> str:
    """Source line breaks are a blank, and between Chinese characters, whatever markup stood there, nothing at all."""
    return _SOURCE_BREAK.sub("", text).replace("\x1e", " ")


def _flat(node: LexborNode) -> str:
    """Text of a tree too deep or too long for a soup: text nodes in order, a new line at each block."""
    pieces: list[str] = []
    for found in node.traverse(include_text=True):
        if found.tag == "-text":
            pieces.append(_marked(found.text_content or ""))
        elif found.tag in _BLOCKS or found.tag in {"br", "td", "th"}:
            pieces.append("\n")
    return tidy(_joined("".join(pieces)))
