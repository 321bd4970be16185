"""Sina: finance, tech and news pages of three generations, and the mobile pages."""

import re

from crawlers.templates.page import Page
from crawlers.templates.template import Template

_ID = re.compile(r"(?:doc|detail)-i?([a-z0-9]{10,20})\.(?:s?html?|d\.html)")
_DROP = (
    ".article-editor, .show_author, .app-kaihu-qr, .appendQr_wrap, .appendQr_normal, .ct_hqimg, .hqimg_related, .otherContent_01, .video-2017, "
    ".wt_article_link + .weibo-card, .finance_app_zqtg, .article-notice, .tech-quotation, .corrTxt_01, .sinaads, [id^='ad_'], [class*='adNone'], "
    "[data-sudaclick='suda_1028_guba'], span[id^='quote_'], #left_hzh_ad, .xb_new_finance_app, .new_style_article, .article-bottom, .keywords, "
    ".look_info, .sinaAdDom, .sina-ad, .weibo_card, .tagbox, .j_cardlist, .s_card, .m-pop, .show_statement, .content-ad, .module-statement, .page-tools, "
    ".img_wrapper + .img_descr_more, .blkContainerSblkCon_14, .otherContent, .moduleParagraph-more, .cms_block_span, #hqimg, .hq_related, .hqImg_wrapper, "
    ".artical-player-wrap, .art_video, .live-finance-banner, .wxqr, .caitongQr, .desktop-qr, .kaihu-qr, .quotation, .fin-quote"
)


def document_id(page: Page) -> str | None:
    """comos:<id> as the roll feed gives it, whichever channel or mobile address shows the article."""
    match = _ID.search(page.url or "")
    name = match[1] if match else (page.meta("publishid") or "").removeprefix("comos:")
    return f"comos:{name}" if re.fullmatch(r"[a-z0-9]{8,20}", name) else None


SINA = Template(
    name="sina",
    version=1,
    hosts=("sina.com.cn", "sina.cn"),
    marks=("#artibody", "meta[name='mediaid']", "meta[name='stencil']", ".art_tit_h1", "#artibodyTitle"),
    body=("#artibody", "#article", "#article_content", ".art_box .art_content", ".art_content", "section.art_pic_card + section", ".art_box", ".article-body", ".article"),
    drop=_DROP,
    title=("h1.main-title", "h1#artibodyTitle", "#artibodyTitle", "h1#main_title", ".art_tit_h1", "h1.art_title", "h1.title", "meta[property='og:title']@content", "h1", "title"),
    subtitle=(".sub-title", "h2.subtitle"),
    published=(
        ".date-source .date", "#top_bar .date", ".time-source", "#pub_date", ".page-info .time", ".art_time", "time.weibo_time", ".weibo_time",
        ".art_cite time", ".titer", "span.date", "time", ".artInfo",
    ),
    published_meta=(
        "meta[property='article:published_time']@content", "meta[name='weibo: article:create_at']@content", "meta[property='bytedance:published_time']@content",
        "meta[name='article:create_at']@content",
    ),
    source=(
        ".date-source .source", ".date-source .ent-source", ".time-source a", ".time-source", "#media_name", ".art_cite .source", ".art_cite", ".weibo_user", ".source",
        ".artInfo a", "meta[name='mediaid']@content", "meta[property='article:author']@content",
    ),
    author=(".show_author_name", ".article-author", ".writer"),
    editor=(".article-editor", ".show_author", ".art_editor", ".editor"),
    channel=(".channel-path a:last-of-type", ".bread a:last-of-type", ".path-search .path a:last-of-type"),
    keywords=("#keywords@data-wbkey", ".keywords@data-wbkey", "#article-keywords@data-wbkey", "meta[name='keywords']@content"),
    document_id=document_id,
)  # fmt: skip
