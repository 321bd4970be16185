"""Trial: what a rule would have found in past articles, and cases that these suggest."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chainwatch.matching.expression import words
from chainwatch.matching.folding import fold
from chainwatch.matching.lowering import case_article
from chainwatch.matching.rules import RuleHit, RuleSet
from chainwatch.models import Article

_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]?")
_MOST = 3
"""Samples and cases shown."""
_LONGEST = 120
"""Characters of a proposed case."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An article that the rule holds for."""

    id: str
    title: str
    quote: str


@dataclass(slots=True)
class Trial:
    """Counts, samples and proposed cases."""

    articles: int = 0
    week: int = 0
    month: int = 0
    samples: list[Sample] = field(default_factory=list)
    hits: list[str] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)

    def counts(self) -> Mapping[str, int]:
        """Articles looked at, and those that the rule held for in 7 and 30 days."""
        return {"articles": self.articles, "week": self.week, "month": self.month}

    def as_row(self) -> dict[str, Any]:
        """JSON values."""
        return asdict(self)


def try_rule(rule_id: str, rules: RuleSet, articles: Iterable[Article], now: datetime) -> Trial:
    """Run one rule over articles of the last 30 days."""
    trial = Trial()
    wanted = {word.text for word in words(rules.rules[rule_id].match)} if rule_id in rules.rules else set()
    for article in articles:
        trial.articles += 1
        scan = rules.scan(article)
        hit = next((one for one in rules.hits_of(scan) if one.rule == rule_id), None)
        if hit is not None:
            at = article.published or article.fetched
            trial.month += 1
            trial.week += at >= now - timedelta(days=7)
            if len(trial.samples) < _MOST:
                trial.samples.append(Sample(article.id, article.title, quote(article, hit)))
        if len(trial.hits) < _MOST or len(trial.misses) < _MOST:
            _propose(trial, rule_id, rules, article, wanted)
    return trial


def quote(article: Article, hit: RuleHit) -> str:
    """The sentence of the first place that counted."""
    if not hit.hits:
        return ""
    first = hit.hits[0]
    for sentence in _SENTENCE.finditer(article.part(first.part)):
        if sentence.start() <= first.span[0] < sentence.end():
            return " ".join(sentence.group().split())[:_LONGEST]
    return first.words


def _propose(trial: Trial, rule_id: str, rules: RuleSet, article: Article, wanted: set[str]) -> None:
    """Sentences that the rule holds for, and sentences with one of its words that it does not hold for."""
    for found in _SENTENCE.finditer(article.text):
        sentence = " ".join(found.group().split())
        if not 4 <= len(sentence) <= _LONGEST or not any(word in fold(sentence) for word in wanted):
            continue
        holds = any(hit.rule == rule_id for hit in rules.match(case_article("", sentence)))
        proposed = trial.hits if holds else trial.misses
        if len(proposed) < _MOST and sentence not in proposed:
            proposed.append(sentence)
