"""When jobs are asked for: APScheduler, set from feeds.yaml at each start and when the file changes.

The scheduler keeps two jobs in memory, however many sources there are: a look at what is due, at the earliest moment
at which something will be and at least once a minute; and one at what is to be sent. A job of its own for each source
would have to be moved whenever one was read, by whatever process, and would know no more than the sources' rows do.
What is asked for is a row (job and slot) under a unique name, so that a second start, a second scheduler, a sleep or a
crash neither doubles nor loses a run.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from newsletter.errors import DatabaseAway, NewsletterError
from newsletter.jobs.queue import Queue
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.current import CurrentNewsletter
from newsletter.pipeline.due import begin, next_draft
from newsletter.pipeline.due_jobs import SEND, jobs_due, next_due_at, sending_due
from newsletter.pipeline.pinned import repair_approved
from newsletter.pipeline.send_right import say_alive
from newsletter.store.queue import open_jobs

LOOK_EVERY_SECONDS = 60
SEND_EVERY_SECONDS = 15

log = structlog.get_logger()


@dataclass(slots=True)
class Runner:
    """Asks for what is due at a home. Nothing is remembered in memory but when to look again."""

    current: CurrentNewsletter
    queue: Queue
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _told: tuple[str, ...] = ()

    def look(self) -> datetime | None:
        """Ask for everything that is due, each once; when something else will be, None when that is not known."""
        with self._lock:
            try:
                app = self.current.get()
                self._tell_file(tuple(str(problem) for problem in app.problems), app.problems_total)
                self._begin(app)
                say_alive(app)
                self.queue.put(app, jobs_due(app))
                return next_due_at(app)
            except DatabaseAway:
                return None
            except NewsletterError as fault:
                log.error("run", trouble=str(fault))
            except Exception:
                # A full disk, say. The next look is asked for by this one: it has to come to its end.
                log.exception("run")
            return None

    def look_at_mails(self) -> None:
        """Ask for sending when something is due or under way, unless somebody is at it."""
        try:
            app = self.current.get()
            job = sending_due(app)
            if job is None:
                return
            with app.database.reading() as db:
                is_asked_for = bool(open_jobs(db, [SEND]))
            if not is_asked_for:
                self.queue.put(app, [job])
        except DatabaseAway:
            return
        except NewsletterError as fault:
            log.error("send", trouble=str(fault))

    def _begin(self, app: Newsletter) -> None:
        if begin(app):
            at = next_draft(app).astimezone(app.config.schedule.zone)
            log.info(
                "first_start",
                first_draft=f"{at:%a %Y-%m-%d %H:%M} {app.config.schedule.zone.key}",
                before_that="newsletter build makes the issue of the past week now",
            )
        repair_approved(app)

    def _tell_file(self, problems: tuple[str, ...], total: int) -> None:
        """Say what is wrong with feeds.yaml when it becomes wrong, and once that it is good again."""
        if problems == self._told:
            return
        for problem in problems:
            log.warning("feeds.yaml", problem=problem)
        if total > len(problems):
            log.warning("feeds.yaml", more=f"{len(problems)} of {total} shown")
        if not problems:
            log.info("feeds.yaml", good_again="it is in force now")
        self._told = problems


class Clock:
    """APScheduler with the two looks of a Runner."""

    def __init__(self, runner: Runner) -> None:
        self._runner = runner
        self.scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})

    def start(self) -> None:
        """Look now, and from then on whenever something is due."""
        self.scheduler.start()
        now = self._runner.current.now()
        often = IntervalTrigger(seconds=SEND_EVERY_SECONDS, timezone="UTC")
        self._add(self._runner.look_at_mails, often, id="send", next_run_time=now)
        self._add(self._look, DateTrigger(now, timezone="UTC"), id="look")

    def stop(self) -> None:
        """Look no more."""
        self.scheduler.shutdown(wait=False)

    def _look(self) -> None:
        due_at, now = self._runner.look(), self._runner.current.now()
        at = now + timedelta(seconds=LOOK_EVERY_SECONDS)
        if due_at is not None and due_at > now:
            at = min(at, due_at)
        if self.scheduler.running:
            self._add(self._look, DateTrigger(at, timezone="UTC"), id="look")

    def _add(self, function: Callable[[], Any], trigger: Any, **options: Any) -> None:
        self.scheduler.add_job(function, trigger, replace_existing=True, misfire_grace_time=None, **options)
