"""Lines that are no part of an article: editor line, share bars, QR captions, page numbers, links to other pages."""

import re

_CODE = r"(?:[\s_]*[A-Z]{1,4}\d{2,6})?"
_EDITOR = re.compile(
    r"^[\[【（(〔\s]*(?:本文|本期|本版|值班)?(?:责任编辑|责任编|责任校对|责\s*编|编\s*辑|值班编辑|"
    r"网络编辑|编审|审核|校对|初审|复审|终审|监制|主编|"
    r"一审|二审|三审|一校|二校|三校|编校|值班主任|网编|见习编辑|实习编辑|编\s*导|统筹)\s*[:：|/｜].{0,60}$"
)
_LINE = re.compile(
    r"^(?:"
    r"海量资讯、?精准解读.*|进入【?.*?(?:股吧|论坛)】?讨论|.*新浪财经APP.{0,12}|.*下载.{0,6}(?:客户端|APP).{0,20}|"
    r"(?:微信|手机)?扫(?:一扫|描|码).{0,30}|长按.{0,20}二维码.{0,20}|(?:用)?微信扫.{0,20}|"
    r"分享(?:到|至)?[:：]?|分享让更多人看到|分享到朋友圈.{0,12}|(?:分享)?(?:微博|微信|QQ空间|朋友圈|"
    r"QQ)(?:[\s、|]*(?:微博|微信|QQ空间|朋友圈|QQ好友|复制链接|更多))*|"
    r"【?(?:打印|打印本页|关闭窗口|关闭|返回顶部|字体.{0,12}|收藏本页|TOP|回到顶部)】?(?:[\s|"
    r"｜【】]*(?:打印|打印本页|关闭窗口|关闭|返回顶部|我要纠错)】?)*|【?(?:我要)?纠错】?|"
    r"(?:上一篇|下一篇|上一条|下一条|前一篇|后一篇)\s*[:：>»].*|上一页|下一页|首页|尾页|末页|"
    r"(?:第\s*)?\d{1,2}(?:[\s|]+\d{1,2})+(?:[\s|]*(?:下一页|尾页|末页))?|上一页[\s\d|.]*下一页|"
    r"(?:点击|阅读|展开|查看)(?:查看|阅读|展开)?(?:更多|全文|原文|剩余.{0,8})(?:[>»].*)?|"
    r"返回.{2,8}，查看更多|展开剩余.{0,10}|加载更多|余下全文|"
    r"特别声明[:：].{0,200}|免责声明[:：].{0,300}|声明：转载此文.{0,200}|(?:本网|本站)?(?:版权所有|"
    r"版权声明)[:：，].{0,200}|"
    r".{0,80}(?:ICP备|网安备|违者必究|(?<![a-z])copyright|版权归.{0,12}所有|All rights reserved).{0,120}|"
    r"版权所有.{0,100}|"
    r"您看到此篇文章时的感受是.*|(?:还没有|暂无)评论.{0,10}|(?:我要|发表|网友)评论.{0,12}|评论\s*\d*|"
    r"点赞\s*\d*|阅读\s*\d+|赞\s*\d*|收藏|举报|转发|"
    r"(?:浏览|阅读|点击)(?:次数|量|数)?[:：]\s*\d*(?:次)?"
    r")$",
    re.IGNORECASE,
)
_RELATED = re.compile(
    r"^[\[【\s>■▶●◆]*(?:相关(?:阅读|新闻|报道|链接|文章|推荐|专题|稿件|附件下载)|延伸阅读|推荐阅读|"
    r"更多(?:阅读|推荐|新闻|精彩|猛料).{0,30}|精彩推荐|热点推荐|热门推荐|猜你喜欢|为你推荐|"
    r"您可能感兴趣.{0,6}|热门(?:文章|评论|新闻)|最新(?:评论|文章)|网友评论|往期(?:回顾|推荐|精彩)|"
    r"热点新闻|点击排行.{0,4}|频道热点|今日(?:热点|推荐))[:：\]】\s]*$"
)


def is_editor_line(line: str) -> bool:
    """Whether the line only names who edited the page."""
    return len(line) <= 80 and bool(_EDITOR.match(line.rstrip("）)】]〕 ")))


def strip_furniture(text: str, *, related: bool = False) -> str:
    """The text without furniture lines; with `related`, also without what follows a 相关阅读 heading near its end."""
    lines = text.split("\n")
    if related:
        lines = _before_related(lines)
    last = len(lines) - 1
    kept = [
        line
        for i, line in enumerate(lines)
        if not (len(line) <= 300 and _LINE.match(line)) and not (is_editor_line(line) and (i >= last - 12 or i <= 3))
    ]
    return "\n".join(kept)


def _before_related(lines: list[str]) -> list[str]:
    for i, line in enumerate(lines):
        rest = lines[i + 1 :]
        if i >= 2 and len(line) <= 40 and _RELATED.match(line) and all(len(other) <= 60 for other in rest):
            return lines[:i]
    return lines
