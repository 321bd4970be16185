"""A second, slow and plain reading of what rules mean: no automaton, no candidates, every position tried."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from chainwatch.models import Article

Span = tuple[str, int, int]
"""(part, start, end)."""
TRADITIONAL = {"儲": "储", "補": "补"}
SAME = {"“": '"', "”": '"', "—": "-"}
FIELD_WORDS = {"标题": "title", "正文": "body", "首段": "first", "附件": "attachment"}


def plain(text: str) -> str:
    """Folding, written a second time for the characters that the generator uses."""
    return "".join(_plain(character) for character in text)


def _plain(character: str) -> str:
    character = SAME.get(character, TRADITIONAL.get(character, character))
    half = unicodedata.normalize("NFKC", character)
    return half.lower() if len(half) == 1 and len(half.lower()) == 1 else character


@dataclass(frozen=True)
class Judgement:
    """Whether a rule holds, on what score, shown by which spans."""

    holds: bool
    score: Decimal = Decimal(0)
    spans: frozenset[Span] = frozenset()


NO = Judgement(False)


class Oracle:
    """Judges one article."""

    def __init__(self, article: Article, masks: dict[str, list[str]]) -> None:
        self.masks = masks
        self.parts: dict[str, str] = {name: plain(text) for name, text in article.parts()}
        self.boost: dict[str, Decimal] = {}

    def judge(self, match: dict[str, Any]) -> Judgement:
        fields = match.get("fields", ["title", "body", "attachment"])
        inside = match.get("not_inside", [])
        self.boost = {name: Decimal(str(factor)) for name, factor in match.get("boost", {}).items()}
        needed = [self.term(term, fields, inside) for term in match.get("all", [])]
        if "any" in match:
            needed.append(self.either([self.term(term, fields, inside) for term in match["any"]]))
        if "near" in match:
            needed.append(self.either([self.near(pair, fields, inside) for pair in match["near"]]))
        if "tree" in match:
            needed.append(self.tree(match["tree"], fields, inside))
        if any(self.term(term, fields, inside).holds for term in match.get("none", [])):
            return NO
        found = self.every(needed)
        least = match.get("min_score")
        return NO if found.holds and least is not None and found.score < Decimal(str(least)) else found

    def term(self, term: Any, fields: list[str], inside: list[str]) -> Judgement:
        if isinstance(term, str):
            return self.word(term, fields, inside, Decimal(1))
        own, masks = term.get("fields", fields), [*inside, *term.get("not_inside", [])]
        weight = Decimal(str(term.get("weight", 1)))
        return self.either([self.word(word, own, masks, weight) for word in term["words"]])

    def word(self, word: str, fields: list[str], inside: list[str], weight: Decimal) -> Judgement:
        return self.shown(frozenset(self.spans(word, fields, inside)), weight)

    def shown(self, spans: frozenset[Span], weight: Decimal) -> Judgement:
        factors = [factor for name, factor in self.boost.items() if any(self.covers([name], span) for span in spans)]
        return Judgement(True, weight * max(factors, default=Decimal(1)), spans) if spans else NO

    def near(self, pair: dict[str, Any], fields: list[str], inside: list[str]) -> Judgement:
        sides = [pair[key] if isinstance(pair[key], list) else [pair[key]] for key in ("a", "b")]
        left, right = (sorted({s for word in side for s in self.spans(word, fields, inside)}) for side in sides)
        spans = set[Span]()
        for these, those in ((left, right), (right, left)):
            for this in these:
                after = [that for that in those if that[0] == this[0] and that[1] >= this[2]]
                nearest = min(after, key=lambda span: (span[1], span[2]), default=None)
                if nearest and self.close(this, nearest, pair.get("within", "sentence")):
                    spans |= {this, nearest}
        return self.shown(frozenset(spans), Decimal(str(pair.get("weight", 1))))

    def close(self, first: Span, second: Span, within: int | str) -> bool:
        between = self.parts[first[0]][first[2] : second[1]]
        if within == "sentence":
            return not set(between) & set("。!?;…\n")
        return "\n" not in between if within == "paragraph" else len(between) <= int(within)

    def tree(self, tree: tuple[Any, ...], fields: list[str], inside: list[str]) -> Judgement:
        kind, *parts = tree
        if kind == "word":
            text, field, weight = parts
            return self.word(text, [FIELD_WORDS.get(field, field)] if field else fields, inside, Decimal(weight))
        if kind == "near":
            left, right, within = parts
            return self.near({"a": left, "b": right, "within": within}, fields, inside)
        if kind == "not" and parts[0][0] == "not":
            return self.tree(parts[0][1], fields, inside)
        if kind == "not":
            return NO if self.tree(parts[0], fields, inside).holds else Judgement(True)
        judged = [self.tree(part, fields, inside) for part in parts]
        return self.every(judged) if kind == "and" else self.either(judged)

    def every(self, judged: list[Judgement]) -> Judgement:
        return self.either(judged) if all(one.holds for one in judged) else NO

    def either(self, judged: list[Judgement]) -> Judgement:
        true = [one for one in judged if one.holds]
        if not true:
            return NO
        spans = frozenset(span for one in true for span in one.spans)
        return Judgement(True, sum((one.score for one in true), start=Decimal(0)), spans)

    def spans(self, word: str, fields: list[str], inside: list[str]) -> Iterator[Span]:
        word = plain(word)
        masks = [plain(mask) for mask in (*inside, *self.masks.get(word, []))]
        for part, text in self.parts.items():
            for start in range(len(text) - len(word) + 1):
                span = (part, start, start + len(word))
                if text[start : start + len(word)] != word or not self.bordered(text, span):
                    continue
                if self.covers(fields, span) and not any(self.masked(text, span, m) for m in masks if m != word):
                    yield span

    def bordered(self, text: str, span: Span) -> bool:
        def latin(at: int) -> bool:
            return 0 <= at < len(text) and text[at].isascii() and text[at].isalnum()

        _, start, end = span
        return not (latin(start - 1) and latin(start)) and not (latin(end - 1) and latin(end))

    def masked(self, text: str, span: Span, mask: str) -> bool:
        _, start, end = span
        return any(
            text[at : at + len(mask)] == mask and at <= start and end <= at + len(mask)
            for at in range(max(0, end - len(mask)), start + 1)
        )

    def covers(self, fields: list[str], span: Span) -> bool:
        part, _, end = span
        kind = {"title": "title", "text": "body"}.get(part, "attachment")
        if kind in fields:
            return True
        if kind != "body" or "first" not in fields:
            return False
        text = self.parts[part]
        begin = len(text) - len(text.lstrip("\n\r "))
        stop = text.find("\n", begin)
        return end <= (len(text) if stop < 0 else stop)
