"""Rule diff: what another set of rules would have said of past articles; and the weekly rate of one rule.

Runs the tagging hop itself over both sets, in several processes, so what it predicts is what a run gives.
"""

from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import orjson

from chainwatch.matching.automaton import Scan
from chainwatch.matching.bundle import OWN, Bundle
from chainwatch.matching.rules import RuleHit, RuleSet, compile_rules
from chainwatch.matching.taxonomy import Taxonomy, load_taxonomy
from chainwatch.matching.trial import quote
from chainwatch.models import Article, Strength, digest
from chainwatch.models.tag import PRIVATE, RULE
from chainwatch.rulecache import DiskCache
from consumers.tag import tag

CHUNK = 200
"""Articles handed to a process at a time."""
Packed = tuple[bytes, str]
"""A bundle's bytes and the folder of the cache."""
Given = TypeVar("Given")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one set of rules says of an article: ids of rules that hold; `node` or `node?` (a mention) → rule."""

    rules: frozenset[str]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """An article that two sets judge differently. Each list is sorted."""

    article: str
    title: str
    gained_rules: tuple[str, ...]
    lost_rules: tuple[str, ...]
    gained_tags: tuple[str, ...]
    lost_tags: tuple[str, ...]
    gained: bool
    """Nothing was said of it before."""
    lost: bool
    """Nothing is said of it any more."""
    quote: str
    """Where the first gained or lost rule holds."""

    @property
    def shown(self) -> bool:
        """Whether articles, tags or hits differ, not only which rule gives a tag."""
        return bool(self.gained_rules or self.lost_rules or self.gained_tags or self.lost_tags)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the sets that are compared."""

    rules: RuleSet
    taxonomy: Taxonomy
    around: str
    """Digest of all that decides tags but the words of nodes and the keyword rules."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """An article under one set: its scan, and the rules that hold."""

    scan: Scan
    hits: list[RuleHit]


def side(bundle: Bundle, rules: RuleSet) -> Side:
    """A compiled bundle, ready to be compared."""
    rest = bundle.under("taxonomy", OWN + "taxonomy")
    words = rules.vocabulary.words if rules.vocabulary else {}
    needs = orjson.dumps({node: one.needs for node, one in words.items()}, option=orjson.OPT_SORT_KEYS)
    scoring = rules.vocabulary.scoring.model_dump_json() if rules.vocabulary else ""
    masks = orjson.dumps(rules.compiled.masks, option=orjson.OPT_SORT_KEYS)
    return Side(rules, load_taxonomy(bundle), digest(*rest, *rest.values(), needs, scoring, masks))


def verdict(article: Article, one: Side) -> Verdict:
    """What the set says of the article."""
    tags = tag(article, one.rules, one.taxonomy)
    named = {made.node if made.strength is Strength.ABOUT else f"{made.node}?": made.rule for made in tags}
    return Verdict(frozenset(hit.rule for hit in one.rules.match(article)), named)


def changed(article: Article, old: Side, new: Side) -> Change | None:
    """How the verdicts of two sets differ; None where they agree.

    The tagging hop runs only where its input differs: other words of nodes were found, or other rules hold.
    """
    seen = tuple(_look(article, one.rules) for one in (old, new))
    if old.around == new.around and _input(seen[0], old.rules) == _input(seen[1], new.rules):
        return None
    before, after = verdict(article, old), verdict(article, new)
    if before == after:
        return None
    gained, lost = after.rules - before.rules, before.rules - after.rules
    hits = [hit for hit in seen[1].hits if hit.rule in gained] or [hit for hit in seen[0].hits if hit.rule in lost]
    return Change(
        article=article.id,
        title=article.title,
        gained_rules=tuple(sorted(gained)),
        lost_rules=tuple(sorted(lost)),
        gained_tags=_more(after, before, gained),
        lost_tags=_more(before, after, lost),
        gained=not (before.rules or _topics(before)) and bool(after.rules or _topics(after)),
        lost=bool(before.rules or _topics(before)) and not (after.rules or _topics(after)),
        quote=_quote(hits),
    )


def _look(article: Article, rules: RuleSet) -> _Seen:
    scan = rules.scan(article)
    return _Seen(scan, rules.hits_of(scan))


def _input(seen: _Seen, rules: RuleSet) -> tuple[object, object]:
    """Everything that tags and rule hits of one article follow from, but for `Side.around`."""
    literals, senses = rules.compiled.literals, rules.senses
    words = {literals[number]: senses[number] for number in seen.scan.present if senses[number]}
    return words, [(hit.rule, hit.tags, hit.status, hit.quick) for hit in seen.hits]


def _more(one: Verdict, other: Verdict, rules: Container[str]) -> tuple[str, ...]:
    """Tags of the one that the other lacks, but for those that only repeat one of the rules."""
    more = one.tags.keys() - other.tags.keys()
    return tuple(sorted(name for name in more if not (_of_rule(name) and one.tags[name] in rules)))


def _of_rule(name: str) -> bool:
    return name.startswith((RULE, PRIVATE))


def _topics(given: Verdict) -> list[str]:
    return [name for name in given.tags if not (name.endswith("?") or _of_rule(name))]


def _quote(hits: Sequence[RuleHit]) -> str:
    words = [hit.words for one in hits for hit in one.hits]
    return "、".join(dict.fromkeys(words[:5]))


@dataclass(frozen=True, slots=True)
class Run:
    """How articles are gone through."""

    workers: int
    done: Callable[[int], None]
    """Hears how many more were looked at."""


@dataclass(frozen=True, slots=True)
class Judged:
    """An article that a rule holds for."""

    article: str
    title: str
    day: date
    quote: str


def diff(old: Bundle, new: Bundle, bodies: Iterable[str], cache: Path, how: Run) -> Iterator[Change]:
    """Every article (JSON each) that two bundles judge differently, in order; also where another rule gives a tag.

    Raises Problems where a bundle does not compile.
    """
    task = partial(_changes, (old.to_bytes(), str(cache)), (new.to_bytes(), str(cache)))
    return in_chunks(task, bodies, how)


def in_chunks(task: Callable[[list[Given]], list[Result]], bodies: Iterable[Given], how: Run) -> Iterator[Result]:
    """`task` over chunks of articles, results in order; few articles here, many in several processes.

    Only a few chunks are in memory at a time.
    """
    rest = iter(bodies)
    first, second = list(islice(rest, CHUNK)), list(islice(rest, CHUNK))
    if not second or how.workers == 1:
        for chunk in chain((first, second), chunks(rest)):
            yield from task(chunk)
            how.done(len(chunk))
        return
    ahead, waiting = chain((first, second), chunks(rest)), deque[tuple[int, Future[list[Result]]]]()
    with ProcessPoolExecutor(how.workers, mp_context=get_context("spawn")) as pool:
        while True:
            for chunk in islice(ahead, how.workers + 2 - len(waiting)):
                waiting.append((len(chunk), pool.submit(task, chunk)))
            if not waiting:
                return
            size, future = waiting.popleft()
            yield from future.result()
            how.done(size)


def chunks(given: Iterable[Given], size: int = CHUNK) -> Iterator[list[Given]]:
    """Lists of `size`, the last one shorter."""
    rest = iter(given)
    while chunk := list(islice(rest, size)):
        yield chunk


def _changes(old: Packed, new: Packed, bodies: list[str]) -> list[Change]:
    sides = compiled_side(old), compiled_side(new)
    found = (changed(Article.from_json(body), *sides) for body in bodies)
    return [change for change in found if change is not None]


@lru_cache(maxsize=2)
def compiled_side(packed: Packed) -> Side:
    """Compiled once in each process."""
    data, cache = packed
    bundle = Bundle.from_bytes(data)
    return side(bundle, compile_rules(bundle, keep=DiskCache(Path(cache))))


def judged(rule: str, bundle: Bundle, bodies: Iterable[str], cache: Path, how: Run) -> Iterator[Judged]:
    """Every article that one rule holds for, in order. Raises Problems where the bundle does not compile."""
    return in_chunks(partial(_judged, rule, (bundle.to_bytes(), str(cache))), bodies, how)


def _judged(rule: str, packed: Packed, bodies: list[str]) -> list[Judged]:
    rules = compiled_side(packed).rules
    found = []
    for article in map(Article.from_json, bodies):
        for hit in rules.match(article):
            if hit.rule == rule:
                at = article.published or article.fetched
                found.append(Judged(article.id, article.title, at.date(), quote(article, hit)))
    return found


def counted(bundle: Bundle, bodies: Iterable[str], cache: Path, how: Run) -> Iterator[tuple[date, list[str]]]:
    """For each article its day and the ids of the rules that hold."""
    return in_chunks(partial(_counted, (bundle.to_bytes(), str(cache))), bodies, how)


def _counted(packed: Packed, bodies: list[str]) -> list[tuple[date, list[str]]]:
    rules = compiled_side(packed).rules
    found = []
    for article in map(Article.from_json, bodies):
        at = article.published or article.fetched
        found.append((at.date(), [hit.rule for hit in rules.match(article)]))
    return found
