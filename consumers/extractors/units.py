"""Units as written → base unit and factor: 万千瓦's 千瓦, MW = 1000 千瓦, 名 = 人."""

import re
from dataclasses import dataclass
from decimal import Decimal

from consumers.extractors.words import Sheet, alternatives

KINDS = (
    "money", "share", "points", "times", "mass", "power", "energy", "area", "volume", "length",
    "compute", "data", "concentration", "time", "count",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """A written form: the base unit, how many of it, and what kind of thing it measures."""

    base: str
    factor: Decimal
    kind: str


@dataclass(frozen=True, slots=True)
class Units:
    """All forms, and one pattern for them."""

    forms: dict[str, Unit]
    pattern: str


def read_units(sheet: Sheet) -> Units:
    """From `lexicon/units.yaml`. Raises Problems."""
    forms: dict[str, Unit] = {}
    for kind in KINDS:
        for base, written in sheet.lists(kind).items():
            forms |= {form: Unit(base, Decimal(1), kind) for form in written}
    kinds = {unit.base: unit.kind for unit in forms.values()}
    for form, (base, power) in sheet.pairs("scaled").items():
        forms[form] = Unit(base, Decimal(10**power), kinds[base])
    refused = sheet.guards("not_before", forms)
    sheet.done()
    first = "".join(sorted({re.escape(form[0]) for form in forms}))
    return Units(forms, rf"(?=[{first}]){alternatives(forms, refused)}")
