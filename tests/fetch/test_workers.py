import asyncio
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from newsletter.errors import BadStatus, NotReadable
from newsletter.fetch import workers
from newsletter.fetch.workers import in_worker, worker_pool


def answer_pid(number: int) -> tuple[int, int]:
    return number, os.getpid()


def refuse(text: str) -> None:
    raise NotReadable(text)


def stumble() -> None:
    raise BadStatus(500, "cannot be pickled as it is")


def stay(seconds: float) -> None:
    time.sleep(seconds)


def eat(mib: int) -> int:
    return len(bytearray(mib << 20))


def join(first: bytes, between: str, last: bytes) -> tuple[int, str, str]:
    return len(first), between, last[-3:].decode()


def crash() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def make_unpicklable() -> Any:
    return lambda: None


async def test_without_a_pool_it_runs_here() -> None:
    assert await in_worker(answer_pid, 3) == (3, os.getpid())


@pytest.mark.slow
async def test_with_a_pool_it_runs_elsewhere_and_starts_nothing_before() -> None:
    async with worker_pool(2) as pool:
        assert pool.pids == ()
        number, pid = await in_worker(answer_pid, 3)
        assert (number, (pid,)) == (3, pool.pids)
        assert pid != os.getpid()
        assert await in_worker(answer_pid, 4) == (4, pid)
        many = await asyncio.gather(*(in_worker(answer_pid, number) for number in range(20)))
        assert [number for number, _ in many] == list(range(20))
        assert len(pool.pids) == 2
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert await in_worker(answer_pid, 3) == (3, os.getpid())


@pytest.mark.slow
async def test_what_the_function_raises_is_raised() -> None:
    async with worker_pool(1) as pool:
        with pytest.raises(NotReadable, match="not a feed") as caught:
            await in_worker(refuse, "not a feed")
        assert any("refuse" in note for note in caught.value.__notes__)
        with pytest.raises(RuntimeError, match="BadStatus: cannot be pickled"):
            await in_worker(stumble)
        with pytest.raises(Exception, match=r"[Pp]ickle"):
            await in_worker(make_unpicklable)
        before = pool.pids
        assert (await in_worker(answer_pid, 1))[1] == before[0]


@pytest.mark.slow
async def test_large_bodies_arrive_in_their_places() -> None:
    async with worker_pool(1):
        for size in (0, 10, 70_000, 5_000_000):
            assert await in_worker(join, b"a" * size, "x", b"b" * size + b"end") == (size, "x", "end")


@pytest.mark.slow
async def test_a_bad_document_costs_its_process_and_no_more() -> None:
    async with worker_pool(1, seconds=60, memory_mib=512) as pool:
        await in_worker(answer_pid, 0)
        pool._seconds = 0.4  # for the one that would need ten minutes, on whatever machine
        with pytest.raises(NotReadable, match=r"took longer than 0\.4 s"):
            await in_worker(stay, 600)
        assert pool.pids == ()
        pool._seconds = 60
        with pytest.raises(NotReadable, match="more than 512 MiB"):
            await in_worker(eat, 700)
        with pytest.raises(NotReadable, match="ended the process"):
            await in_worker(crash)
        assert await in_worker(eat, 40) == 40 << 20


@pytest.mark.slow
async def test_a_cancelled_call_ends_its_process() -> None:
    async with worker_pool(1) as pool:
        await in_worker(answer_pid, 0)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await in_worker(stay, 60)
        assert pool.pids == ()
        assert (await in_worker(answer_pid, 5))[0] == 5


@pytest.mark.parametrize(
    ("cores", "quota", "expected"),
    [
        (1, "max 100000", 1),
        (2, "max 100000", 2),
        (16, "max 100000", 4),
        (8, "100000 100000", 1),
        (8, "50000 100000", 1),
    ],
)
def test_no_more_processes_than_cores_this_process_may_use(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cores: int, quota: str, expected: int
) -> None:
    (tmp_path / "cpu.max").write_text(f"{quota}\n")
    monkeypatch.setattr(workers, "_CPU_MAX", tmp_path / "cpu.max")
    monkeypatch.setattr(workers.os, "sched_getaffinity", lambda pid: set(range(cores)), raising=False)
    assert workers.processes_here() == expected


def test_a_machine_that_tells_nothing_of_groups_counts_its_cores(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(workers, "_CPU_MAX", tmp_path / "none")
    monkeypatch.delattr(workers.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(workers.os, "cpu_count", lambda: 3)
    assert workers.processes_here() == 3
