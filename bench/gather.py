"""How long a gather of all areas of the recorded web takes, how polite it is, and what a second one costs.

    python bench/gather.py

Limits: 30 s for the first gather on 2 cores; bytes of the second at most 0.05 of the first. The web
runs in a process of its own on the same cores; it needs the recorded documents (tests/corpus.py).
"""

import json
import os
import resource
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from newsletter.fetch.client import WebSettings
from tests.corpus import CORPUS
from tests.fakes import FixedClock
from tests.recorded import NOW, RecordedWeb, gather, recorded_home, recorded_web

SECONDS, SHARE = 30.0, 0.05
COLUMNS = (
    *("requests", "distinct_urls", "max_in_flight", "conditional", "refetched_without_validator"),
    *("sooner_than_retry_after", "after_410", "after_301_308", "bytes"),
)


def cpu_seconds() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def timed(app: Any, web: RecordedWeb) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """One gather: what it took and brought, and the rows of the web's log so far."""
    began, cpu = time.perf_counter(), cpu_seconds()
    reports = gather(app)
    figures = {
        "seconds": round(time.perf_counter() - began, 2),
        "cpu_seconds": round(cpu_seconds() - cpu, 2),
        "sources": len(reports),
        "new": sum(report.new_count for report in reports.values()),
        "set_aside": sum(report.aside_count for report in reports.values()),
        "states": dict(Counter(report.state.state for report in reports.values())),
    }
    return figures, web.rows()


def print_report(report: dict[str, dict[str, Any]]) -> None:
    widths = {name: max(len(name) + 2, 11) for name in COLUMNS}
    print(f"{'host':<18}" + "".join(f"{name.replace('_', ' '):>{widths[name]}}" for name in COLUMNS))
    for host, found in sorted(report.items()):
        print(f"{host:<18}" + "".join(f"{found[name]:>{widths[name]}}" for name in COLUMNS))


def main() -> None:
    if not CORPUS.is_dir():
        sys.exit(f"recorded documents are not at {CORPUS}")
    with tempfile.TemporaryDirectory() as folder, recorded_web() as web:
        clock = FixedClock(NOW)
        with recorded_home(Path(folder), web, clock) as app:
            first, rows = timed(app, web)
            clock.move(hours=3)
            second, all_rows = timed(app, web)
        report = web.report()
    sizes = [sum(row["bytes"] for row in part) for part in (rows, all_rows[len(rows) :])]
    print_report(report)
    print(f"first   {json.dumps(first)}, {len(rows)} requests, {sizes[0]} bytes")
    print(f"second  {json.dumps(second)}, {len(all_rows) - len(rows)} requests, {sizes[1]} bytes")
    print(f"second / first: {sizes[1] / sizes[0]:.4f} (limit {SHARE}); {os.cpu_count()} cores")
    most = max(found["max_in_flight"] for host, found in report.items() if "." in host)
    rude = sum(
        found[name]
        for found in report.values()
        for name in ("refetched_without_validator", "sooner_than_retry_after", "after_410", "after_301_308")
    )
    is_well = first["seconds"] < SECONDS and sizes[1] / sizes[0] <= SHARE
    is_polite = not rude and most <= WebSettings().per_host
    print(f"{'within' if is_well else 'OVER'} the limits; {'polite' if is_polite else 'NOT POLITE'}")
    sys.exit(not (is_well and is_polite))


if __name__ == "__main__":
    main()
