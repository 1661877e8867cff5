"""The queue in the database: jobs that were asked for, who is at them, what failed and what was set aside.

A job is a row (name and slot) with its arguments; :mod:`newsletter.store.jobs` says what is done.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, or_, select, update

from newsletter.store.database import Db
from newsletter.store.jobs import LEASE
from newsletter.store.secrets import known_secret, secret
from newsletter.store.tables import jobs

CARRIED = "queue"
"""Under this name the database keeps what the name of its queue at a broker is made of: no other one has it."""
_LONGEST_REASON = 500
_IS_OPEN = (jobs.c.args.is_not(None), jobs.c.done_at.is_(None), jobs.c.aside_at.is_(None))


@dataclass(frozen=True, slots=True)
class Job:
    """A named use case with its arguments, for one slot."""

    name: str
    slot: str
    args: Mapping[str, Any]
    attempts: int = 0
    reason: str = ""
    aside_at: datetime | None = None

    @property
    def id(self) -> str:
        """A short name for people."""
        named = f"{self.name}\0{self.slot}".encode("utf-8", "surrogatepass")
        return hashlib.blake2b(named, digest_size=6).hexdigest()


def make_queue_name(db: Db) -> str:
    """What the queue of this database is called at a broker; made in this (writing) transaction when it is none yet."""
    return _queue_name(secret(db, CARRIED))


def queue_name(db: Db) -> str | None:
    """What the queue of this database is called at a broker; None while nobody asked for it."""
    known = known_secret(db, CARRIED)
    return _queue_name(known) if known else None


def _queue_name(made_of: bytes) -> str:
    return f"newsletter-{made_of[:8].hex()}"


def put(db: Db, job: Job, *, now: datetime) -> bool:
    """Ask for ``job``; false when it was asked for before, whatever became of it."""
    row = {"job": job.name, "slot": job.slot, "claimed_by": "", "claimed_until": now, "attempts": 0, "done_at": None}
    return db.insert_new_one(jobs, row | {"args": dict(job.args)})


def claim_ready(
    db: Db, names: Sequence[str], *, worker: str, now: datetime, limit: int, lease: timedelta = LEASE
) -> list[Job]:
    """Take at most ``limit`` open jobs with these ``names``, the first of them first; each with this attempt counted.

    On PostgreSQL rows that another transaction is just taking are passed by; SQLite has one writer at a time.
    """
    order = case({name: number for number, name in enumerate(names)}, value=jobs.c.job)
    wanted = (
        select(jobs)
        .where(*_IS_OPEN, jobs.c.job.in_(names), jobs.c.claimed_until <= now)
        .order_by(order, jobs.c.claimed_until, jobs.c.slot)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = list(db.execute(wanted))
    values = {"claimed_by": worker, "claimed_until": now + lease, "attempts": jobs.c.attempts + 1}
    for row in found:
        db.execute(update(jobs).where(jobs.c.job == row.job, jobs.c.slot == row.slot).values(**values))
    return [replace(_job(row), attempts=row.attempts + 1) for row in found]


def claim_one(
    db: Db, name: str, slot: str, *, worker: str, now: datetime, lease: timedelta = LEASE
) -> tuple[Job | None, datetime | None]:
    """Take one open job; without it, when to try again (None: it is done, set aside, or nobody asked for it)."""
    is_it = (jobs.c.job == name, jobs.c.slot == slot)
    values = {"claimed_by": worker, "claimed_until": now + lease, "attempts": jobs.c.attempts + 1}
    is_taken = db.execute(update(jobs).where(*is_it, *_IS_OPEN, jobs.c.claimed_until <= now).values(**values)).rowcount
    row = db.execute(select(jobs).where(*is_it, *_IS_OPEN)).first()
    if row is None:
        return None, None
    return (_job(row), None) if is_taken else (None, _job_time(row))


def keep_claims(db: Db, worker: str, *, until: datetime) -> None:
    """Say that ``worker`` is alive and at everything it took."""
    is_held = (jobs.c.done_at.is_(None), jobs.c.claimed_by == worker)
    db.execute(update(jobs).where(*is_held).values(claimed_until=until))


def give_back_all(db: Db, worker: str, *, now: datetime, is_counted: bool = True) -> int:
    """Free what a ``worker`` held that is no more, or all of a process (HOST:PID); how many jobs.

    The attempts stay counted, unless the worker was asked to end.
    """
    is_its = or_(jobs.c.claimed_by == worker, jobs.c.claimed_by.startswith(f"{worker}:", autoescape=True))
    is_held = (jobs.c.args.is_not(None), jobs.c.done_at.is_(None), is_its)
    attempts = jobs.c.attempts if is_counted else jobs.c.attempts - 1
    values = {"claimed_by": "", "claimed_until": now, "attempts": attempts}
    return db.execute(update(jobs).where(*is_held).values(**values)).rowcount


def postpone(db: Db, job: Job, *, worker: str, until: datetime) -> None:
    """Give back a job that could not begin, or was not to blame; this attempt does not count."""
    _end(db, job, worker, {"claimed_by": "", "claimed_until": until, "attempts": jobs.c.attempts - 1})


def fail(db: Db, job: Job, *, worker: str, reason: str, until: datetime) -> None:
    """Remember why a job failed; it is tried again from ``until`` on."""
    _end(db, job, worker, {"claimed_by": "", "claimed_until": until, "reason": reason[:_LONGEST_REASON]})


def set_aside(db: Db, job: Job, *, worker: str, reason: str, now: datetime) -> None:
    """Try a job no more until somebody says so."""
    _end(db, job, worker, {"claimed_by": "", "aside_at": now, "reason": reason[:_LONGEST_REASON]})


def _end(db: Db, job: Job, worker: str, values: Mapping[str, Any]) -> None:
    is_held = (jobs.c.job == job.name, jobs.c.slot == job.slot, jobs.c.done_at.is_(None), jobs.c.claimed_by == worker)
    db.execute(update(jobs).where(*is_held).values(**values))


def jobs_aside(db: Db) -> list[Job]:
    """The jobs that are set aside, the oldest first."""
    is_aside = (jobs.c.aside_at.is_not(None), jobs.c.done_at.is_(None))
    return [_job(row) for row in db.execute(select(jobs).where(*is_aside).order_by(jobs.c.aside_at, jobs.c.slot))]


def try_again(db: Db, job: Job, *, now: datetime) -> None:
    """Let a job that was set aside be tried again, as often as at first."""
    is_it = (jobs.c.job == job.name, jobs.c.slot == job.slot, jobs.c.aside_at.is_not(None))
    values = {"aside_at": None, "attempts": 0, "claimed_by": "", "claimed_until": now, "sent_at": None}
    db.execute(update(jobs).where(*is_it).values(**values))


def open_jobs(db: Db, names: Sequence[str]) -> list[Job]:
    """What was asked for and is neither done nor set aside."""
    return [_job(row) for row in db.execute(select(jobs).where(*_IS_OPEN, jobs.c.job.in_(names)))]


def next_ready_at(db: Db, names: Sequence[str]) -> datetime | None:
    """When the next open job with one of ``names`` may be taken, None when there is none."""
    found: datetime | None = db.execute(
        select(jobs.c.claimed_until).where(*_IS_OPEN, jobs.c.job.in_(names)).order_by(jobs.c.claimed_until).limit(1)
    ).scalar()
    return found


def unsent(db: Db, names: Sequence[str], *, sent_before: datetime, now: datetime) -> list[Job]:
    """The open jobs nobody is at that no message speaks of: none was sent, or none since ``sent_before``."""
    is_unsent = or_(jobs.c.sent_at.is_(None), jobs.c.sent_at <= sent_before)
    wanted = select(jobs).where(*_IS_OPEN, jobs.c.job.in_(names), jobs.c.claimed_until <= now, is_unsent)
    return [_job(row) for row in db.execute(wanted.order_by(jobs.c.claimed_until, jobs.c.slot))]


def mark_sent(db: Db, sent: Sequence[Job], *, now: datetime) -> None:
    """Remember that messages speak of these jobs."""
    for job in sent:
        db.execute(update(jobs).where(jobs.c.job == job.name, jobs.c.slot == job.slot).values(sent_at=now))


def forget_done(db: Db, names: Sequence[str], *, before: datetime) -> int:
    """Let go of the rows of jobs with ``names`` that were done before then; how many."""
    return db.execute(delete(jobs).where(jobs.c.job.in_(names), jobs.c.done_at < before)).rowcount


def _job(row: Any) -> Job:
    return Job(row.job, row.slot, row.args or {}, row.attempts, row.reason or "", row.aside_at)


def _job_time(row: Any) -> datetime:
    found: datetime = row.claimed_until
    return found
