"""The whole service as a process: two of them fire once, and the end comes soon."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from newsletter.store.database import Database
from newsletter.store.queue import open_jobs
from tests.loopback import atom, serving

pytestmark = pytest.mark.slow
HEAD = "newsletter:\n  name: Test weekly\n  from: Test <test@example.org>\nsources:\n"


def started(home: Path, **environ: str) -> "subprocess.Popen[str]":
    home.mkdir(exist_ok=True)
    command = [sys.executable, "-m", "newsletter", "run", "--home", str(home), "--port", "0"]
    names = {"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8", **environ}
    return subprocess.Popen(command, env={**os.environ, **names}, stderr=subprocess.PIPE, text=True)


def desk_of(process: "subprocess.Popen[str]") -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r'"desk": "([^"]+)"', line):
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return found[1]
    raise AssertionError("it did not start")


def end(process: "subprocess.Popen[str]") -> float:
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    if process.stderr is not None:
        process.stderr.close()
    return time.monotonic() - began


def test_two_schedulers_ask_each_source_once(tmp_path: Path, database_url: str) -> None:
    with serving() as web:
        lines = []
        for number in range(12):
            web[f"/{number}.xml"] = atom((f"one-{number}", "Words", "2026-10-12T09:00:00Z", "Hello."))
            lines.append(f"  - name: S{number}\n    kind: feed\n    url: {web.base}/{number}.xml\n")
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
            (tmp_path / name / "feeds.yaml").write_text(HEAD + "".join(lines))
        both = [started(tmp_path / name, NEWSLETTER_DATABASE_URL=database_url) for name in ("a", "b")]
        for each in both:
            desk_of(each)
        until = time.monotonic() + 60
        while len(web.asked) < 12 and time.monotonic() < until:
            time.sleep(0.05)
        time.sleep(1)
        assert all(end(each) < 10 for each in both)
    assert Counter(web.asked) == {(f"/{number}.xml", 200): 1 for number in range(12)}


def test_it_serves_the_desk_and_ends_soon_while_a_source_answers_nothing(tmp_path: Path) -> None:
    asked, over = threading.Event(), threading.Event()

    class Silent(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.set()
            over.wait(60)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        source = f"  - name: Silent\n    kind: feed\n    url: http://127.0.0.1:{server.server_address[1]}/x.xml\n"
        (tmp_path / "feeds.yaml").write_text(HEAD + source)
        process = started(tmp_path)
        with urllib.request.urlopen(desk_of(process), timeout=20) as page:
            assert page.status == 200
        assert asked.wait(30)
        assert end(process) < 10
        database = Database(f"sqlite:///{tmp_path / 'data' / 'newsletter.db'}")
        with database.reading() as db:
            [job] = open_jobs(db, ["read source"])
        database.close()
        assert job.attempts == 0, "being stopped is no failure"
    finally:
        over.set()
        server.shutdown()
        server.server_close()
