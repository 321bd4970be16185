"""What differs between two taxonomies: nodes, their names, validity and mappings."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from chainwatch.matching.taxonomy import Node, Taxonomy

_FIELDS = ("name", "title_en", "kind", "valid_from", "valid_until", "successor", "ended", "region")


@dataclass(frozen=True, slots=True)
class Change:
    """One difference."""

    node: str
    change: Literal["added", "removed", "changed", "name added", "name removed"]
    detail: str


def changes(old: Taxonomy, new: Taxonomy) -> Iterator[Change]:
    """Differences in the order of the new taxonomy, removed nodes last."""
    for node in new.nodes.values():
        before = old.nodes.get(node.id)
        if before is None:
            yield Change(node.id, "added", node.title_en)
        else:
            yield from _of_node(before, node)
    for node in old.nodes.values():
        if node.id not in new.nodes:
            yield Change(node.id, "removed", node.title_en)


def _of_node(old: Node, new: Node) -> Iterator[Change]:
    for name in sorted(set(new.names) - set(old.names)):
        yield Change(new.id, "name added", name)
    for name in sorted(set(old.names) - set(new.names)):
        yield Change(new.id, "name removed", name)
    for field in _FIELDS:
        before, after = getattr(old, field), getattr(new, field)
        if before != after:
            yield Change(new.id, "changed", f"{field}: {before} → {after}")
    if set(old.maps) != set(new.maps):
        yield Change(new.id, "changed", f"maps: {'、'.join(old.maps)} → {'、'.join(new.maps)}")
