"""Editing rule files: ruamel.yaml's round trip keeps the comments and the order of what is not touched.

Reading for use is yamlfile's work; what is written here is read by it again before it is believed.
"""

from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from chainwatch.matching.loading import read_rule_file
from chainwatch.problem import Problem

HEAD = "# yaml-language-server: $schema=./rules.schema.json\nversion: 1\n"
"""How a new file of the user's rules begins."""


def with_rule(text: str, rule: Mapping[str, Any], name: str) -> str:
    """The file's text with a rule added at its end. Raises Problems where the result would not load."""

    def add(whole: CommentedMap) -> None:
        whole.setdefault("rules", CommentedSeq()).append(_commented(rule))

    return _edited(text, add, name)


def with_off(text: str, rule_id: str, name: str) -> str:
    """The file's text with the rule switched off."""

    def add(whole: CommentedMap) -> None:
        off = whole.setdefault("disabled", CommentedSeq())
        if rule_id not in off:
            off.append(rule_id)

    return _edited(text, add, name)


def without_off(text: str, rule_id: str, name: str) -> str:
    """The file's text without the switch for the rule."""

    def remove(whole: CommentedMap) -> None:
        whole["disabled"] = CommentedSeq([one for one in whole.get("disabled", ()) if one != rule_id])

    return _edited(text, remove, name)


def with_values(text: str, rule_id: str, values: Mapping[str, Any], name: str) -> str:
    """The file's text with values of one rule set: {"status": "test"}. Raises Problem where the rule is not there."""

    def change(whole: CommentedMap) -> None:
        rules = [whole] if whole.get("id") == rule_id else [r for r in whole.get("rules", ()) if r["id"] == rule_id]
        if not rules:
            raise Problem(f"no rule {rule_id} here", place=name, cure="rules show says where it stands")
        for key, value in values.items():
            rules[0][key] = value

    return _edited(text, change, name)


def _edited(text: str, change: Callable[[CommentedMap], None], name: str) -> str:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 120
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=2, offset=0)
    whole = yaml.load(text or HEAD) or CommentedMap(version=1)
    change(whole)
    out = StringIO()
    yaml.dump(whole, out)
    written = out.getvalue()
    read_rule_file(name, written.encode())
    return written


def _commented(value: Any) -> Any:
    """Plain values as ruamel writes them best: short lists on one line."""
    if isinstance(value, Mapping):
        return CommentedMap((key, _commented(item)) for key, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = CommentedSeq(map(_commented, value))
        if all(isinstance(item, str) for item in value):
            items.fa.set_flow_style()
        return items
    return value
