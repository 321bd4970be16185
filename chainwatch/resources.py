"""Finds the data that chainwatch ships (rules, sources, demo pages), in a checkout or in an installed wheel."""

from pathlib import Path

PACKAGE = Path(__file__).parent


def rules_dir() -> Path:
    """The shipped rules: `rules/` of the checkout, or the wheel's copy of it."""
    packaged = PACKAGE / "_rules"
    return packaged if packaged.is_dir() else PACKAGE.parent / "rules"


def sources_file() -> Path:
    """The shipped list of sources."""
    return PACKAGE.parent / "crawlers" / "sources.yaml"


def demo_dir() -> Path:
    """The local site of the demo."""
    return PACKAGE / "demo"
