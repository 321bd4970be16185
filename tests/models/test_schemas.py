"""docs/schemas/ is fresh, and a change that breaks old records is noticed."""

import copy
from typing import Any

import pytest

from tools import schemas

OLD: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "state": {"enum": ["live", "withdrawn"]}, "at": {"type": "string"}},
}


@pytest.mark.parametrize("name", sorted(schemas.generate()))
def test_the_written_schema_is_that_of_the_model(name: str) -> None:
    assert (schemas.FOLDER / name).read_text(encoding="utf-8") == schemas.render(schemas.generate()[name])


@pytest.mark.parametrize("name", sorted(schemas.generate()))
def test_the_model_still_reads_what_the_last_commit_wrote(name: str) -> None:
    old = schemas.committed(name)
    if old is None:
        pytest.skip("no commit holds this schema yet")
    assert schemas.breaks(old, schemas.generate()[name]) == []


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        pytest.param(
            {"properties": {"id": {"type": "string"}, "at": {"type": "string"}}}, "/state: the field is gone", id="gone"
        ),
        pytest.param({"required": ["id", "at"]}, "/at: the field is required now", id="required"),
        pytest.param(
            {"properties": {**OLD["properties"], "state": {"enum": ["live"]}}},
            "/state: 'withdrawn' is no longer allowed",
            id="word",
        ),
        pytest.param(
            {"properties": {**OLD["properties"], "at": {"type": "integer"}}},
            "/at: type string became integer",
            id="type",
        ),
    ],
)
def test_a_breaking_change_is_named(change: dict[str, Any], complaint: str) -> None:
    assert schemas.breaks(OLD, OLD | change) == [complaint]


def test_a_new_optional_field_breaks_nothing() -> None:
    new = copy.deepcopy(OLD)
    new["properties"]["note"] = {"type": "string"}
    assert schemas.breaks(OLD, new) == []
