"""Values of a page's fields, cleaned: who published, wrote and edited, what it is about."""

import re

from crawlers.templates.lines import inline

_LABELLED_SOURCE = re.compile(
    r"(?:信息来源|文章来源|稿件来源|新闻来源|本文来源|资料来源|来\s*源|稿源|出处|转自)\s*(?:为|于|自)?\s*[:：|]?\s*(?P<name>\S.*)"
)
_SOURCE_END = re.compile(
    r"\s*(?:[|｜丨]|\s{2,}|作者|责任编辑|责编|编辑|记者|选稿|分享|字号|字体|【字|\[字|浏览|阅读|点击|访问|发布|时间|日期|打印|收藏|举报|评论|手机|扫码|原创稿|纠错|查看|我要|关注|订阅"
    r"|(?:19|20)\d\d\s*[-年/.])"
)
_TIME = re.compile(
    r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?:[T\s]*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?"
)
_LABEL = re.compile(
    r"^[\[【（(\s]*(?:本文|文章)?(?:作\s*者|责任编辑|责任编|责\s*编|编\s*辑|文\s*字|文|记\s*者|发布者|发布人|通讯员|撰稿|撰文|编译|供稿|by)\s*[:：/｜|丨]?\s*",
    re.IGNORECASE,
)
_WORK_CODE = re.compile(r"[\s_]*(?<![A-Za-z])[A-Z]{1,4}_?\d{2,6}\b")
_CREDIT_END = re.compile(
    r"[)）\]】〕;；|｜丨。]|\s{2,}|责任编辑|责编|编辑[:：]|审核|校对|来源|作者|监制|报料|爆料|初审|复审|终审|二审|三审|校审|选稿|\d{4}"
)
_STOCK = re.compile(r"(?<![a-zA-Z])((?:s[hz]|bj|S[HZ]|BJ)\d{6}|(?:hk|HK)\d{5})(?!\d)")
_STOCK_MARKS = ("stock", "quote", "gupiao", "xueqiu")
EDITOR = re.compile(r"(?:责任编辑|责任编|责\s?编|编\s?辑|选稿|值班编辑|网络编辑)\s*[:：/｜]\s*(?P<names>[^\n]{2,60})")
AUTHOR = re.compile(r"(?:作\s?者|记\s?者|撰\s?文|撰\s?稿|通讯员|文)\s*[:：/｜丨|]\s*(?P<names>[^\n]{2,60})")


def source_name(text: str) -> str | None:
    """The medium a credit line names: 2026-03-02 09:30 来源：浙江日报 分享 → 浙江日报."""
    text = inline(text)
    labelled = _LABELLED_SOURCE.search(text)
    name = labelled["name"] if labelled else _TIME.sub(" ", text).strip()
    if not labelled:
        name = _LABEL.sub("", name)
    end = _SOURCE_END.search(name)
    name = name[: end.start()] if end else name
    name = re.sub(r"下载.{0,4}客户端.*|独家抢先看.*", "", name)
    name = name.split("  ")[0].strip(" 　:：-|,，;；>[】·⋅•丨｜")
    pair = re.split(r"[/／]", name)
    name = pair[-1].strip() if len(pair) == 2 and is_medium(pair[-1]) else name
    if name.endswith((")", "）")) and not re.search("[(（]", name):
        name = name[:-1]
    return name if 0 < len(name) <= 40 and re.search(r"\w", name) else None


def is_medium(name: str) -> bool:
    """Whether a name is that of a medium or of nobody in particular, not of a person."""
    return bool(
        re.search(r"(?:报|社|网|新闻|电视台|电台|杂志|周刊|财经|客户端|频道|综合|网络整理|编辑部)$", name.strip())
    )


def people(text: str) -> str | None:
    """Names of a credit line, joined by 、, without label and work codes: 责任编辑：某某 SF055 → 某某."""
    text = _WORK_CODE.sub("", _LABEL.sub("", inline(text)))
    end = _CREDIT_END.search(text)
    text = text[: end.start()] if end else text
    names = [name for name in re.split(r"[、，,/\s_]+", text) if name]
    if len(names) > 1 and all(re.fullmatch(r"[A-Za-z.'-]+", name) for name in names):
        names = [" ".join(names)]
    return "、".join(names) if names and all(len(name) <= 25 for name in names) and len(names) <= 8 else None


def keywords(text: str) -> tuple[str, ...]:
    """Keywords of a list with any of the usual separators, in order, each once."""
    return tuple(dict.fromkeys(word for part in re.split(r"[,，;；、|\s]+", text) if (word := part.strip())))[:30]


def stock_codes(html: str) -> tuple[str, ...]:
    """Exchange and number of every stock the body marks up or links to (sz300024), in order, each once."""
    if not any(mark in html for mark in _STOCK_MARKS):
        return ()
    return tuple(dict.fromkeys(code.lower() for code in _STOCK.findall(html)))
