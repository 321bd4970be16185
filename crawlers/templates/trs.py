"""TRS WCM as the National Development and Reform Commission (NDRC) and many authorities run it."""

import re

from crawlers.templates.page import Page
from crawlers.templates.template import Template

_ID = re.compile(r"/t(\d{8}_\d+)(?:_\d+)?\.html?")


def document_id(page: Page) -> str | None:
    """trs:<host>:<day>_<number>, from tYYYYMMDD_<number>.html."""
    match = _ID.search(page.url or "")
    return f"trs:{page.host}:{match[1]}" if match and page.host else None


TRS = Template(
    name="trs",
    version=1,
    hosts=("ndrc.gov.cn",),
    marks=(".TRS_Editor", ".TRS_UEDITOR", ".trs_editor_view", ".trs_paper_default"),
    body=(
        ".article_con",
        ".TRS_UEDITOR",
        ".trs_editor_view",
        ".TRS_Editor",
        ".article_l .txt",
        "#zoom",
        ".article-content",
        ".xl-con",
        ".article",
    ),
    drop=(
        ".article_share",
        ".share",
        ".article_fontSize",
        ".enclosure",
        ".fujian",
        ".printBox",
        ".article_relevant",
        ".pagination",
        ".ewm",
        ".xgwj",
    ),
    title=(
        "meta[name='ArticleTitle' i]@content",
        ".article_title",
        ".article_title_news",
        "h1",
        "h2.title",
        ".title",
        "title",
    ),
    subtitle=(".article_subtitle", ".sub_title"),
    published=(".time", ".ty", ".article_time", ".laiyuan", ".info", ".pubtime", ".date"),
    published_meta=("meta[name='PubDate' i]@content",),
    source=(
        "meta[name='ContentSource' i]@content",
        ".article_time .laiyuan",
        ".laiyuan",
        ".article_time",
        ".info",
        ".source",
        ".ly",
    ),
    author=("meta[name='Author' i]@content",),
    editor=(".editor", ".bianji"),
    channel=("meta[name='ColumnName' i]@content",),
    keywords=("meta[name='Keywords' i]@content",),
    government=True,
    document_id=document_id,
)
