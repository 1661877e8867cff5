"""Memory that jobs took and let go of goes back to the system.

The C library keeps a heap for each thread that runs at the same time, and what is free in it. A service that drafts in
one thread and reads in others would grow by some MiB a week although nothing new lives in it.
"""

import ctypes
from collections.abc import Callable
from functools import cache

_ARENA_MAX = -8
"""The number of the setting, as malloc.h has it."""
_HEAPS = 2


def share_heaps() -> None:
    """Let all threads that begin from now on share two heaps."""
    if (setting := _of_library("mallopt")) is not None:
        setting(_ARENA_MAX, _HEAPS)


def give_back() -> None:
    """Let the system have what is free; nothing happens where the C library cannot do so."""
    if (trim := _of_library("malloc_trim")) is not None:
        trim(0)


@cache
def _of_library(name: str) -> Callable[..., int] | None:
    try:
        found: Callable[..., int] = getattr(ctypes.CDLL(None), name)  # glibc has them, others do not
    except (OSError, AttributeError, TypeError):
        return None
    return found
