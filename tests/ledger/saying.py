"""Builders of articles and findings for the ledger's tests: only what a test is about need be said."""

from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from chainwatch.models import (
    SHANGHAI,
    Article,
    Comparator,
    Document,
    Measure,
    PolicyFinding,
    PolicyStatus,
    Precision,
    RoleFinding,
    content_digest,
)

_NUMBERS = count(1)


def article(
    id_: str = "",
    published: str | None = "2023-03-01",
    *,
    title: str = "测试文章",
    text: str = "",
    source: str = "某日报",
    url: str | None = None,
    fetched: str = "",
    **more: Any,
) -> Article:
    """An article published at the start of a day, fetched on it."""
    id_ = id_ or f"a{next(_NUMBERS):06d}"
    at = datetime.fromisoformat(published).replace(tzinfo=SHANGHAI) if published else None
    seen = datetime.fromisoformat(fetched or published or "2023-03-01").replace(tzinfo=SHANGHAI)
    text = text or f"{id_}的正文。"
    return Article(
        id=id_,
        url=url,
        title=title,
        source=source,
        published=at,
        precision=Precision.DAY if at else Precision.UNKNOWN,
        fetched=seen,
        text=text,
        content_digest=content_digest(title, text, more.get("state", Article.model_fields["state"].default)),
        **more,
    )


def measure(
    subject: str,
    value: str | int,
    *,
    kind: str = "target",
    node: str | None = None,
    metric: str = "规模",
    unit: str = "元",
    region: str | None = "杭州",
    comparator: str = "ge",
    at: int = 0,
    sentence: str = "",
    **more: Any,
) -> Measure:
    """A target of 2025 unless said otherwise; `at` is its place in the text."""
    if kind == "target":
        more.setdefault("deadline", "2025")
    return Measure(
        kind=kind,
        subject=subject,
        node=node,
        metric=metric,
        comparator=Comparator(comparator),
        value=Decimal(value),
        unit=unit,
        region=region,
        quote=str(value),
        sentence=sentence or f"{subject}{metric}{value}{unit}",
        sentence_span=(at, at + 20),
        value_span=(at, at + 2),
        pattern="test/1",
        confidence=more.pop("confidence", Decimal("0.9")),
        **more,
    )


def policy(
    title: str,
    status: str = "issued",
    *,
    number: str | None = None,
    issuer: str | None = None,
    region: str | None = "杭州",
    at: int = 0,
    **more: Any,
) -> PolicyFinding:
    """A policy named at a place of the text."""
    return PolicyFinding(
        title=title,
        title_span=(at, at + len(title)),
        doc_number=number,
        issuer=issuer,
        region=region,
        status=PolicyStatus(status),
        quote=title,
        sentence=f"《{title}》",
        sentence_span=(at, at + len(title) + 2),
        pattern="test/1",
        confidence=Decimal("0.9"),
        **more,
    )


def role(holder: str, subject: str, role_: str = "leader_firm", *, node: str | None = None, at: int = 0) -> RoleFinding:
    """A role named at a place of the text."""
    return RoleFinding(
        role=role_,
        holder=holder,
        holder_span=(at, at + len(holder)),
        subject=subject,
        node=node,
        quote=holder,
        sentence=f"{holder}是{subject}链主",
        sentence_span=(at, at + 20),
        region="杭州",
        pattern="test/1",
        confidence=Decimal("0.9"),
    )


def head(number: str | None = None, issuer: str | None = None, index: str | None = None) -> Document:
    """The head table of a government page."""
    return Document(number=number, issuer=issuer, index=index)
