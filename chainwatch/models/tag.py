"""Tag: one taxonomy node or topic that an article is about, with the rules and spans that say so."""

from enum import StrEnum
from typing import Literal

from chainwatch.models.wire import Number, Span, Wire

RULE = "rule/"
"""Prefix of the node that stands for a keyword rule itself: whoever names the rule is told when it holds."""
PRIVATE = "quick/"
"""Prefix of what a quick rule says while it is a draft: quick/OWNER/NODE, seen by that owner's subscriptions alone."""


def private(owner: str, node: str) -> str:
    """The node as only one owner's subscriptions see it."""
    return f"{PRIVATE}{owner}/{node}"


def owned(node: str) -> tuple[str, str] | None:
    """(owner, node) of a node that only one owner's subscriptions see; None for everybody's."""
    if not node.startswith(PRIVATE):
        return None
    owner, _, rest = node.removeprefix(PRIVATE).partition("/")
    return owner, rest


class Strength(StrEnum):
    """How much the article has to do with the node."""

    ABOUT = "about"
    """A topic of the article: the reader of the node gets it."""
    MENTION = "mention"
    """Named in passing."""


class Hit(Wire):
    """One place where a rule matched: `part[span]` is what it saw."""

    part: str
    span: Span
    words: str
    """The text of the span."""


class Tag(Wire):
    """A node, why, and how strongly."""

    version: Literal[1] = 1
    node: str
    """Node id, unique over all schemes: `hz5/智能物联/视觉智能`, or a topic: `topic/中国视谷`."""
    name: str
    """The node's Chinese name."""
    strength: Strength
    score: Number
    """The sum that `strength` was decided on."""
    rule: str
    """Rule id that weighed most."""
    rule_version: str
    """Digest of that rule's text, 12 hex digits."""
    rule_set: str
    """Content hash of the compiled set that made the tag."""
    hits: tuple[Hit, ...]
    region: str | None = None
