"""An installation whose store was filled by the runner's own decisions, with nobody to send to."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from chainwatch.models import SHANGHAI, Article, Event, Message
from chainwatch.runner.decide import Item, Terms, decide
from chainwatch.runner.live import Ledger
from chainwatch.runner.reading import Reading
from chainwatch.store import schema
from chainwatch.store.database import Database
from tests.ledger.reader import page, read
from tests.ledger.story import Page

TERMS = Terms("test", timedelta(days=3), datetime(2023, 12, 1, tzinfo=SHANGHAI))


class Nobody:
    """Has no subscriber."""

    def address(self, connection: Connection, made: Sequence[Event], now: datetime) -> Sequence[Message]:  # noqa: ARG002  the Protocol's shape
        """No message."""
        return []


class Home:
    """One folder, told articles in batches."""

    def __init__(self, folder: Path) -> None:
        self.database = Database(f"sqlite:///{folder / 'store.db'}")
        schema.create(self.database)
        self._told = 0

    def tell(self, *said: tuple[Article, Reading]) -> dict[str, list[Event]]:
        """Decide a batch; article id → its new events."""
        items = [Item(f"articles/0@{self._told + place}", *one) for place, one in enumerate(said)]
        self._told += len(items)
        with self.database.write() as connection:
            decisions = decide(connection, items, Ledger(), Nobody(), TERMS)
        return {one.article or "": list(one.events) for one in decisions}

    def tell_pages(self, pages: Sequence[Page]) -> dict[str, list[Event]]:
        """Read and decide them all, as one batch."""
        articles = [page(one.id, one.published, one.title, one.text, source=one.source) for one in pages]
        return self.tell(*((article, read(article)) for article in articles))
