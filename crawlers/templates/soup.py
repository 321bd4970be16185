"""Fragments with tables → text, by BeautifulSoup on lxml, from decoded text, never bytes.

It knows which cells make a row, however the markup is broken. Loaded only for pages that hold a table.
"""

from bs4 import BeautifulSoup, Comment
from bs4.element import NavigableString, PreformattedString, Tag

from crawlers.templates.lines import inline, joined, marked, tidy

_CELL = 200
"""A table row with a longer cell lays the page out; its cells are paragraphs, not values."""
_BORDERS = frozenset(
    {
        "table",
        "thead",
        "tbody",
        "tfoot",
        "tr",
        "td",
        "th",
        "caption",
        "p",
        "div",
        "ul",
        "ol",
        "li",
        "br",
        "section",
        "h1",
        "h2",
        "h3",
    }
)


def soup_text(html: str) -> str:
    """Plain text of an HTML fragment; a row of values is one line, its cells apart by tab."""
    pieces: list[str] = []
    _walk(BeautifulSoup(f"<main>{html}</main>", "lxml"), pieces)
    return tidy(joined("".join(pieces)))


def _walk(node: Tag, pieces: list[str]) -> None:
    """Depth first over a tree that is at most MAX_DEPTH deep."""
    for child in node.children:
        if isinstance(child, NavigableString):
            if not isinstance(child, Comment | PreformattedString):
                pieces.append(marked(str(child)))
        elif isinstance(child, Tag):
            _element(child, pieces)


def _element(tag: Tag, pieces: list[str]) -> None:
    if tag.name == "tr" and (cells := _data_cells(tag)):
        pieces += ["\n", "\t".join(cells), "\n"]
        return
    border = "\n" if tag.name in _BORDERS else ""
    pieces.append(border)
    _walk(tag, pieces)
    pieces.append(border)


def _data_cells(row: Tag) -> list[str]:
    """Texts of the cells of a row that holds values; none where the row lays out the page."""
    cells = list(row.find_all(["td", "th"], recursive=False))
    if len(cells) < 2 or any(cell.find("table") for cell in cells):
        return []
    texts = [inline(joined(marked(cell.get_text(" " if cell.find(["p", "br", "div"]) else "")))) for cell in cells]
    return texts if sum(map(bool, texts)) > 1 and max(map(len, texts)) <= _CELL else []
