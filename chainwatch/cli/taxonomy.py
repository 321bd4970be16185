"""`chainwatch taxonomy`: list, show, check and compare what can be tagged and subscribed to."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from chainwatch import resources
from chainwatch.cli.context import Context
from chainwatch.cli.main import tell
from chainwatch.cli.output import FAILED, JSON, NOTHING, OK, emit, emit_json, emit_one, progress, say
from chainwatch.cli.rulefiles import on_disk
from chainwatch.matching.bundle import Bundle
from chainwatch.matching.names import fold_name
from chainwatch.matching.rules import RuleSet, compile_rules
from chainwatch.matching.taxonomy import Node, Taxonomy, load_taxonomy
from chainwatch.matching.taxonomy_diff import changes
from chainwatch.models import Article
from chainwatch.problem import Problem, Problems
from chainwatch.rulebook import read_bundle, read_set
from chainwatch.settings import home_folder
from chainwatch.store import articles
from consumers.casebook import broken_cases
from consumers.tag import about, tag

app = App(name="taxonomy", help="List, show, check and compare what can be tagged and subscribed to.")

_PAGE = 500
_COLUMNS = {
    "id": "id",
    "title": "English title",
    "kind": "kind",
    "region": "region",
    "from": "from",
    "until": "until",
    "successor": "successor",
}
_LABELS = _COLUMNS | {
    "former": "former names",
    "aliases": "aliases",
    "parents": "parents",
    "children": "children",
    "maps": "maps to",
    "mapped_from": "mapped from",
    "companies": "companies",
    "words": "words",
    "source": "source",
    "note": "note",
    "place": "place",
}
_CHANGES = {"node": "node", "change": "change", "detail": "detail"}
_EFFECTS = {"node": "node", "gained": "gained", "lost": "lost", "examples": "examples"}


@app.command(name="list")
def list_(
    *,
    scheme: str | None = None,
    at: str | None = None,
    kind: str | None = None,
    fail_on_empty: bool = False,
    as_json: JSON = False,
) -> int:
    """List the nodes of all schemes: each can be subscribed to by its id.

    Args:
        scheme: only this scheme: hz5, hz9, zj10, topic, programme, ladder …
        at: only nodes that hold on this day: 2021-06-30.
        kind: only nodes of this kind: ecosystem, chain, topic …
        fail_on_empty: exit with 3 where nothing is found.
        as_json: print JSON.
    """
    taxonomy = load_taxonomy(_in_force())
    if scheme is not None and scheme not in taxonomy.nodes:
        known = ", ".join(one.id for one in taxonomy.schemes())
        raise Problem(f"no scheme {scheme}", place="--scheme", cure=f"one of {known}")
    kinds = sorted({node.kind for node in taxonomy.nodes.values()})
    if kind is not None and kind not in kinds:
        raise Problem(f"no kind {kind}", place="--kind", cure=f"one of {', '.join(kinds)}")
    day = _day(at)
    found = [
        _row(node)
        for node in taxonomy.nodes.values()
        if (scheme is None or node.scheme == scheme)
        and (day is None or node.valid(day))
        and (kind is None or node.kind == kind)
    ]
    emit(found, _COLUMNS, as_json=as_json)
    return NOTHING if fail_on_empty and not found else OK


@app.command
def show(name: str, *, at: str | None = None, region: str | None = None, as_json: JSON = False) -> int:
    """Show the node that a name or id means, on a day and for a place, with its words, mappings and companies.

    Args:
        name: 视觉智能, 数字安防产业链, hz5/智能物联 …
        at: the day on which the name is used; an older name resolves to what it became.
        region: the place that is spoken of: 浙江, 杭州.
        as_json: print JSON.
    """
    bundle = _in_force()
    taxonomy = load_taxonomy(bundle)
    if region is not None and not taxonomy.around(region):
        raise Problem(f"no region {region}", place="--region", cure="a province or city: 浙江, 杭州, 杭州/滨江")
    node = taxonomy.resolve(name, _day(at), region)
    if node is None:
        near = [one for one in taxonomy.nodes if fold_name(name)[:2] in fold_name(one)][:5]
        cure = f"names near it: {', '.join(near)}" if near else "chainwatch taxonomy list"
        raise Problem(f"nothing is called {name}", cure=cure)
    emit_one(_whole(node, taxonomy, compile_rules(bundle)), _LABELS, as_json=as_json)
    return OK


@app.command
def check(*, rules: Path | None = None, as_json: JSON = False) -> int:
    """Check all taxonomy files, word lists, and the cases of the lists; print every problem with its place and cure.

    Args:
        rules: a folder of rule files instead of those in force.
        as_json: print JSON.
    """
    bundle = _set(rules) if rules else _in_force()
    found: list[Problem] = []
    try:
        taxonomy = load_taxonomy(bundle)
        compiled = compile_rules(bundle)
        found += broken_cases(compiled, taxonomy)
    except Problems as several:
        found += several.problems
    if rules:
        found = [on_disk(one, rules) for one in found]
    if as_json:
        emit_json([{"place": one.place, "problem": one.what, "cure": one.cure} for one in found])
    elif found:
        tell(Problems(found))
    else:
        say("{nodes} nodes, {words} words: all is well", nodes=len(taxonomy.nodes), words=len(compiled.senses))
    return FAILED if found else OK


@app.command
def diff(
    old: Path,
    new: Path,
    *,
    limit: Annotated[int, Parameter(name=["--limit", "-n"])] = 10_000,
    as_json: JSON = False,
) -> int:
    """Compare two folders of rule files: nodes and names that differ, and which stored articles would change tags.

    Nothing is written. Articles are those of this installation; without one only the nodes are compared.

    Args:
        old: folder of the files as they are.
        new: folder of the files as they shall be.
        limit: so many stored articles at most.
        as_json: print JSON.
    """
    bundles = [_set(path) for path in (old, new)]
    taxonomies = [load_taxonomy(bundle) for bundle in bundles]
    differing = [
        {"node": one.node, "change": one.change, "detail": one.detail} for one in changes(taxonomies[0], taxonomies[1])
    ]
    sides = [(compile_rules(bundle), taxonomy) for bundle, taxonomy in zip(bundles, taxonomies, strict=True)]
    effects = _effects(sides[0], sides[1], limit)
    if as_json:
        emit_json({"changes": differing, "effects": effects})
        return OK
    if differing:
        emit(differing, _CHANGES, as_json=False)
    else:
        say("no node and no name differs")
    if effects:
        emit(effects, _EFFECTS, as_json=False)
    else:
        say("no stored article would change its tags")
    return OK


def _effects(old: tuple[RuleSet, Taxonomy], new: tuple[RuleSet, Taxonomy], limit: int) -> list[dict[str, Any]]:
    """For each node the articles that would gain or lose its tag."""
    gained: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    titles: dict[str, list[str]] = {}
    for article in _stored(limit):
        before, after = ({made.node for made in about(tag(article, *side))} for side in (old, new))
        gained.update(after - before)
        lost.update(before - after)
        for node in sorted(before ^ after):
            titles.setdefault(node, []).append(article.title)
    return [
        {"node": node, "gained": gained[node], "lost": lost[node], "examples": titles[node][:3]}
        for node in sorted(titles)
    ]


def _stored(limit: int) -> Iterator[Article]:
    with Context() as context:
        if context.settings.store is None and not (context.settings.home / "store.db").exists():
            say("no installation here: stored articles are not compared")
            return
        with context.database.read() as connection:
            total = min(limit, articles.count(connection))
            after = done = 0
            with progress("comparing", total) as advance:
                while done < total and (page := articles.bodies(connection, after, min(_PAGE, total - done))):
                    yield from (article for _, article in page)
                    after, done = page[-1][0], done + len(page)
                    advance(len(page))


def _in_force() -> Bundle:
    return read_bundle(resources.rules_dir(), home_folder() / "rules")


def _set(folder: Path) -> Bundle:
    """The files of a folder: a whole set, or own files that join the shipped ones."""
    if not folder.is_dir():
        raise Problem("no such folder", place=str(folder), cure="name a folder that holds taxonomy/ and ecosystems/")
    return read_set(folder, resources.rules_dir())


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Problem(f"{text} is no day", place="--at", cure="write it as 2022-05-31") from error


def _row(node: Node) -> dict[str, Any]:
    return {
        "id": node.id,
        "name": node.name,
        "title": node.title_en,
        "kind": node.kind,
        "region": node.region,
        "from": node.valid_from and node.valid_from.isoformat(),
        "until": node.valid_until and node.valid_until.isoformat(),
        "successor": "none" if node.ended else node.successor,
    }


def _whole(node: Node, taxonomy: Taxonomy, rules: RuleSet) -> dict[str, Any]:
    senses = rules.vocabulary.senses if rules.vocabulary else {}
    return _row(node) | {
        "former": [f"{one.name} ({one.valid_from or ''}–{one.valid_until or ''})" for one in node.former],
        "aliases": list(node.aliases),
        "parents": taxonomy.ancestors(node.id),
        "children": taxonomy.children(node.id),
        "maps": list(node.maps),
        "mapped_from": [one.id for one in taxonomy.nodes.values() if node.id in (*one.maps, one.successor)],
        "companies": [
            f"{firm.name} ({link.basis})"
            for firm in taxonomy.companies.values()
            for link in firm.chains
            if link.node == node.id
        ],
        "words": sum(1 for several in senses.values() if any(one.node == node.id for one in several)),
        "source": node.source,
        "note": node.note,
        "place": node.place,
    }
