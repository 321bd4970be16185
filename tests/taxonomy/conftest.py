"""The shipped taxonomy, and one made of a few lines."""

from collections.abc import Callable

import pytest

from chainwatch import resources
from chainwatch.matching.bundle import Bundle
from chainwatch.matching.taxonomy import Taxonomy, load_taxonomy
from chainwatch.problem import Problem, Problems
from chainwatch.rulebook import read_bundle


@pytest.fixture(scope="session")
def shipped() -> Taxonomy:
    return load_taxonomy(read_bundle(resources.rules_dir()))


@pytest.fixture
def faults() -> Callable[..., list[Problem]]:
    """What is wrong with files given as name → YAML."""

    def find(**files: str) -> list[Problem]:
        bundle = Bundle({f"taxonomy/{name}.yaml": text.encode() for name, text in files.items()})
        with pytest.raises(Problems) as caught:
            load_taxonomy(bundle)
        return caught.value.problems

    return find
