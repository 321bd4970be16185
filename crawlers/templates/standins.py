"""Pages that stand in for an article: firewalls, logins, redirects, lists."""

import re

from crawlers.templates.body import inline
from crawlers.templates.page import Page
from crawlers.templates.refusal import Reason

_CHALLENGE = re.compile(
    r"访问(?:被拒绝|过于频繁|验证|受限|异常)|安全验证|人机验证|请输入验证码|滑动验证|拖动.{0,6}滑块|您的(?:请求|访问)(?:被|已被|存在|过于)|请(?:开启|启用)\s*JavaScript|正在进行安全检测|"
    r"Access Denied|Request Rejected|Just a moment|Checking your browser|WAF|_waf_|acw_sc__v2|__jsl_clearance|\$_ts|请求(?:已)?被拦截|Forbidden|云防护",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"(?:请|用户|账号|密码|统一|扫码)\s*(?:先)?\s*登\s*录|type=[\"']?password", re.IGNORECASE)
_REDIRECT = re.compile(
    r"<meta[^>]+http-equiv=[\"']?refresh[^>]+url=|(?:window\.|self\.|top\.)?location(?:\.href)?\s*=\s*[\"']|location\.replace\(",
    re.IGNORECASE,
)


def stand_in(page: Page, title: str, text: str) -> tuple[Reason, str] | None:
    """Why the page is no article, with a sentence; None where it is one. `text` is the body found, `title` the title."""
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
    if _is_list(page, text):
        return Reason.LIST, "the page is a list of links, not an article"
    return None


def _is_list(page: Page, text: str) -> bool:
    """Few sentences, many long links: headlines."""
    sentences = len(re.findall(r"[。！？]", text))
    if sentences >= 4 or len(text) > 3000:
        return False
    headlines = sum(
        1 for link in page.tree.css("li a, h2 a, h3 a, td a, dd a, p a") if len(inline(link.text() or "")) >= 12
    )
    return headlines >= 8 and headlines * 20 > len(text) * max(sentences, 1)
