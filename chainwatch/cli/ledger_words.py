"""What the commands over the ledger share: nodes and keys as people write them, the taxonomy in force."""

from collections.abc import Mapping, Sequence
from typing import Any

from chainwatch.cli.context import Context
from chainwatch.cli.output import stdout
from chainwatch.locale import tr
from chainwatch.matching.taxonomy import Taxonomy, load_taxonomy
from chainwatch.models.ledger import Fact
from chainwatch.problem import Problem
from chainwatch.resources import rules_dir
from chainwatch.rulebook import read_bundle
from consumers.ledger import wording


def taxonomy_of(context: Context) -> Taxonomy:
    """The taxonomy of the shipped rules and the user's own."""
    return load_taxonomy(read_bundle(rules_dir(), context.settings.rules_dir))


def node_of(taxonomy: Taxonomy, name: str) -> str:
    """The node that a name or id means. Raises Problem."""
    node = taxonomy.resolve(name)
    if node is None:
        raise Problem("no such chain, ecosystem or topic", place=name, cure="chainwatch taxonomy list shows them")
    return node.id


def say_data(english: str, **values: Any) -> None:
    """One line of data on stdout, translated."""
    stdout().print(tr(english, **values), markup=False)


def titled(fact: Fact) -> str:
    """杭州 智能物联 规模."""
    return f"{fact.region} {wording.headline(fact)}".strip()


def print_evidence(rows: Sequence[Mapping[str, Any]]) -> None:
    """Each statement: when, where, in which article, and the sentence."""
    for one in rows:
        place = (one["published"], one["source"], one["title"], one["article"], one["url"])
        stdout().print("\n" + "  ".join(str(part) for part in place if part), style="bold", markup=False)
        stdout().print(one["sentence"], markup=False)
