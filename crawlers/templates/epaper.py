"""Newspaper pages of the Founder e-paper system: Zhejiang Daily and its sister papers."""

import re

from crawlers.templates.page import Page
from crawlers.templates.template import Template

_ID = re.compile(r"/html/(\d{4})-(\d{2})/(\d{2})/(content_\d+)(?:_\d+)?\.html?")


def document_id(page: Page) -> str | None:
    """epaper:<host>:<day>:content_<7 digits>; the query (?div=-1) is no part of it."""
    match = _ID.search(page.url or "")
    return f"epaper:{page.host}:{match[1]}-{match[2]}-{match[3]}:{match[4]}" if match else None


EPAPER = Template(
    name="epaper",
    version=1,
    hosts=("zjrb.zjol.com.cn", "zjlnb.zjol.com.cn", "zjfzb.zjol.com.cn", "msb.zjol.com.cn", "qjwb.thehour.cn"),
    marks=("founder-content", ".main-article-content", "#ozoom"),
    body=(".main-article-content", "founder-content", "#ozoom", "#articleContent"),
    drop=(".main-article-pic-nav", ".article-share", ".ewm"),
    title=(".main-article-title", ".main-article-alltitle h1", "founder-title", "h1", "title"),
    subtitle=(".main-article-subtitle", ".main-article-pretitle"),
    published=(".main-article-date", ".main-ed-date", ".date"),
    source=("meta[name='source' i]@content",),
    author=(".main-article-author", "founder-author"),
    channel=(".main-ed-name", ".ban_t", "#pageTitle"),
    document_id=document_id,
)
