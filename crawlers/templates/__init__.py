"""One file per site family: page to Article. Imports no scrapy.

`parse` and `parse_bytes` read one page; `parse_page` and `parse_page_bytes` also give the addresses of its further
pages, and `join` puts their articles together. All raise `Refused`, a Problem with a stable `reason`, where a page
makes no article.
"""

from datetime import datetime
from typing import Unpack

from chainwatch.models import Article, content_digest
from crawlers.encoding import decode
from crawlers.refusal import Reason, Refused
from crawlers.templates.parse import Given, Parsed, parse_page
from crawlers.templates.registry import TEMPLATES

__all__ = [
    "TEMPLATES",
    "Given",
    "Parsed",
    "Reason",
    "Refused",
    "join",
    "parse",
    "parse_bytes",
    "parse_page",
    "parse_page_bytes",
]


def parse(html: str, url: str | None, *, fetched: datetime, **given: Unpack[Given]) -> Article:
    """The article of one decoded page; arguments and errors as `parse_page`."""
    return parse_page(html, url, fetched=fetched, **given).article


def parse_page_bytes(
    data: bytes, url: str | None, *, fetched: datetime, header_charset: str | None = None, **given: Unpack[Given]
) -> Parsed:
    """The article of one page's bytes, and its further pages. `header_charset` is that of the Content-Type header."""
    return parse_page(decode(data, header_charset, place=url).text, url, fetched=fetched, **given)


def parse_bytes(
    data: bytes, url: str | None, *, fetched: datetime, header_charset: str | None = None, **given: Unpack[Given]
) -> Article:
    """The article of one page's bytes; as `parse_page_bytes` without the further pages."""
    return parse_page_bytes(data, url, fetched=fetched, header_charset=header_charset, **given).article


def join(first: Article, *further: Article) -> Article:
    """One article of several pages: the fields of the first, texts in order, attachments and codes of all."""
    text = "\n".join(part.text for part in (first, *further) if part.text)
    attachments = tuple({file.url: file for part in (first, *further) for file in part.attachments}.values())
    codes = tuple(dict.fromkeys(code for part in (first, *further) for code in part.stock_codes))
    return first.model_copy(
        update={
            "text": text,
            "attachments": attachments,
            "stock_codes": codes,
            "editor": next((part.editor for part in (first, *further) if part.editor), None),
            "content_digest": content_digest(first.title, text, first.state, attachments),
        }
    )
