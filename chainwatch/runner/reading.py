"""What the pure hops say of one article."""

from collections.abc import Callable
from dataclasses import dataclass, field

from chainwatch.models import Article, Finding, Tag
from chainwatch.models.ledger import Needs


@dataclass(frozen=True, slots=True)
class Reading:
    """Tags, strongest first as the tagger gave them, and findings in the order of the text."""

    tags: tuple[Tag, ...] = ()
    findings: tuple[Finding, ...] = ()
    needs: Needs = field(default_factory=Needs)
    """Keys of what the ledger must load before the article can be compared."""


NOTHING = Reading()

Read = Callable[[Article], Reading]
"""The pure hops of one rule bundle. Same article, same result."""
