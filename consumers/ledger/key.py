"""Names, values and times as the ledger compares them, and the keys made of them."""

import re
import unicodedata
from calendar import monthrange
from datetime import datetime, timedelta
from decimal import Decimal

from chainwatch.models import SHANGHAI, Article, Precision, canonical_decimal, digest, to_timestamp_ms
from chainwatch.models.ledger import Witness, subject_digits

_MARKS = re.compile(r"[\s“”\"‘’'《》〈〉「」『』·、,，()（）]")
_HERE = re.compile(
    r"^(?:[市省](?=..)(?![场值民政区域内外级县会份属])|全市|全省|全区|全县|全国|我市|我省|我区|我国|本市|本省)(?=.)"
)
_LEAD = re.compile(
    r"^(?:将|要|把|使|让|力争|争取|计划|确保|预计|共有?|已有?|累计|现有|目前|拥有|有(?![色机限])|新增|培育|建成|打造|形成"
    r"|实现|引进|认定)+(?=..)"
)
_RANK = re.compile(r"^(?:国家级|省级|市级|区级|县级|世界级|国家|全球)(?=.)")
_TAIL = re.compile(r"(?<=.)(?:标志性产业链|产业生态圈|产业集群|产业链|生态圈|产业|中小企业|企业)$")
_ONLY_QUALIFIED = frozenset(
    {"规上", "规模以上", "中小", "大型", "上市", "重点", "龙头", "骨干", "外资", "民营", "科技型"}
)
"""Words that say which enterprises, and nothing without them: 规上企业."""
_PERIOD = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?~?$")
UNDATED = "~"
"""After the period of a result: the text gives none, it is the month of publication."""
_PRECISIONS = {name: place for place, name in enumerate(Precision)}
COUNTED = frozenset("家个户所座项")
"""Measure words of a count."""


def subject_key(subject: str, node: str | None, region: str, metric_text: str) -> str:
    """The name of a subject, with its rank words: the node's own where it resolves to one, else as cleaned.

    Cleaned of marks, verbs before it, the place, the metric and tails like 产业链. The node's path plays no part: the
    same name under an older scheme, or not resolved at all, is the same subject.
    """
    name = _MARKS.sub("", unicodedata.normalize("NFKC", subject)).lower()
    name = _without_place(_HERE.sub("", _LEAD.sub("", name)), region)
    rank = _RANK.match(name)
    if node and "/" in node:
        leaf = _MARKS.sub("", node.rsplit("/", 1)[-1]).lower()
        return (rank[0] if rank and not leaf.startswith(rank[0]) else "") + leaf
    if node:
        return name
    if metric_text and name.endswith(metric_text) and len(name) > len(metric_text):
        name = name.removesuffix(metric_text)
    while (shorter := _TAIL.sub("", name)) != name and shorter not in _ONLY_QUALIFIED:
        name = shorter
    return name.removesuffix("的") or name


def _without_place(name: str, region: str) -> str:
    place = region.rsplit("/", 1)[-1]
    for prefix in (f"{place}市", f"{place}省", f"{place}区", f"{place}县", place):
        if place and name.startswith(prefix) and len(name) > len(prefix):
            return name.removeprefix(prefix)
    return name


def region_key(region: str | None) -> str:
    """浙江省 → 浙江; 杭州市/滨江区 → 杭州/滨江; none → empty."""
    parts = (region or "").split("/")
    return "/".join(part[:-1] if len(part) > 2 and part[-1] in "省市区县" else part for part in parts)


def unit_key(unit: str, metric: str, subject: str) -> str:
    """The unit, with the measure words of one count folded together: 2500个企业 are 2500家企业."""
    if metric != "数量" or unit not in COUNTED:
        return unit
    return "家" if unit in {"家", "户"} or "企业" in subject else "个"


def period_key(period: str | None) -> str:
    """2025-12-31 and 2025-12 are the end of 2025, so one with it."""
    return re.sub(r"-12(-31)?$", "", period or "")


def period_end_ms(period: str) -> int:
    """Unix milliseconds of the instant after the period's last day in Asia/Shanghai; 0 for an empty one.

    A day beyond the month's last is that last day.
    """
    match = _PERIOD.match(period)
    if match is None:
        return 0
    year, month, day = int(match[1]), min(int(match[2] or 12), 12), int(match[3] or 0)
    day = min(day, monthrange(year, month)[1])
    if day:
        end = datetime(year, month, day, tzinfo=SHANGHAI) + timedelta(days=1)
    else:
        end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=SHANGHAI)
    return to_timestamp_ms(end)


def value_key(low: Decimal, high: Decimal | None) -> str:
    """Decimal text, `low~high` for a range."""
    return canonical_decimal(low) + (f"~{canonical_decimal(high)}" if high is not None else "")


def number(value: str) -> Decimal:
    """The lower bound of a value's text."""
    return Decimal(value.split("~", maxsplit=1)[0])


def published_ms(article: Article) -> int:
    """Unix milliseconds of publication; 0 where unknown, so that such an article never counts as newer."""
    known = article.published is not None and article.precision is not Precision.UNKNOWN
    return max(0, to_timestamp_ms(article.published)) if known and article.published else 0


def sort_key(article: Article, rank: int, part: str, start: int) -> str:
    """Order of statements: published, precision, witness rank (higher first), article, place in it."""
    place = {"title": 0, "text": 1}.get(part, 2)
    precision = _PRECISIONS[article.precision]
    return f"{published_ms(article):014d}|{precision}|{9 - rank}|{article.id}|{place}|{part}|{start:08d}"


_OFFICE = re.compile(r"(?:人民政府|政府网|政府|委员会|发改委|经信局|经信厅|[局厅办委]|办公厅|办公室|政务网|国务院)$")


def witness(article: Article, *, itself: bool) -> Witness:
    """The document itself, the page of an authority, or a medium."""
    if itself or (article.document is not None and article.document.number):
        return Witness.DOCUMENT
    address = article.canonical_url or article.url or ""
    host = address.split("/")[2] if address.count("/") > 1 else ""
    official = host.endswith(".gov.cn") or article.document is not None or bool(_OFFICE.search(article.source or ""))
    return Witness.AUTHORITY if official else Witness.MEDIA


def hashed(kind: str, *parts: str) -> str:
    """A short stable key: `target:3f…` (20 hex digits)."""
    return f"{kind}:{digest(kind, *parts)[:20]}"


def hashed_about(subject: str, *parts: str) -> str:
    """The same without the kind, its first six digits those of the subject: the store keeps one subject together."""
    return f"{subject_digits(subject)}{digest(subject, *parts)[:14]}"
