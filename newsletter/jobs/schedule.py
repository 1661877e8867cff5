"""When the use cases run: APScheduler, set from feeds.yaml at each start and when the file changes.

No job is kept in the scheduler's own store. What is done is a row in the database (job and
slot), so that a second start, a sleep or a crash neither doubles nor loses a run.
"""

import signal
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from newsletter.errors import NewsletterError
from newsletter.jobs.triggers import WeekTrigger
from newsletter.model.settings import Schedule
from newsletter.pipeline.app import Newsletter, open_newsletter, system_clock
from newsletter.pipeline.due import after_draft, draft_if_due, gather_due, next_checks
from newsletter.pipeline.notices import send_notices
from newsletter.pipeline.pinned import repair_approved
from newsletter.pipeline.times import draft_time, is_skipped, next_period, publish_time

LOOK_EVERY_SECONDS = 60
_SLACK_SECONDS = 3600

log = structlog.get_logger()


def next_runs(app: Newsletter, *, count: int = 10) -> list[tuple[datetime, str]]:
    """The next ``count`` runs after now: source checks and drafts, the soonest first, in UTC."""
    now = app.now()
    runs = [(max(at, now), f"read {name}") for at, name in next_checks(app)]
    period = next_period(app.config.schedule, now)
    for _ in range(count):
        if not is_skipped(app.config.schedule, period):
            send_at = publish_time(app.config.schedule, period).astimezone(app.config.schedule.zone)
            runs.append(
                (draft_time(app.config.schedule, period), f"make the draft of the issue for {send_at:%a %d %b}")
            )
        period = next_period(app.config.schedule, period.end)
    return sorted(runs)[:count]


@dataclass(slots=True)
class Runner:
    """Runs what is due at a home. Every look opens the home anew: nothing is remembered in memory but the hours."""

    home: Path
    environ: Mapping[str, str]
    now: Callable[[], datetime] = system_clock
    say: Callable[[str], None] = print
    schedule: Schedule | None = None
    on_new_schedule: Callable[[Schedule], None] = field(default=lambda schedule: None)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> None:
        """Read the sources that are due and make a draft whose hour has come, each once."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            with open_newsletter(self.home, environ=self.environ, now=self.now) as app:
                self._take_schedule(app.config.schedule)
                for problem in app.problems:
                    log.warning("feeds.yaml", problem=str(problem))
                for report in gather_due(app):
                    if report.problem:
                        self.say(report.problem)
                repair_approved(app)
                issue = draft_if_due(app)
                if told := send_notices(app):
                    log.info("editors told what waits", count=len(told))
                if issue is not None:
                    after_draft(app, issue)
                    self.say(f"Draft of issue {issue.number} is ready: {app.issue_folder(issue.number) / 'issue.html'}")
        except NewsletterError as fault:
            log.error("run", trouble=str(fault))
        finally:
            self._lock.release()

    def _take_schedule(self, schedule: Schedule) -> None:
        if schedule != self.schedule:
            self.schedule = schedule
            self.on_new_schedule(schedule)


def run_until_stopped(home: Path, *, environ: Mapping[str, str], say: Callable[[str], None] = print) -> None:
    """Run the newsletter of ``home`` until SIGINT or SIGTERM."""
    stop = threading.Event()
    scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
    runner = Runner(
        home, environ, say=say, on_new_schedule=lambda schedule: set_draft_hour(scheduler, runner, schedule)
    )
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    scheduler.start()
    every = IntervalTrigger(seconds=LOOK_EVERY_SECONDS, timezone="UTC")
    scheduler.add_job(runner.look, every, id="look", next_run_time=system_clock(), misfire_grace_time=None)
    say(f"The newsletter of {home.resolve()} runs. Stop it with Ctrl+C.")
    stop.wait()
    scheduler.shutdown(wait=True)
    say("Stopped; the next start goes on where this one was.")


def set_draft_hour(scheduler: BackgroundScheduler, runner: Runner, schedule: Schedule) -> None:
    """(Re)place the job that makes the draft at its hour."""
    trigger = WeekTrigger(schedule.draft_ready, schedule.zone)
    scheduler.add_job(runner.look, trigger, id="draft", replace_existing=True, misfire_grace_time=_SLACK_SECONDS)
