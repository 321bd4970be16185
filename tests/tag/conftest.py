"""The shipped rules and taxonomy, compiled once."""

from datetime import UTC, datetime

import pytest

from chainwatch import resources
from chainwatch.matching.rules import RuleSet, compile_rules
from chainwatch.matching.taxonomy import Taxonomy, load_taxonomy
from chainwatch.models import Article, Strength, content_digest
from chainwatch.rulebook import read_bundle
from consumers.tag import tag

_FETCHED = datetime(2026, 11, 2, tzinfo=UTC)


class Tagger:
    """Tags texts with the shipped rules."""

    def __init__(self, rules: RuleSet, taxonomy: Taxonomy) -> None:
        self.rules, self.taxonomy = rules, taxonomy

    def article(self, title: str, text: str, published: datetime | None = None, region: str | None = None) -> Article:
        return Article(
            id="one",
            title=title,
            text=text,
            published=published,
            region=region,
            fetched=_FETCHED,
            content_digest=content_digest(title, text),
        )

    def strengths(
        self, title: str, text: str, published: datetime | None = None, region: str | None = None
    ) -> dict[str, Strength]:
        made = tag(self.article(title, text, published, region), self.rules, self.taxonomy)
        return {one.node: one.strength for one in made}

    def about(self, title: str, text: str, scheme: str = "hz5") -> list[str]:
        """Names of the nodes of a scheme that the text is about."""
        found = self.strengths(title, text)
        return [
            self.taxonomy.nodes[node].name
            for node, strength in found.items()
            if strength is Strength.ABOUT and node.startswith(f"{scheme}/")
        ]


@pytest.fixture(scope="session")
def tagger() -> Tagger:
    bundle = read_bundle(resources.rules_dir())
    return Tagger(compile_rules(bundle), load_taxonomy(bundle))
