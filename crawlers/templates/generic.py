"""Pages without a template: meta data, the byline, and the body that most readings agree on."""

import re

from crawlers.refusal import Reason, Refused
from crawlers.templates import address, fields
from crawlers.templates.byline import read_byline
from crawlers.templates.head import head_table
from crawlers.templates.mainbody import Found, find_body
from crawlers.templates.metadata import read_metadata, script_time, usable_author
from crawlers.templates.page import Page
from crawlers.templates.reading import Reading, settle_times
from crawlers.templates.standins import stand_in
from crawlers.templates.titles import find_title, plain_title, repeats, squeeze

NAME = "generic/1"

_CREDIT = re.compile(
    r"^(?:发布时间|发表时间|时间|日期|来源|作者|浏览|阅读|字号|字体|关注|\+|已关注|订阅)|^\D{0,14}(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}(?!.*电\s)"
)


def read_generic(page: Page) -> Reading:
    """The generic reading of a page. Raises Refused where it is no article."""
    page = page.shallow()
    title, title_by = find_title(page)
    body = find_body(page, title)
    if body is not None and repeats(squeeze(body.text), squeeze(title)):
        body = None
    if reason := stand_in(page, title, body.text if body else "", body.links if body else []):
        raise Refused(reason[0], reason[1], place=page.url)
    if body is None or not body.text:
        raise Refused(Reason.EMPTY, "the page has no readable body", place=page.url)
    metadata = read_metadata(page)
    text = _below_title(body, title)
    byline = read_byline(page, title, text)
    document, labels = head_table(page, (), body.node)
    if byline.published is None and metadata.published is None and (scripted := script_time(page)):
        metadata.published, metadata.by["published"] = scripted, "script"
    published, meta = settle_times(byline.published, metadata.published, document)
    by = {"title": title_by, "text": body.by} | metadata.by | byline.by | labels
    return Reading(
        template=NAME,
        title=title or plain_title(metadata.title or ""),
        text=text,
        by=by,
        published=published,
        published_meta=meta,
        source=byline.source or metadata.source,
        author=byline.author or usable_author(metadata, page),
        editor=byline.editor,
        keywords=fields.keywords(metadata.keywords or ""),
        stock_codes=fields.stock_codes(body.node.html or "") if body.node else (),
        document=document,
        attachments=address.attachments(page, [body.node] if body.node else []),
    )


def _below_title(body: Found, title: str) -> str:
    """The body without a repeated title and the credits under it."""
    lines = body.text.split("\n")
    key = squeeze(title)
    start = next((i + 1 for i, line in enumerate(lines[:4]) if repeats(squeeze(line), key)), 0)
    short = start
    while (
        short < min(len(lines) - 1, start + 7)
        and len(lines[short]) <= 60
        and not lines[short].endswith(("。", "！", "？", "”", "：", "；"))
    ):
        short += 1
        if _CREDIT.search(lines[short - 1]):
            start = short
    return "\n".join(lines[start:])
