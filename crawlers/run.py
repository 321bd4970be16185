"""One run of one source: its state, its facts and its progress, so that every page gets exactly one outcome."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import orjson

from chainwatch.health import RunFacts
from chainwatch.models import Article, Event, digest, to_timestamp_ms
from chainwatch.store.crawl import Coverage
from crawlers.decide import DAY_MS, Errand, lost, presence
from crawlers.listing import ListPage
from crawlers.progress import Progress
from crawlers.state import CrawlState, End, Outcome


@dataclass(slots=True)
class Run:
    """What happens in one run. `mode` names a backfill's cursor; empty for a live run."""

    state: CrawlState
    mode: str = ""
    facts: RunFacts = field(default_factory=RunFacts)
    notes: dict[str, None] = field(default_factory=dict)
    break_ms: int = 0
    validators: dict[str, tuple[str | None, str | None]] = field(default_factory=dict)
    """ETag and Last-Modified of list pages: kept where everything they named has ended well."""
    _troubled: bool = False
    _met: set[str] = field(default_factory=set)
    _open: set[str] = field(default_factory=set)
    _progress: Progress = field(default_factory=Progress)
    _cursors: dict[str, int] = field(default_factory=dict)
    _texts: Counter[str] = field(default_factory=Counter)

    def announce(self, note: str) -> None:
        """Something the reader of the coverage must know: a cap, a stop, a pause."""
        self.notes.setdefault(note)

    def fresh(self, keys: Sequence[str]) -> set[str]:
        """Those keys that no list of this run has named yet; they are named from now on."""
        new = {key for key in keys if key not in self._met}
        self._met |= new
        return new

    def met(self, key: str) -> bool:
        """Whether a list of this run has named it."""
        return key in self._met

    def listed(self, errands: Sequence[Errand], outcomes: Sequence[Outcome], walk: str, step: int) -> None:
        """A list page named new articles: some to fetch, some with their outcome."""
        self._open |= {errand.key for errand in errands}
        self.state.listed(len(errands) + len(outcomes), outcomes)
        self._mark(walk, self._progress.added(walk, step, len(errands)))

    def settle(self, errand: Errand, outcome: Outcome) -> None:
        """The article has ended; a second outcome for it is a bug and is refused."""
        self._open.remove(errand.key)
        self.state.settle(outcome)
        self._troubled = self._troubled or outcome.outcome in {"failed", "quarantined"}
        if outcome.outcome == "published" and not errand.canary:
            self.facts.published += 1
        if errand.walk:
            self._mark(errand.walk, self._progress.settled(errand.walk, errand.step))

    def is_open(self, errand: Errand) -> bool:
        """Whether the article still waits for its outcome."""
        return errand.key in self._open

    def list_validators(self, url: str) -> tuple[str | None, str | None]:
        """What a live run may ask a list page with: (ETag, Last-Modified) of when all it named was taken."""
        found = None if self.mode or self.state.hole else self.state.cursor(f"list {url}")
        tag, modified = orjson.loads(found) if found else (None, None)
        return tag, modified

    def resume(self, walk: str, first: int = 1) -> int:
        """Step to start a walk from: a backfill goes on where a kill ended it."""
        if walk not in self._cursors:
            found = self.state.cursor(f"{self.mode} {walk}") if self.mode else None
            self._cursors[walk] = int(found) if found else first
        return max(self._cursors[walk], first)

    def _mark(self, walk: str, step: int) -> None:
        if self.mode and step > self._cursors.get(walk, 0):
            self._cursors[walk] = step
            self.state.set_cursor(f"{self.mode} {walk}", str(step))

    def list_read(self, page: ListPage, now_ms: int, *, first: bool) -> None:
        """Collect what a list page tells about the health of its source; rows of first pages are compared over time."""
        facts = self.facts
        facts.lists += not page.container
        facts.bad_rows += page.bad_rows
        if first:
            facts.rows += len(page.rows)
            facts.dated += sum(row.date_ms is not None for row in page.rows)
        for row in page.rows:
            self._date(row.date_ms, now_ms)

    def article_read(self, errand: Errand, article: Article, now_ms: int) -> list[str]:
        """Collect what an article tells; the fields that a known page has lost."""
        facts, fields = self.facts, presence(article)
        self._date(to_timestamp_ms(article.published) if article.published else None, now_ms)
        if len(article.text) >= 20:
            text = digest(article.text)
            self._texts[text] += 1
            facts.same_text = max(facts.same_text, self._texts[text])
        facts.articles += 1
        for name in fields:
            if not name.startswith("length="):
                facts.present[name] = facts.present.get(name, 0) + 1
        if errand.known is None or not errand.known.fields:
            return []
        facts.known_read += 1
        gone = lost(errand.known.fields, fields)
        for name in gone:
            facts.lost[name] = facts.lost.get(name, 0) + 1
        return gone

    def _date(self, date_ms: int | None, now_ms: int) -> None:
        if date_ms is None:
            return
        if date_ms > now_ms + 2 * DAY_MS:
            self.facts.future += 1
        elif self.facts.newest_ms is None or date_ms > self.facts.newest_ms:
            self.facts.newest_ms = date_ms

    def finish(self, ended: str, tell: Callable[[Event], None]) -> Coverage:
        """Close the run in the store. A backfill that came to its end forgets its cursors."""
        if self.mode and ended == "finished":
            for walk in self._cursors:
                self.state.set_cursor(f"{self.mode} {walk}", None)
        if not self.mode:
            sound = ended == "finished" and not self._troubled and not self.facts.faults
            for url, pair in self.validators.items():
                self.state.set_cursor(f"list {url}", orjson.dumps(pair).decode() if sound and any(pair) else None)
        return self.state.finish(End(ended, self.facts, tuple(self.notes), self.break_ms), tell)
