"""The taxonomy as one value: nodes of all schemes with their validity, companies, regions, and how names resolve.

Files say what exists (taxonomy_file.py), `taxonomy_build.py` joins and checks them; here are the answers.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from chainwatch.matching.bundle import OWN, Bundle
from chainwatch.matching.names import fold_name, spellings
from chainwatch.matching.node import Company, Former, Link, Node, Region
from chainwatch.matching.taxonomy_build import (
    build,
    children_of,
    names_of_companies,
    names_of_nodes,
    names_of_regions,
    sources_of,
)
from chainwatch.models import digest


@dataclass(frozen=True)
class Taxonomy:
    """All that is known of the field, under one digest."""

    digest: str
    """SHA-256 (hex) over the files it was read from."""
    nodes: Mapping[str, Node]
    """By id, parents before children, in the order of the files."""
    companies: Mapping[str, Company]
    regions: Mapping[str, Region]
    _names: Mapping[str, tuple[Node, ...]]
    _companies: Mapping[str, Company]
    _regions: Mapping[str, Region]
    _children: Mapping[str, tuple[str, ...]]
    _sources: Mapping[str, tuple[str, ...]]
    """Node id → ids of the nodes that map to it or that it succeeds."""

    def node(self, node_id: str) -> Node | None:
        """The node with exactly this id."""
        return self.nodes.get(node_id)

    def resolve(self, name: str, at: date | None = None, region: str | None = None) -> Node | None:
        """The node that a name means, on a day and for a place.

        Of several, the one whose scheme belongs to the nearest place around `region` wins, then the scheme's
        precedence, then the one that holds on `at`, then the one with the latest beginning. Rank words (产业链,
        生态圈 …), quotes, a leading place and brackets are read as such: 杭州市“视觉智能（数字安防）”产业链.
        None where nothing has that name.
        """
        if name in self.nodes:
            return self.nodes[name]
        for spelling in spellings(name):
            found = self._names.get(spelling)
            if found:
                return max(found, key=lambda node: self._preference(node, at, region))
        place, rest = self._leading_place(name)
        return self.resolve(rest, at, place.id) if place and rest != name else None

    def _preference(self, node: Node, at: date | None, region: str | None) -> tuple[int, int, bool, date, str]:
        around = self.around(region) if region else []
        near = len(around) - around.index(node.region) if node.region in around else 0
        return near, node.precedence, at is None or node.valid(at), node.valid_from or date.min, node.id

    def _leading_place(self, name: str) -> tuple[Region | None, str]:
        folded = fold_name(name)
        for length in range(min(len(folded), 8), 1, -1):
            place = self._regions.get(folded[:length])
            if place is not None:
                return place, folded[length:]
        return None, name

    def ancestors(self, node_id: str) -> list[str]:
        """Ids from the parent up to the scheme. Raises KeyError for an unknown id."""
        found: list[str] = []
        parent = self.nodes[node_id].parent
        while parent is not None:
            found.append(parent)
            parent = self.nodes[parent].parent
        return found

    def descendants(self, node_id: str) -> list[str]:
        """Ids of everything below, depth first. Raises KeyError for an unknown id."""
        found: list[str] = []
        for child in self._children.get(self.nodes[node_id].id, ()):
            found += [child, *self.descendants(child)]
        return found

    def children(self, node_id: str) -> list[str]:
        """Ids of the nodes just below, in their order."""
        return list(self._children.get(node_id, ()))

    def map(self, node: str, to_scheme: str, at: date | None = None) -> list[str]:
        """Ids of the nodes of another scheme that cover this one, following successors and mappings forward, or back.

        With `at`, only nodes that hold on that day. Empty where there is no counterpart. Raises KeyError for an
        unknown id.
        """
        if self.nodes[node].scheme == to_scheme:
            return [node]
        forward = self._reach(node, to_scheme, forward=True)
        found = forward or self._reach(node, to_scheme, forward=False)
        return [one for one in found if at is None or self.nodes[one].valid(at)]

    def _reach(self, start: str, to_scheme: str, *, forward: bool) -> list[str]:
        found: list[str] = []
        queue, seen = [start], {start}
        while queue:
            current = queue.pop(0)
            for following in self._edges(current) if forward else self._sources.get(current, ()):
                if following in seen:
                    continue
                seen.add(following)
                (found if self.nodes[following].scheme == to_scheme else queue).append(following)
        return found

    def _edges(self, node_id: str) -> Iterator[str]:
        node = self.nodes[node_id]
        if node.successor is not None:
            yield node.successor
        yield from node.maps

    def company(self, name: str) -> Company | None:
        """The firm with this short name, full name, alias or stock code (with or without its exchange)."""
        return self._companies.get(fold_name(name))

    def region(self, name: str) -> Region | None:
        """The place with this name, with or without 省, 市, 区; 杭州/滨江 and 滨江 are the same."""
        return self._regions.get(fold_name(name))

    def around(self, region_id: str) -> list[str]:
        """The place itself and those around it, from near to far. Empty for an unknown place."""
        found: list[str] = []
        place = self.regions.get(region_id)
        while place is not None:
            found.append(place.id)
            place = self.regions.get(place.parent) if place.parent else None
        return found

    def schemes(self) -> tuple[Node, ...]:
        """The roots."""
        return self._roots

    @cached_property
    def _roots(self) -> tuple[Node, ...]:
        return tuple(node for node in self.nodes.values() if node.parent is None)


def load_taxonomy(bundle: Bundle) -> Taxonomy:
    """Read `taxonomy/` of the bundle; a file of the user's `taxonomy/` folder replaces the shipped one of its name.

    Raises Problems with every fault of every file, each with `file:line:column` and cure.
    """
    files = taxonomy_files(bundle)
    parts = build(files)
    return Taxonomy(
        digest=digest(*(piece for name in sorted(files) for piece in (name, files[name]))),
        nodes=parts.nodes,
        companies=parts.companies,
        regions=parts.regions,
        _names=names_of_nodes(parts.nodes.values()),
        _companies=names_of_companies(parts.companies.values()),
        _regions=names_of_regions(parts.regions.values()),
        _children=children_of(parts.nodes.values()),
        _sources=sources_of(parts.nodes.values()),
    )


def taxonomy_files(bundle: Bundle) -> dict[str, bytes]:
    """The files that the taxonomy of this bundle is read from."""
    shipped = bundle.under("taxonomy")
    own = bundle.under(f"{OWN}taxonomy")
    replaced = {name.removeprefix(OWN) for name in own}
    return {name: data for name, data in shipped.items() if name not in replaced} | own


__all__ = ["Company", "Former", "Link", "Node", "Region", "Taxonomy", "load_taxonomy", "taxonomy_files"]
