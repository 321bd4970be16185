"""Text queries of subscribers: all of them looked up in one pass over what an event says, in the language of rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from chainwatch.matching.automaton import Automaton
from chainwatch.matching.evaluate import Test, compile_test
from chainwatch.matching.expression import TEXT, trigger, words
from chainwatch.matching.grammar import parse_query
from chainwatch.models import Article, Event


class TextQueries:
    """Compiled queries; immutable. A query is tried only where one of the words it needs occurs.

    Args:
        texts: distinct queries. Raises Problem where one does not parse.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        parsed = [parse_query(text, TEXT, "query") for text in texts]
        literals = sorted({word.text for expression in parsed for word in words(expression)})
        triggers = [trigger(expression) for expression in parsed]
        literals = sorted({*literals, *(literal for needed in triggers for literal in needed or ())})
        numbers = {literal: number for number, literal in enumerate(literals)}
        self._texts = list(texts)
        self._tests: list[Test] = [compile_test(expression, numbers) for expression in parsed]
        self._always = [place for place, needed in enumerate(triggers) if not needed]
        self._woken: dict[int, list[int]] = {}
        for place, needed in enumerate(triggers):
            for literal in needed or ():
                self._woken.setdefault(numbers[literal], []).append(place)
        self._automaton = Automaton(
            literals, {}, {longer for one in parsed for word in words(one) for longer in word.not_inside}
        )

    def holding(self, event: Event) -> frozenset[str]:
        """The queries that hold for title and evidence of the event."""
        scan = self._automaton.scan(cast("Article", _Said.of(event)), source=True)  # it reads parts and source
        places = set(self._always)
        for literal in {*scan.starts, *scan.in_source}:
            places.update(self._woken.get(literal, ()))
        return frozenset(self._texts[place] for place in places if self._tests[place](scan))


def compile_queries(texts: Sequence[str]) -> TextQueries:
    """What a Router is given."""
    return TextQueries(texts)


@dataclass(frozen=True, slots=True)
class _Said:
    """What an event says, in the shape that queries are written for: title, and evidence as the body."""

    title: str
    text: str
    source: str | None

    @classmethod
    def of(cls, event: Event) -> "_Said":
        evidence = event.evidence
        return cls(
            "\n".join(dict.fromkeys([event.title, *[one.title for one in evidence]])),
            "\n".join(dict.fromkeys([one.sentence for one in evidence])),
            next((one.source for one in evidence if one.source), event.source),
        )

    def parts(self) -> list[tuple[str, str]]:
        return [("title", self.title), ("text", self.text)]
