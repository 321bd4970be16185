"""Links of list pages: made absolute, and whether their host belongs to a source."""

from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit


def absolute(base: str, href: str) -> str | None:
    """The web address of a link on a page; None for scripts, mails, fragments and malformed ones."""
    href = "".join(href.split())
    if not href or href.startswith(("#", "javascript:", "mailto:", "tel:", "data:")):
        return None
    try:
        url = urljoin(base, href)
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname else None


def belongs(url: str, domains: Sequence[str]) -> bool:
    """Whether the page's host is one of the domains or below one."""
    host = (urlsplit(url).hostname or "").lower()
    return any(host == domain or host.endswith("." + domain) for domain in domains)
