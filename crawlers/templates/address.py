"""Addresses: the canonical form of one, the next pages of an article, the files a page links to."""

import re
from urllib.parse import parse_qs, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from selectolax.lexbor import LexborNode

from chainwatch.models import Attachment
from crawlers.templates.lines import inline
from crawlers.templates.page import Page

_TRACKING = re.compile(
    r"^(?:utm_.*|spm.*|from|fr|share.*|cre|mod|loc|r|doct|rfunc|isappinstalled|nsukey|wm|vt|pos|cid|finpagefr|tj|div|log_from|bdshare.*|_t|timestamp)$"
)
_FILE = re.compile(r"\.(pdf|docx?|xlsx?|wps|et|ofd|ceb|rtf|zip|rar|7z|pptx?|csv|txt)$", re.IGNORECASE)
_DOWNLOAD = re.compile(
    r"downfile\.jsp|file-download|document/download|/download\b|/attach(?:ment)?s?/|attachid=", re.IGNORECASE
)
_PAGE_WORD = re.compile(
    r"^[\[【(（<＜«]*\s*(?:第?\s*(\d{1,2})\s*页?|下一?页|下页|next)\s*[\]】)）>＞»]*$", re.IGNORECASE
)
_PAGE_STEM = re.compile(r"^(?P<stem>.+?)(?:[_-](?P<number>\d{1,2}))?(?P<end>\.\w{3,6})?$")


def canonical(url: str | None) -> str | None:
    """One spelling of an address: https, small host, no fragment, no tracking parameters; None where it is none."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower()
        port = f":{parts.port}" if parts.port and parts.port not in {80, 443} else ""
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not host:
        return None
    query = urlencode(
        [(key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(key)]
    )
    return urlunsplit(("https", host + port, parts.path or "/", query, ""))


def next_pages(page: Page) -> tuple[str, ...]:
    """Addresses of the further pages of this article, in order: c.html → c_2.html, c_3.html."""
    if not page.url:
        return ()
    own = _split(page.url)
    found: dict[int, str] = {}
    for node in page.tree.css("a[href]"):
        if not _PAGE_WORD.match(inline(node.text() or "")):
            continue
        address = page.link(node.attributes.get("href") or "").split("#")[0]
        other = _split(address)
        if other and own and other[0] == own[0] and other[1] > max(own[1], 1):
            found.setdefault(other[1], address)
    return tuple(found[number] for number in sorted(found))


def _split(url: str) -> tuple[str, int] | None:
    """(address without page number, page number from 1) of an article's page."""
    try:
        parts = urlsplit(url)
    except ValueError:  # a malformed address has no pages
        return None
    folder, _, name = parts.path.rpartition("/")
    match = _PAGE_STEM.match(name)
    if not match:
        return None
    number = int(match["number"] or 1)
    query = parse_qs(parts.query)
    for key in ("page", "p", "pn", "pageno"):
        if query.get(key, [""])[0].isdigit():
            number = int(query[key][0])
    return f"{parts.hostname}{folder}/{match['stem']}{match['end'] or ''}", number


def attachments(page: Page, roots: list[LexborNode]) -> tuple[Attachment, ...]:
    """Files linked from the nodes, each address once; names from the link's text, title or file name."""
    found: dict[str, Attachment] = {}
    for root in roots:
        for node in root.css("a[href]"):
            href = (node.attributes.get("href") or "").strip()
            name = file_name(href, inline(node.attributes.get("title") or ""), inline(node.text() or ""))
            if name is None:
                continue
            url = page.link(href)
            if not url.lower().startswith(("javascript:", "mailto:")):
                found.setdefault(url, Attachment(name=name, url=url))
    return tuple(found.values())


def file_name(href: str, title: str, text: str) -> str | None:
    """Name of the file a link leads to, with its ending; None where it leads to no file."""
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
    query = parse_qs(parts.query)
    given = [unquote(value) for key in ("fileName", "filename", "name") for value in query.get(key, [])]
    candidates = [text, title, *given, unquote(parts.path).rpartition("/")[2]]
    ending = next((match[0] for name in candidates[::-1] if (match := _FILE.search(name))), None)
    if not (_FILE.search(parts.path) or _DOWNLOAD.search(href) or (ending and given)):
        return None
    name = next((name for name in candidates if name), "")
    return (name if _FILE.search(name) or not ending else name + ending)[:200] or None
