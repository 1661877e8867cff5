"""Python's search for circles rests while much is made, and goes on afterwards, whatever happened."""

import gc

import pytest

from newsletter.pipeline.uncollected import uncollected


def test_it_goes_on_after_a_fault() -> None:
    @uncollected()
    def fail() -> None:
        assert not gc.isenabled()
        _ = 1 / 0

    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError):
        fail()
    assert gc.isenabled()


def test_blocks_that_meet_leave_it_on() -> None:
    first, second = uncollected(), uncollected()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert gc.isenabled()


def test_who_had_it_off_keeps_it_off() -> None:
    gc.disable()
    try:
        with uncollected():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
