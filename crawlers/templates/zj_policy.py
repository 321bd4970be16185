"""Zhejiang's policy service for firms: its pages are filled from JSON, which is laid out as a page here.

Each element carries the key it came from; the head table's labels are ours.
"""

import json
import re
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlsplit

from crawlers.templates.page import Page
from crawlers.templates.template import Template

HOST = "zj87.jxt.zj.gov.cn"
_TEXTS = ("content_trim", "content", "intercontent")
"""Keys that may hold the text; the longest is it, the others are its summary or reading."""
_LABELS = {"code": "发文字号", "department": "发文机关", "publishdate": "发布日期"}


def document_id(page: Page) -> str | None:
    """zjpolicy:<id>, from the address or from the JSON."""
    number = parse_qs(urlsplit(page.url or "").query).get("id", [""])[0]
    node = page.first("[data-key='id']")
    number = number or (node.text() if node else "")
    return f"zjpolicy:{number}" if re.fullmatch(r"\w{1,40}", number) else None


def laid_out(text: str) -> str | None:
    """The service's answer as a page; None where it is none of its policies."""
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return None
    body = answer.get("body") if isinstance(answer, dict) else None
    if not isinstance(body, dict) or not _word(body, "title"):
        return None
    content = max((_word(body, key) for key in _TEXTS), key=len)
    if not re.search(r"<(?:p|div|br|span|table)\b", content, re.IGNORECASE):
        content = "".join(f"<p>{escape(line)}</p>" for line in content.splitlines())
    head = "".join(
        f"<tr><td>{label}：</td><td data-key='{key}'>{escape(_word(body, key))}</td></tr>"
        for key, label in _LABELS.items()
    )
    title, number = escape(_word(body, "title")), escape(_word(body, "id"))
    return (
        f"<html><body><h1 data-key='title'>{title}</h1><i data-key='id'>{number}</i>"
        f"<table>{head}</table><div data-key='content'>{content}</div></body></html>"
    )


def _word(body: dict[str, Any], key: str) -> str:
    value: Any = body.get(key)
    word = str(value).strip() if isinstance(value, str | int) else ""
    return word.removesuffix(" 00:00:00")  # the service's way to write a bare day


ZJ_POLICY = Template(
    name="zj_policy",
    version=1,
    hosts=(HOST,),
    marks=("h1[data-key='title']",),
    body=("div[data-key='content']",),
    title=("h1[data-key='title']",),
    published=("td[data-key='publishdate']",),
    source=("td[data-key='department']",),
    government=True,
    document_id=document_id,
    layout=laid_out,
)
