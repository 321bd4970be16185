"""Near-duplicates: MinHash over 4-character shingles says which articles may be one text; their figures decide.

A cluster is a connected component, each link within 30 days, named by its least article id. It merges what is said
twice; it never hides a fact that only one of its articles states.
"""

import re
import struct
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from rensa import RMinHash

from chainwatch.models import Article
from chainwatch.models.ledger import BAND_BITS, WINDOW_MS, Signature
from consumers.ledger import key as keys
from consumers.ledger.claim import Stated
from consumers.ledger.desk import Desk

ALGORITHM = "rensa-0.5/128/4"
"""Library, permutations, shingle length: signatures of another algorithm are never compared."""
ALIKE = 0.55
"""Least share of equal hashes: reprints were seen from 0.76 true Jaccard, unrelated articles below 0.01."""
COMMON = 0.9
"""Least share of the fewer numbers that the other text has too."""
SHORTEST = 80
"""Characters below which a text is too short to be told from others."""
MOST_SHINGLES = 20_000
"""Of longer texts so many evenly spread shingles are taken."""
_PERMUTATIONS, _BANDS, _ROWS = 128, 12, 4
"""Twelve groups of four meet at 0.76 in 992 of 1,000 cases, at 0.05 in seven of 100,000 (ten of three: 125), so that
few of a month's articles on one field are looked at in vain. Each group is a row in the index."""
_NOISE = re.compile(r"[\W_]+")
_NUMBER = re.compile(r"\d+(?:[.．]\d+)?")
_PERIOD = re.compile(r"[一二三四五六七八九十]+(?=月|季度|年)|[上下]半年|前[一二三]季度|全年|[上本下]周|[日月周季年]报")


def signature(article: Article, numbers: Sequence[Stated]) -> Signature | None:
    """What near-duplicates of the article are found by; None for a text too short to tell."""
    sketched = _sketched(article)
    if sketched is None:
        return None
    size, hashes = sketched
    title = unicodedata.normalize("NFKC", article.title)
    return Signature(
        article=article.id,
        published_ms=keys.published_ms(article),
        size=size,
        hashes=struct.pack(f"<{_PERMUTATIONS}I", *hashes),
        bands=_bands(article, hashes),
        figures=" ".join(sorted([*_NUMBER.findall(title), *_PERIOD.findall(title)])),
        numbers=" ".join(sorted(set(_plain(_NUMBER.findall(article.text))))[:400]),
        measures=tuple(sorted((one.claim.fact, one.claim.value) for one in numbers)),
        cluster=article.id,
    )


def bands(article: Article) -> tuple[int, ...]:
    """The bands of the article's signature; none for a text too short to tell."""
    sketched = _sketched(article)
    return _bands(article, sketched[1]) if sketched is not None else ()


def _sketched(article: Article) -> tuple[int, Sequence[int]] | None:
    """Characters of the text without marks, and its MinHash."""
    text = unicodedata.normalize("NFKC", _NOISE.sub("", article.text))
    if len(text) < SHORTEST:
        return None
    step = max(1, len(text) // MOST_SHINGLES)
    sketch = RMinHash(num_perm=_PERMUTATIONS, seed=1)
    sketch.update([text[place : place + 4] for place in range(0, len(text) - 3, step)])
    return len(text), sketch.digest()


def _bands(article: Article, hashes: Sequence[int]) -> tuple[int, ...]:
    time = keys.published_ms(article) // WINDOW_MS + 1
    return tuple(
        (time << BAND_BITS) + _mixed(place, hashes[place : place + _ROWS]) for place in range(0, _BANDS * _ROWS, _ROWS)
    )


def _plain(numbers: Sequence[str]) -> list[str]:
    """The numbers in half width. Only they are folded: folding a whole text costs as much as all the rest."""
    return unicodedata.normalize("NFKC", " ".join(numbers)).split()


def _mixed(seed: int, hashes: Sequence[int]) -> int:
    """FNV-1a over the numbers, cut to the bits of a band."""
    mixed = 0xCBF29CE484222325 ^ seed
    for one in hashes:
        mixed = (mixed ^ one) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return (mixed ^ mixed >> BAND_BITS) & (1 << BAND_BITS) - 1


def reprints(one: Signature, other: Signature) -> bool:
    """Whether two articles are one text. Symmetric."""
    return (
        one.article != other.article
        and abs(one.published_ms - other.published_ms) <= WINDOW_MS
        and one.figures == other.figures
        and _agree(one.measures, other.measures)
        and _share(one.hashes, other.hashes) >= ALIKE
        and _common(one.numbers, other.numbers) >= COMMON
    )


def _agree(one: Iterable[tuple[str, str]], other: Iterable[tuple[str, str]]) -> bool:
    """Everything found in the one that has less was found in the other."""
    few, many = sorted((frozenset(one), frozenset(other)), key=len)
    return few <= many


def _share(one: bytes, other: bytes) -> float:
    a, b = memoryview(one).cast("I"), memoryview(other).cast("I")
    return sum(x == y for x, y in zip(a, b, strict=True)) / _PERMUTATIONS


@lru_cache(maxsize=1024)
def _numbers(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _common(one: str, other: str) -> float:
    few, many = sorted((_numbers(one), _numbers(other)), key=len)
    return len(few & many) / len(few) if few else 1.0


def record(desk: Desk, mine: Signature) -> None:
    """Put the signature into the cluster of its reprints; clusters that it links become one, by the least name."""
    near = [other for other in desk.alike(mine) if reprints(mine, other)]
    clusters = sorted({other.cluster for other in near} | {mine.article})
    desk.joined.extend((cluster, clusters[0]) for cluster in clusters[1:] if cluster != mine.article)
    desk.signatures.append(mine.within(clusters[0]))
    desk.reprint = bool(near)
