"""Message: what one channel is sent for one event group, with every reason for it."""

from enum import StrEnum
from typing import Literal

from chainwatch.models.wire import Moment, Wire, digest


class MessageState(StrEnum):
    """Where a message stands."""

    PENDING = "pending"
    LEASED = "leased"
    DELIVERED = "delivered"
    UNKNOWN = "unknown"
    """The send timed out: it is tried again under the same id."""
    DEAD = "dead"
    MERGED = "merged"
    """Its reasons went into a digest message."""


class Reason(Wire):
    """Why a message exists: this event met this version of this subscription."""

    event: str
    subscription: str
    subscription_version: int
    because: str
    """What matched, in words: 生态圈 智能物联 ⊃ 视觉智能; target.new."""


class Message(Wire):
    """Unique per (channel, group); a retry or a resend keeps the id."""

    version: Literal[1] = 1
    id: str
    channel: str
    group: str
    """Event group (a fact or policy and its reprints, a bundle) or digest period."""
    language: Literal["zh", "en"] = "zh"
    template: str = "default"
    reasons: tuple[Reason, ...]
    due: Moment
    """Not to be sent before."""
    digest: bool = False


def message_id(channel: str, group: str) -> str:
    """The id that every attempt, resend and answer carries; 32 hex digits."""
    return digest(channel, group)[:32]
