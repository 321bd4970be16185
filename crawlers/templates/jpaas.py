"""jpaas of the Ministry of Industry and Information Technology (MIIT) and sites with the same layout."""

import re

from crawlers.templates.page import Page
from crawlers.templates.template import Template

_ID = re.compile(r"/art/\d{4}/art_([0-9a-f]{32})\.html?")


def document_id(page: Page) -> str | None:
    """jpaas:<host>:<32 hex>."""
    match = _ID.search(page.url or page.meta("url") or "")
    return f"jpaas:{page.host or 'www.miit.gov.cn'}:{match[1]}" if match else None


JPAAS = Template(
    name="jpaas",
    version=1,
    hosts=("miit.gov.cn",),
    marks=("#con_con", "#con_title"),
    body=("#con_con", ".ccontent", ".xxgk-con", ".TRS_Editor", ".article-content", "#zoom"),
    drop=("#ewmzs", ".article_fd", ".share", "#shareSc", ".mnav", ".attach-title", ".pagination"),
    title=("#con_title", ".ctitle h1", "meta[name='ArticleTitle' i]@content", "h1", "title"),
    subtitle=("#con_subtitle", ".ctitle h2", ".ctitle h3"),
    published=("#con_time", ".cinfo", ".xxgk-info"),
    published_meta=("meta[name='PubDate' i]@content",),
    source=("#con_time + span", ".cinfo", "meta[name='ContentSource' i]@content"),
    author=("meta[name='Author' i]@content",),
    editor=(".editor",),
    channel=("meta[name='ColumnName' i]@content",),
    keywords=("meta[name='Keywords' i]@content",),
    government=True,
    document_id=document_id,
)
