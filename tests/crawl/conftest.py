"""What the tests of crawling share: a local server and a fresh installation."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sites.home import Home
from tests.sites.server import Sites


@pytest.fixture
def sites() -> Iterator[Sites]:
    """A running server without any site yet."""
    with Sites() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    """A fresh installation."""
    made = Home(tmp_path / "home")
    yield made
    made.database.close()
