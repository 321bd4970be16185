"""www.gov.cn: the old head-table layout (table.bd1, td#UCAP-CONTENT) and the current ones."""

import re

from crawlers.templates.page import Page
from crawlers.templates.template import Template

_ID = re.compile(r"/(content_\d+)\.html?")


def document_id(page: Page) -> str | None:
    """govcn:content_<id>: the number is one for the whole site."""
    match = _ID.search(page.url or "")
    if match:
        return f"govcn:{match[1]}"
    manuscript = page.meta("manuscriptid")
    return f"govcn:content_{manuscript}" if manuscript and manuscript.isdigit() else None


GOVCN = Template(
    name="govcn",
    version=1,
    hosts=("www.gov.cn", "big5.www.gov.cn", "wap.gov.cn"),
    marks=("#UCAP-CONTENT", "meta[name='manuscriptId' i]", ".pages_content"),
    body=(
        "#UCAP-CONTENT",
        ".pages_content",
        ".TRS_UEDITOR",
        "#docContent",
        ".article .article-content",
        "#TRS_Editor",
        ".trs_editor_view",
    ),
    drop=(
        ".pages_print",
        ".share",
        ".related",
        ".xgjd",
        ".newspage",
        ".editor",
        ".bdsharebuttonbox",
        ".jiucuo",
        ".pchide.ewm",
        ".sharebox",
    ),
    title=(
        "table.bd1 td[colspan='3']",
        "h1#ti",
        "#ti",
        ".share-title",
        ".article h1",
        ".pages-title",
        ".mtitle",
        "h1",
        "meta[name='ArticleTitle' i]@content",
        "title",
    ),
    subtitle=(".pages-subtitle", "h2.subtitle"),
    published=(".pages-date", "#pubtime", ".article-date", ".date"),
    published_meta=("meta[name='firstpublishedtime']@content", "meta[name='PubDate' i]@content"),
    source=(
        ".pages-date .font",
        ".pages-date span",
        ".pages-date",
        "#laiyuan",
        "meta[name='source' i]@content",
        "meta[name='ContentSource' i]@content",
    ),
    author=("meta[name='author']@content",),
    editor=(".editor", "#editor", ".pages_editor"),
    channel=("meta[name='lanmu']@content", "meta[name='ColumnName' i]@content"),
    keywords=("meta[name='keywords' i]@content",),
    head=(
        "table.bd1",
        ".pctoubukuang1",
        ".policyLibraryOverview_header",
        ".wengaoKuang",
        ".pchide table",
        ".mptoubukuang1",
    ),
    government=True,
    document_id=document_id,
)
