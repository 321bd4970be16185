"""Page → Article: choose a template, read its fields, clean the body, name the document."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict, Unpack

from chainwatch.models import Article, Precision, article_id, content_digest
from crawlers.templates import address, dates
from crawlers.templates.page import Page, open_page
from crawlers.templates.reading import Reading
from crawlers.templates.registry import choose, laid_out
from crawlers.templates.template import largest
from crawlers.templates.templated import read_templated


@dataclass(frozen=True, slots=True)
class Parsed:
    """An article and the addresses of its further pages, in order."""

    article: Article
    next_pages: tuple[str, ...] = ()


class Given(TypedDict, total=False):
    """What a caller may know of a page besides its text and address; every way to read a page takes it."""

    site: str | None
    """Name of the source that found it; the host where none is given."""
    template: str | None
    """Name of the template expected; where it finds no body, others are tried: compare Article.template."""
    raw_digest: str | None
    """SHA-256 (hex) of the archived bytes."""
    region: str | None
    """Region hint of the source."""
    use_templates: bool
    """False reads every page the generic way; default True."""


def parse_page(html: str, url: str | None, *, fetched: datetime, **given: Unpack[Given]) -> Parsed:
    """Read one page of decoded text.

    Args:
        html: the page, decoded (`crawlers.encoding.decode` for bytes).
        url: its address; None for a saved page, whose template is then told by its marks.
        fetched: when it was fetched, aware.
        given: see `Given`.

    Raises:
        Refused: with its `reason`, where the page makes no article.
    """
    page = open_page(laid_out(html), url)
    chosen = choose(page, given.get("template")) if given.get("use_templates", True) else None
    body = largest(page, chosen.body) if chosen else None
    reading = read_templated(page, chosen, *body) if chosen and body else _read_generic(page)
    return Parsed(_article(page, reading, fetched, given), address.next_pages(page))


def _read_generic(page: Page) -> Reading:
    from crawlers.templates.generic import read_generic  # noqa: PLC0415  most pages have a template

    return read_generic(page)


def _article(page: Page, reading: Reading, fetched: datetime, given: Given) -> Article:
    canonical = address.canonical(page.url)
    published, by = reading.published, reading.by
    if published is None and page.url and (published := dates.in_address(page.url)):
        by = by | {"published": "address"}
    return Article(
        id=article_id(
            document_id=reading.document_id,
            canonical_url=canonical,
            title=reading.title,
            published=published.at.isoformat() if published else "",
            text=reading.text,
        )[:200],
        url=page.url or None,
        canonical_url=canonical,
        site=given.get("site") or page.host or None,
        source=reading.source,
        channel=reading.channel,
        title=reading.title,
        subtitle=reading.subtitle,
        author=reading.author,
        editor=reading.editor,
        published=published.at if published else None,
        precision=published.precision if published else Precision.UNKNOWN,
        published_meta=reading.published_meta.at if reading.published_meta else None,
        fetched=fetched,
        text=reading.text,
        region=given.get("region"),
        attachments=reading.attachments,
        document=reading.document,
        keywords=reading.keywords,
        stock_codes=reading.stock_codes,
        raw_digest=given.get("raw_digest"),
        content_digest=content_digest(reading.title, reading.text, attachments=reading.attachments),
        template=reading.template,
        selectors=by,
    )
