"""Workshop: what takes a second to make is made beside the request that asks, once, and kept while it holds."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor, TimeoutError
from typing import Generic, TypeVar

_T = TypeVar("_T")


class Workshop(Generic[_T]):
    """The last ``count`` things that were made, by their keys."""

    def __init__(self, count: int = 16) -> None:
        self._count, self._lock = count, threading.Lock()
        self._workers = ThreadPoolExecutor(2, thread_name_prefix="workshop")
        self._made: OrderedDict[Hashable, Future[_T]] = OrderedDict()

    def within(self, seconds: float, key: Hashable, make: Callable[[], _T]) -> _T | None:
        """What ``make`` gives for ``key``, begun now if nobody did; None when it is not ready in time.

        What ``make`` raises is raised to whoever asks, and tried again the next time.
        """
        work = self._begun(key, make)
        try:
            return work.result(seconds)
        except TimeoutError:
            if work.done():
                raise
            return None

    def is_done(self, key: Hashable) -> bool:
        """Whether nothing is being made for ``key``."""
        with self._lock:
            work = self._made.get(key)
        return work is None or work.done()

    def _begun(self, key: Hashable, make: Callable[[], _T]) -> Future[_T]:
        with self._lock:
            work = self._made.get(key)
            if work is None or (work.done() and work.exception() is not None):
                work = self._made[key] = self._workers.submit(make)
            self._made.move_to_end(key)
            while len(self._made) > self._count:
                self._made.popitem(last=False)
            return work
