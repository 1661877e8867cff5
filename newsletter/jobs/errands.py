"""The jobs by name: what each does, where it may be done, and how often it is tried."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, Protocol

import structlog
from structlog.contextvars import bind_contextvars

from newsletter.errors import Busy
from newsletter.pipeline import due_jobs
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.clean_up import clean_up
from newsletter.pipeline.due import draft_if_due, due_period
from newsletter.pipeline.link_check import check_links
from newsletter.pipeline.missed import missed_words
from newsletter.pipeline.notices import notices_to_send, send_notices
from newsletter.pipeline.publish import publish_due
from newsletter.pipeline.read_source import Finish, read_source
from newsletter.pipeline.reader_care import look_after_readers
from newsletter.pipeline.readings_aside import READ
from newsletter.pipeline.sending import send_due
from newsletter.pipeline.times import draft_time
from newsletter.pipeline.trouble import tell_trouble
from newsletter.store.queue import Job, open_jobs

_PATIENCE = timedelta(minutes=20)
"""So long a draft waits for sources that are still being read."""
_WAIT_FOR_READING = 10
_TELL_AGAIN = 600

log = structlog.get_logger()


class Desk(Protocol):
    """What an errand works with besides its arguments."""

    @property
    def app(self) -> Newsletter:
        """The newsletter, with feeds.yaml as it is now."""

    @property
    def holder(self) -> str:
        """Under which name places are taken."""

    @property
    def finish(self) -> Finish:
        """Notes that the job is done; for the transaction of its effect."""

    def room(self) -> Any:
        """Where sources are read."""

    def put(self, job: Job) -> None:
        """Ask for another job."""

    def is_over(self) -> bool:
        """Whether the process ends."""

    def rest(self, seconds: float) -> None:
        """Wait, unless the process ends."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What a job of some name does. ``place``: anywhere, or where the files of the home are."""

    do: Callable[[Desk, Mapping[str, Any]], None]
    place: Literal["anywhere", "home"]
    seconds: int
    """It does not take longer; what does is ended where that can be done."""
    backs_off: int
    """Seconds to wait after the first failure; twice as long after the second."""
    tries: int = 3


def _read(desk: Desk, args: Mapping[str, Any]) -> None:
    report = read_source(desk.app, desk.room(), args, holder=desk.holder, finish=desk.finish)
    if report is None:
        return
    if report.problem:
        log.warning("source", name=report.source.name, problem=report.problem)
    elif report.new_count or report.changed_count:
        log.info("read", new=report.new_count, changed=report.changed_count, seconds=round(report.seconds, 2))


def _draft(desk: Desk, args: Mapping[str, Any]) -> None:
    app = desk.app
    period = due_period(app)
    if period is None or period.end.isoformat() != args["period"]:
        return
    with app.database.reading() as db:
        being_read = [job for job in open_jobs(db, [READ]) if not job.reason]
    if being_read and app.now() < draft_time(app.config.schedule, period) + _PATIENCE:
        raise Busy("Sources that belong into the draft are still being read.", seconds=_WAIT_FOR_READING)
    issue = draft_if_due(app)
    if issue is None:
        return
    bind_contextvars(issue=issue.number)
    log.info("draft_ready", issue=issue.number, file=str(app.issue_folder(issue.number) / "issue.html"))
    if missed := missed_words(app, issue.number):
        log.warning("weeks_missed", issue=issue.number, trouble=missed)
    desk.put(Job(due_jobs.CHECK_LINKS, f"{issue.number} {args['period']}", {"issue": issue.number}))
    if told := send_notices(app):
        log.info("editors_told", count=len(told))


def about(app: Newsletter, job: Job) -> dict[str, object]:
    """What the log of ``job`` is about: its name, and the source or the issue it is for."""
    found: dict[str, object] = {"job": job.name}
    if job.name == READ:
        names = (each.name for each in app.config.sources if each.id == job.args.get("id"))
        found["source"] = next(names, job.args.get("id"))
    if "issue" in job.args:
        found["issue"] = job.args["issue"]
    return found


def _remind(desk: Desk, args: Mapping[str, Any]) -> None:
    if told := send_notices(desk.app):
        log.info("editors_told", count=len(told))
    left = notices_to_send(desk.app)
    if left is not None and left[0] == args["notice"]:
        raise Busy("Some editors could not be told yet.", seconds=_TELL_AGAIN)


def _send(desk: Desk, args: Mapping[str, Any]) -> None:
    send_due(desk.app, is_over=desk.is_over, rest=desk.rest)


def _care(desk: Desk, args: Mapping[str, Any]) -> None:
    look_after_readers(desk.app)
    if warned := tell_trouble(desk.app):
        log.info("sources_told", count=len(warned))


def _publish(desk: Desk, args: Mapping[str, Any]) -> None:
    if published := publish_due(desk.app):
        log.info("public", issues=list(published), site=str(desk.app.site))


def _clean_up(desk: Desk, args: Mapping[str, Any]) -> None:
    clean_up(desk.app)


def _check_links(desk: Desk, args: Mapping[str, Any]) -> None:
    check_links(desk.app, int(args["issue"]))


ERRANDS: Mapping[str, Errand] = {
    due_jobs.SEND: Errand(_send, "home", seconds=86_400, backs_off=15),
    due_jobs.PUBLISH: Errand(_publish, "home", seconds=600, backs_off=60),
    READ: Errand(_read, "anywhere", seconds=900, backs_off=60),
    due_jobs.DRAFT: Errand(_draft, "home", seconds=1_800, backs_off=300),
    due_jobs.REMIND: Errand(_remind, "home", seconds=600, backs_off=60),
    due_jobs.CARE: Errand(_care, "home", seconds=1_800, backs_off=60),
    due_jobs.CHECK_LINKS: Errand(_check_links, "anywhere", seconds=900, backs_off=60),
    due_jobs.CLEAN_UP: Errand(_clean_up, "home", seconds=600, backs_off=300),
}
"""In the order in which they are taken when several wait."""
