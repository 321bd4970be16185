"""Rules: compiles expressions into a RuleSet, which finds in one pass what every rule says about an article."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import orjson

from chainwatch.matching.automaton import Automaton, Scan
from chainwatch.matching.bundle import Bundle
from chainwatch.matching.evaluate import Evidence, Test, compile_test, explain
from chainwatch.matching.expression import trigger, words
from chainwatch.matching.folding import fold
from chainwatch.matching.loading import load_rules
from chainwatch.matching.rule import Rule, Status
from chainwatch.models import Article, Hit, digest

ENGINE = "1"
"""Raised when the meaning of a rule changes; part of every set's digest."""


@dataclass(frozen=True, slots=True)
class RuleHit:
    """A rule that matched an article, with everything that counted."""

    rule: str
    version: str
    score: Decimal
    hits: tuple[Hit, ...]
    """In order of part and position; empty where only the name of the medium decided."""
    tags: tuple[str, ...] = ()
    status: Status = Status.STABLE
    level: str = "medium"
    owner: str | None = None
    quick: bool = False


class RuleSet:
    """Rules compiled together. Immutable; safe to share between threads."""

    def __init__(self, rules: Sequence[Rule], masks: Mapping[str, Sequence[str]]) -> None:
        self.rules: Mapping[str, Rule] = {rule.id: rule for rule in rules}
        self._active = [rule for rule in rules if rule.status is not Status.OFF]
        self._versions = {rule.id: rule.version for rule in rules}
        self.digest = digest(
            ENGINE,
            orjson.dumps({word: sorted(inside) for word, inside in masks.items()}, option=orjson.OPT_SORT_KEYS),
            *(f"{name}@{version}" for name, version in sorted(self._versions.items())),
        )
        used = [word for rule in self._active for word in words(rule.match)]
        triggers = [trigger(rule.match) or frozenset() for rule in self._active]
        literals = sorted({word.text for word in used}.union(*triggers))
        self.numbers: Mapping[str, int] = {literal: number for number, literal in enumerate(literals)}
        self._automaton = Automaton(literals, masks)
        self._looks_at_source = any("source" in word.fields for word in used)
        self._woken_by = _woken_by(triggers, self.numbers)
        self._tests: dict[int, Test] = {}

    def version(self, rule_id: str) -> str:
        """The version of one rule of the set. Raises KeyError for an unknown one."""
        return self._versions[rule_id]

    def scan(self, article: Article) -> Scan:
        """One pass: every place of every literal. Ask it with `places` or hand it to `hits_of`."""
        return self._automaton.scan(article, source=self._looks_at_source)

    def places(self, scan: Scan) -> Iterable[tuple[str, str, int, int]]:
        """(folded literal, part, start, end) of everything a scan found."""
        for number, starts in scan.starts.items():
            literal = self._automaton.literals[number]
            for start in starts:
                yield (literal, *scan.place(start, start + len(literal)))

    def match(self, article: Article) -> list[RuleHit]:
        """Every rule that holds for the article, in the order of the set."""
        return self.hits_of(self.scan(article))

    def hits_of(self, scan: Scan) -> list[RuleHit]:
        """Every rule that holds for a scanned article, in the order of the set."""
        return [hit for number in self._candidates(scan) if (hit := self._hit(self._active[number], scan))]

    def matching(self, article: Article) -> list[str]:
        """Ids of the rules that hold, without evidence: for counting over many articles."""
        return [self._active[number].id for number in self._holding(self.scan(article))]

    def _candidates(self, scan: Scan) -> list[int]:
        """Numbers of the rules whose fast test holds, ascending."""
        woken_by = self._woken_by
        nothing: tuple[int, ...] = ()
        woken: set[int] = {rule for literal in scan.starts for rule in woken_by.get(literal, nothing)}
        for literal in scan.in_source:
            woken.update(woken_by.get(literal, nothing))
        return [number for number in sorted(woken) if self._test(number)(scan)]

    def _test(self, number: int) -> Test:
        if number not in self._tests:
            self._tests[number] = compile_test(self._active[number].match, self.numbers)
        return self._tests[number]

    def _holding(self, scan: Scan) -> list[int]:
        return [n for n in self._candidates(scan) if _conditions_hold(self._active[n], scan) and self._score(n, scan)]

    def _score(self, number: int, scan: Scan) -> bool:
        rule = self._active[number]
        return rule.min_score is None or self._evidence(rule, scan) is not None

    def _evidence(self, rule: Rule, scan: Scan) -> Evidence | None:
        found = explain(rule.match, scan, self.numbers, rule.boost)
        return found if found and (rule.min_score is None or found.score >= rule.min_score) else None

    def _hit(self, rule: Rule, scan: Scan) -> RuleHit | None:
        evidence = self._evidence(rule, scan) if _conditions_hold(rule, scan) else None
        if evidence is None:
            return None
        hits = tuple(_as_hit(scan, start, end) for start, end in sorted(set(evidence.spans)))
        version = self._versions[rule.id]
        return RuleHit(
            rule.id, version, evidence.score, hits, rule.tags, rule.status, rule.level, rule.owner, rule.quick
        )


def compile_rules(bundle: Bundle, extra: Iterable[Rule] = ()) -> RuleSet:
    """All rules of a bundle, and those made elsewhere (the taxonomy's aliases), in one set.

    Raises Problems naming every fault of every file: a bundle in force has none (see `chainwatch/rulebook.py`).
    """
    loaded = load_rules(bundle)
    return RuleSet([*(written.rule for written in loaded.rules), *extra], loaded.masks)


def _as_hit(scan: Scan, start: int, end: int) -> Hit:
    part, begin, stop = scan.place(start, end)
    return Hit.model_construct(part=part, span=(begin, stop), words=scan.raw[start:end])


def _woken_by(triggers: Sequence[frozenset[str]], numbers: Mapping[str, int]) -> dict[int, tuple[int, ...]]:
    """Literal → rules that can only hold where it occurs."""
    woken: dict[int, list[int]] = {}
    for rule, literals in enumerate(triggers):
        for literal in literals:
            woken.setdefault(numbers[literal], []).append(rule)
    return {literal: tuple(rules) for literal, rules in woken.items()}


def _conditions_hold(rule: Rule, scan: Scan) -> bool:
    article = scan.article
    if rule.regions and not any(region in (article.region or "").split("/") for region in rule.regions):
        return False
    if not rule.sources:
        return True
    names = {fold(name) for name in (article.source, article.site) if name}
    return any(fold(source) in names for source in rule.sources)
