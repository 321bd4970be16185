"""What was read off one page, by whichever way, before it becomes an Article."""

from dataclasses import dataclass

from chainwatch.models import Attachment, Document
from crawlers.templates.dates import When, of_day


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read off one page; `by` names what gave each field."""

    template: str
    title: str
    text: str
    by: dict[str, str]
    subtitle: str | None = None
    published: When | None = None
    published_meta: When | None = None
    source: str | None = None
    author: str | None = None
    editor: str | None = None
    channel: str | None = None
    keywords: tuple[str, ...] = ()
    stock_codes: tuple[str, ...] = ()
    document: Document | None = None
    document_id: str | None = None
    attachments: tuple[Attachment, ...] = ()


def settle_times(visible: When | None, meta: When | None, document: Document | None) -> tuple[When | None, When | None]:
    """(published, published_meta): the visible time before a head table's day before the hidden time.

    A time with a minute of the same day refines a bare day.
    """
    stated = of_day(document.published) if document and document.published else None
    shown = visible
    if stated and (visible is None or (document and visible.at.date() == document.written)):
        shown = stated
    if shown is None:
        return meta, meta
    return shown.finer(meta), meta
