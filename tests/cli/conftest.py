"""Commands set up logs for a process of their own; what comes after a test has the logs of before."""

from collections.abc import Iterator

import pytest
import structlog


@pytest.fixture(autouse=True)
def _logs_of_before() -> Iterator[None]:
    """Take back what a command did to the logs: its stderr is closed when the test ends."""
    yield
    structlog.reset_defaults()
