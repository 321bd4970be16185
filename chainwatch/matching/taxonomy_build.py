"""Joins the taxonomy files into nodes, companies and regions, and finds every fault across them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from chainwatch.matching import taxonomy_file
from chainwatch.matching.names import fold_name
from chainwatch.matching.node import Company, Former, Link, Node, Region
from chainwatch.matching.taxonomy_file import CompaniesFile, NodeEntry, Read, RegionEntry, RegionsFile, SchemeFile
from chainwatch.problem import Problem, Problems
from chainwatch.yamlfile import Path

_T = TypeVar("_T", Node, Company, Region)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything by id, in the order of the files."""

    nodes: Mapping[str, Node]
    companies: Mapping[str, Company]
    regions: Mapping[str, Region]


def build(files: Mapping[str, bytes]) -> Parts:
    """Nodes, companies and regions of all files. Raises Problems with every fault of all of them."""
    problems: list[Problem] = []
    reads: list[Read] = []
    for name, data in files.items():
        try:
            reads.append(taxonomy_file.read(data, name))
        except Problems as found:
            problems += found.problems
    nodes = _unique(((node.id, node) for read in reads for node in _nodes(read)), problems)
    companies = _unique(((firm.name, firm) for read in reads for firm in _companies(read)), problems)
    regions = _unique(((place.id, place) for read in reads for place in _regions(read)), problems)
    parts = Parts(nodes, companies, regions)
    if not problems:  # references cannot be judged while files are missing
        problems += [*_unknown_references(parts), *_bad_dates(nodes), *_cycles(nodes)]
        problems += [*_doubly_claimed(nodes), *_doubly_named(parts)]
    if problems:
        raise Problems(problems)
    return parts


def _nodes(read: Read) -> Iterator[Node]:
    scheme = read.content
    if not isinstance(scheme, SchemeFile):
        return

    def walk(entry: NodeEntry, above: Node | None, order: int, path: Path) -> Iterator[Node]:
        depth = 0 if above is None else above.id.count("/") + 1
        kind = "scheme" if depth == 0 else scheme.kinds[min(depth, len(scheme.kinds)) - 1]
        node = Node(
            id=scheme.scheme if above is None else f"{above.id}/{entry.name}",
            name=entry.name,
            title_en=entry.title,
            kind=kind,
            scheme=scheme.scheme,
            parent=above.id if above else None,
            aliases=tuple(entry.aliases),
            former=tuple(Former(one.name, one.valid_from, one.valid_until) for one in entry.former),
            valid_from=entry.valid_from or (above.valid_from if above else None),
            valid_until=entry.valid_until or (above.valid_until if above else None),
            successor=None if entry.successor == "none" else entry.successor,
            ended=entry.successor == "none",
            maps=tuple(entry.maps),
            region=entry.region or (above.region if above else None),
            by_name=scheme.by_name and above is not None,
            within=entry.within,
            precedence=scheme.precedence,
            order=order,
            source=entry.source or (above.source if above else ""),
            note=entry.note,
            place=read.document.at(path),
        )
        yield node
        for number, child in enumerate(entry.nodes):
            yield from walk(child, node, number, (*path, "nodes", number))

    yield from walk(scheme, None, 0, ())


def _companies(read: Read) -> Iterator[Company]:
    if not isinstance(read.content, CompaniesFile):
        return
    for number, entry in enumerate(read.content.companies):
        yield Company(
            name=entry.name,
            full=entry.full,
            aliases=tuple(entry.aliases),
            codes=tuple(entry.codes),
            region=entry.region,
            chains=tuple(Link(link.node, link.basis) for link in entry.chains),
            place=read.document.at(("companies", number)),
        )


def _regions(read: Read) -> Iterator[Region]:
    if not isinstance(read.content, RegionsFile):
        return

    def walk(entry: RegionEntry, above: Region | None, path: Path) -> Iterator[Region]:
        district = above is not None and entry.rank == "district"
        name = f"{above.id}/{entry.name}" if above is not None and district else entry.name
        place = Region(
            id=name,
            name=entry.name,
            rank=entry.rank,
            parent=above.id if above else None,
            aliases=tuple(entry.aliases),
            place=read.document.at(path),
        )
        yield place
        for number, child in enumerate(entry.regions):
            yield from walk(child, place, (*path, "regions", number))
        for number, city in enumerate(entry.cities):
            where = read.document.at((*path, "cities", number))
            yield Region(id=city, name=city, rank="city", parent=place.id, aliases=(), place=where)

    for number, entry in enumerate(read.content.regions):
        yield from walk(entry, None, ("regions", number))


def _unique(found: Iterable[tuple[str, _T]], problems: list[Problem]) -> dict[str, _T]:
    unique: dict[str, _T] = {}
    for key, one in found:
        if key in unique:
            what = f"{key} is already defined at {unique[key].place}"
            problems.append(Problem(what, place=one.place, cure="keep one of them, or give one another name"))
        unique.setdefault(key, one)
    return unique


def _unknown_references(parts: Parts) -> Iterator[Problem]:
    for node in parts.nodes.values():
        for target in (*node.maps, *([node.successor] if node.successor else [])):
            if target not in parts.nodes:
                yield _unknown("node", target, node.place, parts.nodes)
        if node.region is not None and node.region not in parts.regions:
            yield _unknown("region", node.region, node.place, parts.regions)
    for firm in parts.companies.values():
        for link in firm.chains:
            if link.node not in parts.nodes:
                yield _unknown("node", link.node, firm.place, parts.nodes)
        if firm.region is not None and firm.region not in parts.regions:
            yield _unknown("region", firm.region, firm.place, parts.regions)


def _unknown(kind: str, name: str, place: str, known: Iterable[str]) -> Problem:
    last = name.rsplit("/", 1)[-1]
    near = [one for one in known if one.rsplit("/", 1)[-1] == last][:3]
    cure = f"did you mean {' or '.join(near)}?" if near else f"define the {kind} or remove the reference"
    return Problem(f"unknown {kind} {name}", place=place, cure=cure)


def _bad_dates(nodes: Mapping[str, Node]) -> Iterator[Problem]:
    for node in nodes.values():
        periods = [(node.valid_from, node.valid_until), *((one.valid_from, one.valid_until) for one in node.former)]
        for begin, end in periods:
            if begin is not None and end is not None and begin >= end:
                what = f"{node.id}: from {begin} is not before until {end}"
                yield Problem(what, place=node.place, cure="until is the first day on which it no longer holds")


def _cycles(nodes: Mapping[str, Node]) -> Iterator[Problem]:
    for start in nodes.values():
        seen = [start.id]
        following = start.successor
        while following is not None and following in nodes:
            if following == start.id:
                what = f"successors go round in a circle: {' → '.join([*seen, following])}"
                yield Problem(what, place=start.place, cure="remove one of the successors")
            if following in seen:
                break
            seen.append(following)
            following = nodes[following].successor


def _doubly_claimed(nodes: Mapping[str, Node]) -> Iterator[Problem]:
    claims: dict[tuple[str, str], Node] = {}
    for node in nodes.values():
        for folded, written in {fold_name(one): one for one in (node.name, *node.aliases)}.items():
            other = claims.setdefault((node.scheme, folded), node)
            if other is not node and _overlap(node, other):
                what = f"{written} names {node.id}, but also {other.id} ({other.place})"
                yield Problem(what, place=node.place, cure="leave it to one of them")


def _overlap(a: Node, b: Node) -> bool:
    begin = max(a.valid_from or date.min, b.valid_from or date.min)
    return begin < min(a.valid_until or date.max, b.valid_until or date.max)


def _doubly_named(parts: Parts) -> Iterator[Problem]:
    firms: dict[str, Company] = {}
    for firm in parts.companies.values():
        for name in dict.fromkeys(fold_name(one) for one in _company_names(firm)):
            other = firms.setdefault(name, firm)
            if other is not firm:
                what = f"{name} names {firm.name}, but also {other.name} ({other.place})"
                yield Problem(what, place=firm.place, cure="leave it to one of them")


def names_of_nodes(nodes: Iterable[Node]) -> dict[str, tuple[Node, ...]]:
    """Folded name, alias or former name → the nodes that have it."""
    found: defaultdict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        for name in dict.fromkeys(fold_name(one) for one in node.names):
            found[name].append(node)
    return {name: tuple(several) for name, several in found.items()}


def names_of_companies(companies: Iterable[Company]) -> dict[str, Company]:
    """Folded short name, full name, alias, or stock code with and without exchange → the firm."""
    return {fold_name(name): firm for firm in companies for name in _company_names(firm)}


def _company_names(firm: Company) -> tuple[str, ...]:
    full = (firm.full,) if firm.full else ()
    return (firm.name, *full, *firm.aliases, *firm.codes, *(code[2:] for code in firm.codes))


_ENDINGS = {"province": ("省",), "city": ("市",), "district": ("区", "县", "市"), "area": ("地区",)}


def names_of_regions(regions: Iterable[Region]) -> dict[str, Region]:
    """Folded id, name, alias, or name with the ending of its rank → the place; the wider place wins a shared name."""
    ranks = ["world", "nation", "area", "province", "city", "district"]
    found: dict[str, Region] = {}
    for place in sorted(regions, key=lambda one: ranks.index(one.rank)):
        endings = [place.name + ending for ending in _ENDINGS.get(place.rank, ())]
        for name in (place.id, place.name, *place.aliases, *endings):
            found.setdefault(fold_name(name), place)
    return found


def children_of(nodes: Iterable[Node]) -> dict[str, tuple[str, ...]]:
    """Node id → ids just below it, in order."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for node in nodes:
        if node.parent is not None:
            found[node.parent].append(node.id)
    return {parent: tuple(children) for parent, children in found.items()}


def sources_of(nodes: Iterable[Node]) -> dict[str, tuple[str, ...]]:
    """Node id → ids of the nodes that map to it or that it succeeds."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for node in nodes:
        for target in (*node.maps, *([node.successor] if node.successor else [])):
            found[target].append(node.id)
    return {target: tuple(sources) for target, sources in found.items()}
