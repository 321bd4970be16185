"""What a template is: which pages it reads and where their fields stand, as data."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from crawlers.templates.lines import inline
from crawlers.templates.page import Page

Selectors = tuple[str, ...]
"""CSS selectors tried in order; `css@attribute` takes an attribute's value in place of the text."""

_NODES = 6
"""Nodes of one selector that are looked at."""


@dataclass(frozen=True, slots=True)
class Template:
    """Where the fields of one site family's pages stand.

    Every list of selectors is tried in order; the first value wins.
    """

    name: str
    version: int
    hosts: tuple[str, ...] = ()
    """Host names or their ends: sina.com.cn also covers finance.sina.com.cn."""
    marks: Selectors = ()
    """Any of these tells the family without an address."""
    body: Selectors = ()
    drop: Selectors = ()
    """What is cut out of the body."""
    title: Selectors = ()
    subtitle: Selectors = ()
    published: Selectors = ()
    published_meta: Selectors = ()
    source: Selectors = ()
    author: Selectors = ()
    editor: Selectors = ()
    channel: Selectors = ()
    keywords: Selectors = ()
    head: Selectors = ()
    """Where a document head table stands; none: anywhere outside the body."""
    government: bool = False
    """Pages of authorities: document heads, attachments, images in place of text."""
    document_id: Callable[[Page], str | None] | None = field(default=None, repr=False)
    """The site's own id of a page, where it has one."""
    layout: Callable[[str], str | None] | None = field(default=None, repr=False)
    """For pages that are JSON: lays one out as a page; None where it is none of the family's."""

    @property
    def label(self) -> str:
        """Name and version, as Article.template holds it."""
        return f"{self.name}/{self.version}"

    def hosts_page(self, page: Page) -> bool:
        """Whether the page's host belongs to the family."""
        return any(page.host == host or page.host.endswith("." + host) for host in self.hosts)

    def marks_page(self, page: Page) -> bool:
        """Whether the page carries a mark of the family."""
        return bool(self.marks) and page.first(", ".join(self.marks)) is not None


def values(page: Page, selectors: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(selector, value) of the nodes each selector finds, in order, empty ones left out; values are one line each."""
    for selector in selectors:
        css, _, attribute = selector.partition("@")
        for node in page.tree.css(css)[:_NODES]:
            value = inline((node.attributes.get(attribute) if attribute else visible(node)) or "")
            if value:
                yield selector, value


def visible(node: LexborNode) -> str:
    """Text of a node without scripts and styles in it."""
    if node.css_first("script, style") is None:
        return node.text() or ""
    return "".join(
        found.text_content or ""
        for found in node.traverse(include_text=True)
        if found.tag == "-text" and found.parent is not None and found.parent.tag not in {"script", "style"}
    )


def largest(page: Page, selectors: Iterable[str]) -> tuple[str, LexborNode] | None:
    """The body: of the first selector that finds text, the node with most of it; else one that holds pictures."""
    pictured = None
    for selector in selectors:
        nodes = page.tree.css(selector)
        if not nodes:
            continue
        best = max(nodes, key=lambda node: len((node.text() or "").strip()))
        if len(visible(best).strip()) > 0:
            return selector, best
        if pictured is None and best.css_first("img") is not None:
            pictured = selector, best
    return pictured
