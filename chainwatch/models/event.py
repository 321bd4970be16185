"""Event: something a subscriber may be told of. Its id is a hash of what it says, never of when it was found."""

from enum import StrEnum
from typing import Literal

from chainwatch.models.wire import Moment, Precision, Span, Wire, digest


class EventKind(StrEnum):
    """Every kind of event, `<noun>.<what happened>`."""

    TARGET_NEW = "target.new"
    TARGET_RAISED = "target.raised"
    TARGET_LOWERED = "target.lowered"
    TARGET_ADVANCED = "target.advanced"
    TARGET_POSTPONED = "target.postponed"
    TARGET_RESTATED = "target.restated"
    TARGET_PROGRESS = "target.progress"
    TARGET_MET = "target.met"
    TARGET_LAGGING = "target.lagging"
    POLICY_NEW = "policy.new"
    POLICY_STATUS = "policy.status"
    POLICY_SEEN = "policy.seen"
    POLICY_REPEALED = "policy.repealed"
    COMMITMENT_NEW = "commitment.new"
    COMMITMENT_CHANGED = "commitment.changed"
    ROLE_NAMED = "role.named"
    RULE_HIT = "rule.hit"
    ARTICLE_REVISED = "article.revised"
    ARTICLE_WITHDRAWN = "article.withdrawn"
    FACT_CORRECTED = "fact.corrected"
    SOURCE_SILENT = "source.silent"
    SOURCE_BROKEN = "source.broken"
    SOURCE_RECOVERED = "source.recovered"
    CHANNEL_FAILING = "channel.failing"
    CHANNEL_RECOVERED = "channel.recovered"


ON_REQUEST = frozenset(
    {EventKind.TARGET_RESTATED, EventKind.TARGET_PROGRESS, EventKind.POLICY_SEEN, EventKind.ARTICLE_REVISED}
)
"""Kinds that go only to subscriptions which name them."""

OPERATOR = frozenset(
    {
        EventKind.SOURCE_SILENT,
        EventKind.SOURCE_BROKEN,
        EventKind.SOURCE_RECOVERED,
        EventKind.CHANNEL_FAILING,
        EventKind.CHANNEL_RECOVERED,
    }
)
"""Kinds for the operator's own subscriptions, never for readers."""


CORRECTING = frozenset({EventKind.FACT_CORRECTED, EventKind.ARTICLE_WITHDRAWN})
"""Kinds that also go to everybody who was told of the same fact or article."""


class Evidence(Wire):
    """Where it is said: `part[span] == quote`, in the archived page with `raw_digest`."""

    article: str
    revision: str
    """Content digest of the article's revision."""
    part: str
    span: Span
    quote: str
    sentence: str
    url: str | None = None
    source: str | None = None
    title: str
    published: Moment | None = None
    precision: Precision = Precision.UNKNOWN
    raw_digest: str | None = None
    rule: str
    """Rule or extraction pattern, with version."""


class Event(Wire):
    """One thing that happened to a fact, policy, article, source or channel."""

    version: Literal[1] = 1
    id: str
    kind: EventKind
    subject: str
    """Key of the fact, policy, article, source or channel that changed."""
    title: str
    """Short Chinese headline of the thing: 智能物联 规模."""
    nodes: tuple[str, ...] = ()
    """Taxonomy nodes and topics it belongs to, without their ancestors."""
    region: str | None = None
    before: dict[str, str] | None = None
    """What was known before, as shown: value, unit, deadline, status …"""
    after: dict[str, str]
    """What is said now. Keys as in `before`."""
    evidence: tuple[Evidence, ...] = ()
    rules: tuple[str, ...] = ()
    """Rule ids that hit the article (for `rule.hit` and for routing by rule)."""
    firms: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    source: str | None = None
    """Source (site) of the article."""
    silent: bool = False
    """Recorded but alerting nobody: backfill, first run of a source, outside the alert window."""
    bundle: str | None = None
    """Set where one article brought more than five new targets: they share one message."""


def event_id(kind: EventKind, subject: str, before: str, after: str) -> str:
    """hash(kind, fact, statement before, statement after): the same news has the same id, whoever finds it; 32 hex."""
    return digest(kind.value, subject, before, after)[:32]
