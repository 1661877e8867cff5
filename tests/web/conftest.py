"""Fixtures of the desk's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from newsletter.pipeline import passwords
from tests.browser import browser
from tests.web.desk import Desk, running_desk

__all__ = ["browser"]


def quick_hasher() -> PasswordHasher:
    """Argon2 with as little work as there can be."""
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Argon2 with as little work as it takes: what it costs in earnest is tested in one place."""
    monkeypatch.setattr(passwords, "HASHER", quick_hasher())
    passwords._nobodys.cache_clear()
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture(autouse=True, scope="session")
def _looked_at_at_once() -> Iterator[None]:
    """The approve page comes with its checks, however busy the machine is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("newsletter.web.approve._LOOKS", 60.0)
        yield


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """The desk of a new home without issues or editors."""
    with running_desk(tmp_path / "home") as running:
        yield running
