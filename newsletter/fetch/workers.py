"""Heavy parsing away from the event loop, in processes with a time and a memory limit.

Every kind imports this; what a pool is made of is imported with the first one.
"""

import contextlib
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextvars import ContextVar
from typing import Any, TypeVar, TypeVarTuple

from newsletter.errors import NotReadable

_Args = TypeVarTuple("_Args")
_T = TypeVar("_T")

_LARGE = 1 << 16
_START_SECONDS = 60
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from newsletter.fetch.worker_process import serve; serve(int(sys.argv[2]), int(sys.argv[3]))"
)


async def in_worker(function: Callable[[*_Args], _T], *args: *_Args) -> _T:
    """``function(*args)``, in a worker process when the gather has a pool, else here and now.

    ``function`` stands at the top of a module; arguments and result can be pickled. What it
    raises is raised here. Raises NotReadable when it takes too long, too much memory, or
    ends its process.
    """
    pool = _pool.get()
    if pool is None:
        return function(*args)
    return await pool.call(function, *args)  # type: ignore[no-any-return]


class _Process:
    """One worker process and the pipe to it."""

    def __init__(self, memory_mib: int) -> None:
        import subprocess
        from multiprocessing import Pipe

        self._calls, there = Pipe()
        with there:
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BOOT, json.dumps(sys.path), str(there.fileno()), str(memory_mib)],
                pass_fds=[there.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self.pid = self._process.pid
        # The time a document may take begins when somebody can read it.
        if not self._calls.poll(_START_SECONDS) or not self._calls.recv_bytes():
            self.end()
            raise EOFError

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], seconds: float) -> tuple[bool, Any]:
        """Whether it came to an end, and its result or exception. Raises EOFError and TimeoutError."""
        # Large bodies go beside the pickle, which would hold a second copy of them; and before it,
        # so that whatever becomes of the pickle, no body is ever taken for one.
        apart = [number for number, arg in enumerate(args) if type(arg) is bytes and len(arg) > _LARGE]
        self._calls.send(apart)
        for number in apart:
            self._calls.send_bytes(args[number])
        self._calls.send((function, [None if number in apart else arg for number, arg in enumerate(args)]))
        if not self._calls.poll(seconds):
            raise TimeoutError
        answer: tuple[bool, Any] = self._calls.recv()
        return answer

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._calls.close()


class WorkerPool:
    """At most ``processes`` worker processes, each started when it is first needed."""

    def __init__(self, processes: int, *, seconds: float, memory_mib: int) -> None:
        import asyncio
        from concurrent.futures import ThreadPoolExecutor

        self._seconds, self._memory_mib = seconds, memory_mib
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="worker")
        self._free: asyncio.LifoQueue[_Process | None] = asyncio.LifoQueue()
        for _ in range(processes):
            self._free.put_nowait(None)
        self._running: set[_Process] = set()

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the workers that are running."""
        return tuple(sorted(process.pid for process in self._running))

    async def call(self, function: Callable[..., Any], *args: Any) -> Any:
        """``function(*args)`` in a process; see :func:`in_worker`."""
        process = await self._free.get()
        keep: _Process | None = None
        try:
            if process is None:
                process = await self._in_thread(_Process, self._memory_mib)
                self._running.add(process)
            is_done, value = await self._in_thread(process.call, function, args, self._seconds)
            keep = None if isinstance(value, MemoryError) else process
        except TimeoutError:
            raise NotReadable(f"reading the document took longer than {self._seconds:g} s") from None
        except (EOFError, OSError):
            raise NotReadable("the document ended the process that was reading it") from None
        finally:
            if keep is None and process is not None:
                self._end(process)
            self._free.put_nowait(keep)
        if isinstance(value, MemoryError):
            raise NotReadable(f"reading the document needed more than {self._memory_mib} MiB")
        if not is_done:
            raise value
        return value

    async def _in_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        import asyncio

        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)

    def _end(self, process: _Process) -> None:
        self._running.discard(process)
        process.end()

    def close(self) -> None:
        """End all processes."""
        for process in tuple(self._running):
            self._end(process)
        self._threads.shutdown(wait=True)


_pool: ContextVar[WorkerPool | None] = ContextVar("pool", default=None)


@contextlib.asynccontextmanager
async def worker_pool(processes: int = 2, *, seconds: float = 30, memory_mib: int = 512) -> AsyncIterator[WorkerPool]:
    """While entered, :func:`in_worker` uses at most ``processes`` processes with these limits."""
    pool = WorkerPool(processes, seconds=seconds, memory_mib=memory_mib)
    token = _pool.set(pool)
    try:
        yield pool
    finally:
        _pool.reset(token)
        pool.close()
