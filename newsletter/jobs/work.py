"""Running jobs: claimed under a lease that is kept while the process lives, tried three times, set aside then."""

import contextvars
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Literal

import structlog
from structlog.contextvars import bind_contextvars

from newsletter.errors import Busy, DatabaseAway, NewsletterError, StoreFault
from newsletter.jobs.errands import ERRANDS, Errand, about
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.current import CurrentNewsletter, Surroundings
from newsletter.pipeline.holding import LEASE, kept_alive, new_worker
from newsletter.pipeline.read_source import Finish, open_room
from newsletter.pipeline.readings_aside import begin_unknown_again
from newsletter.store import jobs
from newsletter.store.database import Db
from newsletter.store.holds import keep_places, leave_all_places
from newsletter.store.queue import Job, claim_one, fail, give_back_all, keep_claims, postpone, set_aside

_OUTSIDE_SECONDS = 60
"""The wait when the database or the disk is to blame, not the job."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a job: ``again_at`` is when to try again, None when there is nothing to try."""

    state: Literal["done", "busy", "failed", "aside", "stopped"]
    again_at: datetime | None = None


class Workshop:
    """Where one process runs its jobs: the open home, the room where sources are read, the name it claims under."""

    def __init__(self, around: Surroundings, put: Callable[[Newsletter, Job], object]) -> None:
        self.current = CurrentNewsletter(around)
        self.is_over = threading.Event()
        self.worker = new_worker()
        self.put = put
        self.at_end: list[Callable[[], None]] = []
        self._numbers = count(1)
        self._file_hash = ""
        self._room: Any = None
        self._lock = threading.Lock()

    @contextmanager
    def opened(self) -> Iterator["Workshop"]:
        """The home is open and what is claimed stays claimed until the block ends; then all is given back."""
        self.current.open()
        self._begin_again(self.app)
        try:
            with kept_alive(self._keep):
                yield self
        finally:
            if self._room is not None:
                self._room.close()
            for leave in self.at_end:
                leave()
            with self.app.database.transaction() as db:
                # To be asked to end is no failure of the jobs that were in their middle.
                give_back_all(db, self.worker, now=self.app.now(), is_counted=False)
                leave_all_places(db, self.worker, now=self.app.now())
            self.current.close()

    @property
    def app(self) -> Newsletter:
        """The newsletter, with feeds.yaml as it is now."""
        return self.current.get()

    def room(self) -> Any:
        """Where sources are read; opened when somebody asks for it."""
        with self._lock:
            if self._room is None:
                self._room = open_room(self.app)
                if self.is_over.is_set():
                    self._room.stop()
            return self._room

    def rest_room(self) -> None:
        """Nobody reads for now: its processes and its client are given back."""
        with self._lock:
            if self._room is not None:
                self._room.close()

    def stop(self) -> None:
        """The process ends: readings end at the edge of a batch, sending after the mails it is at."""
        self.is_over.set()
        with self._lock:
            if self._room is not None:
                self._room.stop()

    def claim_and_do(self, name: str, slot: str) -> Outcome:
        """Do one job if it is still to be done and nobody is at it."""
        app = self.app
        with app.database.transaction() as db:
            job, again_at = claim_one(db, name, slot, worker=self.worker, now=app.now(), lease=LEASE)
        if job is None:
            return Outcome("busy", again_at) if again_at else Outcome("done")
        return self.do(job)

    def do(self, job: Job) -> Outcome:
        """Do a job that was claimed, and write down what came of it; its logs say what it is about."""
        # A context of its own: what a job learns meanwhile, such as the number of its issue, ends with it.
        return contextvars.copy_context().run(self._do, job)

    def _do(self, job: Job) -> Outcome:
        bind_contextvars(**about(self.app, job))
        errand = ERRANDS[job.name]
        try:
            if job.attempts > errand.tries:
                return self._aside(job, f"the process that ran it ended {errand.tries} times, each time before its end")
            errand.do(_AtHand(self, job, f"{self.worker}/{next(self._numbers)}"), job.args)
            with self.app.database.transaction() as db:
                self._finish(job)(db)
            return Outcome("done")
        except Busy as fault:
            return self._later(job, "stopped" if self.is_over.is_set() else "busy", fault.seconds)
        except (StoreFault, OSError) as fault:
            if not isinstance(fault, DatabaseAway):
                log.error("job", name=job.name, slot=job.slot, trouble=str(fault))
            return self._later(job, "failed", _OUTSIDE_SECONDS)
        except NewsletterError as fault:
            return self._failed(job, errand, str(fault))
        except Exception as fault:
            log.exception("job", name=job.name, slot=job.slot)
            return self._failed(job, errand, f"{type(fault).__name__}: {fault}")

    def _finish(self, job: Job) -> Finish:
        now = self.app.now
        return lambda db: jobs.done(db, job.name, job.slot, now=now())

    def _later(self, job: Job, state: Literal["busy", "failed", "stopped"], seconds: float) -> Outcome:
        again_at = self.app.now() + timedelta(seconds=seconds)
        with self.app.database.transaction() as db:
            postpone(db, job, worker=self.worker, until=again_at)
        return Outcome(state, again_at)

    def _failed(self, job: Job, errand: Errand, reason: str) -> Outcome:
        if job.attempts >= errand.tries:
            return self._aside(job, reason)
        again_at = self.app.now() + timedelta(seconds=errand.backs_off * 2 ** (job.attempts - 1))
        log.warning("job", name=job.name, slot=job.slot, trouble=reason, tried=job.attempts, again_at=str(again_at))
        with self.app.database.transaction() as db:
            fail(db, job, worker=self.worker, reason=reason, until=again_at)
        return Outcome("failed", again_at)

    def _aside(self, job: Job, reason: str) -> Outcome:
        log.error("job set aside", name=job.name, slot=job.slot, reason=reason, see="newsletter aside")
        with self.app.database.transaction() as db:
            set_aside(db, job, worker=self.worker, reason=reason, now=self.app.now())
        return Outcome("aside")

    def _begin_again(self, app: Newsletter) -> None:
        """Once for each feeds.yaml that is in force here."""
        if app.config.file_hash == self._file_hash:
            return
        begun = begin_unknown_again(app)
        self._file_hash = app.config.file_hash
        if begun:
            log.info("readings set aside begin again", count=begun, why="feeds.yaml of this machine names their source")

    def _keep(self) -> None:
        """Say that this process lives; what failed for want of a source that its file names now is begun again."""
        app = self.app
        self._begin_again(app)
        with app.database.transaction() as db:
            keep_claims(db, self.worker, until=app.now() + LEASE)
            keep_places(db, self.worker, until=app.now() + LEASE)


@dataclass(frozen=True, slots=True)
class _AtHand:
    """What a job works with."""

    shop: Workshop
    job: Job
    holder: str

    @property
    def app(self) -> Newsletter:
        return self.shop.app

    @property
    def finish(self) -> Finish:
        return self.shop._finish(self.job)

    def room(self) -> Any:
        return self.shop.room()

    def put(self, job: Job) -> None:
        self.shop.put(self.app, job)

    def is_over(self) -> bool:
        return self.shop.is_over.is_set()

    def rest(self, seconds: float) -> None:
        self.shop.is_over.wait(seconds)


def free(db: Db, worker: str, *, now: datetime) -> None:
    """Give back all that a worker held which is no more."""
    give_back_all(db, worker, now=now)
    leave_all_places(db, worker, now=now)
