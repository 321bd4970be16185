"""YAML that users write: strict, bounded, every fault with its place."""

import pytest

from chainwatch import yamlfile
from chainwatch.problem import Problems


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        pytest.param(b"a: 1\na: 2\n", "f.yaml:2:1: 'a' stands here twice", id="duplicate"),
        pytest.param(b"a: &x 1\nb: *x", "f.yaml:1:4: aliases and anchors are not allowed", id="alias"),
        pytest.param(b"a: [", "f.yaml:2:1", id="unclosed"),
        pytest.param(b"a: 1\n\xff", "f.yaml:2: not UTF-8", id="encoding"),
        pytest.param(b"a:\n\t- b", "f.yaml:2:1", id="tab"),
        pytest.param(b"[" * 3000, "nested deeper than 20 levels", id="deep"),
        pytest.param(b"!!python/object:x {}", "f.yaml:1:1: the tag", id="tag"),
        pytest.param(b"? [1]\n: 2", "f.yaml:1:3: a key must be a word", id="key"),
        pytest.param(b"a: 1\n---\nb: 2", "f.yaml", id="two documents"),
        pytest.param(b"#" * 300_000, "256,000", id="large"),
    ],
)
def test_a_fault_is_named_with_its_place(data: bytes, complaint: str) -> None:
    with pytest.raises(Problems) as caught:
        yamlfile.read(data, "f.yaml")
    assert complaint in "\n".join(map(str, caught.value.problems))
    assert all(problem.cure for problem in caught.value.problems)


def test_a_bomb_is_refused_before_it_grows() -> None:
    bomb = b"a: &a [x]\n" + b"".join(b"%c: &%c [*%c,*%c]\n" % (n + 1, n + 1, n, n) for n in range(97, 120))
    with pytest.raises(Problems, match="aliases"):
        yamlfile.read(bomb, "f.yaml")


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("'1'", "1"),
        ("1", 1),
        ("2020-01-01", "2020-01-01"),
        ("007", "007"),
        ("true", True),
        ("~", None),
    ],
)
def test_words_stay_words(word: str, value: object) -> None:
    assert yamlfile.read(f"a: {word}".encode(), "f.yaml").value == {"a": value}


def test_every_value_knows_its_place() -> None:
    document = yamlfile.read("rules:\n- id: 储能\n  any: [甲, 乙]\n".encode(), "f.yaml")
    assert document.at(("rules", 0, "any", 1)) == "f.yaml:3:12"
    assert document.at(("rules", 0, "missing", 7)) == "f.yaml:2:3"
