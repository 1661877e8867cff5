"""SIGTERM in the middle of the longest things: the end comes within ten seconds, and nothing is lost."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import func, select

from newsletter.pipeline.app import open_newsletter
from newsletter.store import jobs, queue
from newsletter.store.database import Database
from newsletter.store.holds import take_place
from newsletter.store.mail_tables import deliveries
from newsletter.store.tables import jobs as job_table
from tests.killing import make_home
from tests.loopback import atom, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
ROOT = Path(__file__).resolve().parents[2]
HEAD = "newsletter:\n  name: Test weekly\n  from: Test <test@example.org>\n"
WITHIN = 10.0


@contextmanager
def running(*words: str, home: Path, **environ: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, *words, "--home", str(home), "--port", "0"]
    names = {"NEWSLETTER_ALLOW_NETWORKS": "127.0.0.0/8", **environ}
    with (home / "log").open("w") as log:
        process = subprocess.Popen(command, env={**os.environ, **names}, cwd=ROOT, stderr=log, text=True)
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


def wait_for(path: Path, process: "subprocess.Popen[str]", seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < until, "it did not begin"
        assert process.poll() is None, "it ended by itself"
        time.sleep(0.02)


def end(process: "subprocess.Popen[str]") -> None:
    """SIGTERM; it ends in time, as does every process it had begun."""
    children = psutil.Process(process.pid).children(recursive=True)
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    assert time.monotonic() - began < WITHIN
    _, alive = psutil.wait_procs(children, timeout=2)
    assert alive == []


def given_back(home: Path, name: str) -> None:
    """The one job of that name is there for the next start, at once and uncounted; so is the place at its source."""
    database, now = Database(f"sqlite:///{home / 'data' / 'newsletter.db'}"), datetime.now(UTC)
    with database.transaction() as db:
        [row] = db.execute(select(job_table).where(job_table.c.job == name, job_table.c.done_at.is_(None)))
        assert (row.claimed_by, row.attempts, row.aside_at) == ("", 0, None)
        assert row.claimed_until <= now + timedelta(seconds=1)
        assert [each.name for each in queue.open_jobs(db, [name])] == [name]
        assert take_place(db, "source planet", holder="next", now=now, until=now + timedelta(seconds=1))
    database.close()


def test_a_document_that_is_being_parsed_in_a_worker_process(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(
        HEAD + "sources:\n  - name: Planet\n    kind: feed\n    url: http://127.0.0.1:9/\n"
    )
    mark = tmp_path / "begun"
    with running("-m", "tests.jobs.slow", "parsing", str(mark), "run", home=tmp_path) as process:
        wait_for(mark, process)
        end(process)
    given_back(tmp_path, "read source")


def test_a_draft_that_is_being_made(tmp_path: Path) -> None:
    mark = tmp_path / "begun"
    with serving() as web:
        web["/planet.xml"] = atom()
        source = f"sources:\n  - name: Planet\n    kind: feed\n    url: {web.base}/planet.xml\n"
        (tmp_path / "feeds.yaml").write_text(HEAD + source)
        with open_newsletter(tmp_path) as app, app.database.transaction() as db:
            jobs.done(db, "run", "begun", now=datetime.now(UTC) - timedelta(days=30))
        with running("-m", "tests.jobs.slow", "drafting", str(mark), "run", home=tmp_path) as process:
            wait_for(mark, process)
            end(process)
        given_back(tmp_path, "make draft")
        with running("-m", "newsletter", "run", home=tmp_path) as process:
            wait_for(tmp_path / "data" / "issues" / "0001" / "issue.html", process)
            end(process)


HEARD_BY_ANOTHER = """
import signal, threading, time
from newsletter.jobs.service import stop_signal, wait_for

def take() -> None:
    time.sleep(0.2)  # by then the main thread waits
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    time.sleep(60)

stop = stop_signal()
threading.Thread(target=take, daemon=True).start()
wait_for(stop)
"""


def test_a_signal_that_does_not_wake_the_main_thread() -> None:
    # As when it comes just before the wait begins: then, too, the interpreter has noted it and nobody looks.
    subprocess.run([sys.executable, "-c", HEARD_BY_ANOTHER], cwd=ROOT, check=True, timeout=60)


def test_what_a_page_began(tmp_path: Path) -> None:
    (tmp_path / "feeds.yaml").write_text(HEAD)
    mark = tmp_path / "begun"
    with running("-m", "tests.jobs.slow", "erasing", str(mark), "run", home=tmp_path) as process:
        wait_for(mark, process)
        end(process)


class DeafServer(threading.Thread):
    """A mail server that takes every word of a mail and never answers its end."""

    def __init__(self, mark: Path) -> None:
        super().__init__(daemon=True)
        self._mark = mark
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]

    def run(self) -> None:
        while True:
            try:
                talk, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(talk,), daemon=True).start()

    def _talk(self, talk: socket.socket) -> None:
        with talk, talk.makefile("rwb") as file:

            def say(words: bytes) -> None:
                file.write(words + b"\r\n")
                file.flush()

            say(b"220 deaf")
            while line := file.readline():
                if line[:4].upper() == b"DATA":
                    say(b"354 go on")
                    while (line := file.readline()) and line != b".\r\n":
                        pass
                    self._mark.touch()
                    file.readline()
                    return
                say(b"250 deaf")

    def close(self) -> None:
        self._socket.close()


def test_mails_that_are_going_out(tmp_path: Path) -> None:
    mark, readers = tmp_path / "begun", 200
    server = DeafServer(mark)
    server.start()
    environ: dict[str, Any] = make_home(tmp_path, server.port, readers, policy="hold")
    text = (tmp_path / "feeds.yaml").read_text()
    (tmp_path / "feeds.yaml").write_text(text.replace("feed.xml\n", "feed.xml\n    paused: yes\n"))
    try:
        with running("-m", "newsletter", "run", home=tmp_path, **environ) as process:
            wait_for(mark, process)
            end(process)
    finally:
        server.close()
    with open_newsletter(tmp_path, environ=environ) as app, app.database.reading() as db:
        counted = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
        found = {row[0]: row[1] for row in db.execute(counted)}
    assert sum(found.values()) == readers
    assert found["queued"] >= readers - 8, "what was not begun waits for the next start"
    assert found.keys() <= {"queued", "sending", "unknown"}
    assert "@" not in (tmp_path / "log").read_text(), "no reader is named in the log"
