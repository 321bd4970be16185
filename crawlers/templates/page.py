"""An opened page: its tree (lexbor), address and the guards that keep any input within bounds."""

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.refusal import Reason, Refused

MAX_CHARACTERS = 16_000_000
"""Longer pages are refused; the crawler cuts downloads earlier."""
MAX_DEPTH = 200
"""Deeper fragments are read as plain text: libxml2 drops what lies below 256 levels."""
MAX_LEVELS = 4000
"""Tags below this level of a page are left out, their text stays."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)[^<>]*?(/?)>")
_OFTEN_VOID = ("<br", "<img", "<meta", "<link", "<input", "<!", "<hr")
_GLANCE = 32_000
_LONG = 10_000
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)


def calm(html: str, limit: int = MAX_LEVELS) -> str:
    """The page without what makes parsers quadratic: tags with thousands of attributes, thousands of levels."""
    html = _short_tags(html)
    if html.count("<") <= limit or depth(html, limit) <= limit:
        return html
    level = 0
    kept: list[str] = []
    end = 0
    for tag in _TAG.finditer(html):
        closing, name, closed = tag.groups()
        if closed or name.lower() in _VOID:
            continue
        level += -1 if closing else 1
        if level >= limit + (not closing):
            kept += [html[end : tag.start()], "\n"]
            end = tag.end()
        level = max(level, 0)
    return "".join([*kept, html[end:]])


def _short_tags(html: str) -> str:
    """The page with tags of more than 2,000 attributes reduced to their names."""
    start = 0
    while start + _LONG <= len(html):
        if html.find(">", start, start + _LONG) >= 0:
            start += _LONG
            continue
        opened, closed = html.rfind("<", 0, start + 1), html.find(">", start)
        closed = len(html) if closed < 0 else closed
        tag = re.match(r"<[a-zA-Z][\w-]*", html[opened : opened + 40]) if opened >= 0 else None
        if (
            tag
            and html.find(">", opened, start) < 0
            and html.count(" ", opened, closed) + html.count("=", opened, closed) > 2000
        ):
            html = html[:opened] + tag[0] + html[closed:]
            start = opened + _LONG
        else:
            start = max(closed, start + _LONG)
    return html


def depth(html: str, limit: int) -> int:
    """Greatest nesting of tags as written, unclosed ones counted; 0 where a glance shows that it is below the limit."""
    if _depth_bound(html, ()) <= limit or _depth_bound(html, _OFTEN_VOID) <= limit:
        return 0
    level = deepest = 0
    for closing, name, closed in _TAG.findall(html):
        if closing:
            level = max(level - 1, 0)
        elif not closed and name.lower() not in _VOID:
            level += 1
            deepest = max(deepest, level)
    return deepest


def _depth_bound(html: str, voids: tuple[str, ...]) -> int:
    """No less than the nesting: tags opened in each piece of the page, on top of those left open before it."""
    level = bound = 0
    for start in range(0, len(html), _GLANCE):
        end = start + _GLANCE + 6
        closed = html.count("</", start, end)
        opened = html.count("<", start, end) - closed - sum(html.count(void, start, end) for void in voids)
        bound = max(bound, level + max(opened, 0))
        level = max(level + opened - closed, 0)
    return bound


@dataclass(frozen=True)
class Page:
    """One page to be read. `html` is decoded text without NUL."""

    html: str
    url: str | None

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """The parsed page."""
        return LexborHTMLParser(self.html)

    @cached_property
    def host(self) -> str:
        """Host of the address in small letters, empty where unknown."""
        try:
            return (urlsplit(self.url).hostname or "") if self.url else ""
        except ValueError:  # a malformed address belongs to no site
            return ""

    def shallow(self) -> "Page":
        """The page with its tags below MAX_DEPTH left out; itself where there are none."""
        html = calm(self.html, MAX_DEPTH)
        return self if html == self.html else Page(html, self.url)

    def first(self, css: str) -> LexborNode | None:
        """The first node a selector finds."""
        return self.tree.css_first(css)

    def link(self, href: str) -> str:
        """The absolute address of a link of this page; as written where the page's own is unknown."""
        try:
            return urljoin(self.url, href.strip()) if self.url else href.strip()
        except ValueError:  # a malformed address on the page stays as written
            return href.strip()

    def meta(self, *names: str) -> str | None:
        """Content of the first meta tag of these names that says anything; case does not matter."""
        return next((self.metas[name.lower()] for name in names if self.metas.get(name.lower())), None)

    @cached_property
    def metas(self) -> dict[str, str]:
        """Name, property or itemprop → content of every meta tag, first one wins."""
        found: dict[str, str] = {}
        for node in self.tree.css("meta[content]"):
            attributes = node.attributes
            content = (attributes.get("content") or "").strip()
            name = attributes.get("name") or attributes.get("property") or attributes.get("itemprop")
            if name and content:
                found.setdefault(name.strip().lower(), content)
        return found


def open_page(html: str, url: str | None) -> Page:
    """Guard, then open. Raises Refused (too large, not HTML)."""
    if len(html) > MAX_CHARACTERS:
        raise Refused(Reason.TOO_LARGE, f"the page has {len(html)} characters, more than {MAX_CHARACTERS}", place=url)
    html = calm(html.replace("\x00", ""))
    start = html[:2000].lstrip("\ufeff \t\r\n")
    if not start:
        raise Refused(Reason.EMPTY, "the page is empty", place=url)
    if "<" not in html or start.startswith(("{", "[", "%PDF", "PK\x03\x04", "GIF8", "\x89PNG")):
        raise Refused(Reason.NOT_HTML, "this is no HTML page", place=url, cure="give the address of an article")
    return Page(html, url)
