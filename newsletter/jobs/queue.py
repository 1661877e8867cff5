"""Queue: where jobs are asked for. InlineQueue runs them in this process, a few at once."""

import threading
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

import structlog

from newsletter.errors import DatabaseAway, NewsletterError
from newsletter.jobs.errands import ERRANDS
from newsletter.jobs.memory import give_back
from newsletter.jobs.work import Workshop
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.holding import LEASE
from newsletter.pipeline.readings_aside import READ
from newsletter.store import queue
from newsletter.store.queue import Job

AT_ONCE = 24
"""So many jobs are done at the same time; most of them wait for a server."""
_KEPT_FREE = 4
"""So many of them are never readings: servers that hang keep no mail and no draft waiting."""
_LOOK_SECONDS = 30
_STOP_SECONDS = 7.0

log = structlog.get_logger()


class Queue(Protocol):
    """Takes jobs; each is done once, however often it is put."""

    def put(self, app: Newsletter, jobs: Sequence[Job]) -> int:
        """Ask for ``jobs``; how many were not asked for before."""


def put_rows(app: Newsletter, jobs: Sequence[Job]) -> list[Job]:
    """Write down what is asked for, each under a unique name; those that were not asked for before."""
    if not jobs:
        return []
    with app.database.transaction() as db:
        return [job for job in jobs if queue.put(db, job, now=app.now())]


class InlineQueue:
    """Claims rows of the table of jobs in this process, runs at most ``at_once`` of them, and tries again what failed.

    Several processes on one database share the work: a row is one's that claimed it, as long as its lease runs.
    """

    def __init__(self, shop: Workshop, *, names: Sequence[str] = tuple(ERRANDS), at_once: int = AT_ONCE) -> None:
        self.shop, self.names, self.at_once = shop, tuple(names), at_once
        self._wake = threading.Event()
        self._running: set[threading.Thread] = set()
        self._picker: threading.Thread | None = None
        self._has_run = False

    def put(self, app: Newsletter, jobs: Sequence[Job]) -> int:
        """Ask for ``jobs``; how many were not asked for before."""
        new = put_rows(app, jobs)
        if new:
            self._wake.set()
        return len(new)

    def drain(self) -> int:
        """Do here, one after the other, what can be done now; how many jobs that were."""
        done = 0
        while jobs := self._claim(1):
            self.shop.do(jobs[0])
            done += 1
        self.shop.rest_room()
        return done

    def start(self) -> None:
        """Run jobs in the background until :meth:`stop`."""
        self._picker = threading.Thread(target=self._pick, name="queue", daemon=True)
        self._picker.start()

    def stop(self, seconds: float = _STOP_SECONDS) -> bool:
        """Begin nothing more and wait for what runs; whether all of it came to its end in time."""
        self.shop.stop()
        self._wake.set()
        until = time.monotonic() + seconds
        waiting = [each for each in (self._picker, *tuple(self._running)) if each is not None]
        for thread in waiting:
            thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in waiting)

    def _may_begin(self) -> tuple[str, ...]:
        """What may be begun beside what runs."""
        return tuple(name for name in self.names if name != READ or self._reads_left() > 0)

    def _reads_left(self) -> int:
        """So many readings may be begun beside what runs: they never take all places."""
        reads = sum(thread.name == READ for thread in tuple(self._running))
        return max(1, self.at_once - _KEPT_FREE) - reads

    def _claim_beside(self, free: int) -> list[Job]:
        """At most ``free`` jobs to begin now, of which the readings leave some places to others."""
        pressing = tuple(name for name in self.names if name != READ)
        found = self._claim(free, pressing) if pressing else []
        left = min(free - len(found), self._reads_left())
        return found + (self._claim(left, [READ]) if left > 0 and READ in self.names else [])

    def _claim(self, limit: int, names: Sequence[str] = ()) -> list[Job]:
        app = self.shop.app
        with app.database.transaction() as db:
            worker = self.shop.worker
            return queue.claim_ready(db, names or self.names, worker=worker, now=app.now(), limit=limit, lease=LEASE)

    def _pick(self) -> None:
        while not self.shop.is_over.is_set():
            try:
                self._begin_ready()
                pause = self._pause()
            except DatabaseAway:
                pause = float(_LOOK_SECONDS)
            except NewsletterError as fault:
                log.error("queue", trouble=str(fault))
                pause = float(_LOOK_SECONDS)
            except Exception:
                # Nobody else takes jobs here: whatever it is, the next look may be well again.
                log.exception("queue")
                pause = float(_LOOK_SECONDS)
            if not self._running:
                self._rest()
            self._wake.wait(pause)
            self._wake.clear()

    def _rest(self) -> None:
        """Nothing runs: what was taken for it is given back."""
        self.shop.rest_room()
        if self._has_run:
            self._has_run = False
            give_back()

    def _begin_ready(self) -> None:
        free = self.at_once - len(self._running)
        if free <= 0:
            return
        app = self.shop.app
        with app.database.reading() as db:
            ready_at = queue.next_ready_at(db, self._may_begin())
        if ready_at is None or ready_at > app.now():
            return
        for job in self._claim_beside(free):
            thread = threading.Thread(target=self._run, args=(job,), name=job.name, daemon=True)
            self._running.add(thread)
            self._has_run = True
            thread.start()

    def _run(self, job: Job) -> None:
        try:
            self.shop.do(job)
        except NewsletterError as fault:
            # What came of it could not be written down: the lease ends, and it is tried again.
            if not isinstance(fault, DatabaseAway):
                log.error("job", name=job.name, slot=job.slot, trouble=str(fault))
        finally:
            self._running.discard(threading.current_thread())
            self._wake.set()

    def _pause(self) -> float:
        """Seconds until something may be ready; what others put is seen at the next look."""
        if len(self._running) >= self.at_once:
            return float(_LOOK_SECONDS)
        app = self.shop.app
        with app.database.reading() as db:
            at = queue.next_ready_at(db, self._may_begin())
        wait = (at - app.now()) / timedelta(seconds=1) if at else _LOOK_SECONDS
        return min(max(wait, 0.05), _LOOK_SECONDS)
