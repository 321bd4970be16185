"""What a list says: values that list walkers exchange with the spider. No network, no Scrapy."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from chainwatch.models import to_timestamp_ms
from crawlers.address import absolute
from crawlers.templates import Reason, Refused, dates
from crawlers.templates.page import open_page
from crawlers.templates.standins import stand_in

FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
"""Headers of a form that is posted."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A list page to fetch.

    `walk` names the list it belongs to; `step` counts its pages from 1 in walking order, so that a walk can be
    taken up again. `context` is what the list's reader wants back.
    """

    url: str
    walk: str
    step: int = 1
    method: str = "GET"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)
    part: bool = False
    """One of several pages that make up the list, not a further page of it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A fetched list page."""

    url: str
    text: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """One article that a list names. `id` is the site's own document id where the list gives it."""

    url: str
    title: str
    date_ms: int | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class ListPage:
    """What a list page said."""

    rows: tuple[Row, ...] = ()
    following: Ask | None = None
    """The next page of the same list."""
    parts: tuple[Ask, ...] = ()
    """Other pages of this list that must be read too."""
    bad_rows: int = 0
    """Rows without an address or a title."""
    container: bool = False
    """It only leads to other pages: no rows are expected on it."""


class ListFault(Exception):  # noqa: N818  it says what is wrong with the list
    """The list cannot be read at all. The text names the fault for the source's health."""


def is_wall(answer: Answer) -> bool:
    """Whether a firewall or a login answered in place of the list."""
    try:
        found = stand_in(open_page(answer.text, answer.url), "", "", [])
    except Refused:
        return False
    return found is not None and found[0] == Reason.CHALLENGE


def moment_ms(text: str) -> int | None:
    """Unix milliseconds of the first time in the text: a date, a date with a clock, seconds or milliseconds."""
    when = dates.find(text)
    return None if when is None else to_timestamp_ms(when.at)


ROW_LINKS = 3
"""Links that one row may hold: its article, its column, a picture."""


def rows_of(html: str, base: str, *, containing: str = "") -> tuple[tuple[Row, ...], int]:
    """Rows of a fragment, one for each link whose address contains the text, and how many had no address or title.

    The date is looked for in the row around the link, then in the address.
    """
    rows: list[Row] = []
    bad = 0
    for link in LexborHTMLParser(html).css("a"):
        href = link.attributes.get("href")
        if href is None or (containing and containing not in href):
            continue
        url = absolute(base, href)
        title = title_of(link)
        if url is None or not title:
            bad += 1
            continue
        rows.append(Row(url, title, _date_around(link, title) or moment_ms(urlsplit(url).path)))
    return tuple(rows), bad


def title_of(link: LexborNode) -> str:
    """The title attribute where it says something, else the link's text."""
    return " ".join(((link.attributes.get("title") or "").strip() or link.text(separator=" ")).split())


def _date_around(link: LexborNode, title: str) -> int | None:
    """The date beside the link: in the nearest element around it that has one and is still a single row."""
    node = link.parent
    for _ in range(5):
        if node is None or len(node.css("a[href]")) > ROW_LINKS:
            return None
        found = moment_ms(node.text(separator=" ").replace(title, " "))
        if found is not None:
            return found
        node = node.parent
    return None
