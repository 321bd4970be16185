"""Writes rules/rules.schema.json, by which editors check and complete rule files: `python -m tools.rules_schema`."""

import json
import sys

from pydantic import TypeAdapter

from chainwatch.matching.rulefile import FileSpec, RuleSpec
from chainwatch.resources import rules_dir

PATH = rules_dir() / "rules.schema.json"


def render() -> str:
    """The bytes of the file: a list of rules under `rules:`, or one rule."""
    adapter: TypeAdapter[FileSpec | RuleSpec] = TypeAdapter(FileSpec | RuleSpec)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "chainwatch rules"}
    return json.dumps(schema | adapter.json_schema(mode="validation"), ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Write the file."""
    PATH.write_text(render(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
