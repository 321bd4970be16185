"""Body fragment → plain text: paragraphs by newline, inline markup joined as a reader sees it."""

import html as entities
import re

from selectolax.lexbor import LexborNode

from crawlers.templates.lines import BREAK, joined, marked, tidy
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
"""Markup that says nothing about paragraphs; unwrapped first."""
_ATTRIBUTES = re.compile(r"""<([a-zA-Z][\w:-]*)(?: [^ "=>]+(?:="[^"]*")?)+>""")
_COMMENTS = re.compile(r"<!--.*?-->", re.DOTALL)
_BORDER = re.compile(
    r"</?(?:p|div|section|center|h[1-6]|article|main|header|footer|aside|address|blockquote|pre|ul|ol|li|dl|dt|dd|figure|"
    r"figcaption|fieldset|details|summary|founder-content)>|<[bh]r>"
)
"""Borders of paragraphs, which need no tree."""
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_LONG_FRAGMENT = 1_000_000
"""Longer fragments are read without a soup, which would take ten times their size."""


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
    markup = _COMMENTS.sub("", node.html or "")
    if len(markup) > _LONG_FRAGMENT or depth(markup, MAX_DEPTH) > MAX_DEPTH:
        return _flat(node)
    return fragment_text(_ATTRIBUTES.sub(r"<\1>", markup))


def fragment_text(markup: str) -> str:
    """Plain text of well-formed HTML without attributes, comments and scripts."""
    plain = _BORDER.sub(BREAK, markup.replace(BREAK, ""))
    if "<tr>" not in plain:
        return tidy(joined(marked(entities.unescape(_TAG.sub("", plain)))))
    from crawlers.templates.soup import soup_text  # noqa: PLC0415  half of the parser's start-up, for pages with tables only

    return soup_text(plain)


def _flat(node: LexborNode) -> str:
    """Text of a tree too deep or too long for a soup: text nodes in order, a new line at each block."""
    pieces: list[str] = []
    for found in node.traverse(include_text=True):
        if found.tag == "-text":
            pieces.append(marked(found.text_content or ""))
        elif found.tag in _BLOCKS or found.tag in {"br", "td", "th"}:
            pieces.append("\n")
    return tidy(joined("".join(pieces)))
