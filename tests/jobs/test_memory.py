"""What is free goes back, where the system can take it."""

import ctypes
from collections.abc import Iterator

import pytest

from newsletter.jobs import memory


@pytest.fixture(autouse=True)
def _unknown() -> Iterator[None]:
    memory._of_library.cache_clear()
    yield
    memory._of_library.cache_clear()


def test_the_library_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, ...]] = []

    class Library:
        def malloc_trim(self, *numbers: int) -> int:
            asked.append(numbers)
            return 1

        mallopt = malloc_trim

    monkeypatch.setattr(ctypes, "CDLL", lambda name: Library())
    memory.share_heaps()
    memory.give_back()
    memory.give_back()
    assert asked == [(-8, 2), (0,), (0,)]


@pytest.mark.parametrize("fault", [OSError, TypeError, AttributeError])
def test_another_library_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch, fault: type[Exception]) -> None:
    def refuse(name: object) -> object:
        raise fault

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    memory.share_heaps()
    memory.give_back()
