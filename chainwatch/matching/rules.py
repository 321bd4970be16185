"""Rules: compiles expressions into a RuleSet, which finds in one pass what every rule says about an article."""

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from typing import Protocol

import orjson

from chainwatch.matching.automaton import Automaton, Scan
from chainwatch.matching.bundle import Bundle
from chainwatch.matching.compiled import Compiled, compiled
from chainwatch.matching.evaluate import Evidence, Test, compile_test, explain
from chainwatch.matching.folding import SIGNS, fold
from chainwatch.matching.loading import load_rules
from chainwatch.matching.rule import Rule, Status, rule_from_wire
from chainwatch.matching.taxonomy import load_taxonomy
from chainwatch.matching.vocabulary import Vocabulary, load_vocabulary
from chainwatch.models import Article, Hit, digest

Around = Callable[[str], Iterable[str]]
"""A region's id → itself and the regions it lies in; empty for an unknown one."""


class RuleHit:
    """A rule that holds for an article. `score` and `hits` are worked out when first asked for.

    Most callers only ask which rules hold; the evidence of one costs as much as finding ten.
    """

    __slots__ = ("_evidence", "_numbers", "_scan", "of", "version")

    def __init__(self, of: Rule, version: str, scan: Scan, numbers: Mapping[str, int]) -> None:
        self.of, self.version, self._scan, self._numbers = of, version, scan, numbers
        self._evidence: Evidence | None = None

    def __repr__(self) -> str:
        return f"RuleHit({self.rule}@{self.version}, {self.score}, {[hit.words for hit in self.hits]})"

    @property
    def rule(self) -> str:
        """Id of the rule; the rule itself is `of`."""
        return self.of.id

    @property
    def score(self) -> Decimal:
        """Sum of the weights of every term that was found."""
        return self.evidence.score

    @property
    def hits(self) -> tuple[Hit, ...]:
        """Every place that counted, in order of part and position; empty where only the medium's name decided."""
        return tuple(_as_hit(self._scan, start, end) for start, end in sorted(set(self.evidence.spans)))

    @property
    def evidence(self) -> Evidence:
        """Score and spans in the joined text of the scan."""
        if self._evidence is None:
            self._evidence = explain(self.of.match, self._scan, self._numbers, self.of.boost)
        assert self._evidence is not None, f"fast and slow evaluation of {self.rule} differ"
        return self._evidence

    @property
    def tags(self) -> tuple[str, ...]:
        """Nodes that the rule gives."""
        return self.of.tags

    @property
    def status(self) -> Status:
        """How far the rule is trusted."""
        return self.of.status

    @property
    def owner(self) -> str | None:
        """Whose quick rule it is."""
        return self.of.owner

    @property
    def quick(self) -> bool:
        """Live at once for its owner, a draft for everyone else."""
        return self.of.quick

    @property
    def level(self) -> str:
        """low, medium or high."""
        return self.of.level


class RuleSet:
    """Rules compiled together. Its meaning never changes; safe to share between threads."""

    def __init__(
        self, compiled: Compiled, vocabulary: Vocabulary | None = None, around: Around = lambda _region: ()
    ) -> None:
        assert compiled.vocabulary == (vocabulary and vocabulary.digest), "compiled with another vocabulary"
        self.compiled, self.vocabulary, self._around = compiled, vocabulary, around
        self.digest = compiled.digest
        self.numbers: Mapping[str, int] = {literal: number for number, literal in enumerate(compiled.literals)}
        senses = vocabulary.senses if vocabulary else {}
        self.senses = [senses.get(literal, ()) for literal in compiled.literals]
        """For each literal by its number, what it says of taxonomy nodes."""
        compared = [*compiled.compared, *([SIGNS] if vocabulary else [])]
        self._automaton = Automaton(compiled.literals, compiled.masks, compared)
        self._rules: list[Rule | None] = [None] * len(compiled.ids)
        self._tests: list[Test | None] = [None] * len(compiled.ids)

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """Id → rule, those that are off too, in the order of the set."""
        return {name: self._rule(number) for number, name in enumerate(self.compiled.ids)}

    def _rule(self, number: int) -> Rule:
        rule = self._rules[number] or rule_from_wire(orjson.loads(self.compiled.wires[number]))
        self._rules[number] = rule
        return rule

    def scan(self, article: Article) -> Scan:
        """One pass: every place of every literal. Hand it to `hits_of`, or read `found`."""
        return self._automaton.scan(article, source=self.compiled.source)

    def match(self, article: Article) -> list[RuleHit]:
        """Every rule that holds for the article, in the order of the set."""
        return self.hits_of(self.scan(article))

    def hits_of(self, scan: Scan) -> list[RuleHit]:
        """Every rule that holds for a scanned article, in the order of the set."""
        hits = []
        for number in self._candidates(scan):
            rule = self._rule(number)
            if not self.comes_from(rule, scan.article):
                continue
            hit = RuleHit(rule, self.compiled.versions[number], scan, self.numbers)
            if rule.min_score is None or hit.score >= rule.min_score:
                hits.append(hit)
        return hits

    def comes_from(self, rule: Rule, article: Article) -> bool:
        """Whether the article is of a region and from a source that the rule asks for."""
        if rule.regions:
            hint = article.region or ""
            if {hint, *hint.split("/"), *self._around(hint)}.isdisjoint(rule.regions):
                return False
        if not rule.sources:
            return True
        names = {fold(name) for name in (article.source, article.site) if name}
        return not names.isdisjoint(map(fold, rule.sources))

    def _candidates(self, scan: Scan) -> list[int]:
        """Numbers of the rules whose expression holds, ascending."""
        woken_by, tests = self.compiled.woken_by, self._tests
        last = len(woken_by)
        woken = {rule for literal in scan.present if literal < last for rule in woken_by[literal]}
        woken.update(rule for literal in scan.in_source if literal < last for rule in woken_by[literal])
        return [number for number in sorted(woken) if (tests[number] or self._test(number))(scan)]

    def _test(self, number: int) -> Test:
        """Compiled when first needed: of 10,000 rules most articles wake ten."""
        test = compile_test(self._rule(number).match, self.numbers)
        self._tests[number] = test
        return test


class Keep(Protocol):
    """Where compiled sets are kept; `chainwatch/rulecache.py` keeps them on disk."""

    def get(self, key: str) -> bytes | None:
        """What was put under the key."""

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes under the key."""


def compile_rules(bundle: Bundle, extra: Iterable[Rule] = (), keep: Keep | None = None) -> RuleSet:
    """All rules of a bundle, and those made elsewhere, in one set; from `keep` where it was compiled before.

    Raises Problems naming every fault of every file: a bundle in force has none (see `chainwatch/rulebook.py`).
    """
    extra = list(extra)
    taxonomy = load_taxonomy(bundle)
    vocabulary = load_vocabulary(bundle, taxonomy)
    key = digest(_code(), bundle.digest, vocabulary.digest, *(f"{rule.id}@{rule.version}" for rule in extra))
    kept = keep.get(key) if keep else None
    if kept is not None:
        return RuleSet(Compiled.from_bytes(kept), vocabulary, taxonomy.around)
    loaded = load_rules(bundle)
    fresh = compiled([*(written.rule for written in loaded.rules), *extra], loaded.masks, vocabulary)
    if keep:
        keep.put(key, fresh.to_bytes())
    return RuleSet(fresh, vocabulary, taxonomy.around)


@cache
def _code() -> str:
    """Digest of this package's code: a set compiled by other code is not taken from a cache."""
    return digest(*(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py"))))


def _as_hit(scan: Scan, start: int, end: int) -> Hit:
    part, begin, stop = scan.place(start, end)
    return Hit.assured({"part": part, "span": (begin, stop), "words": scan.raw[start:end]})
