"""What to do with each row of a list, and what a page read again tells. Values in, values out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chainwatch.models import Article, Precision, to_timestamp_ms
from chainwatch.store.crawl import ATTEMPTS, Known
from crawlers.address import belongs
from crawlers.listing import Row
from crawlers.state import Outcome
from crawlers.templates.address import canonical

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Errand:
    """One article to fetch.

    `again`: a known page that is looked at once more; `canary`: just to see that it still reads; `confirm`: it was
    gone at the first look.
    """

    key: str
    url: str
    title: str
    date_ms: int | None = None
    known: Known | None = None
    walk: str = ""
    step: int = 0
    again: bool = False
    canary: bool = False
    confirm: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """Dates that a backfill asks for, in Unix milliseconds: [since, until). None: no bound."""

    since_ms: int | None = None
    until_ms: int | None = None

    def why_not(self, date_ms: int | None) -> str | None:
        """Why a dated row is outside; undated ones are inside."""
        if date_ms is None:
            return None
        if self.since_ms is not None and date_ms < self.since_ms:
            return "before the range"
        return "after the range" if self.until_ms is not None and date_ms >= self.until_ms else None


def key_of(row: Row) -> str:
    """What a page is known by: the site's document id, else its canonical address."""
    return row.id or canonical(row.url) or row.url


def sort_out(
    rows: Sequence[Row], known: Mapping[str, Known], domains: Sequence[str], window: Window
) -> tuple[list[Errand], list[Outcome]]:
    """Rows of one list page → articles to fetch, and outcomes of those that need no fetching."""
    errands: list[Errand] = []
    outcomes: list[Outcome] = []
    for row in rows:
        before = known.get(key_of(row))
        if not belongs(row.url, domains):
            outcomes.append(Outcome("filtered", "another host"))
        elif reason := window.why_not(row.date_ms):
            outcomes.append(Outcome("filtered", reason))
        elif before is not None and before.state == "live":
            outcomes.append(Outcome("duplicate", "known"))
        elif before is not None and before.state == "trouble" and before.attempts >= ATTEMPTS:
            outcomes.append(Outcome("filtered", f"given up after {ATTEMPTS} attempts"))
        else:
            errands.append(Errand(key_of(row), row.url, row.title, row.date_ms, before))
    return errands, outcomes


def presence(article: Article) -> tuple[str, ...]:
    """Fields that the page gave, its template and the length of its text: what a layout change takes away."""
    given = {
        "title": bool(article.title) and article.selectors.get("title") != "list",
        "text": len(article.text) >= 20,
        "published": article.published is not None and article.selectors.get("published") != "list",
        "minute": article.precision == Precision.MINUTE,
        "source": bool(article.source),
        "document": article.document is not None,
        "Chinese": _share_of_chinese(article.text) >= 0.3,
    }
    template = (article.template or "").partition("/")[0]
    return (*(name for name, there in given.items() if there), f"template {template}", f"length={len(article.text)}")


def _share_of_chinese(text: str) -> float:
    return sum("\u4e00" <= sign <= "\u9fff" for sign in text) / max(len(text), 1)


def lost(before: Sequence[str], now: Sequence[str]) -> list[str]:
    """What a page had when it was last read and has no more; "text length" where over half of the text is gone."""
    gone = [name for name in before if name not in now and not name.startswith("length=")]
    if _length(now) * 2 < _length(before):
        gone.append("text length")
    return gone


def _length(fields: Sequence[str]) -> int:
    return next((int(name.removeprefix("length=")) for name in fields if name.startswith("length=")), 0)


def as_known(errand: Errand, source: str, now_ms: int) -> Known:
    """What to remember of a page before anything new is learnt from it."""
    if errand.known is not None:
        return replace(errand.known, checked_ms=now_ms)
    return Known(
        errand.key, source, errand.url, errand.title, published_ms=errand.date_ms, first_ms=now_ms, checked_ms=now_ms
    )


def troubled(page: Known) -> Known:
    """The page after another failed attempt; one that was published before stays live."""
    state = page.state if page.content_digest else "trouble"
    return replace(page, attempts=page.attempts + 1, state=state)


def read_well(page: Known, article: Article, etag: str | None, last_modified: str | None) -> Known:
    """The page after it was read."""
    return replace(
        page,
        title=article.title,
        article_id=article.id,
        content_digest=article.content_digest,
        published_ms=to_timestamp_ms(article.published) if article.published else page.published_ms,
        etag=etag,
        last_modified=last_modified,
        fields=presence(article),
        attempts=0,
        state=article.state.value,
    )
