"""What every test may use: the data beside the project, where it is present."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """Folder with real pages and labelled articles; the test is skipped where it is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the data folder beside the project is absent")
    return SHARED
