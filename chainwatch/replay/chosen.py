"""Which stored revisions must be looked at to tell how two sets differ in alerts, where both find the same."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from functools import cache, partial

from chainwatch.models import Article
from chainwatch.replay.kin import kin
from chainwatch.replay.question import Bar, Question, findings_of, found_by, pages, since
from chainwatch.rulediff import Packed, changed, compiled_side, in_chunks
from chainwatch.runner.decide import is_silent
from chainwatch.store import bundles
from chainwatch.store.database import Database
from consumers.ledger.ties import Ties, ties


class Role(Enum):
    """What a revision is for."""

    DIFFERS = "differs"
    """The sets read it differently."""
    DECIDED = "decided"
    """They read it alike; who is told of it matters."""
    REMEMBERED = "remembered"
    """Only its rows of the ledger matter."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The revisions to look at by number, and whether those of a bundle have the findings of both sets."""

    roles: Mapping[int, Role]
    same_findings: Callable[[str | None], bool]


@dataclass(frozen=True, slots=True)
class _Row:
    """A revision to be looked at: its findings where they are those of both sets, whether the sets differ on it."""

    body: str
    findings: list[str] | None
    differs: bool | None


@dataclass(frozen=True, slots=True)
class _Looked:
    """A revision: its ties to others, whether the sets differ on it, whether it alerts nobody."""

    ties: Ties
    differs: bool
    silent: bool


def choose(live: Database, question: Question, bar: Bar, total: int) -> Chosen:
    """The revisions that the sets tell differently, and all kin of these."""
    numbers: list[int] = []
    ids: list[str] = []
    same = _same_findings(live, found_by(question.old))

    def rows() -> Iterator[_Row]:
        for page, found in pages(live):
            for one in page:
                numbers.append(one.number)
                ids.append(one.article)
                stored = found.get(one.number, []) if same(one.bundle) else None
                yield _Row(one.body, stored, one.article in question.differing if one.current else None)

    task = partial(_look, *question.packed, question.since_ms, question.window)
    with bar("looking for what is told with them", total) as done:
        looked = list(in_chunks(task, rows(), question.run(done)))
    revised = {id_ for id_, count in Counter(ids).items() if count > 1}
    seeds = [place for place, one in enumerate(looked) if one.differs and (not one.silent or ids[place] in revised)]
    related = kin([one.ties for one in looked], seeds)
    roles = dict.fromkeys((numbers[place] for place in related.remembered), Role.REMEMBERED)
    for place in related.decided:
        roles[numbers[place]] = Role.DIFFERS if looked[place].differs else Role.DECIDED
    return Chosen(roles, same)


def _same_findings(live: Database, wanted: str) -> Callable[[str | None], bool]:
    """Whether the articles read under a bundle of the archive have the findings that the compared sets find."""

    @cache
    def same(bundle_digest: str | None) -> bool:
        with live.read() as connection:
            bundle = bundles.load(connection, bundle_digest) if bundle_digest else None
        return bundle is not None and found_by(bundle) == wanted

    return same


def _look(old: Packed, new: Packed, since_ms: int | None, window: timedelta, rows: list[_Row]) -> list[_Looked]:
    looked = []
    for row in rows:
        article = Article.from_json(row.body)
        differs = row.differs
        if differs is None:
            sides = compiled_side(old), compiled_side(new)
            differs = since(article, since_ms) and changed(article, *sides) is not None
        shared = ties(article, findings_of(old, article, row.findings))
        looked.append(_Looked(shared, differs, is_silent(article, window)))
    return looked
