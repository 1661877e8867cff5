"""What an idle `newsletter run` costs: resident memory and CPU, with 300 sources none of which is due.

Limits: 120 MiB and 1 % of one CPU. Memory is that of the process and all its children.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from newsletter.model.source import FetchState
from newsletter.pipeline.app import open_newsletter
from newsletter.store.sources import save_state

HEAD = "newsletter:\n  name: Idle weekly\n  from: Idle <idle@example.org>\nsources:\n"


def make_home(folder: Path, count: int) -> None:
    lines = (f"  - name: S{n}\n    kind: feed\n    url: https://s{n}.example.org/feed.xml\n" for n in range(count))
    (folder / "feeds.yaml").write_text(HEAD + "".join(lines))
    now = datetime.now(UTC)
    with open_newsletter(folder) as app, app.database.transaction() as db:
        for number, source in enumerate(app.config.sources):
            later = now + timedelta(hours=3, minutes=number % 60)
            state = FetchState(source.id, state="ok", checked_at=now, last_new_at=now, next_at=later)
            save_state(db, replace(state, items_count=10))


def family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def measure(home: Path, seconds: int) -> tuple[float, float]:
    command = [sys.executable, "-m", "newsletter", "run", "--home", str(home), "--port", "8765"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as run:
        try:
            process = psutil.Process(run.pid)
            time.sleep(15)
            urllib.request.urlopen("http://127.0.0.1:8765/desk/", timeout=20).read()
            time.sleep(5)
            before, began = sum(process.cpu_times()[:2]), time.monotonic()
            most = 0.0
            while time.monotonic() - began < seconds:
                most = max(most, sum(each.memory_info().rss for each in family(process)) / (1 << 20))
                time.sleep(1)
            spent = sum(process.cpu_times()[:2]) - before
            return most, 100 * spent / (time.monotonic() - began)
        finally:
            run.send_signal(signal.SIGTERM)
            began = time.monotonic()
            run.wait(30)
            print(f"ended after {time.monotonic() - began:.1f} s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--sources", type=int, default=300)
    asked = parser.parse_args()
    os.environ.pop("NEWSLETTER_DATABASE_URL", None)
    with tempfile.TemporaryDirectory() as folder:
        make_home(Path(folder), asked.sources)
        memory, cpu = measure(Path(folder), asked.seconds)
    print(f"{asked.sources} sources, none due, {asked.seconds} s: {memory:.0f} MiB, {cpu:.2f} % of one CPU")
    return int(memory > 120 or cpu > 1)


if __name__ == "__main__":
    sys.exit(main())
