"""What is asked when two sets of rules are compared, and how both read an article."""

from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from chainwatch.matching.bundle import OWN, Bundle
from chainwatch.models import FINDING, Article, Finding, digest, to_timestamp_ms
from chainwatch.rulediff import Packed, Run, chunks
from chainwatch.runner.hops import compile_packed
from chainwatch.runner.reading import Read
from chainwatch.store import articles, findings
from chainwatch.store.articles import Kept
from chainwatch.store.database import Database

PAGE = 500
Bar = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]
"""(what is done, how often) → hears how many more are done."""


@dataclass(frozen=True, slots=True)
class Question:
    """Two sets of rules; articles from `since_ms` on are read with the second.

    `differing`: ids of the articles whose current revision the sets read differently, as `rulediff.diff` finds them.
    """

    old: Bundle
    new: Bundle
    since_ms: int | None
    differing: frozenset[str]
    window: timedelta
    cache: Path
    workers: int

    def run(self, done: Callable[[int], None]) -> Run:
        """How articles are gone through."""
        return Run(self.workers, done)

    @property
    def packed(self) -> tuple[Packed, Packed]:
        """Both sets for another process."""
        return (self.old.to_bytes(), str(self.cache)), (self.new.to_bytes(), str(self.cache))


def found_by(bundle: Bundle) -> str:
    """Digest of all that findings, the ledger and the places of nodes follow from."""
    files = bundle.under("taxonomy", "lexicon", OWN + "taxonomy", OWN + "lexicon")
    return digest(*(part for name, data in files.items() for part in (name, data)))


def findings_of(rules: Packed, article: Article, stored: list[str] | None) -> Sequence[Finding]:
    """The findings as stored (JSON), or read now."""
    if stored is None:
        return hops(rules)(article).findings
    return [FINDING.validate_json(body) for body in stored]


def since(article: Article, since_ms: int | None) -> bool:
    """Whether the second set is asked for: by publication, without one by the time of fetching."""
    return since_ms is None or to_timestamp_ms(article.published or article.fetched) >= since_ms


@lru_cache(maxsize=2)
def hops(packed: Packed) -> Read:
    """Compiled once in each process."""
    data, folder = packed
    return compile_packed(data, Path(folder))


def pages(live: Database, among: Collection[int] | None = None) -> Iterator[tuple[list[Kept], dict[int, list[str]]]]:
    """Revisions in the order they were stored, and the findings of each by number; `among`: only these numbers."""
    wanted = deque(chunks(sorted(among), PAGE)) if among is not None else None
    after = 0
    while wanted is None or wanted:
        with live.read() as connection:
            page = articles.kept(connection, after, PAGE, wanted.popleft() if wanted is not None else None)
            if not page:
                return
            found = findings.bodies(connection, [one.number for one in page])
        after = page[-1].number
        yield page, found
