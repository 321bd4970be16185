"""Article: one revision of one page, as crawled. The wire format of the stream "articles"."""

import unicodedata
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from chainwatch.models.wire import Moment, Precision, Wire, digest


class State(StrEnum):
    """Whether the page still stands where it was found."""

    LIVE = "live"
    WITHDRAWN = "withdrawn"


class Reading(StrEnum):
    """What became of an attachment's text."""

    READ = "read"
    NOT_READ = "not_read"


class Attachment(Wire):
    """A file linked from the page. Its text is a part of its own: spans into it name `attachment:<digest>`."""

    name: str
    url: str
    digest: str | None = None
    """SHA-256 (hex) of the bytes; None where it was not fetched."""
    media_type: str | None = None
    size: int | None = None
    """Bytes."""
    reading: Reading = Reading.NOT_READ
    note: str = ""
    """Why it was not read, or what was left out."""
    text: str = ""


class Document(Wire):
    """The head table of a government document (索引号, 文号 …), each value as the page writes it, dates ISO."""

    number: str | None = None
    """发文字号, normalised: 杭政办函〔2022〕39号."""
    index: str | None = None
    """索引号."""
    issuer: str | None = None
    """发文机关 or 发布机构."""
    written: date | None = None
    """成文日期."""
    published: date | None = None
    """发布日期."""
    validity: str | None = None
    """有效性, as written."""
    topic: str | None = None
    """主题分类, as written."""


class Article(Wire):
    """One revision of one page.

    `id` is the site's document id where it has one, else a hash of the canonical URL, else of title, date and text.
    A record of the stream is named by (id, content_digest); a new revision is a new record with the same id.
    """

    version: Literal[1] = 1
    id: str = Field(min_length=1, max_length=200)
    url: str | None = None
    canonical_url: str | None = None
    site: str | None = None
    """Name of the source in sources.yaml that found it, or the host of an import."""
    source: str | None = None
    """The medium the page itself names (来源)."""
    channel: str | None = None
    """Column of the site."""
    title: str
    subtitle: str | None = None
    author: str | None = None
    editor: str | None = None
    """责任编辑, without the work code."""
    published: Moment | None = None
    precision: Precision = Precision.UNKNOWN
    published_meta: Moment | None = None
    """The time the page's meta data gives, where it also shows a visible one."""
    fetched: Moment
    state: State = State.LIVE
    text: str
    """Plain text, paragraphs by newline, without title, advertisements or editor line."""
    region: str | None = None
    """Region hint of the source: 浙江, 杭州, 杭州/滨江, 全国."""
    attachments: tuple[Attachment, ...] = ()
    document: Document | None = None
    keywords: tuple[str, ...] = ()
    stock_codes: tuple[str, ...] = ()
    raw_digest: str | None = None
    """SHA-256 (hex) of the archived page bytes."""
    content_digest: str
    """`content_digest(...)` of this revision."""
    http_status: int | None = None
    headers_digest: str | None = None
    run_id: str | None = None
    backfill: bool = False
    template: str | None = None
    """Name and version of the template that read the page: sina/3; generic/1 where none fits."""
    selectors: dict[str, str] = Field(default_factory=dict)
    """Which selector gave each field."""

    def part(self, name: str) -> str:
        """Text of a part: `title`, `text` or `attachment:<digest>`. Raises KeyError for an unknown part."""
        if name == "title":
            return self.title
        if name == "text":
            return self.text
        for attachment in self.attachments:
            if attachment.digest is not None and name == f"attachment:{attachment.digest}":
                return attachment.text
        raise KeyError(name)

    def parts(self) -> list[tuple[str, str]]:
        """All parts with text, title first."""
        read = [(f"attachment:{a.digest}", a.text) for a in self.attachments if a.digest and a.text]
        return [("title", self.title), ("text", self.text), *read]


def content_digest(title: str, text: str, state: State = State.LIVE, attachments: tuple[Attachment, ...] = ()) -> str:
    """What makes two revisions the same: normalised title, text, state and attachments; not times or page furniture."""

    def plain(value: str) -> str:
        return " ".join(unicodedata.normalize("NFC", value).split())

    return digest(plain(title), plain(text), state.value, *(a.digest or a.url for a in attachments))


def article_id(
    *,
    document_id: str | None = None,
    canonical_url: str | None = None,
    title: str = "",
    published: str = "",
    text: str = "",
) -> str:
    """The id rule of `Article`: document id, else canonical URL, else title, date and text."""
    if document_id:
        return document_id
    if canonical_url:
        return "url:" + digest(canonical_url)[:32]
    return "text:" + digest(title, published, text)[:32]
