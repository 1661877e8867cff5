import threading

import pytest

from newsletter.web.workshop import Workshop


def test_it_is_made_once_and_kept() -> None:
    shop: Workshop[int] = Workshop()
    calls: list[int] = []
    for _ in range(3):
        assert shop.within(5, "a", lambda: calls.append(1) or 7) == 7  # type: ignore[func-returns-value]
    assert calls == [1]


def test_who_waits_too_short_gets_nothing_and_the_next_one_gets_it() -> None:
    shop: Workshop[int] = Workshop()
    go = threading.Event()
    assert shop.within(0.01, "a", lambda: 7 if go.wait(5) else 0) is None
    go.set()
    assert shop.within(5, "a", lambda: 8) == 7


def test_a_failure_is_told_and_tried_again() -> None:
    shop: Workshop[float] = Workshop()
    with pytest.raises(ZeroDivisionError):
        shop.within(5, "a", lambda: 1 / 0)
    assert shop.within(5, "a", lambda: 1.0) == 1.0


def test_only_the_last_ones_are_kept() -> None:
    shop: Workshop[int] = Workshop(2)
    for key in "abc":
        shop.within(5, key, lambda: 1)
    assert shop.within(5, "b", lambda: 2) == 1
    assert shop.within(5, "a", lambda: 2) == 2
