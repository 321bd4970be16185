"""The lexicon: all word lists of `rules/lexicon/`, compiled once. Extractors depend on nothing else."""

import re
from dataclasses import dataclass

from chainwatch.matching.bundle import Bundle
from chainwatch.problem import Problem
from consumers.extractors.comparators import Bounds, read_bounds
from consumers.extractors.confidence import Confidence, read_confidence
from consumers.extractors.cues import Cues, read_cues
from consumers.extractors.flaws import Casualties, read_casualties
from consumers.extractors.metrics import Metrics, read_metrics
from consumers.extractors.nouns import Nouns, read_nouns
from consumers.extractors.programmes import plan_pattern
from consumers.extractors.quantities import Numbers, read_numbers
from consumers.extractors.regions import Atlas, read_atlas
from consumers.extractors.times import Clock, read_clock
from consumers.extractors.titles import Titles, read_titles
from consumers.extractors.units import read_units
from consumers.extractors.words import Sheet, alternatives

FOLDER = "lexicon"


@dataclass(frozen=True)
class Lexicon:
    """Compiled grammars, one for each extractor, and the digest of the bundle they came from."""

    digest: str
    numbers: Numbers
    counted: re.Pattern[str]
    casualties: Casualties
    clock: Clock
    cues: Cues
    atlas: Atlas
    bounds: Bounds
    metrics: Metrics
    nouns: Nouns
    titles: Titles
    plans: re.Pattern[str]
    confidence: Confidence


def load_lexicon(bundle: Bundle) -> Lexicon:
    """Compile the bundle's lexicon. Raises Problems with file, line and cure for every fault of a file."""
    sheets = {name: _sheet(bundle, name) for name in _FILES}
    units = read_units(sheets["units"])
    counted = sheets["nonnumbers"].words("counted_words")
    befell = read_casualties(sheets["nonnumbers"])
    numbers = read_numbers(units, sheets["nonnumbers"])
    sheets["nonnumbers"].done()
    cues = read_cues(sheets["cues"])
    nouns = read_nouns(sheets["cues"], sheets["compounds"], sheets["phrases"])
    sheets["cues"].done()
    clock = read_clock(sheets["periods"])
    return Lexicon(
        bundle.digest,
        numbers,
        re.compile(
            rf"(?:约束性|预期性|[十百千万]亿[级元斤吨]?|具体|重点|主要|政策|创新|关键|改革|惠企|务实|配套|核心)?{alternatives(counted)}"
        ),
        befell,
        clock,
        cues,
        read_atlas(sheets["regions"]),
        read_bounds(sheets["comparators"]),
        read_metrics(sheets["metrics"]),
        nouns,
        read_titles(sheets["policies"], sheets["issuers"]),
        plan_pattern(clock),
        read_confidence(sheets["confidence"]),
    )


_FILES = (
    "units", "nonnumbers", "periods", "cues", "compounds", "phrases", "regions", "comparators", "metrics",
    "policies", "issuers", "confidence",
)  # fmt: skip


def _sheet(bundle: Bundle, name: str) -> Sheet:
    path = f"{FOLDER}/{name}.yaml"
    if path not in bundle.files:
        raise Problem("the lexicon lacks a file", place=path, cure="restore it from the distribution")
    return Sheet(path, bundle.files[path])
