"""Why a page made no article: one stable code a reason, so that a crawler can count and quarantine by it."""

from enum import StrEnum

from chainwatch.problem import Problem


class Reason(StrEnum):
    """Stable codes; stored in quarantine rows and coverage ledgers."""

    ENCODING = "encoding"
    """The bytes fit no encoding, or hold more than 0.5 % unreadable characters."""
    TOO_LARGE = "too_large"
    """More bytes than a page may have."""
    NOT_HTML = "not_html"
    """A picture, an archive, JSON …: no page at all."""
    EMPTY = "empty"
    """A page without a readable body."""
    LIST = "list"
    """A list of links, not an article."""
    CHALLENGE = "challenge"
    """A firewall's or a login's page in place of the article, whatever its status code."""
    REDIRECT = "redirect"
    """Nothing but a script or meta refresh to another address."""


class Refused(Problem):
    """A page that makes no article, with its `reason` code."""

    def __init__(self, reason: Reason, what: str, *, place: str | None = None, cure: str | None = None) -> None:
        super().__init__(what, place=place, cure=cure)
        self.reason = reason
