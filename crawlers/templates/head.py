"""The head table of a government document: 索引号, 文号, issuer, dates, validity, topic, whatever markup carries it."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from chainwatch.models import Document
from crawlers.templates import dates
from crawlers.templates.lines import inline
from crawlers.templates.page import Page

_LABELS = {
    "index": ("索引号", "信息索引号", "索引编号"),
    "number": ("发文字号", "文号", "文件编号", "发文文号", "文件文号", "文件字号", "公文文号"),
    "issuer": (
        "发文机关",
        "发布机构",
        "发文单位",
        "制发机关",
        "发布单位",
        "公开责任部门",
        "发布机关",
        "信息发布机构",
        "责任部门",
        "制定机关",
        "组配分类发布机构",
    ),
    "written": ("成文日期", "生成日期", "成文时间", "发文日期", "生成时间"),
    "published": ("发布日期", "公开日期", "发布时间", "信息公开日期", "公布日期"),
    "validity": ("有效性", "有效期", "时效性", "文件状态", "是否有效", "效力状态"),
    "topic": ("主题分类", "分类", "信息分类", "体裁分类", "组配分类"),
}
_FIELD = {label: name for name, labels in _LABELS.items() for label in labels}
_OTHER = frozenset(
    {
        "标题",
        "名称",
        "主题词",
        "公文种类",
        "统一编号",
        "登记号",
        "关键词",
        "内容概述",
        "公开方式",
        "公开形式",
        "公开时限",
        "主题",
        "信息名称",
        "服务对象分类",
        "文种",
    }
)
_PROBE = re.compile(
    r"索\s*引\s*(?:编\s*)?号|发\s*文\s*(?:字|文)\s*号|文\s*件\s*(?:编|字|文)\s*号|成\s*文\s*日\s*期|"
    r"(?:文|字)(?:\s|&nbsp;|　)*号(?:\s|<[^>]{1,40}>)*[:：]"
)
_NEXT_LABEL = re.compile("(?:" + "|".join(sorted((*_FIELD, *_OTHER), key=len, reverse=True)) + ")[:：]")
_SQUEEZE = re.compile(r"[\s　\xa0【】\[\]:：*]+")
_NUMBER = re.compile(r"\s*[〔\[［【(（〈﹝]\s*((?:19|20)\d\d)\s*年?\s*[〕\]］】)）〉﹞]\s*")
_STANDS_ALONE = re.compile(
    r"^[\u4e00-\u9fa5]{2,14}[〔\[［【(（﹝](?:19|20)\d\d[〕\]］】)）﹞]\s*(?:第\s*)?\d{1,5}\s*号$"
)
_CELLS = frozenset(
    {"td", "th", "li", "dt", "dd", "p", "div", "span", "b", "strong", "label", "em", "font", "i", "h3", "h4", "h5", "a"}
)


def head_table(page: Page, regions: tuple[str, ...], body: LexborNode | None) -> tuple[Document | None, dict[str, str]]:
    """The document record of the page and what gave each field; (None, {}) where there is no head table."""
    if not _PROBE.search(page.html):
        return None, {}
    whole = [page.tree.body] if page.tree.body is not None else []
    roots = [node for css in regions for node in page.tree.css(css)] or whole
    found: dict[str, tuple[str, str]] = {}
    for root in roots:
        for label, value in _pairs(root, body):
            name = _FIELD[label]
            if value and name not in found:
                found[name] = (label, value)
    if not found.keys() & {"index", "number", "written"}:
        return None, {}
    return _document({name: value for name, (_, value) in found.items()}), {
        f"document.{name}": f"label {label}" for name, (label, _) in found.items()
    }


def normal_number(text: str) -> str | None:
    """A document number in its one spelling: 国发 [2019] 5 号 → 国发〔2019〕5号; None where it says nothing."""
    number = re.sub(r"[\s　\xa0]+", "", _NUMBER.sub(r"〔\1〕", text.strip()))
    return number if re.search(r"\d", number) else None


def number_in(text: str) -> str | None:
    """A document number that stands alone on one of the first lines of a body."""
    lines = text.split("\n")[:10]
    return next((normal_number(line) for line in lines if _STANDS_ALONE.match(line.replace(" ", ""))), None)


def _document(values: dict[str, str]) -> Document:
    return Document(
        index=values.get("index"),
        number=normal_number(values.get("number", "")),
        issuer=values.get("issuer"),
        written=dates.day(values.get("written", "")),
        published=dates.day(values.get("published", "")),
        validity=values.get("validity"),
        topic=values.get("topic"),
    )


def _pairs(root: LexborNode, body: LexborNode | None) -> Iterator[tuple[str, str]]:
    """(label, value) wherever a text node starts with a known label, outside the body."""
    whole = body is not None and root.tag == "body"
    inside = {node.mem_id for node in body.traverse(include_text=True)} if body is not None and whole else set()
    for node in root.traverse(include_text=True):
        text = node.text_content or "" if node.tag == "-text" else ""
        if not 1 < len(text.strip()) < 120 or node.mem_id in inside or node.parent is None:
            continue
        rest = re.sub(r"^[【\[]|[】\]]", "", text.strip(), count=2)
        while rest:
            before, colon, after = rest.replace("：", ":", 1).partition(":")
            label = _SQUEEZE.sub("", before)
            if label in _FIELD and (colon or _is_cell(node.parent)):
                yield label, _clean(after) or _clean(_beside(node.parent, label))
            following = _NEXT_LABEL.search(after)
            rest = after[following.start() :] if following else ""


def _is_cell(node: LexborNode) -> bool:
    return node.tag in _CELLS


def _beside(node: LexborNode, label: str) -> str:
    """Text after the label: the rest of the smallest element that says more, else the next element's."""
    current: LexborNode | None = node
    for _ in range(4):
        if current is None:
            break
        own = inline(current.text() or "")
        rest = _after_label(own, label)
        if rest:
            return rest if len(rest) <= 200 and not _starts_with_label(rest) else ""
        sibling = current.next
        while (
            sibling is not None
            and (sibling.tag in {"-text", "-comment", "br"})
            and not (sibling.text_content or "").strip(" :：\r\n\t\xa0　")
        ):
            sibling = sibling.next
        if sibling is not None:
            value = inline((sibling.text_content if sibling.tag == "-text" else sibling.text()) or "")
            return "" if _starts_with_label(value) else value
        if current.tag in {"td", "th", "li", "tr"}:
            break
        current = current.parent
    return ""


def _after_label(text: str, label: str) -> str:
    pattern = r"[\s　]*".join(map(re.escape, label))
    match = re.match(rf"[【\[\s]*{pattern}[\s】\]:：*]*", text)
    return text[match.end() :].strip() if match else ""


def _starts_with_label(text: str) -> bool:
    start = _SQUEEZE.sub("", re.split(r"[:：]", text, maxsplit=1)[0])
    return start in _FIELD or start in _OTHER


def _clean(value: str) -> str:
    value = _NEXT_LABEL.split(inline(value), maxsplit=1)[0].strip(" :：")
    return "" if value in {"-", "—", "无", "/", "--"} or len(value) > 200 else value
