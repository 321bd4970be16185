"""Vocabulary: the words by which articles are tagged with taxonomy nodes, as one value for the automaton.

Files under `ecosystems/` and `topics/` give the words of a node; nodes of other schemes are known by their names.
What the words amount to in an article is decided in consumers/tag.py.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

from chainwatch.matching import words_file
from chainwatch.matching.bundle import OWN, Bundle
from chainwatch.matching.folding import fold
from chainwatch.matching.taxonomy import Node, Taxonomy
from chainwatch.matching.words_file import FOLDERS, SCORING, Cases, Scoring, WordsFile
from chainwatch.models import digest
from chainwatch.problem import Problem, Problems

EVERY_NODE = "*"
"""In place of a node id: the word speaks of all nodes."""


class Grade(IntEnum):
    """What a word says of its node."""

    DEMOTE = 0
    """The sentence only mentions the node."""
    PASSING = 1
    """A mention, never more."""
    FIRM = 2
    """A company that stands for the node."""
    WEAK = 3
    """May mean the node."""
    STRONG = 4
    """Means the node."""


@dataclass(frozen=True, slots=True)
class Sense:
    """One reading of a literal."""

    node: str
    grade: Grade
    sector: bool
    """Of a chain or an ecosystem; topics and programmes are no sectors."""


@dataclass(frozen=True, slots=True)
class NodeWords:
    """Where the words of a node come from."""

    node: str
    rule: str
    """Id of the word list: `words/<node id>`."""
    version: str
    """Digest of the list, 12 hex digits."""
    needs: tuple[str, ...]
    """One of these stands in the article, or its words do not count."""
    cases: Cases
    place: str


@dataclass(frozen=True)
class Vocabulary:
    """All words of all nodes."""

    words: Mapping[str, NodeWords]
    """By node id."""
    senses: Mapping[str, tuple[Sense, ...]]
    """Folded literal → what it may mean."""
    scoring: Scoring
    digest: str

    @cached_property
    def literals(self) -> frozenset[str]:
        """What the automaton has to look for."""
        return frozenset(self.senses)


def load_vocabulary(bundle: Bundle, taxonomy: Taxonomy) -> Vocabulary:
    """The words of every node. Raises Problems with every fault of every file, each with place and cure."""
    problems: list[Problem] = []
    lists: dict[str, NodeWords] = {}
    senses: dict[str, dict[str, Grade]] = {}
    for name, data in _files(bundle).items():
        try:
            content, place = words_file.read_words(data, name, taxonomy)
        except Problems as found:
            problems += found.problems
            continue
        if content.node in lists:
            what = f"{content.node} has its words already at {lists[content.node].place}"
            problems.append(Problem(what, place=place, cure="join the two lists"))
            continue
        node = taxonomy.nodes[content.node]
        _enter(node, _graded(content), senses)
        lists[node.id] = _listed(node, digest(data), tuple(map(fold, content.needs)), content.cases, place)
    scoring = _scoring(bundle, problems)
    if problems:
        raise Problems(problems)
    for node in _known_by_name(taxonomy, lists):
        above = taxonomy.nodes[node.parent].names if node.within and node.parent else ()
        _enter(node, {Grade.STRONG: node.names}, senses)
        lists[node.id] = _listed(node, digest(*node.names, *above), tuple(map(fold, above)), Cases(), node.place)
    for firm in taxonomy.companies.values():
        for link in firm.chains:
            if link.node in lists:
                _enter(taxonomy.nodes[link.node], {Grade.FIRM: (firm.name, firm.full, *firm.aliases)}, senses)
    for word in scoring.boilerplate:
        senses.setdefault(word, {}).setdefault(EVERY_NODE, Grade.DEMOTE)
    frozen = {
        word: tuple(_sense(*pair, taxonomy) for pair in sorted(of.items())) for word, of in sorted(senses.items())
    }
    return Vocabulary(lists, frozen, scoring, _digest(lists, frozen, scoring))


def _sense(node_id: str, grade: Grade, taxonomy: Taxonomy) -> Sense:
    node = taxonomy.nodes.get(node_id)
    return Sense(node_id, grade, sector=node is None or node.precedence > 0)


def _files(bundle: Bundle) -> dict[str, bytes]:
    shipped = bundle.under(*FOLDERS)
    own = bundle.under(*(OWN + folder for folder in FOLDERS))
    replaced = {name.removeprefix(OWN) for name in own}
    return {name: data for name, data in shipped.items() if name not in replaced} | own


def _scoring(bundle: Bundle, problems: list[Problem]) -> Scoring:
    name = OWN + SCORING if OWN + SCORING in bundle.files else SCORING
    if name not in bundle.files:
        return Scoring()
    try:
        return words_file.read_scoring(bundle.files[name], name)
    except Problems as found:
        problems += found.problems
        return Scoring()


def _listed(node: Node, content: str, needs: tuple[str, ...], cases: Cases, place: str) -> NodeWords:
    return NodeWords(node.id, f"words/{node.id}", content[:12], needs, cases, place)


def _graded(content: WordsFile) -> dict[Grade, Iterable[str]]:
    return {
        Grade.STRONG: content.strong,
        Grade.WEAK: content.weak,
        Grade.PASSING: content.passing,
        Grade.DEMOTE: content.demote,
    }


def _enter(node: Node, graded: Mapping[Grade, Iterable[str]], senses: dict[str, dict[str, Grade]]) -> None:
    for grade, words in graded.items():
        for word in filter(None, map(fold, words)):
            of = senses.setdefault(word, {})
            of[node.id] = max(grade, of.get(node.id, grade))


def _known_by_name(taxonomy: Taxonomy, lists: Mapping[str, NodeWords]) -> Iterator[Node]:
    """Nodes whose names are distinctive enough to be looked for: their scheme's file says so, and so not the scheme."""
    for node in taxonomy.nodes.values():
        if node.by_name and node.id not in lists:
            yield node


def _digest(lists: Mapping[str, NodeWords], senses: Mapping[str, tuple[Sense, ...]], scoring: Scoring) -> str:
    return digest(
        scoring.model_dump_json(),
        *(f"{words.rule}@{words.version}" for words in lists.values()),
        *(f"{word}:{sense.node}:{sense.grade}" for word, several in senses.items() for sense in several),
    )
