"""Hanweb JCMS, the content system of Zhejiang's authorities, and its successor jpaas under their layouts.

Old pages: /art/YYYY/M/D/art_<column>_<id>.html. New ones: /art/YYYY/art_<32 hex>.html. Both stand side by side.
"""

import re

from crawlers.templates.page import Page
from crawlers.templates.template import Template

_OLD = re.compile(r"/art/\d{4}/\d{1,2}/\d{1,2}/art_\d+_(\d+)\.html?")
_NEW = re.compile(r"/art/\d{4}/art_([0-9a-f]{32})\.html?")


def document_id(page: Page) -> str | None:
    """jcms:<host>:<id>: the same document has it in every column of its site."""
    for pattern in (_OLD, _NEW):
        if match := pattern.search(page.url or page.meta("url") or ""):
            return f"jcms:{page.host or 'unknown'}:{match[1]}"
    return None


_DROP = (
    ".bdsharebuttonbox",
    ".share",
    "#share",
    ".fenxiang",
    ".ewm",
    ".qrcode",
    "#ewm",
    ".print",
    ".wzgn",
    ".fontsize",
    "#div_div",
    ".pagination",
    ".page-turn",
    "#sharebtn",
    ".xxgk-table",
    "#barrierfree_btn",
    ".wza",
    ".bottom-tools",
    ".down-app",
    ".pre_next",
    ".article_page",
)
_META = ("meta[name='PubDate' i]@content",)

HANWEB = Template(
    name="hanweb_jcms",
    version=1,
    marks=(
        "meta[name='ContentStart' i]",
        "#zoom",
        "meta[name='Maketime' i] ~ meta[name='ArticleTitle' i]",
        ".wrapper_detail_text",
        "table#xxgk_tab",
        ".articlect",
    ),
    body=(
        "#zoom",
        ".article-content",
        ".article-conter",
        ".wrapper_detail_text",
        ".art_con",
        "#art_con",
        ".articlect",
        "#article",
        ".main-txt",
        ".bt_content",
        ".xxgk-content",
        ".TRS_Editor",
        ".article",
    ),
    drop=_DROP,
    title=(
        "meta[name='ArticleTitle' i]@content",
        "p.con-title",
        ".con-title",
        "h1.title",
        "h1",
        ".art-title",
        ".article-title",
        "div.title",
        ".title",
        "title",
    ),
    subtitle=(".con-subtitle", ".sub-title", "meta[name='SubTitle' i]@content"),
    published=(
        ".small-title",
        ".article-info",
        ".art-info",
        ".con-info",
        ".sp_time",
        ".main-fl-tit-bot",
        ".explain",
        ".info",
        ".article-time",
        ".fbrq",
        ".sub_tab_span3",
        ".wz-info",
        ".xxgk-info",
        ".con_time",
        "#con_time",
        ".source",
        ".date",
        ".time",
    ),
    published_meta=_META,
    source=(
        "meta[name='ContentSource' i]@content",
        ".small-title span:nth-of-type(3)",
        ".small-title",
        ".article-info",
        ".art-info",
        ".con-info",
        ".sp_time",
        ".explain",
        ".info",
        ".source",
    ),
    author=("meta[name='Author' i]@content",),
    editor=(".editor", ".bianji"),
    channel=("meta[name='ColumnName' i]@content",),
    keywords=("meta[name='Keywords' i]@content",),
    government=True,
    document_id=document_id,
)
