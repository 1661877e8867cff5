"""A worker: takes jobs from the broker until it is stopped; and several of them, begun anew when one dies."""

import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import dramatiq
import structlog

from newsletter.errors import NewsletterError
from newsletter.jobs.broker import Messages, do_with, queue_of
from newsletter.jobs.service import end, stop_signal, wait_for
from newsletter.jobs.work import Workshop, free
from newsletter.pipeline.app import open_newsletter, system_clock
from newsletter.pipeline.current import Surroundings
from newsletter.pipeline.in_force import QUEUE_VARIABLE
from newsletter.store.queue import Job

THREADS = 8
"""So many jobs a process does at once; most of them wait for a server."""
_STOP_SECONDS = 7
_LOOK_SECONDS = 0.5
_PAUSE_SECONDS = 2.0

log = structlog.get_logger()


def work_until_stopped(home: Path, *, environ: Mapping[str, str], threads: int = THREADS) -> None:
    """Take jobs until SIGINT or SIGTERM, then end within ten seconds; what is in its middle goes back."""
    stop = stop_signal()
    shop = Workshop(Surroundings(home, environ, system_clock, {}), put=lambda app, job: None)

    def send(job: Job, seconds: float) -> None:
        try:
            messages.send(job, seconds=seconds)
        finally:
            messages.rest()

    messages = Messages(environ[QUEUE_VARIABLE], do_with(shop, send), lambda: queue_of(shop.app))
    with shop.opened():
        worker = dramatiq.Worker(messages.broker, queues={messages.queue}, worker_threads=threads)
        worker.start()
        log.info("worker started", home=str(home.resolve()), threads=threads)
        wait_for(stop)
        shop.stop()
        stopping = threading.Thread(target=worker.stop, args=(_STOP_SECONDS * 1000,), daemon=True)
        stopping.start()
        stopping.join(_STOP_SECONDS + 1)
    end(is_whole=False)


def supervise(home: Path, *, environ: Mapping[str, str], processes: int) -> None:
    """Keep so many workers running until SIGINT or SIGTERM; what one held that died is free at once."""
    stop, running = stop_signal(), [_start(home) for _ in range(processes)]
    try:
        while not stop.wait(_LOOK_SECONDS):
            for place, child in enumerate(running):
                if child.poll() is not None:
                    log.error("worker died", pid=child.pid, code=child.returncode, then="another takes its place")
                    _free_after(home, environ, child.pid)
                    stop.wait(_PAUSE_SECONDS)
                    running[place] = _start(home)
    finally:
        _end(running)


def _end(running: Sequence["subprocess.Popen[bytes]"]) -> None:
    for child in running:
        child.terminate()
    for child in running:
        try:
            child.wait(_STOP_SECONDS + 2)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _start(home: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "newsletter", "worker", "--home", str(home)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


def _free_after(home: Path, environ: Mapping[str, str], pid: int) -> None:
    try:
        with open_newsletter(home, environ=environ) as app, app.database.transaction() as db:
            free(db, f"{socket.gethostname()}:{pid}", now=app.now())
    except NewsletterError as fault:
        log.warning("lease", trouble=str(fault), then="it ends by itself")
