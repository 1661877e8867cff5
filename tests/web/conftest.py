"""Fixtures of the desk's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import browser
from tests.web.desk import Desk, running_desk

__all__ = ["browser"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The desk of a new home without issues or editors."""
    with running_desk(tmp_path / "home") as running:
        yield running
