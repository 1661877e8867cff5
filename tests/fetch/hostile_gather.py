"""A gather in a process of its own, for test_hostile.py: reads hostile sources, tells their states and its memory.

    python hostile_gather.py < sources.json > results.json

The JSON holds two lists of sources: those that are answered or broken off, which have all the time they
need however busy the machine is, and those that never end, which have little. All hosts "NAME.test" are at 127.0.7.1.
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
HERE = (ip_network(f"{PLACE}/32"),)
PATIENT = WebSettings(allow_networks=HERE, total_seconds=60, connect_seconds=30, read_seconds=30)
HURRIED = WebSettings(allow_networks=HERE, total_seconds=1.5, connect_seconds=30, read_seconds=1)
"""Only the time of answering is short: to be connected to takes as long as the machine is busy."""
_look_up = socket.getaddrinfo


def look_up(host: str, *args: Any, **kwargs: Any) -> Any:
    """What the system says of ``host``; every name under .test is here."""
    return _look_up(PLACE if host.endswith(".test") else host, *args, **kwargs)


async def gather(asked: list[dict[str, Any]], settings: WebSettings, worker_seconds: float) -> list[dict[str, Any]]:
    """What became of each source, fetched twice."""
    sources = [Source(each["name"], each["name"], each["kind"], each["settings"]) for each in asked]
    titles: dict[str, list[str]] = {each.id: [] for each in sources}

    async def keep(asked: Source, batch: Batch) -> Kept:
        titles[asked.id] += [item.title[:80] for item in batch.items[:5]]
        return Kept(len(batch.items))

    states = {each.id: FetchState(each.id) for each in sources}
    rows = []
    async with worker_pool(2, seconds=worker_seconds, memory_mib=512), WebClient(settings) as client:
        for turn in (1, 2):
            jobs = [(each, states[each.id]) for each in sources]
            async for result in gather_sources(jobs, client, now=datetime.now(UTC), keep=keep, seconds=90):
                states[result.source.id] = result.state
                rows.append(
                    {
                        "turn": turn,
                        "name": result.source.id,
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
    patient, hurried = json.load(sys.stdin)
    idle = psutil.Process().memory_info().rss
    rows = asyncio.run(gather(patient, PATIENT, 60)) + asyncio.run(gather(hurried, HURRIED, 1))
    report = {
        "rows": rows,
        "over_idle_mib": (peak_kib() * 1024 - idle) / 2**20,
        "worker_mib": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**10,
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
