"""Reading single sources from many threads, over one event loop, one web client and one pool of processes."""

import asyncio
import contextvars
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from datetime import datetime

from newsletter.errors import Busy
from newsletter.fetch.client import WebClient
from newsletter.fetch.kinds import Batch
from newsletter.fetch.run import FetchResult, Kept, fetch_source
from newsletter.fetch.web_settings import WebSettings
from newsletter.fetch.workers import processes_here, worker_pool
from newsletter.model.source import FetchState, Source

READS = 200
"""So many readings share a client; its downloads take room on the disk until it is left."""

Store = Callable[[Source, Batch], Kept]
"""Stores a batch with its cursor; called in a thread of its own."""


class Stopped(Busy):
    """The process ends: what was being read goes on from its cursor another time."""

    def __init__(self) -> None:
        super().__init__("the program was stopped while it read; it goes on from there", seconds=0)


@dataclass(frozen=True, slots=True)
class ReadOnce:
    """What came of reading a source, and until when domains asked to be left alone."""

    result: FetchResult
    throttles: Mapping[str, datetime]


class ReadingRoom:
    """Where sources are read. It is opened by the first reading, renewed now and then, and closed by its owner."""

    def __init__(self, settings: WebSettings, *, now: Callable[[], datetime]) -> None:
        self._settings, self._now = settings, now
        self._lock = threading.Lock()
        self._loop: _Loop | None = None
        self._is_stopped = False

    def read(self, source: Source, state: FetchState, *, store: Store, throttles: Mapping[str, datetime]) -> ReadOnce:
        """Read ``source`` once and wait for it. Raises Stopped, and what ``store`` raises as StoreFault."""
        loop = self._enter()
        try:
            return loop.read(source, state, store, throttles)
        finally:
            self._leave(loop)

    def stop(self) -> None:
        """End all readings at once, each at the edge of a batch, and let nobody begin another."""
        with self._lock:
            self._is_stopped = True
            loop = self._loop
        if loop is not None:
            loop.cancel_all()

    def close(self) -> None:
        """Give client and processes back when nobody reads; the next reading opens them anew."""
        with self._lock:
            loop, self._loop = (self._loop, None) if self._loop and not self._loop.readers else (None, self._loop)
        if loop is not None:
            loop.close()

    def _enter(self) -> "_Loop":
        with self._lock:
            if self._is_stopped:
                raise Stopped
            if self._loop is None or self._loop.count >= READS:
                self._loop = _Loop(self._settings, self._now)
            self._loop.count += 1
            self._loop.readers += 1
            return self._loop

    def _leave(self, loop: "_Loop") -> None:
        with self._lock:
            loop.readers -= 1
            is_over = not loop.readers and loop is not self._loop
        if is_over:
            loop.close()


class _Loop:
    """One event loop in a thread of its own."""

    def __init__(self, settings: WebSettings, now: Callable[[], datetime]) -> None:
        self.count = self.readers = 0
        self._settings, self._now = settings, now
        self._ready: Future[None] = Future()
        self._tasks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="reading", daemon=True)
        self._thread.start()
        self._ready.result()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as fault:
            if self._ready.done():
                raise
            self._ready.set_exception(fault)

    async def _serve(self) -> None:
        async with worker_pool(processes_here()), WebClient(self._settings, now=self._now) as self._http:
            self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
            # Tasks are made by callbacks from other threads, which know nothing of the pool.
            self._context = contextvars.copy_context()
            self._ready.set_result(None)
            await self._over.wait()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def read(self, source: Source, state: FetchState, store: Store, throttles: Mapping[str, datetime]) -> ReadOnce:
        """As :meth:`ReadingRoom.read`."""
        done: Future[ReadOnce] = Future()

        async def keep(batch: Batch) -> Kept:
            return await asyncio.to_thread(store, source, batch)

        async def work() -> None:
            try:
                result = await fetch_source(source, state, self._http, now=self._now(), keep=keep)
            except asyncio.CancelledError:
                done.cancel()
                raise
            except Exception as fault:
                done.set_exception(fault)
            else:
                done.set_result(ReadOnce(result, dict(self._http.throttles)))

        # What the caller's logs are about, and beside it what belongs to the loop.
        context = contextvars.copy_context()
        for variable, value in self._context.items():
            context.run(variable.set, value)

        def begin() -> None:
            self._http.throttles.update(throttles)
            task = self._loop.create_task(work(), context=context)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self._loop.call_soon_threadsafe(begin)
        try:
            return done.result()
        except CancelledError:
            raise Stopped from None

    def cancel_all(self) -> None:
        """Cancel every reading."""
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in self._tasks])

    def close(self) -> None:
        """End the loop and wait for it."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
