"""Text queries of subscribers: all of them looked up in one pass over what an event says, in the language of rules."""

from collections.abc import Sequence
from datetime import UTC, datetime

from chainwatch.matching.automaton import Automaton
from chainwatch.matching.evaluate import Test, compile_test
from chainwatch.matching.expression import TEXT, trigger, words
from chainwatch.matching.grammar import parse_query
from chainwatch.models import Article, Event

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


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
        scan = self._automaton.scan(_as_article(event), source=True)
        places = set(self._always)
        for literal in {*scan.starts, *scan.in_source}:
            places.update(self._woken.get(literal, ()))
        return frozenset(self._texts[place] for place in places if self._tests[place](scan))


def compile_queries(texts: Sequence[str]) -> TextQueries:
    """What a Router is given."""
    return TextQueries(texts)


def _as_article(event: Event) -> Article:
    """What an event says, in the shape that queries are written for: title, and evidence as the body."""
    title = "\n".join(dict.fromkeys([event.title, *(evidence.title for evidence in event.evidence)]))
    text = "\n".join(dict.fromkeys(evidence.sentence for evidence in event.evidence))
    source = next((evidence.source for evidence in event.evidence if evidence.source), event.source)
    return Article.model_construct(
        id=event.id,
        title=title,
        text=text,
        source=source,
        region=event.region,
        site=event.source,
        fetched=_NEVER,
        content_digest="",
        attachments=(),
    )
