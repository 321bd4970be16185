"""Lowering: from a rule as written in a file to a rule as a value; every fault of it with its place and cure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

from chainwatch.matching.bundle import OWN
from chainwatch.matching.expression import (
    PARAGRAPH,
    SENTENCE,
    All,
    Any_,
    Expression,
    Near,
    Not,
    Pattern,
    Word,
    trigger,
)
from chainwatch.matching.folding import fold
from chainwatch.matching.grammar import parse_query
from chainwatch.matching.quick import parse_quick
from chainwatch.matching.regexes import check_regex, required_literals
from chainwatch.matching.rule import Rule, Status
from chainwatch.matching.rulefile import (
    CaseSpec,
    MatchSpec,
    NearSpec,
    RegexSpec,
    RuleSpec,
    TitleSpec,
    WordSpec,
)
from chainwatch.models import Article, Attachment, Reading, content_digest, digest
from chainwatch.problem import Problem
from chainwatch.yamlfile import Document, Path

_MATCH_TIME = datetime(2000, 1, 1, tzinfo=UTC)
"""Fetch time of the articles that cases are made of; no rule asks for it."""

Source = Literal["shipped", "own"]


@dataclass(frozen=True, slots=True)
class Case:
    """A text that a rule must, or must not, hold for."""

    article: Article
    hit: bool
    place: str


@dataclass(frozen=True, slots=True)
class Written:
    """A rule with what only its file knows."""

    rule: Rule
    cases: tuple[Case, ...]
    spec: RuleSpec
    file: str
    """Name in the bundle."""
    override: bool = False

    @property
    def source(self) -> Source:
        """Who wrote it."""
        return "own" if self.file.startswith(OWN) else "shipped"


def case_article(
    title: str, text: str, source: str | None = None, region: str | None = None, attachment: str | None = None
) -> Article:
    """An article made of the given parts, for cases and trials."""
    attachments = (
        (Attachment(name="case", url="case:", digest=digest(attachment), reading=Reading.READ, text=attachment),)
        if attachment
        else ()
    )
    content = content_digest(title, text, attachments=attachments)
    return Article(
        id="case:" + content[:16],
        title=title,
        text=text,
        source=source,
        region=region,
        attachments=attachments,
        fetched=_MATCH_TIME,
        content_digest=content,
    )


class Lowering:
    """Turns one RuleSpec into a Rule; collects what is wrong with it."""

    def __init__(self, document: Document, at: Path) -> None:
        self.document, self.at, self.problems = document, at, list[Problem]()

    def place(self, *path: str | int) -> str:
        """`file:line:column` of a value of the rule."""
        return self.document.at((*self.at, *path))

    def wrong(self, what: str, cure: str, *path: str | int) -> None:
        """Note a fault at a value of the rule."""
        self.problems.append(Problem(what, place=self.place(*path), cure=cure))

    def written(self, spec: RuleSpec, file: str) -> Iterator[Written]:
        """The rule; nothing where its expression has a fault."""
        cases = tuple(self._cases(spec))
        if spec.status is Status.STABLE and {case.hit for case in cases} != {True, False}:
            cure = "add cases: with hits: and misses:, or set status: test"
            self.wrong(f"{spec.id} is stable without a case of each kind", cure, "status")
        match, base = self._match_spec(spec)
        if match is None:
            return
        expression = self._expression(match, base)
        if expression is None:
            return
        if trigger(expression) is None:
            cure = "add a word of 2 or more characters that must occur, under any: or all:"
            self.wrong(f"{spec.id} names no text that must occur, so it would run on every article", cure, *base)
        yield Written(self._rule(spec, match, expression), cases, spec, file, spec.override)

    def _rule(self, spec: RuleSpec, match: MatchSpec, expression: Expression) -> Rule:
        title = spec.title
        return Rule(
            id=spec.id,
            match=expression,
            status=spec.status,
            min_score=match.min_score,
            boost=dict(match.boost.items()),
            tags=tuple(spec.tags),
            title={"zh": title.zh, "en": title.en} if isinstance(title, TitleSpec) else {"zh": title} if title else {},
            why=spec.why,
            level=spec.level,
            owner=spec.owner,
            quick=spec.quick is not None,
            regions=tuple(spec.when.regions),
            sources=tuple(spec.when.sources),
            place=self.place(),
        )

    def _match_spec(self, spec: RuleSpec) -> tuple[MatchSpec | None, Path]:
        if (spec.match is None) == (spec.quick is None):
            self.wrong(f"{spec.id} needs either match: or quick:", "write one of them")
            return None, ()
        if spec.match is not None:
            return spec.match, ("match",)
        try:
            return MatchSpec.model_validate(parse_quick(spec.quick or "", self.place("quick"))), ("quick",)
        except Problem as problem:
            self.problems.append(problem)
            return None, ()

    def _expression(self, match: MatchSpec, base: Path) -> Expression | None:
        before = len(self.problems)
        fields, inside = tuple(dict.fromkeys(match.fields)), tuple(map(fold, match.not_inside))
        parts: list[Expression] = []
        parts += self._terms(match.all, fields, inside, (*base, "all"))
        if match.any:
            parts.append(Any_(tuple(self._terms(match.any, fields, inside, (*base, "any")))))
        if match.near:
            parts.append(Any_(tuple(self._near(match.near, fields, inside, (*base, "near")))))
        if match.regex:
            parts.append(Any_(tuple(self._patterns(match.regex, fields, (*base, "regex")))))
        if match.query is not None:
            parts += self._query(match.query, fields, inside, (*base, "query"))
        if not (match.all or match.any or match.near or match.regex or match.query is not None):
            self.wrong("the rule names nothing that must occur", "add any:, all:, near:, query: or regex:", *base)
        if match.none:
            parts.append(Not(Any_(tuple(self._terms(match.none, fields, inside, (*base, "none"))))))
        return All(tuple(parts)) if len(self.problems) == before else None

    def _terms(
        self, terms: Sequence[str | WordSpec], fields: tuple[str, ...], inside: tuple[str, ...], at: Path
    ) -> list[Expression]:
        found: list[Expression] = []
        for i, term in enumerate(terms):
            if isinstance(term, str):
                found += self._words([term], fields, Decimal(1), inside, (*at, i))
                continue
            own = tuple(dict.fromkeys(term.fields or fields))
            masks = (*inside, *map(fold, term.not_inside))
            words = self._words(term.words, own, term.weight, masks, (*at, i, "words"))
            found += words if len(words) == 1 else [Any_(tuple(words))]
        return found

    def _words(
        self, texts: Sequence[str], fields: tuple[str, ...], weight: Decimal, inside: Sequence[str], at: Path
    ) -> list[Word]:
        words = []
        for i, text in enumerate(texts):
            literal = fold(text).strip()
            if not literal or "\x00" in literal or "\n" in literal:
                self.wrong(f"{text!r} is no word", "write at least one visible character, on one line", *at, i)
                continue
            masks = tuple(longer for longer in dict.fromkeys(inside) if literal in longer and literal != longer)
            words.append(Word(literal, fields, weight, masks))
        return words

    def _near(
        self, pairs: Sequence[NearSpec], fields: tuple[str, ...], inside: tuple[str, ...], at: Path
    ) -> Iterator[Expression]:
        for i, pair in enumerate(pairs):
            sides = [
                tuple(self._words([side] if isinstance(side, str) else side, fields, Decimal(1), inside, (*at, i, key)))
                for key, side in (("a", pair.a), ("b", pair.b))
            ]
            within = {"sentence": SENTENCE, "paragraph": PARAGRAPH}.get(str(pair.within))
            yield Near(sides[0], sides[1], int(pair.within) if within is None else within, pair.weight)

    def _patterns(self, specs: Sequence[str | RegexSpec], fields: tuple[str, ...], at: Path) -> Iterator[Expression]:
        for i, given in enumerate(specs):
            spec = RegexSpec(pattern=given) if isinstance(given, str) else given
            try:
                check_regex(spec.pattern, self.place(*at, i))
            except Problem as problem:
                self.problems.append(problem)
                continue
            own = tuple(dict.fromkeys(spec.fields or fields))
            if "source" in own:
                self.wrong("a regex does not look at the source", "use when: {sources: [...]}", *at, i)
            yield Pattern(spec.pattern, required_literals(spec.pattern), own, spec.weight)

    def _query(self, query: str, fields: tuple[str, ...], inside: tuple[str, ...], at: Path) -> Iterator[Expression]:
        try:
            yield _masked(parse_query(query, fields, self.place(*at)), inside)
        except Problem as problem:
            self.problems.append(problem)

    def _cases(self, spec: RuleSpec) -> Iterator[Case]:
        for kind, entries in (("hits", spec.cases.hits), ("misses", spec.cases.misses)):
            for i, entry in enumerate(entries):
                given = CaseSpec(text=entry) if isinstance(entry, str) else entry
                article = case_article(given.title, given.text, given.source, given.region, given.attachment)
                yield Case(article, kind == "hits", self.place("cases", kind, i))


def _masked(expression: Expression, inside: tuple[str, ...]) -> Expression:
    """The expression with the rule's masks on every word that sits in one."""
    match expression:
        case Word(text=text):
            return replace(expression, not_inside=tuple(long for long in inside if text in long and text != long))
        case Near(left=left, right=right):
            sides: list[Any] = [tuple(_masked(word, inside) for word in side) for side in (left, right)]
            return replace(expression, left=sides[0], right=sides[1])
        case All(parts=parts) | Any_(parts=parts):
            return replace(expression, parts=tuple(_masked(part, inside) for part in parts))
        case Not(part=part):
            return Not(_masked(part, inside))
        case Pattern():
            return expression
