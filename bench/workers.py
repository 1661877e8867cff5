"""Workers on a real RabbitMQ, reading sources from loopback servers that answer after 200 ms.

`speed`: two workers against one, on the same sources; limit 1.7. `kill`: two workers read 1,000 sources, and one of
them is killed with -9 in the middle; every job must be done, none lost, each item stored once.
"""

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil
from sqlalchemy import func, select

from newsletter.jobs.schedule import Runner
from newsletter.jobs.service import make_queue
from newsletter.pipeline.app import system_clock
from newsletter.pipeline.current import Surroundings
from newsletter.pipeline.job_aside import all_jobs_aside
from newsletter.pipeline.readings_aside import READ
from newsletter.store.queue import open_jobs
from newsletter.store.sources import reading_states
from newsletter.store.tables import items
from tests.loopback import atom
from tests.services import postgres_server, rabbitmq_server

HEAD = "newsletter:\n  name: Many weekly\n  from: Many <many@example.org>\nsources:\n"


class Slow(BaseHTTPRequestHandler):
    """A feed of one entry for every path, after 200 ms."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        time.sleep(0.2)
        key = self.path.strip("/.xml")
        body = atom((f"one-{key}", f"Words {key}", "2026-10-12T09:00:00Z", "Hello there, dear readers.")).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/atom+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        return


class Server(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True


@contextmanager
def workers(home, count):
    command = [sys.executable, "-m", "newsletter", "worker", "--home", str(home), "--processes", str(count)]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


def read_all(home, count, *, sources, kill=False):
    """Seconds until all sources are read by so many workers."""
    shop, _, asked = make_queue(Surroundings(home, os.environ, system_clock, {}))

    def left():
        with shop.app.database.reading() as db:
            return len(open_jobs(db, [READ]))

    with shop.opened():
        began = time.monotonic()
        Runner(shop.current, asked).look()
        print(f"{sources} jobs sent in {time.monotonic() - began:.1f} s")
        seconds = _until_read(home, count, left, sources, kill)
        with shop.app.database.reading() as db:
            read = sum(each.checked_at is not None for each in reading_states(db).values())
            stored = db.execute(select(func.count()).select_from(items)).scalar()
        aside = len(all_jobs_aside(shop.app))
    print(f"{count} workers: {read} of {sources} sources read, {stored} items, {aside} set aside, {seconds:.1f} s")
    assert (read, stored, aside) == (sources, sources, 0)
    return seconds


def _until_read(home, count, left, sources, kill):
    """Seconds from the first job that is done to the last."""
    with workers(home, count) as process:
        while left() == sources:
            time.sleep(0.02)
        began = time.monotonic()
        while (now_left := left()) > 0:
            if kill and now_left < sources / 2:
                process.children()[0].send_signal(signal.SIGKILL)
                print(f"killed one of two workers with {now_left} jobs left")
                kill = False
            time.sleep(0.1)
        return time.monotonic() - began


def run(kind, sources, folder, postgres):
    port = Server(("0.0.0.0", 0), Slow)
    threading.Thread(target=port.serve_forever, daemon=True).start()
    where = port.server_address[1]
    seconds = []
    for count in (2,) if kind == "kill" else (1, 2):
        home = folder / f"{kind}{count}"
        home.mkdir()
        lines = (
            f"  - name: S{n}\n    kind: feed\n    url: http://127.0.{n // 200 + 1}.{n % 200 + 1}:{where}/{n}.xml\n"
            for n in range(sources)
        )
        (home / "feeds.yaml").write_text(HEAD + "".join(lines))
        if postgres:
            name = f"{kind}{count}"
            subprocess.run(["psql", "-q", f"{postgres}/postgres", "-c", f"CREATE DATABASE {name}"], check=True)
            os.environ["NEWSLETTER_DATABASE_URL"] = f"{postgres.replace('postgresql:', 'postgresql+psycopg:')}/{name}"
        seconds.append(read_all(home, count, sources=sources, kill=kind == "kill"))
    if kind == "speed":
        print(f"2 workers are {seconds[0] / seconds[1]:.2f} times as fast as 1 (limit 1.7)")
        return int(seconds[0] / seconds[1] < 1.7)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=("speed", "kill"))
    parser.add_argument("--sources", type=int, default=1000)
    asked = parser.parse_args()
    with rabbitmq_server() as url, postgres_server() as address, tempfile.TemporaryDirectory() as folder:
        os.environ |= {"NEWSLETTER_QUEUE_URL": url, "NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8"}
        return run(asked.kind, asked.sources, Path(folder), address.replace("+psycopg", ""))


if __name__ == "__main__":
    sys.exit(main())
