"""What doctor finds out about jobs: those that were set aside, and whether any worker takes those that wait."""

from datetime import UTC, datetime, timedelta

from newsletter.model.check import Check, fault, ok, warning
from newsletter.pipeline.doctor_here import Opening
from newsletter.pipeline.due_jobs import ANYWHERE, NAMES
from newsletter.pipeline.other_runs import other_runs
from newsletter.store.checkup import condition
from newsletter.store.metering import Depth, queue_depth
from newsletter.store.queue import Job, jobs_aside
from newsletter.text import one_line, shorten

_AT_HOME = tuple(name for name in NAMES if name not in ANYWHERE)
_SHOWN = 3
_REASON = 200
PATIENCE = timedelta(minutes=5)
"""A job that could be begun for so long while nobody is at any waits for a worker that is not there."""


def jobs_check(opening: Opening) -> Check:
    """Whether a job failed so often that it is tried no more."""
    with opening() as database:
        if not condition(database).is_current:
            return ok("jobs", "None is set aside.")
        with database.reading() as db:
            found = jobs_aside(db)
    if not found:
        return ok("jobs", "None is set aside.")
    more = f" “newsletter aside” lists all {len(found)}." if len(found) > _SHOWN else ""
    return fault("jobs", f"{_jobs(len(found))} set aside. {' '.join(map(_told, found[:_SHOWN]))}{more}")


def workers_check(opening: Opening) -> Check:
    """Whether somebody takes what the queue holds, and what is done at home: neither stands in for the other."""
    now = datetime.now(UTC)
    with opening() as database:
        if not condition(database).is_current:
            return ok("workers", "No job waits.")
        with database.reading() as db:
            anywhere, at_home = (queue_depth(db, now=now, names=names) for names in (ANYWHERE, _AT_HOME))
    if since := _left_since(anywhere, now):
        waiting = _jobs(_count(anywhere, "waiting"))
        said = f"No worker took a job since {since:%Y-%m-%d %H:%M} UTC, and {waiting} waiting."
        return fault("workers", f"{said} Start one: newsletter worker")
    if since := _left_since(at_home, now):
        waiting = _jobs(_count(at_home, "waiting"))
        said = f"Nobody did what is done at home since {since:%Y-%m-%d %H:%M} UTC, and {waiting} waiting."
        return fault("workers", f"{said} Start it: newsletter run")
    at_work, left = (_count(anywhere, state) + _count(at_home, state) for state in ("running", "waiting"))
    if not (at_work or left):
        return ok("workers", "No job waits.")
    return ok("workers", f"{_jobs(at_work)} being done, {_jobs(left)} waiting.")


def _left_since(depth: Depth, now: datetime) -> datetime | None:
    """Since when jobs could have been begun while nobody is at any; None when that is no time to speak of."""
    is_left = depth.ready_since is not None and now - depth.ready_since > PATIENCE
    return depth.ready_since if is_left and not _count(depth, "running") else None


def _count(depth: Depth, state: str) -> int:
    return sum(count for (_, each), count in depth.counts.items() if each == state)


def runs_check(opening: Opening, mark: str) -> Check:
    """Whether another home than that of ``mark`` has a service on the same database."""
    with opening() as database:
        if not condition(database).is_current:
            return ok("runs", "No other run is alive on this database.")
        with database.reading() as db:
            found = other_runs(db, mark, now=datetime.now(UTC))
    if not found:
        return ok("runs", "No other run is alive on this database.")
    said = f"Another run is alive on this database: {'; '.join(map(str, found))}."
    return warning("runs", f"{said} Drafts lie in the home of the one that made them. Stop one of the two.")


def _jobs(count: int) -> str:
    return "1 job is" if count == 1 else f"{count:,} jobs are"


def _told(job: Job) -> str:
    reason = shorten(one_line(job.reason), _REASON).rstrip(".")
    return f"“{job.name}” failed: {reason}. Mend it, then: newsletter aside replay {job.id}."
