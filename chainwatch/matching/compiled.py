"""Compiled: what a set of rules comes to, as JSON values: literals numbered, rules by the literals that wake them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from chainwatch.matching.expression import trigger, words
from chainwatch.matching.rule import Rule, Status, rule_to_wire, version_of
from chainwatch.matching.vocabulary import Vocabulary
from chainwatch.models import digest

ENGINE = "1"
"""Raised when the meaning of a rule changes; part of every set's digest."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a RuleSet works with, as JSON values: quick to keep and to load again.

    Rules are numbered by their order; `wires` holds each as JSON, read when it is first needed.
    """

    digest: str
    ids: list[str]
    versions: list[str]
    wires: list[str]
    literals: list[str]
    woken_by: list[list[int]]
    """For each of the first literals the rules that can only hold where it occurs."""
    masks: dict[str, list[str]]
    compared: list[str]
    source: bool
    """Whether any rule looks at the name of the medium."""
    vocabulary: str | None
    """Digest of the words of taxonomy nodes that were compiled in."""

    def to_bytes(self) -> bytes:
        """JSON."""
        return orjson.dumps(self)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Compiled":
        """Read what `to_bytes` wrote."""
        return cls(**orjson.loads(data))


def compiled(
    rules: Iterable[Rule], masks: Mapping[str, Sequence[str]], vocabulary: Vocabulary | None = None
) -> Compiled:
    """Number literals and rules, and find for each rule the literals without which it cannot hold."""
    rules = list(rules)
    wires = [orjson.dumps(rule_to_wire(rule), option=orjson.OPT_SORT_KEYS) for rule in rules]
    versions = [version_of(wire) for wire in wires]
    active = [rule.status is not Status.OFF for rule in rules]
    used = [word for rule, on in zip(rules, active, strict=True) if on for word in words(rule.match)]
    triggers = [
        trigger(rule.match) or frozenset() if on else frozenset() for rule, on in zip(rules, active, strict=True)
    ]
    waking = sorted(frozenset[str]().union(*triggers))
    ids = [rule.id for rule in rules]
    named = [] if vocabulary is None else [vocabulary.digest]
    senses = set() if vocabulary is None else set(vocabulary.senses)
    plain = {word: sorted(inside) for word, inside in sorted(masks.items())}
    return Compiled(
        digest=digest(
            ENGINE, orjson.dumps(plain), *(f"{n}@{v}" for n, v in sorted(zip(ids, versions, strict=True))), *named
        ),
        ids=ids,
        versions=versions,
        wires=[wire.decode() for wire in wires],
        literals=[*waking, *sorted(senses.union(word.text for word in used).difference(waking))],
        woken_by=_woken_by(triggers, waking),
        masks=plain,
        compared=sorted({longer for word in used for longer in word.not_inside}),
        source=any("source" in word.fields for word in used),
        vocabulary=named[0] if named else None,
    )


def _woken_by(triggers: Sequence[frozenset[str]], waking: Sequence[str]) -> list[list[int]]:
    numbers = {literal: number for number, literal in enumerate(waking)}
    woken: list[list[int]] = [[] for _ in waking]
    for rule, literals in enumerate(triggers):
        for literal in literals:
            woken[numbers[literal]].append(rule)
    return woken
