"""What the pure hops say of one article."""

from collections.abc import Callable
from dataclasses import dataclass

from chainwatch.models import Article, Finding, Tag


@dataclass(frozen=True, slots=True)
class Reading:
    """Tags, strongest first as the tagger gave them, and findings in the order of the text."""

    tags: tuple[Tag, ...] = ()
    findings: tuple[Finding, ...] = ()


NOTHING = Reading()

Read = Callable[[Article], Reading]
"""The pure hops of one rule bundle. Same article, same result."""
