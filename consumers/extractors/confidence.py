"""How sure a finding is: how often its pattern was right on labelled articles, as the lexicon records it."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from consumers.extractors.words import Sheet


@dataclass(frozen=True, slots=True)
class Confidence:
    """Pattern → confidence, and the confidence of patterns that nothing was measured of."""

    measured: Mapping[str, Decimal]
    prior: Decimal

    def of(self, pattern: str, *, inherited: bool = False) -> Decimal:
        """Between 0 and 1, two decimals. `inherited`: a part of the statement comes from elsewhere in the article."""
        return self.measured.get(f"{pattern}+" if inherited else pattern, self.prior)


def read_confidence(sheet: Sheet) -> Confidence:
    """From `lexicon/confidence.yaml`: (right + weight × prior) / (seen + weight)."""
    prior = sheet.numbers("prior")
    counts = sheet.pairs("measured")
    sheet.done()
    percent, weight = Decimal(prior["percent"]) / 100, prior["weight"]
    measured = {
        pattern: ((right + weight * percent) / (seen + weight)).quantize(Decimal("0.01"))
        for pattern, (right, seen) in counts.items()
    }
    return Confidence(measured, percent)
