"""Pages that stand in for an article: firewalls, logins, redirects, lists."""

import re

from crawlers.refusal import Reason
from crawlers.templates.lines import inline
from crawlers.templates.page import Page

_CHALLENGE = re.compile(
    r"访问(?:被拒绝|过于频繁|验证|受限|异常)|安全验证|人机验证|请输入验证码|滑动验证|拖动.{0,6}滑块|"
    r"您的(?:请求|访问)(?:被|已被|存在|过于)|请(?:开启|启用)\s*JavaScript|正在进行安全检测|"
    r"Access Denied|Request Rejected|Just a moment|Checking your browser|\bWAF\b|_waf_|acw_sc__v2|"
    r"__jsl_clearance|\$_ts|请求(?:已)?被拦截|Forbidden|云防护",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"(?:请|用户|账号|密码|统一|扫码)\s*(?:先)?\s*登\s*录|type=[\"']?password", re.IGNORECASE)
_REDIRECT = re.compile(
    r"<meta[^>]+http-equiv=[\"']?refresh[^>]+url=|(?:window\.|self\.|"
    r"top\.)?location(?:\.href)?\s*=\s*[\"']|location\.replace\(",
    re.IGNORECASE,
)


def stand_in(page: Page, title: str, text: str, links: list[str]) -> tuple[Reason, str] | None:
    """Why the page is no article, with a sentence; None where it is one.

    `text` is the body found, `title` the title, `links` the texts of the links in the body.
    """
    length = len(text)
    root = page.tree.body
    shown = inline(root.text() or "")[:4000] if root is not None and len(page.html) < 200_000 else ""
    if length < 200 and _CHALLENGE.search(f"{title} {text} {shown[:600]} {page.html[:3000] if length < 40 else ''}"):
        return Reason.CHALLENGE, "a firewall answered in place of the page"
    if length < 120 and _LOGIN.search(
        f"{title} {text} {page.html if length < 40 and len(page.html) < 100_000 else ''}"
    ):
        return Reason.CHALLENGE, "the page asks for a login"
    if length < 20 and len(shown) < 200 and _REDIRECT.search(page.html[:20_000]):
        return Reason.REDIRECT, "the page only leads to another address"
    if is_list(page, text, links):
        return Reason.LIST, "the page is a list of links, not an article"
    return None


def is_list(page: Page, text: str, links: list[str]) -> bool:
    """Whether a page is a list of headlines.

    It is one where the body is mostly links, or has a linked headline a sentence, or is missing among many links.
    """
    if not text:
        return sum(1 for link in page.tree.css("a") if len(inline(link.text() or "")) >= 12) >= 8
    sentences = [line for line in text.split("\n") if len(line) >= 20 and re.search("[，。；！？]", line)]
    headlines = [link for link in links if len(link) >= 10]
    linked = sum(map(len, links))
    if len(headlines) >= 8 and len(headlines) >= 0.6 * len(sentences) and linked >= 0.25 * len(text):
        return True
    return len(headlines) >= 8 and linked >= 0.5 * len(text) and sum(map(len, sentences)) < 0.3 * len(text)
