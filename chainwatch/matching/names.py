"""How a name in a text is read as a name in the taxonomy: marks, width, rank words and brackets do not matter."""

import re
import unicodedata
from collections.abc import Iterator

_MARKS = re.compile(r"[\s“”‘’\"'「」『』《》〈〉·•\-—_]+")
_BRACKETS = re.compile(r"(.+?)\(([^()]+)\)(.*)")
_RANK_WORDS = re.compile(
    r"(标志性)?(全|特色|核心|相关|产业)?(产业链|产业生态圈|生态圈|产业集群|集群|产业|行业|领域|工程|计划|活动|企业|中小企业|攻坚行动|行动)$"
)


def fold_name(name: str) -> str:
    """Full width, case, quotation marks, dashes and white space folded away."""
    return _MARKS.sub("", unicodedata.normalize("NFKC", name).casefold())


def spellings(name: str) -> Iterator[str]:
    """Folded forms to look up, the most literal first: whole, without rank words, before the brackets, inside them."""
    folded = fold_name(name)
    yield folded
    yield from _without_rank(folded)
    match = _BRACKETS.fullmatch(folded)
    if match:
        before, inside, after = match.groups()
        for part in (before + after, before, inside):
            yield part
            yield from _without_rank(part)


def _without_rank(folded: str) -> Iterator[str]:
    shorter = folded
    while (match := _RANK_WORDS.search(shorter)) and match.start() >= 2:
        shorter = shorter[: match.start()]
        yield shorter
