"""What the taxonomy is made of: nodes, companies, regions."""

from dataclasses import dataclass
from datetime import date

from chainwatch.matching.taxonomy_file import Basis, Rank


@dataclass(frozen=True, slots=True)
class Former:
    """A name that a node had in [valid_from, valid_until)."""

    name: str
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Node:
    """A scheme, ecosystem, chain, topic, programme …: anything that can be tagged and subscribed to."""

    id: str
    """Path from the scheme: `hz5/智能物联/视觉智能`."""
    name: str
    title_en: str
    kind: str
    """What it is, as the scheme's file says: scheme, ecosystem, chain, topic, rung …"""
    scheme: str
    parent: str | None
    aliases: tuple[str, ...]
    former: tuple[Former, ...]
    valid_from: date | None
    valid_until: date | None
    """The first day on which it no longer holds; it stays taggable after that."""
    successor: str | None
    ended: bool
    """Nothing took its place (`successor: none`)."""
    maps: tuple[str, ...]
    region: str | None
    by_name: bool
    """Articles are tagged with it by its names."""
    within: bool
    """Its names count only in an article that also names its parent."""
    precedence: int
    """Of its scheme."""
    order: int
    """Place among its siblings, from 0: the rungs of the ladder are in order."""
    source: str
    note: str
    place: str
    """`file:line:column`."""

    def valid(self, at: date) -> bool:
        """Whether it holds on that day."""
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_until is None or at < self.valid_until
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Name, aliases and former names."""
        return (self.name, *self.aliases, *(former.name for former in self.former))

    def name_at(self, at: date) -> str:
        """Its name on that day: a former one where that was in use."""
        for former in self.former:
            if (former.valid_from or date.min) <= at < (former.valid_until or date.max):
                return former.name
        return self.name


@dataclass(frozen=True, slots=True)
class Link:
    """A node that a company stands for."""

    node: str
    basis: Basis


@dataclass(frozen=True, slots=True)
class Company:
    """A firm: its short name is its id."""

    name: str
    full: str
    aliases: tuple[str, ...]
    codes: tuple[str, ...]
    region: str | None
    chains: tuple[Link, ...]
    place: str


@dataclass(frozen=True, slots=True)
class Region:
    """A place. `id` is what findings carry: 全国, 浙江, 杭州, 杭州/滨江."""

    id: str
    name: str
    rank: Rank
    parent: str | None
    aliases: tuple[str, ...]
    place: str
