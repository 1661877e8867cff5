"""A gather in a process of its own, for test_hostile.py: reads hostile sources, tells their states and its memory.

    python hostile_gather.py PORT < names.json > results.json

Each path of the JSON list is a source on a host of its own; all hosts "NAME.test" are at 127.0.7.1.
"""

import asyncio
import json
import resource
import socket
import sys
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import psutil

from newsletter.fetch.client import WebClient, WebSettings
from newsletter.fetch.kinds import Batch, find_kinds
from newsletter.fetch.run import Kept, gather_sources
from newsletter.fetch.workers import worker_pool
from newsletter.model.source import FetchState, Source

PLACE = "127.0.7.1"
SETTINGS = WebSettings(
    allow_networks=(ip_network(f"{PLACE}/32"),), total_seconds=1.5, connect_seconds=1, read_seconds=1
)
_look_up = socket.getaddrinfo


def look_up(host: str, *args: Any, **kwargs: Any) -> Any:
    """What the system says of ``host``; every name under .test is here."""
    return _look_up(PLACE if host.endswith(".test") else host, *args, **kwargs)


def source(path: str, port: int) -> Source:
    name = path.partition("?")[0].removeprefix("/hostile/").replace("/", "-").strip("-")
    return Source(path, path, "feed", {"url": f"http://{name}.test:{port}{path}"})


async def gather(paths: list[str], port: int) -> list[dict[str, Any]]:
    """What became of each of ``paths``, fetched twice."""
    titles: dict[str, list[str]] = {path: [] for path in paths}

    async def keep(asked: Source, batch: Batch) -> Kept:
        titles[asked.id] += [item.title[:80] for item in batch.items[:5]]
        return Kept(len(batch.items))

    states = {path: FetchState(path) for path in paths}
    rows = []
    async with worker_pool(2, seconds=5, memory_mib=512), WebClient(SETTINGS) as client:
        for turn in (1, 2):
            jobs = [(source(path, port), states[path]) for path in paths]
            async for result in gather_sources(jobs, client, now=datetime.now(UTC), keep=keep, seconds=6):
                states[result.source.id] = result.state
                rows.append(
                    {
                        "turn": turn,
                        "path": result.source.id,
                        "state": result.state.state,
                        "reason": result.state.state_reason,
                        "seconds": result.seconds,
                        "new": result.new_count,
                        "titles": titles[result.source.id],
                    }
                )
    return rows


def peak_kib() -> int:
    """The most memory this process had; ru_maxrss would begin with that of the process it was forked from."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def main() -> None:
    find_kinds()
    socket.getaddrinfo = look_up
    paths, port = json.load(sys.stdin), int(sys.argv[1])
    idle = psutil.Process().memory_info().rss
    rows = asyncio.run(gather(paths, port))
    report = {
        "rows": rows,
        "over_idle_mib": (peak_kib() * 1024 - idle) / 2**20,
        "worker_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**10,
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
