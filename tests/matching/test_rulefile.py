"""Faulty rule files: every fault is named by file, line and column; nothing is skipped, nothing runs away."""

import random
import time

import pytest
import yaml

from chainwatch.matching.bundle import Bundle
from chainwatch.matching.loading import load_rules
from chainwatch.matching.lowering import case_article
from chainwatch.matching.rules import compile_rules
from chainwatch.problem import Problem, Problems

GOOD = """\
version: 1
rules:
- id: topic.storage
  title: {zh: 储能补贴, en: Storage subsidies}
  status: stable
  why: Money for storage.
  tags: [topic/储能]
  match:
    any: [储能, {words: [电化学储能, 抽水蓄能], weight: 2}]
    all: [补贴]
    none: [招聘]
    near: [{a: 政策, b: [资金, 奖励], within: 20}]
    regex: ['\\d+亿元']
    fields: [title, body]
    not_inside: [存储能力]
    min_score: 2
  cases:
    hits: [储能政策安排资金，补贴3亿元]
    misses: [储能招聘]
- id: topic.query
  status: test
  match: {query: 'title:储能 AND ("补贴" OR 政策 NEAR/20 资金) NOT 招聘'}
- id: quick.one
  quick: 储能 +补贴 !招聘
disabled: [topic.other]
"""


def faults(text: str | bytes, name: str = "own/a.yaml") -> list[Problem]:
    data = text if isinstance(text, bytes) else text.encode()
    try:
        load_rules(Bundle({name: data}))
    except Problems as problems:
        return problems.problems
    return []


@pytest.mark.parametrize(
    ("rule", "place", "words"),
    [
        pytest.param("id: Bad Id\n  quick: 储能", "2:7", "id", id="id"),
        pytest.param("id: a\n  quick: 储能\n  colour: red", "4:11", "colour", id="unknown-key"),
        pytest.param("id: a", "2:3", "match: or quick:", id="nothing-to-match"),
        pytest.param("id: a\n  match: {any: [' ']}", "3:17", "no word", id="blank-word"),
        pytest.param("id: a\n  match: {none: [招聘]}", "3:10", "must occur", id="only-none"),
        pytest.param("id: a\n  match: {query: 'NOT 招聘'}", "3:10", "every article", id="query-only-not"),
        pytest.param("id: a\n  match: {query: '储能 AND'}", "3:18", "end at character 7", id="query-unfinished"),
        pytest.param("id: a\n  match: {query: '作者:张'}", "3:18", "':' at character 3", id="query-field"),
        pytest.param("id: a\n  match: {regex: ['(a']}", "3:19", "missing )", id="regex-broken"),
        pytest.param("id: a\n  match: {regex: ['(?=储能)x']}", "3:19", "refused", id="regex-look-ahead"),
        pytest.param("id: a\n  match: {regex: ['\\d+']}", "3:10", "every article", id="regex-without-literal"),
        pytest.param("id: a\n  match: {regex: ['储*']}", "3:19", "empty text", id="regex-of-nothing"),
        pytest.param("id: a\n  status: stable\n  quick: 储能", "3:11", "without a case", id="stable-without-cases"),
        pytest.param("id: a\n  quick: 储能\n  level: huge", "4:10", "level", id="level"),
        pytest.param("id: a\n  quick: '!招聘'", "3:10", "must occur", id="quick-only-not"),
        pytest.param(
            "id: a\n  quick: 储能\n- id: a\n  quick: 光伏", "4:3", "stands also at own/a.yaml:2:3", id="same-id"
        ),
        pytest.param("id: a\n  quick: 储能\n  quick: 光伏", "4:3", "twice", id="same-key"),
    ],
)
def test_a_fault_has_place_and_cure(rule: str, place: str, words: str) -> None:
    [problem] = faults(f"rules:\n- {rule}\n")
    assert problem.place == f"own/a.yaml:{place}"
    assert words in problem.what
    assert problem.cure


def test_all_faults_of_all_files_are_told_at_once() -> None:
    bundle = Bundle(
        {"own/a.yaml": b"rules: [{id: A}, {id: b, quick: 5, x: 1}]", "own/b.yaml": b"rules: {", "c.yaml": b"- 1"}
    )
    with pytest.raises(Problems) as raised:
        load_rules(bundle)
    places = [problem.place or "" for problem in raised.value.problems]
    assert [place.split(":")[0] for place in places] == ["c.yaml", "own/a.yaml", "own/a.yaml", "own/b.yaml"]


def test_the_good_file_loads_and_means_what_it_says() -> None:
    rules = compile_rules(Bundle({"own/a.yaml": GOOD.encode()}))
    article = case_article("储能新规", "新政策安排资金，给予补贴，共3亿元")
    assert [hit.rule for hit in rules.match(article)] == ["topic.storage", "topic.query", "quick.one"]


def mutate(text: str, chance: random.Random) -> str:
    """The text with a few of the accidents of editing: bits lost, doubled, swapped, replaced by signs of YAML."""
    for _ in range(chance.randint(1, 2)):
        at = chance.randrange(len(text) + 1)
        length = chance.choice([1, 1, 3, 10, 60])
        kind = chance.randrange(5)
        if kind == 0:
            text = text[:at] + text[at + length :]
        elif kind == 1:
            text = text[: at + length] + text[at:]
        elif kind == 2:
            text = (
                text[:at]
                + chance.choice(
                    ["{", "]", ": ", "- ", "'", '"', "\n", "\t", "&a ", "*a", "!!x ", "#", "（", "\x00", "null", "~"]
                )
                + text[at:]
            )
        elif kind == 3:
            lines = text.split("\n")
            chance.shuffle(lines[: len(lines) // 2])
            lines.insert(chance.randrange(len(lines)), chance.choice(lines))
            text = "\n".join(lines)
        else:
            text = text[:at]
    return text


def test_a_thousand_spoilt_files_crash_nothing_and_skip_nothing() -> None:
    chance = random.Random(5)
    outcomes = {"refused": 0, "loaded": 0}
    for _ in range(1_000):
        text = mutate(GOOD, chance)
        if found := faults(text):
            assert all((problem.place or "").startswith("own/a.yaml") and problem.cure for problem in found)
            outcomes["refused"] += 1
            continue
        loaded = load_rules(Bundle({"own/a.yaml": text.encode()}))
        value = yaml.load(text, Loader=yaml.CSafeLoader) or {}
        wanted = [value["id"]] if "id" in value else [rule["id"] for rule in value.get("rules", [])]
        assert [str(rule) for rule in wanted] == [written.rule.id for written in loaded.rules]
        outcomes["loaded"] += 1
    assert min(outcomes.values()) > 50, outcomes


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"rules: [" + b"x, " * 3_400_000 + b"]", id="ten-megabytes"),
        pytest.param(b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nrules: [*b]", id="alias-bomb"),
        pytest.param(b"rules: " + b"[" * 20_000 + b"]" * 20_000, id="deep"),
        pytest.param(b"rules: [{id: a, match: {query: '" + b"(" * 3_000 + b"'}}]", id="deep-query"),
        pytest.param(b"rules: [{id: a, match: {query: '" + b"title:" * 600 + b"'}}]", id="many-fields"),
        pytest.param(b"rules: [{id: a, match: {regex: ['" + b"(" * 900 + b"x" + b")" * 900 + b"']}}]", id="deep-regex"),
        pytest.param(b"rules: [{id: a, match: {regex: ['((a{1,500}){1,500}){1,500}']}}]", id="counts-in-counts"),
        pytest.param(b"rules: [{id: a, match: {regex: ['" + b"ab|" * 100_000 + b"']}}]", id="many-alternatives"),
        pytest.param(b"rules: !!python/object/apply:os.system [id]", id="python-tag"),
        pytest.param("rules: [{id: a, quick: 储能}]".encode("utf-16"), id="utf-16"),
        pytest.param(b"rules:\n\t- id: a", id="tab"),
        pytest.param(b"rules: []\n---\nrules: []", id="two-documents"),
    ],
)
def test_hostile_files_are_refused_in_less_than_a_second(data: bytes) -> None:
    begun = time.perf_counter()
    assert faults(data)
    assert time.perf_counter() - begun < 1


def test_thousands_of_nots_end_quickly() -> None:
    begun = time.perf_counter()
    assert not faults(b"rules: [{id: a, match: {query: '" + b"!" * 3_900 + b"x'}}]")
    assert time.perf_counter() - begun < 1


@pytest.mark.parametrize("regex", ["(aa+)+$", "(a|aa)+$", "(aa*)*b", "a{2}(.*a){12}x"])
def test_a_catastrophic_regex_ends_quickly_on_a_megabyte(regex: str) -> None:
    text = f"rules: [{{id: a, match: {{all: [aaz], regex: ['{regex}']}}}}]"
    rules = compile_rules(Bundle({"own/a.yaml": text.encode()}))
    article = case_article("", "aaz " + "a" * 1_000_000)
    begun = time.perf_counter()
    rules.match(article)
    assert time.perf_counter() - begun < 1
