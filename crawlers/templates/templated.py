"""A page read by its template; what the template leaves open, meta data and byline fill in."""

import re
from collections.abc import Iterable
from dataclasses import replace

from selectolax.lexbor import LexborNode

from chainwatch.models import Document
from crawlers.refusal import Reason, Refused
from crawlers.templates import address, dates, fields
from crawlers.templates.body import drop_link_lists, prune, text_of
from crawlers.templates.byline import Byline, read_byline
from crawlers.templates.dates import When
from crawlers.templates.furniture import is_editor_line, strip_furniture
from crawlers.templates.head import head_table, number_in
from crawlers.templates.metadata import read_metadata, script_time, usable_author
from crawlers.templates.page import Page, open_page
from crawlers.templates.reading import Reading, settle_times
from crawlers.templates.template import Template, values
from crawlers.templates.titles import find_title, plain_title


def read_templated(page: Page, template: Template, selector: str, node: LexborNode) -> Reading:
    """Read the page by the template; `node` is its body, found by `selector`. The body is pruned in place.

    Raises Refused (empty) where the body holds neither text nor pictures nor files.
    """
    by = {"text": selector}
    title = _title(page, template, by)
    visible = _when(page, template.published, by)
    hidden = _when(page, template.published_meta, {} if visible else by)
    document, labels = head_table(page, template.head, node) if template.government else (None, {})
    html = node.html or ""
    files = address.attachments(page, [page.tree.body] if template.government and page.tree.body else [node])
    found = Byline(
        published=visible,
        source=_source(page, template.source, by),
        author=_people(page, template.author, by, "author"),
        editor=_people(page, template.editor, by, "editor"),
    )
    reading = Reading(
        template=template.label,
        title=title,
        text="",
        by=by,
        subtitle=_first(page, template.subtitle, by, "subtitle"),
        channel=_first(page, template.channel, by, "channel"),
        keywords=fields.keywords(_first(page, template.keywords, by, "keywords") or ""),
        stock_codes=fields.stock_codes(html),
        document=document,
        document_id=template.document_id(page) if template.document_id else None,
        attachments=files,
    )
    whole = _text(page, template, node)
    text = strip_furniture(whole, related=not template.government)
    if not text and not files and "<img" not in html:
        raise Refused(Reason.EMPTY, f"{template.label} finds no text at {selector}", place=page.url)
    _from_lines(found, whole.split("\n"), by)
    reading = replace(reading, text=text)
    hidden = _fill(page, template, reading, found, hidden)
    published, meta = settle_times(found.published, hidden, document)
    if published and "document.published" in labels:
        by.setdefault("published", labels["document.published"])
    if template.government and document is None and (number := number_in(text)):
        document, labels = Document(number=number), {"document.number": "line of its own"}
    return replace(
        reading,
        by=by | labels,
        document=document,
        published=published,
        published_meta=meta,
        source=found.source,
        author=found.author,
        editor=found.editor,
    )


def _text(page: Page, template: Template, node: LexborNode) -> str:
    """Text of the pruned body; a body kept as markup in a textarea is opened first."""
    if node.tag == "textarea":
        inner = open_page(f"<div>{node.text() or ''}</div>", page.url).tree.body
        if inner is None:
            return ""
        node = inner
    prune(node, *template.drop)
    if not template.government:
        drop_link_lists(node)
    return text_of(node)


def _title(page: Page, template: Template, by: dict[str, str]) -> str:
    for selector, value in values(page, template.title):
        by["title"] = selector
        return plain_title(value) if selector == "title" or "og:title" in selector else value
    title, by["title"] = find_title(page)
    return title


def _first(page: Page, selectors: Iterable[str], by: dict[str, str], name: str) -> str | None:
    for selector, value in values(page, selectors):
        by[name] = selector
        return value
    return None


def _when(page: Page, selectors: Iterable[str], by: dict[str, str]) -> When | None:
    """The first time a selector finds; a bare day only where none tells the minute."""
    days: list[tuple[str, When]] = []
    for selector, value in values(page, selectors):
        if (when := dates.find(value)) is None:
            continue
        days.append((selector, when))
        if when.precise:
            break
    if not days:
        return None
    by["published"], when = next((found for found in days if found[1].precise), days[0])
    return when


def _people(page: Page, selectors: Iterable[str], by: dict[str, str], name: str) -> str | None:
    """Names at the first selector that gives any; of an editor's selector, labelled ones before bare ones."""
    bare: tuple[str, str] | None = None
    for selector, value in values(page, selectors):
        labelled = fields.EDITOR.search(value) if name == "editor" else None
        names = fields.people(labelled["names"] if labelled else value)
        if names and (labelled or name != "editor"):
            by[name] = selector
            return names
        if names and bare is None and not re.search("[:：]", value):
            bare = selector, names
    if bare:
        by[name] = bare[0]
    return bare[1] if bare else None


def _source(page: Page, selectors: Iterable[str], by: dict[str, str]) -> str | None:
    for selector, value in values(page, selectors):
        if name := fields.source_name(value):
            by["source"] = selector
            return name
    return None


def _from_lines(found: Byline, lines: list[str], by: dict[str, str]) -> None:
    """Source and editor that the body's own first and last lines name."""
    if found.source is None:
        for line in lines[:4]:
            if re.match(r"^[（(]?(?:文章|本文|信息)?来源[:：]", line) and (name := fields.source_name(line)):
                found.source, by["source"] = name, "line 来源"
                break
    if found.editor is None:
        for line in lines[::-1][:12]:
            match = fields.EDITOR.search(line) if is_editor_line(line) else None
            if match and (names := fields.people(match["names"])):
                found.editor, by["editor"] = names, "line 编辑"
                break


def _fill(
    page: Page,
    template: Template,
    reading: Reading,
    found: Byline,
    hidden: When | None,
) -> When | None:
    """Fill what is still open in `found` and `reading.by` from meta data and byline; gives the hidden time."""
    by = reading.by
    dated = found.published or (reading.document and reading.document.published)
    if dated and found.source and hidden:
        return hidden
    metadata = read_metadata(page)
    if hidden is None and metadata.published is not None:
        hidden = metadata.published
        by.setdefault("published", metadata.by["published"])
    if found.source is None and metadata.source:
        found.source, by["source"] = fields.source_name(metadata.source), metadata.by["source"]
    if not dated and hidden is None and (scripted := script_time(page)):
        hidden, by["published"] = scripted, "script"
    if not (dated or hidden) or not (found.source or template.government):
        seen = read_byline(page, reading.title, reading.text)
        for name in ("published", "source", "author", "editor"):
            if getattr(found, name) is None and getattr(seen, name) is not None:
                setattr(found, name, getattr(seen, name))
                by[name] = seen.by[name]
    if found.author is None and not template.government and (author := usable_author(metadata, page)):
        found.author, by["author"] = author, metadata.by["author"]
    return hidden
