"""docs/asyncapi.yaml fits the AsyncAPI 3 schema, and says of both topics what the code writes."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from chainwatch.models import Article, Event, EventKind, content_digest, event_id
from chainwatch.stream.envelope import article_draft, event_draft
from chainwatch.stream.protocol import ARTICLES, CONSUMERS, EVENTS, Draft

ROOT = Path(__file__).parents[2]
DOCUMENT: dict[str, Any] = yaml.safe_load((ROOT / "docs/asyncapi.yaml").read_text(encoding="utf-8"))
OFFICIAL = ROOT / ".cache/asyncapi/node_modules/@asyncapi/specs/schemas/3.0.0.json"
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def article() -> Article:
    fetched = NOW - timedelta(minutes=3)
    return Article(id="url:1", title="题", text="文", fetched=fetched, content_digest=content_digest("题", "文"))


def event() -> Event:
    id_ = event_id(EventKind.TARGET_NEW, "fact", "", "1")
    return Event(id=id_, kind=EventKind.TARGET_NEW, subject="fact", title="题", after={"value": "1"})


DRAFTS = {ARTICLES: article_draft(article(), NOW), EVENTS: event_draft(event(), NOW)}


def message_of(topic: str) -> dict[str, Any]:
    (channel,) = [one for one in DOCUMENT["channels"].values() if one["address"] == topic]
    (reference,) = channel["messages"].values()
    return followed(reference)


def followed(reference: dict[str, str]) -> dict[str, Any]:
    found: Any = DOCUMENT
    for part in reference["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    assert isinstance(found, dict)
    return found


def headers_of(draft: Draft) -> dict[str, str]:
    return {name: value.decode() for name, value in draft.headers.items()}


def test_the_description_fits_asyncapi_3() -> None:
    if not OFFICIAL.exists():
        assert not os.environ.get("CI"), "tools/real_parts.sh installs the schema"
        pytest.skip("the AsyncAPI schema is not here; run tools/real_parts.sh")
    official = json.loads(OFFICIAL.read_bytes())
    jsonschema.Draft7Validator(official).validate(DOCUMENT)
    broken = DOCUMENT | {"channels": {"articles": {"adress": ARTICLES}}}
    assert not jsonschema.Draft7Validator(official).is_valid(broken)


def test_both_topics_and_the_group_have_the_names_of_the_code() -> None:
    assert {one["address"] for one in DOCUMENT["channels"].values()} == {ARTICLES, EVENTS}
    assert {one["bindings"]["kafka"]["topic"] for one in DOCUMENT["channels"].values()} == {ARTICLES, EVENTS}
    group = DOCUMENT["operations"]["receiveArticles"]["bindings"]["kafka"]["groupId"]
    assert group["enum"] == [CONSUMERS]


@pytest.mark.parametrize("topic", DRAFTS)
def test_the_headers_described_are_those_written(topic: str) -> None:
    described = followed(message_of(topic)["headers"])
    written = headers_of(DRAFTS[topic])
    assert set(described["required"]) == set(written)
    checker = jsonschema.Draft202012Validator(described, format_checker=jsonschema.FormatChecker())
    checker.validate(written)
    assert message_of(topic)["name"] == written["ce_type"]
    for name in written:
        assert not checker.is_valid({other: value for other, value in written.items() if other != name})
    assert datetime.fromisoformat(written["ce_time"]).tzinfo is not None


@pytest.mark.parametrize("topic", DRAFTS)
def test_the_schema_referred_to_is_that_of_the_value(topic: str) -> None:
    path = ROOT / "docs" / message_of(topic)["payload"]["$ref"]
    schema = json.loads(path.read_bytes())
    validator = jsonschema.Draft202012Validator(
        schema, registry=Registry().with_resource(path.name, Resource.from_contents(schema, DRAFT202012))
    )
    value = json.loads(DRAFTS[topic].value)
    validator.validate(value)
    assert not validator.is_valid(value | {"unknown": 1})
