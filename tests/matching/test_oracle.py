"""The engine against the plain reading of rules in oracle.py, on generated rules and articles."""

import json
import random
from typing import Any

import pytest

from chainwatch.matching.bundle import Bundle
from chainwatch.matching.lowering import case_article
from chainwatch.matching.rules import compile_rules
from chainwatch.models import Article
from tests.matching.oracle import Oracle

LETTERS = "甲乙丙储儲补補ＡaＢb5５🚀"
MARKS = ["。", "，", "\n", "！", "；", " ", "—", "丁", "戊", "己"]
WORDS = ["甲乙", "乙", "乙丙", "储", "储补", "甲乙丙", "ab", "A5", "丙🚀", "🚀", "补", "5甲", "b", "儲補", "甲—"]
LONGER = ["甲乙丙", "储补", "丙乙", "🚀丙🚀", "ab5"]
FIELDS = ["title", "body", "first", "attachment"]
MASKS = {"储": ["储补"], "乙": ["乙丙"]}


class Generator:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def text(self, longest: int) -> str:
        length = self.random.randrange(longest)
        return "".join(self.random.choice(LETTERS if self.random.random() < 0.75 else MARKS) for _ in range(length))

    def article(self) -> Article:
        attachment = self.text(30) if self.random.random() < 0.4 else None
        return case_article(self.text(15), self.text(90), attachment=attachment)

    def word(self) -> str:
        return self.random.choice(WORDS)

    def some(self, most: int) -> list[str]:
        return [self.word() for _ in range(self.random.randint(1, most))]

    def maybe(self, chance: float) -> bool:
        return self.random.random() < chance

    def term(self) -> Any:
        if self.maybe(0.6):
            return self.word()
        term: dict[str, Any] = {"words": self.some(2), "weight": self.random.choice([1, 2, "0.5"])}
        if self.maybe(0.4):
            term["fields"] = self.random.sample(FIELDS, self.random.randint(1, 2))
        if self.maybe(0.3):
            term["not_inside"] = [self.random.choice(LONGER)]
        return term

    def pair(self) -> dict[str, Any]:
        within = self.random.choice([0, 1, 3, 8, "sentence", "paragraph"])
        return {"a": self.some(2), "b": self.word(), "within": within, "weight": self.random.choice([1, 3])}

    def match(self) -> dict[str, Any]:
        match: dict[str, Any] = {"all": [self.term() for _ in range(self.random.randint(1, 2))]}
        if self.maybe(0.5):
            match["any"] = [self.term() for _ in range(self.random.randint(1, 3))]
        if self.maybe(0.3):
            match["near"] = [self.pair() for _ in range(self.random.randint(1, 2))]
        if self.maybe(0.3):
            match["none"] = [self.term()]
        if self.maybe(0.3):
            match["fields"] = self.random.sample(FIELDS, self.random.randint(1, 3))
        if self.maybe(0.3):
            match["not_inside"] = [self.random.choice(LONGER)]
        if self.maybe(0.3):
            match["min_score"] = self.random.choice([1, 2, "3.5", 5])
        if self.maybe(0.3):
            match["boost"] = {"title": 2, "first": "1.5"}
        if self.maybe(0.5):
            match["tree"] = self.tree(3)
            if self.maybe(0.5):
                del match["all"]
                match["tree"] = ("and", ("word", self.word(), "", "1"), match["tree"])
        return match

    def tree(self, depth: int) -> tuple[Any, ...]:
        kind = self.random.choice(["word", "word", "near", "and", "or", "not"]) if depth else "word"
        if kind == "word":
            field = self.random.choice(["", "", "title", "正文", "首段", "附件"])
            return ("word", self.word(), field, self.random.choice(["1", "1", "2.5"]))
        if kind == "near":
            return ("near", self.some(2), self.some(2), self.random.choice([0, 2, 5, "sentence", "paragraph"]))
        if kind == "not":
            return ("not", self.tree(depth - 1))
        return (kind, *(self.tree(depth - 1) for _ in range(self.random.randint(2, 3))))

    def written(self, tree: Any) -> str:
        """The tree as a query, in one of the ways people write it."""
        kind, *parts = tree
        if kind == "word":
            text, field, weight = parts
            quoted = self.random.choice([f'"{text}"', f"“{text}”", text])
            scope = f"{field}{self.random.choice(':：')}" if field else ""
            return f"{scope}{quoted}" + (f"^{weight}" if weight != "1" else "")
        if kind == "near":
            left, right, within = parts
            sign = {"sentence": "s", "paragraph": "段"}.get(str(within), str(within))
            return f"(({' OR '.join(left)}) NEAR/{sign} （{' 或 '.join(right)}）)"
        if kind == "not":
            return f"{self.random.choice(['NOT ', '!', '非 '])}({self.written(parts[0])})"
        sign = self.random.choice([" AND ", " 与 ", " ", " & "] if kind == "and" else [" OR ", " 或 ", " | ", "｜"])
        return "(" + sign.join(self.written(part) for part in parts) + ")"

    def rule(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """(the rule as written, its match as the oracle reads it)."""
        match = self.match()
        written = {key: value for key, value in match.items() if key != "tree"}
        if "tree" in match:
            written["query"] = self.written(match["tree"])
        return {"id": f"r{number}", "status": "test", "match": written}, match


def check(seed: int, rules: int, articles: int) -> int:
    """Compares all pairs; how many rules held."""
    generator = Generator(seed)
    made = [generator.rule(number) for number in range(rules)]
    files = {"own/a.yaml": json.dumps({"rules": [rule for rule, _ in made]}, ensure_ascii=False).encode()}
    masks = {"masks": [{"word": word, "inside": inside} for word, inside in MASKS.items()]}
    compiled = compile_rules(Bundle(files | {"masks.yaml": json.dumps(masks, ensure_ascii=False).encode()}))
    held = 0
    for _ in range(articles):
        article = generator.article()
        found = {
            hit.rule: (hit.score, frozenset((h.part, *h.span) for h in hit.hits)) for hit in compiled.match(article)
        }
        oracle = Oracle(article, MASKS)
        for rule, match in made:
            judged = oracle.judge(match)
            expected = (judged.score, judged.spans) if judged.holds else None
            assert found.get(rule["id"]) == expected, (rule, article.parts())
            held += judged.holds
    return held


def test_engine_equals_the_plain_reading() -> None:
    held = sum(check(seed, rules=50, articles=8) for seed in range(3))
    assert held > 100


@pytest.mark.slow
def test_engine_equals_the_plain_reading_on_10_000_pairs() -> None:
    held = sum(check(seed, rules=100, articles=10) for seed in range(100, 110))
    assert held > 1_000
