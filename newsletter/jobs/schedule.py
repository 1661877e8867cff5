"""When the use cases run: APScheduler, set from feeds.yaml at each start and when the file changes.

No job is kept in the scheduler's own store. What is done is a row in the database (job and
slot), so that a second start, a sleep or a crash neither doubles nor loses a run.
"""

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from newsletter.errors import ConfigError, NewsletterError
from newsletter.jobs.lock import only_one
from newsletter.jobs.triggers import WeekTrigger
from newsletter.model.period import Period
from newsletter.model.settings import Schedule
from newsletter.pipeline.app import Newsletter, open_newsletter, system_clock
from newsletter.pipeline.due import after_draft, begin, draft_if_due, gather_due, next_checks, next_draft
from newsletter.pipeline.going_public import going_public
from newsletter.pipeline.notices import send_notices
from newsletter.pipeline.pinned import repair_approved
from newsletter.pipeline.publish import publish_due
from newsletter.pipeline.reader_care import look_after_readers
from newsletter.pipeline.send_right import say_alive
from newsletter.pipeline.sending import send_due
from newsletter.pipeline.times import draft_time, is_skipped, newest_period, next_period, publish_time
from newsletter.pipeline.trouble import tell_trouble

LOOK_EVERY_SECONDS = 60
CARE_EVERY_SECONDS = 900
SEND_EVERY_SECONDS = 15
_SLACK_SECONDS = 3600

log = structlog.get_logger()


def next_runs(app: Newsletter, *, count: int = 10) -> list[tuple[datetime, str]]:
    """The next ``count`` runs after now, the soonest first, in UTC.

    What belongs to the next issue is always among them, however many sources are read before.
    """
    now = app.now()
    others = [(max(at, now), f"read {name}") for at, name in next_checks(app)]
    with app.database.reading() as db:
        waiting = [each for each in going_public(app, db) if each.at > now]
    period = next_period(app.config.schedule, now)
    newest = newest_period(app.config.schedule, now)
    of_next = [run for run in _of_issue(app, newest) if run[0] > now]
    for _ in range(count):
        if not is_skipped(app.config.schedule, period):
            runs = _of_issue(app, period)
            of_next, others = (of_next, others + runs) if of_next else (runs, others)
        period = next_period(app.config.schedule, period.end)
    of_next += [(each.at, f"put issue {each.number} before readers") for each in waiting]
    return sorted(of_next + sorted(others)[: max(0, count - len(of_next))])


def _of_issue(app: Newsletter, period: Period) -> list[tuple[datetime, str]]:
    """The hours of the issue about ``period``."""
    schedule = app.config.schedule
    if is_skipped(schedule, period):
        return []
    send_at = publish_time(schedule, period)
    issue = f"the issue for {send_at.astimezone(schedule.zone):%a %d %b}"
    runs = [(draft_time(schedule, period), f"make the draft of {issue}")]
    if schedule.remind_reviewer:
        at = schedule.remind_reviewer.next_after(draft_time(schedule, period), schedule.zone)
        runs += [(at, f"time to review {issue}")] if at < send_at else []
    return runs


@dataclass(slots=True)
class Runner:
    """Runs what is due at a home. Every look opens the home anew: nothing is remembered in memory but the hours."""

    home: Path
    environ: Mapping[str, str]
    now: Callable[[], datetime] = system_clock
    schedule: Schedule | None = None
    on_new_schedule: Callable[[Schedule], None] = field(default=lambda schedule: None)
    is_over: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _sends: threading.Lock = field(default_factory=threading.Lock)
    _told: tuple[str, ...] = ()

    def look(self) -> None:
        """Read the sources that are due and make a draft whose hour has come, each once."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            with open_newsletter(self.home, environ=self.environ, now=self.now) as app:
                self._take_schedule(app.config.schedule)
                self._tell_file(tuple(str(problem) for problem in app.problems), app.problems_total)
                self._look(app)
        except ConfigError as fault:
            self._tell_file(tuple(str(problem) for problem in fault.problems), fault.total)
        except NewsletterError as fault:
            log.error("run", trouble=str(fault))
        finally:
            self._lock.release()

    def send(self) -> None:
        """Send what is due, and go on with what began; beside the looks, for it may take hours."""
        if not self._sends.acquire(blocking=False):
            return
        try:
            with open_newsletter(self.home, environ=self.environ, now=self.now) as app:
                send_due(app, is_over=self.is_over.is_set, rest=self._rest)
        except ConfigError:
            # The look tells what is wrong with the file.
            return
        except NewsletterError as fault:
            log.error("send", trouble=str(fault))
        finally:
            self._sends.release()

    def care(self) -> None:
        """Take what came back to the newsletter, and ask those whose mail did."""
        try:
            with open_newsletter(self.home, environ=self.environ, now=self.now) as app:
                look_after_readers(app)
        except ConfigError:
            return
        except NewsletterError as fault:
            log.error("bounces", trouble=str(fault))

    def _rest(self, seconds: float) -> None:
        self.is_over.wait(seconds)

    def _look(self, app: Newsletter) -> None:
        if begin(app):
            at = next_draft(app).astimezone(app.config.schedule.zone)
            log.info(
                "first_start",
                first_draft=f"{at:%a %Y-%m-%d %H:%M} {app.config.schedule.zone.key}",
                before_that="newsletter build makes the issue of the past week now",
            )
        for report in gather_due(app):
            if report.problem:
                log.warning("source", name=report.source.name, problem=report.problem)
        if warned := tell_trouble(app):
            log.info("sources_told", count=len(warned))
        repair_approved(app)
        if published := publish_due(app):
            log.info("public", issues=list(published), site=str(app.site))
        say_alive(app)
        issue = draft_if_due(app)
        if told := send_notices(app):
            log.info("editors_told", count=len(told))
        if issue is not None:
            log.info("draft_ready", issue=issue.number, file=str(app.issue_folder(issue.number) / "issue.html"))
            after_draft(app, issue)

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

    def _take_schedule(self, schedule: Schedule) -> None:
        if schedule != self.schedule:
            self.schedule = schedule
            self.on_new_schedule(schedule)


def run_until_stopped(home: Path, *, environ: Mapping[str, str]) -> None:
    """Run the newsletter of ``home`` until SIGINT or SIGTERM. Raises WrongState when it runs already."""
    stop = threading.Event()
    scheduler = BackgroundScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
    runner = Runner(home, environ, on_new_schedule=lambda schedule: set_draft_hour(scheduler, runner, schedule))
    with only_one(home):
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        scheduler.start()
        every = IntervalTrigger(seconds=LOOK_EVERY_SECONDS, timezone="UTC")
        scheduler.add_job(runner.look, every, id="look", next_run_time=system_clock(), misfire_grace_time=None)
        often = IntervalTrigger(seconds=SEND_EVERY_SECONDS, timezone="UTC")
        scheduler.add_job(runner.send, often, id="send", next_run_time=system_clock(), misfire_grace_time=None)
        seldom = IntervalTrigger(seconds=CARE_EVERY_SECONDS, timezone="UTC")
        scheduler.add_job(runner.care, seldom, id="care", next_run_time=system_clock(), misfire_grace_time=None)
        log.info("started", home=str(home.resolve()), stop_it_with="Ctrl+C")
        with _listening(home, environ):
            stop.wait()
        runner.is_over.set()
        scheduler.shutdown(wait=True)
        log.info("stopped", the_next_start="goes on where this one was")


@contextmanager
def _listening(home: Path, environ: Mapping[str, str]) -> Iterator[None]:
    """Take what comes back by LMTP, where feeds.yaml says so when the service starts."""
    with open_newsletter(home, environ=environ) as app:
        place = app.config.delivery.bounces.listener
    if place is None:
        yield
        return
    # Only who has such a mail server needs to know its language.
    from newsletter.jobs.bounce_listener import listening_for_bounces

    with listening_for_bounces(home, place, environ=environ) as where:
        log.info("bounces", taken_at=f"{where[0]}:{where[1]}")
        yield


def set_draft_hour(scheduler: BackgroundScheduler, runner: Runner, schedule: Schedule) -> None:
    """(Re)place the job that makes the draft at its hour."""
    trigger = WeekTrigger(schedule.draft_ready, schedule.zone)
    scheduler.add_job(runner.look, trigger, id="draft", replace_existing=True, misfire_grace_time=_SLACK_SECONDS)
