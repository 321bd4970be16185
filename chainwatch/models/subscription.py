"""Subscription: who wants to be told of what, where, when and how. Every edit makes a new version."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from chainwatch.models.event import EventKind
from chainwatch.models.finding import PolicyStatus
from chainwatch.models.schedule import Schedule
from chainwatch.models.tag import Strength
from chainwatch.models.wire import Moment, Number, Wire

ONLY = "="
"""Before a node or region: that one alone, without what lies under it."""


def _known_kind(pattern: str) -> str:
    if not kinds_of(pattern):
        families = sorted({kind.split(".")[0] for kind in EventKind})
        raise ValueError(f"no event kind {pattern}; families: {', '.join(f'{family}.*' for family in families)}")
    return pattern


KindPattern = Annotated[str, AfterValidator(_known_kind)]
"""An event kind, or a family of them: target.new, target.*"""


def kinds_of(pattern: str) -> frozenset[EventKind]:
    """The kinds that a pattern names: `target.*` all of a family, else the one."""
    if pattern.endswith(".*"):
        return frozenset(kind for kind in EventKind if kind.startswith(pattern[:-1]))
    return frozenset(kind for kind in EventKind if kind == pattern)


class Filter(Wire):
    """What an event must be. Within a field any value suffices, all fields that are set must agree; empty: anything."""

    nodes: tuple[str, ...] = ()
    """Taxonomy nodes, with everything under them; `=hz5/智能物联` without."""
    regions: tuple[str, ...] = ()
    """Regions, with the places in them; `=浙江` without."""
    firms: tuple[str, ...] = ()
    kinds: tuple[KindPattern, ...] = ()
    """Empty: all that go to readers unasked."""
    rules: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    """Part of the issuer's name suffices: 经信局."""
    statuses: tuple[PolicyStatus, ...] = ()
    """Of policy events."""
    minimum: Number | None = None
    """Least value of a target, actual or commitment, in `unit`. Events without a value in that unit are left out."""
    unit: str = "元"
    query: str | None = None
    """In the query language of rules, over title and evidence sentences."""
    strength: Strength | None = None
    """`about`: only what an article is about, not what it mentions in passing."""


class Condition(StrEnum):
    """Whether a subscription works at a moment."""

    ACTIVE = "active"
    PAUSED = "paused"
    EXPIRED = "expired"


class Subscription(Wire):
    """One version of one subscription."""

    version: Literal[1] = 1
    id: str
    number: int = Field(default=1, ge=1)
    """Counts the edits."""
    name: str = Field(min_length=1, max_length=100)
    owner: str = ""
    """Whom to tell where a channel of this subscription fails; whose quick drafts speak to it."""
    filter: Filter = Filter()
    channels: tuple[str, ...] = ()
    """Channel ids or names, or `tag:NAME` for all channels that carry the tag."""
    schedule: Schedule = Schedule()
    language: Literal["zh", "en"] = "zh"
    template: str = "default"
    """Wording: a shipped one, or `wording/NAME.j2` of the home folder."""
    cap: int | None = Field(default=None, ge=1)
    """At most so many messages a day on each channel; what is over comes in one digest, which says so."""
    operator: bool = False
    """May receive what concerns the operator: silent sources, failing channels."""
    paused: bool = False
    paused_until: Moment | None = None
    """With `paused`: works again from here on."""
    expires: Moment | None = None

    def condition(self, now: datetime) -> Condition:
        """Active, paused or expired at that moment."""
        if self.expires is not None and now >= self.expires:
            return Condition.EXPIRED
        if self.paused and (self.paused_until is None or now < self.paused_until):
            return Condition.PAUSED
        return Condition.ACTIVE
