"""Which way a number bounds its thing, from the words before and after it."""

import re
from dataclasses import dataclass

from chainwatch.models import Comparator
from consumers.extractors.words import Sheet, alternatives

_FILLED = '了到至达要需以应够资入设成助励产的 “"'
"""Last characters of what may stand between a bound and its number: 超过了, 达到的."""
_YIELDING = frozenset({None, Comparator.GE, Comparator.EQ, Comparator.APPROX, Comparator.LE})
"""What gives way to a word behind the number."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """Compiled words. `before` matches at the end of the text before a number, `after` at the start of what follows."""

    before: re.Pattern[str]
    after: re.Pattern[str]
    lasts: frozenset[str]
    """Characters that `before` can end with."""
    words_before: dict[str, Comparator]
    words_after: dict[str, Comparator]


def read_bounds(sheet: Sheet) -> Bounds:
    """From `lexicon/comparators.yaml`."""
    before = {word: Comparator(name) for name, words in sheet.lists("before").items() for word in words}
    after = {word: Comparator(name) for name, words in sheet.lists("after").items() for word in words}
    sheet.done()
    return Bounds(
        re.compile(
            rf"({alternatives(before)})(?:了|到|至|达到?|需要?|要|可以?|应|能够?|投资|"
            rf"投入|建设|形成|补助|奖励|年产|日产)*[ “\"]?$|(达到|超过|突破)[^，。；]{{1,8}}的$"
        ),
        re.compile(rf" ?[（(]?({alternatives(after)})"),
        frozenset({word[-1] for word in before} | set(_FILLED)),
        before,
        after,
    )


def compare(before: str, after: str, bounds: Bounds) -> Comparator | None:
    """None where no word says it: then the number stands as it is. A word behind wins over 达 and 达到."""
    follows = bounds.after.match(after)
    behind = bounds.words_after[follows[1]] if follows else None
    precedes = bounds.before.search(before[-14:]) if before[-1:] in bounds.lasts else None
    ahead = bounds.words_before[precedes[1] or precedes[2]] if precedes else None
    if behind is not None and ahead in _YIELDING:
        return behind
    return ahead if ahead is not None else behind
