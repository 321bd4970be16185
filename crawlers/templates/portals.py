"""News portals and papers: where each keeps its fields, as data; what a row leaves open the generic way fills in.

Rows are tried by host, then by mark. Classes with a generated ending are matched by their beginning.
"""

from crawlers.templates.template import Template

_BAIDU_TIME = "#pubtime_baidu"
_BAIDU_SOURCE = "#source_baidu"
_BAIDU_EDITOR = "#editor_baidu"
_META_TIME = (
    "meta[property='article:published_time']@content",
    "meta[name^='og:time']@content",
    "meta[property^='og:time']@content",
    "meta[name='publishdate']@content",
)
_META_WORDS = ("meta[name='keywords' i]@content",)

WECHAT = Template(
    name="wechat",
    version=1,
    hosts=("mp.weixin.qq.com",),
    marks=("#js_content",),
    body=("#js_content",),
    drop=".qr_code_pc, .profile_container, mp-common-profile, .js_uneditable, .reward_area",
    title=("#activity-name", ".rich_media_title", "meta[property='og:title']@content"),
    published=("#publish_time",),
    source=("#js_name", ".profile_nickname", "#js_wx_follow_nickname"),
    author=("#js_author_name", "#js_author_name_text", "meta[name='author']@content"),
)

NETEASE = Template(
    name="netease",
    version=1,
    hosts=("163.com",),
    marks=("#endText", ".post_time_source", ".post_body .post_statement"),
    body=(
        "#endText",
        ".post_body",
        "#content .post_body",
        ".article-body .content",
        "article .page-content",
        ".main-content .content",
    ),
    drop=".ep-source, .post_author, .gg200x300, .post_btns, .post_statement, .post_comment, .ep-h2, .gg300, .nph_gallery, .video-wrapper, .post_next_post, .post_topshare, .artical-photo-related, .articlesingle",
    title=("#epContentLeft > h1", ".post_title", "h1.title", "h1", "meta[property='og:title']@content"),
    published=(".post_time_source", ".post_info", ".pub_time", ".time", ".info"),
    published_meta=_META_TIME,
    source=("#ne_article_source", ".post_info a", ".post_time_source", ".post_info", ".source"),
    editor=(".ep-editor", ".post_author", ".editor"),
    keywords=_META_WORDS,
)

IFENG = Template(
    name="ifeng",
    version=1,
    hosts=("ifeng.com",),
    marks=(
        "[class^='index_text_']",
        "#artical_real",
        "#artical",
        "[class^='text-'] ~ [class^='end-']",
        "[class^='artical-']",
    ),
    body=(
        "#artical_real",
        "#main_content",
        "[class^='index_text_']",
        "[class^='text-']",
        "[class*='main_content']",
        "#articleContent",
    ),
    drop=".ifengLogo, #embed_hzh_div, [class^='index_end'], [class^='end-'], .picIntro_more, [class*='copyright']",
    title=("#artical_topic", "[class^='index_topic_']", "[class^='topic-']", "h1", "meta[property='og:title']@content"),
    published=(
        ".ss01",
        "[class^='index_timeBref_']",
        "[class^='index_date_']",
        "[class^='timeBref-']",
        "[class^='time-']",
        "#artical_sth .p_time",
    ),
    published_meta=_META_TIME,
    source=(
        ".ss03",
        "[class^='index_sourceTitleText_']",
        "[class^='index_source_'] a",
        "[class^='index_source_']",
        "[class^='source-']",
        "#artical_sth .p_time",
    ),
    editor=("#artical_sth2 .iphone_none", "[class^='index_author_']", "[class^='author-']", "[class*='editor']"),
    keywords=_META_WORDS,
)

THEPAPER = Template(
    name="thepaper",
    version=1,
    hosts=("thepaper.cn",),
    marks=(".newscontent .news_txt", ".newscontent .news_about", "[class^='index_cententWrap']"),
    body=(
        ".news_txt",
        "[class^='index_cententWrap']",
        ".news_part_father",
        ".news_content",
        "[class^='index_wrapper'] article",
    ),
    drop=".hide_word, .news_editor, .news_keyword, [class*='copyright'], .zan_and_share",
    title=(".news_title", "[class^='index_title']", "h1"),
    published=(
        ".news_about",
        "[class^='index_left'] .ant-space-item",
        "[class^='index_headerContent'] .ant-space",
        ".date",
    ),
    published_meta=_META_TIME,
    source=(".news_about span", "[class^='index_left']", ".news_about p:first-child"),
    author=("[class^='index_author'] ",),
    editor=(".news_infor_extra .infor_item", ".infor_item", ".news_editor", "[class^='index_editor']"),
    keywords=_META_WORDS,
)

QQ = Template(
    name="qq",
    version=1,
    hosts=(
        "new.qq.com",
        "news.qq.com",
        "tech.qq.com",
        "finance.qq.com",
        "ent.qq.com",
        "sports.qq.com",
        "auto.qq.com",
        "qq.com",
    ),
    marks=("#ArticleContent .qnt-p", "#Cnt-Main-Article-QQ", ".content-article .one-p"),
    body=("#ArticleContent .article-content-wrap", "#ArticleContent", "#Cnt-Main-Article-QQ", ".content-article"),
    drop=".image-carousel, #ArticleAuthor, .content-article > h1, .rv-root-v2, .rv-js-root, #sogouWapper, .qq_toolWrap, .mod-recommend, .videoWrap, .follow-tips, .copyright, #Status, .a-share",
    title=(".content-article h1", ".LEFT h1", "#C-Main-Article-QQ .hd h1", ".qq_article .hd h1", "h1"),
    published=(".media-meta", ".a_time", ".article-time", ".pubTime"),
    published_meta=_META_TIME,
    source=(".media-name", ".a_source", ".where", ".author .name", ".a_author"),
    editor=(".qq_editor", "#QQeditor", ".editor"),
    keywords=_META_WORDS,
)

PEOPLE = Template(
    name="people",
    version=1,
    hosts=("people.com.cn", "people.cn", "cpc.people.com.cn"),
    marks=("#rwb_zw", ".rm_txt_con", ".artDet"),
    body=("#rwb_zw", ".rm_txt_con", ".artDet", "#p_content", ".show_text", ".text_con_left .box_con", ".box_con", ".content_text", ".gray.box_text", ".box_text"),
    drop=".edit, .rm_relevant, .zdfy, .otitle, .box_pic, .pic_c, .bza, .text_con_page, .bdshare, .page_n",
    title=(".rm_txt > h1", ".text_title h1", ".articleCont .artTit h1", ".artTit", ".title h1", "h1"),
    subtitle=(".rm_txt .sub", ".text_title h4"),
    published=(".rm_txt .channel", ".text_title .box01 .fl", ".box01 .fl", ".artOri", ".text_title .box01", ".sou", ".p2j_text .info", "#p_publishtime"),
    published_meta=_META_TIME,
    source=(".rm_txt .channel a", ".text_title .box01 .fl a", ".box01 .fl a", ".artOri a", ".rm_txt .channel", ".artOri", ".sou a", "#p_origin", "meta[name='source']@content"),
    author=(".author",),
    editor=(".edit", "#p_editor", ".editor", ".artEditor"),
    keywords=_META_WORDS,
)  # fmt: skip

XINHUA = Template(
    name="xinhua",
    version=1,
    hosts=("xinhuanet.com", "news.cn"),
    marks=("#p-detail", ".header-time .year", ".main-left #detail"),
    body=("#detailContent", "#detail", "#p-detail", ".main-aticle", "#Content", "#article", ".article", "#content", ".xl-con"),
    drop=".p-jc, .editor, .zan-wap, .bookList, #articleEdit, .relatedNews, .video-frame, .tiyi1, .columBox, .adv, .relation_news, .ad_right",
    title=(".head-line h1 .title", ".head-line h1", ".h-title", ".mheader h1", "#title", "h1"),
    published=(".header-time", ".h-time", ".mheader .info", ".h-info", ".info", "#pubtime", ".time"),
    published_meta=_META_TIME,
    source=("meta[name='source']@content", ".header-cont .source", ".source", "#source", ".h-info", ".mheader .info", ".info"),
    editor=(".editor", ".p-jc", "#articleEdit", ".xl-editor"),
    keywords=_META_WORDS,
)  # fmt: skip

CHINANEWS = Template(
    name="chinanews",
    version=1,
    hosts=("chinanews.com", "chinanews.com.cn"),
    marks=(".left_zw", ".content_maincontent_content"),
    body=(".left_zw", ".content_maincontent_content", "#ad0"),
    drop=".adEditor, .left_name, .divPage, #tupian_div a.more, .channel, .adInContent, #function_code_page, .editor",
    title=("h1.content_left_title", ".content_left_title", "#cont_1_1_2 > h1", ".content > h1", "h1"),
    published=(_BAIDU_TIME, ".content_left_time", ".left-t", "#newsdate"),
    published_meta=_META_TIME,
    source=(_BAIDU_SOURCE, ".content_left_time", ".left-t"),
    author=("#author_baidu",),
    editor=(_BAIDU_EDITOR, ".adEditor", ".left_name"),
    keywords=_META_WORDS,
)

GMW = Template(
    name="gmw",
    version=1,
    hosts=("gmw.cn",),
    marks=(".u-mainText", "#articleLiability"),
    body=(".u-mainText", "#contentMain", "#articleContent", ".contentMain"),
    drop=".m-zbTool, .liability, .contentLiability, #contentLiability, .m-listTitle, .album-picList",
    title=(".u-title", "#articleTitle", ".articleTitle", "h1.title", "h1"),
    published=(".m-con-time", "#pubTime", ".pubTime", ".m-con-info"),
    published_meta=_META_TIME,
    source=(".m-con-source", "#source", ".m-con-info"),
    author=("#articleAuthor",),
    editor=(".liability", "#contentLiability", ".m-zbTool", "#articleLiability"),
    keywords=_META_WORDS,
)

CHINA = Template(
    name="china",
    version=1,
    hosts=("china.com.cn",),
    marks=("#articleBody", ".content_left > .article", ".content .inform"),
    body=("#articleBody", ".content_left > .article", "#artbody", "#fontzoom", "#artiContent", ".article"),
    drop=".editor, .bottom, .share, .copyright, .pages, #autopage",
    title=(".content > h1", ".articleTitle", "#artTitle", "h1.artTitle", ".title", "h1"),
    published=(".content > .inform", ".inform", _BAIDU_TIME, ".articleTime", ".pub_date", "#pubtime"),
    published_meta=_META_TIME,
    source=(".content > .inform", _BAIDU_SOURCE, ".inform", ".from"),
    author=("#author_baidu",),
    editor=(".editor", _BAIDU_EDITOR, ".bianji"),
    keywords=_META_WORDS,
)

HUANQIU = Template(
    name="huanqiu",
    version=1,
    hosts=("huanqiu.com",),
    marks=("textarea.article-content", ".l-con article .rtext", ".la_con"),
    body=("textarea.article-content", ".l-con article", "article", ".la_con", "#text", ".text"),
    drop=".editor, .reTopics, .spTopic, .adv",
    title=("textarea.article-title", ".t-container-title", ".l-con h1", ".tle", "h1"),
    published=("textarea.article-time", ".t-container-metadata .time", ".la_t_a", ".time"),
    published_meta=_META_TIME,
    source=("textarea.article-source-name", ".t-container-metadata .source", ".la_t_b", ".source"),
    author=("textarea.article-author",),
    editor=("textarea.article-editor-name", ".data-container .author", ".la_edit", ".editor"),
    keywords=_META_WORDS,
)

GUANCHA = Template(
    name="guancha",
    version=1,
    hosts=("guancha.cn",),
    marks=(".content.all-txt", ".left-main .time.fix"),
    body=(".content.all-txt", ".all-txt", ".article-txt-content", ".article-content", "#cmtdiv .content"),
    drop=".all-txt-more, .weixin-tips, .article-other, .share, .yd_txt",
    title=(".left-main > h3", ".article-content h1", "h3", "h1"),
    published=(".left-main > .time", ".time.fix", ".time1", ".time"),
    source=(".left-main > .time", ".time.fix", ".user-main h4", ".time"),
    author=(".author-intro .a-name", ".editor-intro h4"),
    editor=(".article-other li", ".article-other", ".editor"),
    keywords=_META_WORDS,
)

TOUTIAO = Template(
    name="toutiao",
    version=1,
    hosts=("toutiao.com",),
    marks=(".article-box > .article-sub", "article.syl-article-base", ".syl-article-base", ".gallery-inner .info-box .abstract"),
    body=("article.syl-article-base", ".syl-article-base", ".article-content > article", ".article-box > .article-content", ".article-content article", ".info-box .abstract"),
    drop=".abstract-index, .pgc-card, .tt-video-box, .article-meta, h1",
    title=(".article-content > h1", ".article-box > h1", ".article-title", ".gallery-title", ".info-box-inner .title", "h1", "title"),
    published=(".article-meta", ".article-sub", ".info-box .time"),
    source=(".article-meta .name", ".article-sub > span:not(.original):not(.time)", ".user-card-name a", ".info-box .name", ".media-name"),
    keywords=_META_WORDS,
)  # fmt: skip

SOHU = Template(
    name="sohu",
    version=1,
    hosts=("sohu.com",),
    marks=("#mp-editor", "#article-container article.article"),
    body=("#mp-editor", "article.article", "#contentText", ".article-text", "#artibodyTxt"),
    drop="#backsohucom, .backword, .backsohu, .lookall-box, .statement, [data-role='editor-name'], .editor-name, .hidden-content + .lookall, .article-oper",
    title=(".text-title > h1", ".article-title h1", ".title-info-title", "h1"),
    published=("#news-time", ".article-info .time", "#article-title-hash .time", ".time"),
    published_meta=_META_TIME,
    source=("[data-role='original-link'] a", ".original-link a", "[data-role='original-link']", ".article-info .name", "#user-info h4", "meta[name='mediaid']@content"),
    author=("meta[name='author']@content",),
    editor=("[data-role='editor-name'] span", "[data-role='editor-name']", ".editor-name", "#url_key .editer"),
    keywords=_META_WORDS,
)  # fmt: skip

CCTV = Template(
    name="cctv",
    version=1,
    hosts=("cctv.com", "cctv.cn", "cctvnews.cctv.com", "yangshipin.cn"),
    marks=("#content_area", ".cnt_bd"),
    body=("#content_area", ".content_area", ".cnt_bd", "#text_area", ".body"),
    drop=".zebian, .function, .tuwenji, .relevance, h1, h2, .bigImg",
    title=(".title_area h1", "#title_area h1", ".cnt_bd h1", ".b-tit", "h1"),
    published=(".title_area .info1", ".info1", ".info", ".function .info", ".o-tit"),
    published_meta=_META_TIME,
    source=(".info1", ".info", ".function .info i", "meta[name='source']@content"),
    editor=(".zebian", "#zb", ".editor", "meta[name='author']@content"),
    keywords=_META_WORDS,
)

JIEMIAN = Template(
    name="jiemian",
    version=1,
    hosts=("jiemian.com",),
    marks=(".article-view .article-content", ".article-main .article-source"),
    body=(".article-content", ".article-main .content"),
    drop=".article-source, .share-view, .opt-collect__btn, .tucaoqr",
    title=(".article-header h1", "h1"),
    published=(".article-info .date", ".article-info", ".author .date"),
    published_meta=_META_TIME,
    source=(".article-source", ".article-info .source", ".article-info"),
    author=(".article-info .author a", ".author a"),
    keywords=_META_WORDS,
)

EASTMONEY = Template(
    name="eastmoney",
    version=1,
    hosts=("eastmoney.com",),
    marks=("#ContentBody",),
    body=("#ContentBody", ".newsContent", ".article-body"),
    drop=".reading, .c_review, .res-edit, .em_media, .b-review, .abstract, .em_handle_adv_close, #ContentBody > .zwothers, .hqimg, .tg_textlink",
    title=("#topbox .title", ".newsContent h1", "h1", ".title"),
    published=("#topbox .infos", ".infos", ".newsContent .time", ".time"),
    published_meta=_META_TIME,
    source=(".source@data-source", "#topbox .infos", ".infos .source", ".infos", ".em_media"),
    editor=(".res-edit", ".edit"),
    keywords=_META_WORDS,
)

CNSTOCK = Template(
    name="cnstock",
    version=1,
    hosts=("cnstock.com",),
    marks=("#qmt_content_div",),
    body=("#qmt_content_div", "#qmt_content_div .content", ".main-content .content"),
    title=("h1.title", ".main-content h1", "h1"),
    published=(".bullet .timer", ".timer", ".bullet", ".time"),
    source=(".bullet .source", ".source"),
    author=(".bullet .author", ".author"),
    keywords=_META_WORDS,
)

SECURITIES = Template(
    name="securities",
    version=1,
    hosts=("stcn.com", "cs.com.cn", "zqrb.cn", "nbd.com.cn", "yicai.com", "21jingji.com", "thehour.cn", "caixin.com", "36kr.com"),
    body=(".detail-content", ".txt_con", ".article-t", ".Dtext", ".cont_full", ".g-articl-text", ".m-txt", ".txtContent", "#Main_Content_Val", ".articleDetailContent", ".m-article", ".article .content", "article section"),
    drop=".detail-content-editor, .detail-content-tags, .txt_bot, .editor, .statement, .zwd_bottom, .share, .u-btn6, .jisu",
    title=(".detail-title", ".intal_tit h2", ".article h1", ".news_title", ".g-article-top h1", "#conTit h1", ".article-title", "h1"),
    published=(".detail-info", ".intal_tit .info", ".article .info", ".info_news", ".g-article-top .time", "#artInfo", ".article-title-icon", ".time", ".info"),
    published_meta=_META_TIME,
    source=(".detail-info", ".intal_tit .info", ".article .info", ".info_news", "#artInfo", ".g-article-top .source", ".source", ".info"),
    author=(".detail-info .author",),
    editor=(".detail-content-editor", ".txt_zebian", ".editor", ".content-editor"),
    keywords=_META_WORDS,
)  # fmt: skip

BAIJIAHAO = Template(
    name="baijiahao",
    version=1,
    hosts=("baijiahao.baidu.com", "mbd.baidu.com"),
    marks=("#detail-page .article-content", "[class*='index-module_articleWrap']", "#detail-page .article-title"),
    body=("#detail-page .article-content", "[class*='index-module_articleWrap']", "[class*='index-module_article']", ".article-content", "#ssr-content [class*='_18p7x']"),
    drop=".article-source, .like-list, [class*='index-module_like'], .video-wrapper, .report",
    title=(".article-title h2", ".article-title h1", ".article-title", "[class*='index-module_articleTitle']", "#header [class*='sKHSJ']", "h2", "title"),
    published=("meta[itemprop='dateUpdate']@content", ".article-source", "[class*='index-module_articleSource']", "[class*='index-module_publishTime']", "[data-testid='updatetime']"),
    source=(".author-name a", ".author-name", "[class*='index-module_authorName']", "[data-testid='author-name']", ".account-authentication + a"),
)  # fmt: skip

ZJOL = Template(
    name="zjol",
    version=1,
    hosts=("zjol.com.cn", "tidenews.com.cn", "hangzhou.com.cn", "hzzx.gov.cn", "8531.cn"),
    body=(
        ".artCon",
        ".contTxt",
        ".main_content",
        ".artical_content",
        ".detail-content",
        ".nrmain",
        "#zoom",
        ".article-content",
        ".article",
    ),
    drop=".artTools, .pageination, .page, .share, .editor, .xgxw, .ewm",
    title=(".artTitle", ".contTit", ".artTit", "h1", ".title"),
    published=(_BAIDU_TIME, ".artInfo", ".info", ".contInfo", ".time"),
    published_meta=_META_TIME,
    source=(_BAIDU_SOURCE, ".artInfo", ".info", ".contInfo", ".source"),
    author=("#author_baidu",),
    editor=(_BAIDU_EDITOR, ".editor"),
    keywords=_META_WORDS,
)

PORTALS: tuple[Template, ...] = (
    WECHAT,
    NETEASE,
    IFENG,
    THEPAPER,
    QQ,
    PEOPLE,
    XINHUA,
    CHINANEWS,
    GMW,
    CHINA,
    HUANQIU,
    GUANCHA,
    TOUTIAO,
    SOHU,
    CCTV,
    JIEMIAN,
    EASTMONEY,
    CNSTOCK,
    SECURITIES,
    BAIJIAHAO,
    ZJOL,
)
