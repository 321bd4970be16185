"""Word lists as patterns, and the faults of a lexicon file."""

import random
import re

import pytest

from chainwatch import resources
from chainwatch.matching.bundle import Bundle
from chainwatch.problem import Problems
from chainwatch.rulebook import read_bundle
from consumers.extractors.lexicon import load_lexicon
from consumers.extractors.words import alternatives


def one_by_one(words: set[str], not_before: dict[str, list[str]]) -> str:
    """What the tree must equal: every word by itself, the longest first."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    guards = {word: "(?!" + "|".join(map(re.escape, others)) + ")" for word, others in not_before.items()}
    return "(?:" + "|".join(re.escape(word) + guards.get(word, "") for word in ordered) + ")"


def test_words_that_begin_alike_match_as_if_tried_one_by_one() -> None:
    chance = random.Random(4)
    for _ in range(400):
        words = {"".join(chance.choices("增长加.+", k=chance.randint(1, 4))) for _ in range(chance.randint(1, 12))}
        guarded = {word: chance.choices(["长", "加", "增长"], k=2) for word in words if chance.random() < 0.4}
        text = "".join(chance.choices("增长加.+了", k=40))
        for after in ("", "了", "$"):
            tree = re.compile(alternatives(words, guarded) + after)
            flat = re.compile(one_by_one(words, guarded) + after)
            assert [match.span() for match in tree.finditer(text)] == [match.span() for match in flat.finditer(text)]


def test_no_words_match_nothing() -> None:
    assert re.search(alternatives([]), "增长") is None


@pytest.mark.parametrize(
    ("file", "written", "changed", "told"),
    [
        ("metrics", "  产值: [", "  产直: [", "产直"),
        ("phrases", "  影响: [力]", "  影晌: [力]", "'影晌' is guarded but not listed"),
        ("phrases", "  影响: [力]", "  影响: []", "'影响' is guarded against nothing"),
        ("phrases", "wide: [", "wyde: [", "the list 'wide' is missing"),
    ],
)
def test_a_fault_of_the_lexicon_is_told_with_its_place(file: str, written: str, changed: str, told: str) -> None:
    bundle, name = read_bundle(resources.rules_dir()), f"lexicon/{file}.yaml"
    sheet = bundle.files[name].decode()
    assert sheet.count(written) == 1
    faulty = Bundle({**bundle.files, name: sheet.replace(written, changed).encode()})
    with pytest.raises(Problems, match=told) as caught:
        load_lexicon(faulty)
    assert name in str(caught.value)
