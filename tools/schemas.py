"""Writes docs/schemas/ from the models, and refuses a change that old records or old readers would not survive.

Run `python -m tools.schemas` after a change of a model; the tests fail while a file is stale.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from chainwatch.models import FINDING, Article, Event, Message, Tag

FOLDER = Path(__file__).parents[1] / "docs" / "schemas"
Schema = Mapping[str, Any]


def generate() -> dict[str, Schema]:
    """File name → JSON Schema of a wire model, as it is written (serialisation mode)."""
    adapters: dict[str, TypeAdapter[Any]] = {
        "article": TypeAdapter(Article),
        "event": TypeAdapter(Event),
        "finding": FINDING,
        "message": TypeAdapter(Message),
        "tag": TypeAdapter(Tag),
    }
    return {f"{name}.v1.json": adapter.json_schema(mode="serialization") for name, adapter in adapters.items()}


def render(schema: Schema) -> str:
    """The bytes of the file."""
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def breaks(old: Schema, new: Schema, place: str = "") -> list[str]:
    """Every way in which a record valid under `old` is refused by `new`, walking both schemas together.

    A field may be added if it is not required, a word of an enumeration may be added; nothing may go, and no
    type may change, within one version.
    """
    found: list[str] = []
    gone = set(old.get("properties", {})) - set(new.get("properties", {}))
    found += [f"{place}/{name}: the field is gone" for name in sorted(gone)]
    for name in sorted(set(new.get("required", [])) - set(old.get("required", []))):
        found.append(f"{place}/{name}: the field is required now")
    found += [
        f"{place}: {word!r} is no longer allowed" for word in old.get("enum", []) if word not in new.get("enum", [])
    ]
    if "const" in old and old["const"] != new.get("const"):
        found.append(f"{place}: the constant {old['const']!r} changed")
    if old.get("type") != new.get("type") and "type" in new:
        found.append(f"{place}: type {old.get('type')} became {new.get('type')}")
    for key in ("properties", "$defs"):
        for name, child in old.get(key, {}).items():
            if name in new.get(key, {}):
                found += breaks(child, new[key][name], f"{place}/{name}")
    for key in ("anyOf", "oneOf"):
        lost = [json.dumps(branch, sort_keys=True) for branch in old.get(key, []) if branch not in new.get(key, [])]
        found += [f"{place}: no longer allowed: {branch}" for branch in lost]
    if "items" in old and "items" in new:
        found += breaks(old["items"], new["items"], f"{place}[]")
    return found


def committed(name: str) -> Schema | None:
    """The file at the last commit; None where there is none yet."""
    shown = subprocess.run(
        ["git", "show", f"HEAD:docs/schemas/{name}"],  # noqa: S607
        cwd=FOLDER.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return json.loads(shown.stdout) if shown.returncode == 0 else None


def main() -> int:
    """Write the files, unless one would break its version."""
    problems: list[str] = []
    for name, schema in generate().items():
        old = committed(name)
        problems += [f"{name}{what}" for what in breaks(old, schema)] if old else []
    if problems:
        sys.stderr.write("\n".join([*problems, "Cure: keep old records readable, or give the model a new version", ""]))
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, schema in generate().items():
        (FOLDER / name).write_text(render(schema), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
