"""Page → Article: choose a template, read its fields, clean the body, name the document."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time

from selectolax.lexbor import LexborNode

from chainwatch.models import SHANGHAI, Article, Attachment, Document, Precision, article_id, content_digest
from crawlers.templates import address, dates, fields, generic
from crawlers.templates.body import prune, text_of
from crawlers.templates.dates import When
from crawlers.templates.furniture import is_editor_line, strip_furniture
from crawlers.templates.head import head_table, number_in
from crawlers.templates.mainbody import Found, find_body
from crawlers.templates.metadata import read_metadata
from crawlers.templates.page import Page, open_page
from crawlers.templates.refusal import Reason, Refused
from crawlers.templates.registry import choose
from crawlers.templates.standins import stand_in
from crawlers.templates.template import Template, largest, values
from crawlers.templates.titles import find_title, plain_title, squeeze


@dataclass(frozen=True, slots=True)
class Parsed:
    """An article and the addresses of its further pages, in order."""

    article: Article
    next_pages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read off one page; `by` names what gave each field."""

    template: str
    title: str
    text: str
    by: dict[str, str]
    subtitle: str | None = None
    published: When | None = None
    published_meta: When | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    channel: str | None = None
    keywords: tuple[str, ...] = ()
    stock_codes: tuple[str, ...] = ()
    document: Document | None = None
    document_id: str | None = None
    attachments: tuple[Attachment, ...] = ()


def parse_page(
    html: str,
    url: str | None,
    *,
    fetched: datetime,
    site: str | None = None,
    template: str | None = None,
    raw_digest: str | None = None,
    region: str | None = None,
    use_templates: bool = True,
) -> Parsed:
    """Read one page of decoded text.

    Args:
        html: the page, decoded (`crawlers.encoding.decode` for bytes).
        url: its address; None for a saved page, whose template is then told by its marks.
        fetched: when it was fetched, aware.
        site: name of the source that found it; the host where none is given.
        template: name of the template expected; where it finds no body, others are tried: compare Article.template.
        raw_digest: SHA-256 (hex) of the archived bytes.
        region: region hint of the source.
        use_templates: False reads every page the generic way.

    Raises:
        Refused: with its `reason`, where the page makes no article.
    """
    page = open_page(html, url)
    chosen = choose(page, template) if use_templates else None
    body = largest(page, chosen.body) if chosen else None
    reading = _with_template(page, chosen, *body) if chosen and body else _without(page)
    article = _article(page, reading, fetched=fetched, site=site, raw_digest=raw_digest, region=region)
    return Parsed(article, address.next_pages(page))


def _article(
    page: Page, reading: Reading, *, fetched: datetime, site: str | None, raw_digest: str | None, region: str | None
) -> Article:
    canonical = address.canonical(page.url)
    published = reading.published
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
        site=site or page.host or None,
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
        region=region,
        attachments=reading.attachments,
        document=reading.document,
        keywords=reading.keywords,
        stock_codes=reading.stock_codes,
        raw_digest=raw_digest,
        content_digest=content_digest(reading.title, reading.text, attachments=reading.attachments),
        template=reading.template,
        selectors=reading.by,
    )


def _with_template(page: Page, template: Template, selector: str, node: LexborNode) -> Reading:
    by = {"text": selector}
    first = _first_of(page, by)
    title = plain_title(first("title", template.title) or "")
    times = values(page, template.published)
    metas = values(page, template.published_meta)
    visible = next(((css, when) for css, value in times if (when := dates.find(value))), None)
    hidden = next(((css, when) for css, value in metas if (when := dates.find(value))), None)
    if visible or hidden:
        by["published"] = (visible or hidden or ("", None))[0]
    document, labels = head_table(page, template.head, node) if template.government else (None, {})
    published, meta = generic.settle_times(visible[1] if visible else _of_day(document), hidden[1] if hidden else None)
    html = node.html or ""
    files = address.attachments(page, [page.tree.body] if template.government and page.tree.body else [node])
    editor = _credit(page, template.editor, by, "editor")
    prune(node, template.drop)
    whole = text_of(node)
    text = strip_furniture(whole)
    if not text and not files and "<img" not in html:
        raise Refused(Reason.EMPTY, f"{template.label} finds no text at {selector}", place=page.url)
    return Reading(
        template=template.label,
        title=title,
        text=text,
        by=by | labels,
        subtitle=first("subtitle", template.subtitle),
        published=published,
        published_meta=meta,
        source=_source(page, template.source, whole, by),
        author=_credit(page, template.author, by, "author"),
        editor=editor or _editor_in(whole, by),
        channel=first("channel", template.channel),
        keywords=fields.keywords(first("keywords", template.keywords) or ""),
        stock_codes=fields.stock_codes(html),
        document=document or _numbered(text, template, by),
        document_id=template.document_id(page) if template.document_id else None,
        attachments=files,
    )


def _of_day(document: Document | None) -> When | None:
    """The publication day a head table gives, where the page shows no other time."""
    if document is None or document.published is None:
        return None
    return When(datetime.combine(document.published, time(), SHANGHAI), Precision.DAY)


def _first_of(page: Page, by: dict[str, str]) -> Callable[[str, tuple[str, ...]], str | None]:
    def first(name: str, selectors: tuple[str, ...]) -> str | None:
        for selector, value in values(page, selectors):
            by[name] = selector
            return value
        return None

    return first


def _credit(page: Page, selectors: tuple[str, ...], by: dict[str, str], name: str) -> str | None:
    for selector, value in values(page, selectors):
        if names := fields.people(value):
            by[name] = selector
            return names
    return None


def _source(page: Page, selectors: tuple[str, ...], text: str, by: dict[str, str]) -> str | None:
    for selector, value in values(page, selectors):
        if name := fields.source_name(value):
            by["source"] = selector
            return name
    for line in text.split("\n")[:4]:
        if re.match(r"^[（(]?(?:文章|本文|信息)?来源[:：]", line) and (name := fields.source_name(line)):
            by["source"] = "line 来源"
            return name
    return None


def _editor_in(text: str, by: dict[str, str]) -> str | None:
    for line in text.split("\n")[::-1][:12]:
        if is_editor_line(line) and (match := fields.EDITOR.search(line)) and (names := fields.people(match["names"])):
            by["editor"] = "line 编辑"
            return names
    return None


def _numbered(text: str, template: Template, by: dict[str, str]) -> Document | None:
    number = number_in(text) if template.government else None
    if number is None:
        return None
    by["document.number"] = "line of its own"
    return Document(number=number)


def _without(page: Page) -> Reading:
    title, title_by = find_title(page)
    body = find_body(page, title)
    if reason := stand_in(page, title, body.text if body else ""):
        raise Refused(reason[0], reason[1], place=page.url)
    if body is None:
        raise Refused(Reason.EMPTY, "the page has no readable body", place=page.url)
    metadata = read_metadata(page)
    byline = generic.read_byline(page, title, body)
    document, labels = head_table(page, (), body.node)
    published, meta = generic.settle_times(_of_day(document) or byline.published, metadata.published)
    by = {"title": title_by, "text": body.by} | metadata.by | byline.by | labels
    text = _below_title(body, title)
    return Reading(
        template=generic.NAME,
        title=title or plain_title(metadata.title or ""),
        text=text,
        by=by,
        published=published,
        published_meta=meta,
        source=byline.source or metadata.source,
        author=byline.author or generic.usable_author(metadata, page),
        editor=byline.editor,
        keywords=fields.keywords(metadata.keywords or ""),
        stock_codes=fields.stock_codes(body.node.html or "") if body.node else (),
        document=document,
        attachments=address.attachments(page, [body.node] if body.node else []),
    )


def _below_title(body: Found, title: str) -> str:
    """The body without a repeated title and the byline under it."""
    lines = body.text.split("\n")
    key = squeeze(title)
    start = next((i + 1 for i, line in enumerate(lines[:4]) if key and squeeze(line) == key), 0)
    while start < min(len(lines) - 1, 6) and _is_byline(lines[start]):
        start += 1
    return "\n".join(lines[start:])


def _is_byline(line: str) -> bool:
    return (
        len(line) <= 60
        and not line.endswith(("。", "！", "？", "”"))
        and bool(
            re.match(r"^(?:发布时间|发表时间|时间|日期|来源|作者|浏览|阅读|字号|字体)", line)
            or (dates.find(line) and len(line) <= 45 and re.match(r"^\D{0,14}(?:19|20)\d\d", line))
        )
    )
