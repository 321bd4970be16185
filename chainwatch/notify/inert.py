"""Inert: text of strange origin made harmless for one format: no markup, mention, link, header or direction trick."""

import re
from urllib.parse import quote, urlsplit

from markupsafe import Markup, escape

SPACE = "\u200b"
"""Zero width: breaks a mention or a link without changing how it reads."""
_CONTROL = re.compile(r"[\u0000-\u001f\u007f-\u009f\u2028\u2029]+")
_INVISIBLE = re.compile(r"[\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]+")
_MENTION = re.compile(r"([@＠])(?=\w)")
_PING = re.compile(r"<(?=[!@#/])")
_LINK = re.compile(r"(?i)(\b[a-z][a-z0-9+.\-]{1,20}:)(?=\S)")
_BARE = re.compile(r"(?i)\b(www)\.(?=\w)")
_MARKDOWN = re.compile(r"([\\`*_\[\]<>~|])")
_URL_SAFE = "/:?&=%,;@$'!"


class Ready(str):
    """Text that is already as its format wants it."""

    __slots__ = ()


def plain(text: str) -> str:
    """One line without control, invisible or direction characters; mentions and links do not work."""
    text = _INVISIBLE.sub("", _CONTROL.sub(" ", text))
    text = _PING.sub("<" + SPACE, _MENTION.sub(r"\1" + SPACE, text))
    return _BARE.sub(r"\1" + SPACE + ".", _LINK.sub(_broken, text)).strip()


def _broken(match: re.Match[str]) -> str:
    """`https:` and `javascript:` are broken; a plain word before a colon is broken too, which nobody sees."""
    return match[1] + SPACE


def markdown(text: str) -> str:
    """`plain`, with every character that Markdown could read escaped."""
    return _MARKDOWN.sub(r"\\\1", plain(text))


def html(text: str) -> Markup:
    """`plain`, escaped for HTML text and quoted attributes."""
    return escape(plain(text))


def link(url: str | None) -> Ready | None:
    """The address of an article if it is http or https, with everything that markup could read percent-encoded."""
    if not url:
        return None
    cleaned = _INVISIBLE.sub("", _CONTROL.sub("", url)).strip()
    try:
        parts = urlsplit(cleaned)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in {"http", "https"} or not host or "@" in parts.netloc:
        return None
    return Ready(quote(cleaned, safe=_URL_SAFE.replace("@", "")).replace("'", "%27"))


def as_link(ready: Ready, text_format: str) -> str:
    """A cleaned address as its format writes it; in HTML marked as already escaped."""
    if text_format == "html":
        return Markup(ready.replace("&", "&amp;"))  # noqa: S704  percent-encoding left no other sign of markup
    if text_format == "markdown":
        return ready.replace("_", "%5F").replace("~", "%7E")
    return ready
