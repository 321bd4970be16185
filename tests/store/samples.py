"""Small articles and events for the store's tests."""

from datetime import UTC, datetime, timedelta
from typing import Any

from chainwatch.models import Article, Event, EventKind, Precision, content_digest, event_id

NOW = datetime(2026, 11, 20, 1, 15, tzinfo=UTC)


def article(id_: str, text: str = "正文", *, title: str = "标题", minutes: int = 0, **values: Any) -> Article:
    fields: dict[str, Any] = {
        "id": id_,
        "title": title,
        "text": text,
        "published": NOW,
        "precision": Precision.MINUTE,
        "fetched": NOW + timedelta(minutes=minutes),
        "content_digest": content_digest(title, text),
    }
    return Article.model_validate(fields | values)


def event(name: str, kind: EventKind = EventKind.TARGET_NEW, **values: Any) -> Event:
    return Event(id=event_id(kind, name, "", "1"), kind=kind, subject=name, title=name, after={"value": "1"}, **values)
