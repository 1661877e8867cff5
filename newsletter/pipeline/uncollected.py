"""Work that makes many objects which all stay, without Python's search for circles among them."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no circles in the block, or the function that it decorates.

    The search visits every object each time a quarter more are there: of a week's issue a fifth of the whole time.
    What is made here dies by itself, or stays. Work that meets in two threads leaves it on when the first one ends.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
