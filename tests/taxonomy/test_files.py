"""A faulty taxonomy is refused with every fault of every file, each with its place and a cure."""

from collections.abc import Callable

import pytest

from chainwatch.matching.bundle import Bundle
from chainwatch.matching.taxonomy import Taxonomy, load_taxonomy
from chainwatch.matching.taxonomy_diff import changes
from chainwatch.problem import Problem

HEAD = "scheme: s\nname: S\nkinds: [chain]\n"
Faults = Callable[..., list[Problem]]


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        pytest.param(
            HEAD + "nodes:\n  - {name: A, maps: [x/y]}\n", "taxonomy/s.yaml:5:5", "unknown node x/y", id="reference"
        ),
        pytest.param(
            HEAD + "nodes:\n  - {name: A, successor: s/B}\n", "taxonomy/s.yaml:5:5", "unknown node s/B", id="successor"
        ),
        pytest.param(HEAD + "region: 亚特兰蒂斯\n", "taxonomy/s.yaml:1:1", "unknown region 亚特兰蒂斯", id="region"),
        pytest.param(
            HEAD + "nodes:\n  - {name: A}\n  - {name: A}\n",
            "taxonomy/s.yaml:6:5",
            "s/A is already defined at taxonomy/s.yaml:5:5",
            id="twice",
        ),
        pytest.param(
            HEAD + "nodes:\n  - {name: A, aliases: [甲]}\n  - {name: B, aliases: [甲]}\n",
            "taxonomy/s.yaml:6:5",
            "甲 names s/B, but also s/A (taxonomy/s.yaml:5:5)",
            id="alias",
        ),
        pytest.param(
            HEAD + "nodes:\n  - {name: A, from: 2022, until: 2021}\n",
            "taxonomy/s.yaml:5:5",
            "s/A: from 2022-01-01 is not before until 2021-01-01",
            id="dates",
        ),
        pytest.param(
            HEAD + "nodes:\n  - {name: A, from: 2022-13}\n",
            "taxonomy/s.yaml:5:21",
            "from: month must be in 1..12",
            id="month",
        ),
        pytest.param(
            HEAD + "nodes:\n  - {name: A, colour: red}\n", "taxonomy/s.yaml:5:23", "unknown key 'colour'", id="key"
        ),
        pytest.param("scheme: s\nname: S\n", "taxonomy/s.yaml:1:1", "'kinds' is missing", id="missing"),
        pytest.param("nodes: []\n", "taxonomy/s.yaml:1:1", "neither a scheme nor companies nor regions", id="shape"),
        pytest.param(HEAD + "nodes: [\n", "taxonomy/s.yaml:5:1", "did not find expected node content", id="YAML"),
    ],
)
def test_a_fault_has_its_place_and_a_cure(faults: Faults, text: str, place: str, what: str) -> None:
    (problem,) = faults(s=text)
    assert (problem.place, problem.what) == (place, what)
    assert problem.cure


def test_successors_in_a_circle_are_named(faults: Faults) -> None:
    found = faults(s=HEAD + "nodes:\n  - {name: A, successor: s/B}\n  - {name: B, successor: s/A}\n")
    assert [problem.what for problem in found] == [
        "successors go round in a circle: s/A → s/B → s/A",
        "successors go round in a circle: s/B → s/A → s/B",
    ]


def test_all_faults_of_all_files_are_told_at_once(faults: Faults) -> None:
    found = faults(a=HEAD + "colour: red\n", b="companies:\n  - {name: 甲, codes: [123]}\n", c="x: 1\n")
    assert [(problem.place or "").split(":")[0] for problem in found] == [f"taxonomy/{name}.yaml" for name in "abc"]


def test_an_alias_may_pass_to_another_node_with_time() -> None:
    nodes = "nodes:\n  - {name: A, aliases: [甲], until: 2022}\n  - {name: B, aliases: [甲], from: 2022}\n"
    taxonomy = load_taxonomy(Bundle({"taxonomy/s.yaml": (HEAD + nodes).encode()}))
    assert set(taxonomy.nodes) == {"s", "s/A", "s/B"}


def test_a_file_of_the_user_replaces_the_shipped_one() -> None:
    shipped, own = HEAD + "nodes:\n  - {name: A}\n", HEAD + "nodes:\n  - {name: B}\n"
    taxonomy = load_taxonomy(Bundle({"taxonomy/s.yaml": shipped.encode(), "own/taxonomy/s.yaml": own.encode()}))
    assert set(taxonomy.nodes) == {"s", "s/B"}


def test_the_digest_changes_with_any_byte_of_the_taxonomy_and_with_nothing_else() -> None:
    files = {"taxonomy/s.yaml": HEAD.encode()}
    same = load_taxonomy(Bundle(files | {"lexicon/x.yaml": b"a: 1\n"}))
    other = load_taxonomy(Bundle({"taxonomy/s.yaml": HEAD.encode() + b"# note\n"}))
    assert load_taxonomy(Bundle(files)).digest == same.digest != other.digest


def test_a_difference_names_nodes_names_and_dates(shipped: Taxonomy) -> None:
    old = load_taxonomy(
        Bundle({"taxonomy/s.yaml": (HEAD + "nodes:\n  - {name: A, aliases: [甲]}\n  - {name: C}\n").encode()})
    )
    new = load_taxonomy(
        Bundle(
            {"taxonomy/s.yaml": (HEAD + "nodes:\n  - {name: A, aliases: [乙], until: 2022}\n  - {name: B}\n").encode()}
        )
    )
    assert [(one.node, one.change, one.detail) for one in changes(old, new)] == [
        ("s/A", "name added", "乙"),
        ("s/A", "name removed", "甲"),
        ("s/A", "changed", "valid_until: None → 2022-01-01"),
        ("s/B", "added", ""),
        ("s/C", "removed", ""),
    ]
    assert not list(changes(shipped, shipped))
