"""How fast 50,000 readers are brought in and taken out, and how much memory that takes.

    python bench/subscribers.py [--lines 50000]

Limits: an import of 50,000 lines 10 s; at ten times as many lines at most 10 MiB more. Each measurement is a process of
its own, on a new SQLite home; with NEWSLETTER_DATABASE_URL set, on that (empty) database.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

SECONDS, MIB = 10, 10
FEEDS = "newsletter:\n  name: Bench weekly\n  from: Bench <bench@example.org>\n"
HEADING = "email,name,status,created_at,sections\n"


def main() -> None:
    """Measure, print a table, and end with 1 when a limit is not held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=50_000)
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(_measure(asked.measure)))
        return
    small, large = (_in_process(each) for each in (max(1, asked.lines // 10), asked.lines))
    print(f"{'':24}{asked.lines // 10:>12,}{asked.lines:>12,}")
    for name in large:
        print(f"{name:24}{small[name]:>12.2f}{large[name]:>12.2f}")
    growth = large["peak MiB"] - small["peak MiB"]
    # Where others work, too, the processor's time says how long it takes alone.
    took = min(large["import s"], large["import CPU s"])
    print(f"growth {growth:.1f} MiB (limit {MIB}); import {took:.1f} s (limit {SECONDS} for 50,000)")
    sys.exit(took > SECONDS * asked.lines / 50_000 or growth > MIB)


def _in_process(lines: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--measure", str(lines)]
    made = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(made.stdout.splitlines()[-1])
    return found


def _measure(lines: int) -> dict[str, float]:
    import structlog

    from newsletter.pipeline.app import open_newsletter
    from newsletter.pipeline.import_readers import Wanted, import_readers
    from newsletter.pipeline.readers_file import export_readers

    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "feeds.yaml").write_text(FEEDS)
        path = home / "readers.csv"
        with path.open("w") as file:
            file.write(HEADING)
            for at in range(lines):
                day = f"2024-01-{at % 28 + 1:02d} 10:00:00"
                file.write(f'reader{at}@host{at % 50}.example,"Doe, {at}",enabled,{day},"events;news"\n')
        with open_newsletter(home, environ=os.environ) as app:
            for name, wanted in (
                ("look s", Wanted("bench", is_trial=True)),
                ("import s", Wanted("bench", "by a form")),
                ("same again s", Wanted("bench", "by a form")),
            ):
                start, used_before = time.perf_counter(), time.process_time()
                report = import_readers(app, path, wanted)
                found[name] = time.perf_counter() - start
                found[name.replace(" s", " CPU s")] = time.process_time() - used_before
                assert report.new + report.known == lines, report.summary
            start = time.perf_counter()
            assert sum(text.count("\n") for text in export_readers(app, by="bench")) == lines + 1
            found["export s"] = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {**found, "CPU s in all": used.ru_utime + used.ru_stime, "peak MiB": used.ru_maxrss / 1024}


if __name__ == "__main__":
    main()
