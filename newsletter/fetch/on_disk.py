"""Files on this machine, read beside the event loop: one that hangs, as on a network file system, keeps nobody waiting.

A thread that hangs cannot be ended; it is one that the program does not wait for when it ends.
"""

import contextlib
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

from newsletter.errors import NotReadable, TooLarge, Unreachable

_Args = TypeVarTuple("_Args")
_T = TypeVar("_T")

SECONDS = 60.0
"""How long one look at the disk may take: as long as one question to a host."""


async def on_disk(function: Callable[[*_Args], _T], *args: *_Args) -> _T:
    """``function(*args)``, in a thread. Raises what it raises, and Unreachable when it does not come back."""
    import asyncio  # every kind of archive imports this module

    loop = asyncio.get_running_loop()
    outcome: asyncio.Future[_T] = loop.create_future()

    def run() -> None:
        try:
            value: Any = function(*args)
            settle: Callable[[Any], None] = outcome.set_result
        except Exception as error:
            value, settle = error, outcome.set_exception
        # Nobody may be waiting any more, the loop may be closed.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(lambda: None if outcome.done() else settle(value))

    threading.Thread(target=run, name="disk", daemon=True).start()
    done, _ = await asyncio.wait({outcome}, timeout=SECONDS)
    if not done:
        outcome.cancel()
        raise Unreachable(
            f"the disk does not answer within {SECONDS:g} s. Look whether the folder lies on a network that hangs."
        )
    return outcome.result()


async def each_on_disk(found: Iterator[_T]) -> AsyncGenerator[_T, None]:
    """What ``found`` gives, each taken in a thread. Raises as :func:`on_disk` does, anew for each."""
    try:
        while (each := await on_disk(_next, found)) is not None:
            yield each
    finally:
        # One that still hangs is left to its thread.
        with contextlib.suppress(ValueError):
            close = getattr(found, "close", None)
            if close is not None:
                close()


def _next(found: Iterator[_T]) -> _T | None:
    return next(found, None)


def read_file(path: Path, limit: int) -> bytes:
    """The bytes of the file ``path``. Raises NotReadable, also for what only looks like one, and TooLarge."""
    try:
        # A pipe or a device would keep the reader waiting for ever.
        if path.exists() and not path.is_file():
            raise NotReadable(f"{path} is not a file")
        if path.stat().st_size > limit:
            raise TooLarge(f"{path} is larger than {limit >> 20} MiB")
        return path.read_bytes()
    except OSError as fault:
        raise NotReadable(f"{path} cannot be read: {fault.strerror or fault}") from fault
