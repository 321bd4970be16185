"""What the reading of numbers passes on: the article's setting coming in, drafts of measures going out."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from chainwatch.models import Comparator
from consumers.extractors.quantities import Quantity
from consumers.extractors.times import Time
from consumers.extractors.trace import Observer

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Setting:
    """What the article as a whole lends to the numbers of one part."""

    part: str
    published: date | None
    region: str | None
    """Where nothing nearer says it."""
    document: bool
    """The article is a policy's own text."""
    time: Time | None
    """A deadline that the headline names."""
    observe: Observer | None


class Statement(NamedTuple):
    """What a number says, of whomever. Spans are into the part's text."""

    part: str
    kind: str
    """target, actual or commitment."""
    quantity: Quantity
    metric_text: str
    comparator: Comparator
    time: Time | None
    sentence: Span
    base: str | None
    grown: str | None
    """The metric that a change is one of, where the number before told its level."""
    per_year: bool
    baseline: str | None
    recap: bool
    pattern: str
    """Which rule decided, without its version."""
    heading: bool
    """It stands in a headline or section heading."""
    flow: str | None
    payer: str | None
    beneficiary: str | None
    cap: bool

    @property
    def period(self) -> str | None:
        """The deadline or the day described, as far as said."""
        return self.time.iso if self.time is not None else None


class Draft(NamedTuple):
    """A measure before it becomes a finding: a statement about one subject."""

    told: Statement
    subject: Span | None
    subject_text: str
    metric: str
    region: str | None
    scope: str | None
    inherited: int
    """How many of subject, time and place come from elsewhere; feeds the confidence."""
