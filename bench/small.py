"""The whole week on a small machine: one core and 512 MiB.

    PYTHONPATH=. python bench/small.py [--sources 300] [--readers 1000]

300 feeds with 5,000 entries of the week lie on loopback (50 hosts); they are gathered, drafted, rendered, published,
approved and sent to 1,000 readers through the counting mail server of `../shared/tools/smtp_sink.py`. That one process
and its workers are bound to core 0 (as `taskset -c 0` does), and each of them to 512 MiB of data (RLIMIT_DATA); four
times a second the proportional share of memory (PSS) of the whole tree is summed up: the most of it is held against
512 MiB. The web and the mail server are not counted. Seconds of the clock and of the processor, by step.
"""

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

MIB, HOSTS, A_WEEK = 512, 50, 5_000
DRAFT = datetime(2026, 10, 15, 18, 30, tzinfo=UTC)
SEND = datetime(2026, 10, 16, 10, 1, tzinfo=UTC)


class Feeds(ThreadingHTTPServer):
    """Serves one body a path."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, bodies: dict[str, bytes]) -> None:
        super().__init__(("0.0.0.0", 0), _Handler)
        self.bodies = bodies


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Feeds

    def do_GET(self) -> None:
        body = self.server.bodies.get(self.path, b"")
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "application/atom+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


def feeds(sources: int) -> dict[str, bytes]:
    """The feeds by their path, 5,000 entries in all."""
    from bench.year_home import Maker
    from tests.loopback import atom

    maker, numbers, rng = Maker(), count(1), random.Random(3)
    bodies = {}
    for source in range(sources):
        entries = []
        for _ in range(A_WEEK // sources + (source < A_WEEK % sources)):
            at = DRAFT - timedelta(minutes=rng.randint(60, 7 * 1440 - 60))
            text = maker.prose(rng.randint(50, 220))
            entries.append((f"e{next(numbers)}", maker.prose(7)[:-1], f"{at:%Y-%m-%dT%H:%M:%SZ}", text))
        bodies[f"/{source}.xml"] = atom(*entries, title=f"Source {source}").encode()
    return bodies


def write_home(home: Path, sources: int, web_port: int, mail_port: int) -> None:
    lines = "".join(
        f"  - {{name: Source {n}, kind: feed, url: 'http://127.0.2.{n % HOSTS + 1}:{web_port}/{n}.xml'}}\n"
        for n in range(sources)
    )
    (home / "feeds.yaml").write_text(
        "newsletter:\n  name: Small weekly\n  from: Small <small@example.org>\n"
        f"delivery:\n  server: 127.0.0.1\n  port: {mail_port}\n  at most per minute: 100000\nsources:\n{lines}"
    )


def week(home: Path, readers: int) -> None:
    """The week, step by step; a line of JSON for each. This is the process that is measured."""
    from newsletter.fetch.workers import processes_here
    from newsletter.pipeline.app import open_newsletter
    from newsletter.pipeline.approval import approve
    from newsletter.pipeline.draft import make_draft
    from newsletter.pipeline.gather import due_sources, gather_sources
    from newsletter.pipeline.publish import publish_site, render_issue
    from newsletter.pipeline.sending import send_due
    from newsletter.pipeline.times import HISTORY, newest_period
    from tests.mailed import add_readers

    now, began = [DRAFT], time.monotonic()
    environ = {"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8"}
    with open_newsletter(
        home, environ=environ, now=lambda: now[0] + timedelta(seconds=time.monotonic() - began)
    ) as app:
        period = newest_period(app.config.schedule, DRAFT)
        add_readers(app.database, [f"reader{n}@d{n % 40}.example" for n in range(readers)])

        def gather() -> str:
            found = gather_sources(app, due_sources(app), since=period.start - HISTORY)
            return f"{sum(each.new_count for each in found)} items of {len(found)} sources, {processes_here()} worker"

        def draft() -> str:
            issue = make_draft(app, period)
            render_issue(app, issue.number)
            publish_site(app)
            return f"{len(issue.entries)} entries"

        def send() -> str:
            now[0] = SEND
            (sent,) = send_due(app)
            return f"{sent.report.end}, {dict(sent.report.counts)}"

        for name, act in (("gather", gather), ("draft", draft), ("approve", lambda: approve(app, 1, editor="Ines"))):
            timed(name, act)
        timed("send", send)


def timed(name: str, act: Any) -> None:
    """Do it, and print what it took."""
    began, cpu = time.monotonic(), sum(os.times()[:4])
    found = act()
    took = {"step": name, "seconds": round(time.monotonic() - began, 1), "cpu": round(sum(os.times()[:4]) - cpu, 1)}
    print(json.dumps({**took, "found": found if isinstance(found, str) else ""}), flush=True)


def limited() -> None:
    """Bind the process that begins here, and all it starts, to one core and so much memory."""
    os.sched_setaffinity(0, {0})
    resource.setrlimit(resource.RLIMIT_DATA, (MIB << 20, MIB << 20))


def watch(process: psutil.Process, most: list[int], over: threading.Event) -> None:
    """Note the most memory that the whole tree takes: its sum, and that of its first process."""
    while not over.wait(0.25):
        try:
            tree = [process, *process.children(recursive=True)]
            shares = [each.memory_full_info().pss for each in tree]
        except psutil.Error:
            continue
        most[0], most[1] = max(most[0], sum(shares)), max(most[1], shares[0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sources", type=int, default=300)
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--week", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.week:
        week(asked.week, asked.readers)
        return 0
    from tests.mailed import sink

    with tempfile.TemporaryDirectory() as folder, sink() as mails:
        web = Feeds(feeds(asked.sources))
        threading.Thread(target=web.serve_forever, args=(0.05,), daemon=True).start()
        write_home(Path(folder), asked.sources, web.server_address[1], mails.port)
        command = [sys.executable, __file__, "--week", folder, "--readers", str(asked.readers)]
        most, over = [0, 0], threading.Event()
        began = time.monotonic()
        with subprocess.Popen(command, preexec_fn=limited) as running:
            threading.Thread(target=watch, args=(psutil.Process(running.pid), most, over), daemon=True).start()
            status = running.wait()
        over.set()
        seconds, readers = time.monotonic() - began, {row["rcpt"][0] for row in mails.mails}
        web.shutdown()
    tree, first = (each >> 20 for each in most)
    print(f"the whole week: {seconds:.0f} s, most memory {tree} MiB (limit {MIB}), {first} MiB in the first process")
    print(f"{len(readers)} readers got a mail, {len(mails.mails)} mails; load {os.getloadavg()[0]:.1f}")
    return int(status != 0 or tree > MIB or len(readers) != asked.readers or len(mails.mails) != asked.readers)


if __name__ == "__main__":
    sys.exit(main())
