"""An opened page: its tree (lexbor), address and the guards that keep any input within bounds."""

import re
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawlers.templates.refusal import Reason, Refused

MAX_CHARACTERS = 16_000_000
"""Longer pages are refused; the crawler cuts downloads earlier."""
MAX_DEPTH = 200
"""Deeper fragments are read as plain text: libxml2 drops what lies below 256 levels."""
MAX_LEVELS = 1000
"""Tags below this level of a page are left out, their text stays."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)[^<>]*?(/?)>")
_LONG_TAG = re.compile(r"<([a-zA-Z][\w-]*)([^<>]{20000,})>?")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())


def calm(html: str) -> str:
    """The page without what makes parsers quadratic: tags with thousands of attributes, thousands of levels."""
    html = _LONG_TAG.sub(lambda tag: f"<{tag[1]}>" if tag[2].count("=") + tag[2].count(" ") > 2000 else tag[0], html)
    if html.count("<") < 2 * MAX_LEVELS or depth(html) <= MAX_LEVELS:
        return html
    level = 0
    kept: list[str] = []
    end = 0
    for tag in _TAG.finditer(html):
        closing, name, closed = tag.groups()
        if closed or name.lower() in _VOID:
            continue
        level += -1 if closing else 1
        if level >= MAX_LEVELS + (not closing):
            kept += [html[end : tag.start()], "\n"]
            end = tag.end()
        level = max(level, 0)
    return "".join([*kept, html[end:]])


def depth(html: str) -> int:
    """Greatest nesting of tags as written, unclosed ones counted; cheap for ordinary pages."""
    if html.count("<") <= MAX_DEPTH:
        return 0
    level = deepest = 0
    for closing, name, closed in _TAG.findall(html):
        if closing:
            level = max(level - 1, 0)
        elif not closed and name.lower() not in _VOID:
            level += 1
            deepest = max(deepest, level)
    return deepest


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
        return (urlsplit(self.url).hostname or "") if self.url else ""

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
