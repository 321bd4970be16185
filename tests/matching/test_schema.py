"""The schema for editors says what the loader does."""

import json
from typing import Any

import jsonschema
import pytest
import yaml

from tests.matching.test_rulefile import GOOD
from tools import rules_schema

SCHEMA: dict[str, Any] = json.loads(rules_schema.PATH.read_text(encoding="utf-8"))


def test_the_shipped_schema_is_that_of_the_models() -> None:
    assert rules_schema.PATH.read_text(encoding="utf-8") == rules_schema.render()


@pytest.mark.parametrize("text", [GOOD, "id: a\nquick: 储能", "disabled: [topic.a]"])
def test_good_files_pass(text: str) -> None:
    jsonschema.validate(yaml.safe_load(text), SCHEMA)


@pytest.mark.parametrize("text", ["rules: [{id: Bad Id, quick: 储能}]", "rules: [{id: a, colour: red}]", "ruels: []"])
def test_bad_files_are_underlined(text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), SCHEMA)
