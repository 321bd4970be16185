"""What every test may use, and the rule that a real part missing in CI is a failure, not a skip."""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"
REAL_PARTS = ("kafka", "postgres", "browser")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with real pages and labelled articles; the test is skipped where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the data folder beside the project is absent")
    return SHARED


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test of a real broker, database or browser must run."""
    report = yield
    if report.skipped and os.environ.get("CI") and any(item.get_closest_marker(mark) for mark in REAL_PARTS):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where {', '.join(REAL_PARTS)} must be present: {report.longrepr}"
    return report
