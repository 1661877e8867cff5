"""Which jobs are done and who is at one: a row for each (job, slot), under a lease."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select, update

from newsletter.store.database import Db, in_parts
from newsletter.store.tables import jobs

LEASE = timedelta(minutes=15)


def claim(db: Db, job: str, slot: str, *, worker: str, now: datetime, lease: timedelta = LEASE) -> bool:
    """Take ``job`` for its ``slot``; false when it is done or somebody is at it and the lease still runs."""
    db.insert_new(
        jobs, [{"job": job, "slot": slot, "claimed_by": "", "claimed_until": now, "attempts": 0, "done_at": None}]
    )
    is_free = (jobs.c.job == job, jobs.c.slot == slot, jobs.c.done_at.is_(None), jobs.c.claimed_until <= now)
    values = {"claimed_by": worker, "claimed_until": now + lease, "attempts": jobs.c.attempts + 1}
    return db.execute(update(jobs).where(*is_free).values(**values)).rowcount == 1


def release(db: Db, job: str, slot: str, *, worker: str, again_at: datetime) -> None:
    """Give a job back that did not succeed; it may be claimed from ``again_at`` on."""
    is_held = (jobs.c.job == job, jobs.c.slot == slot, jobs.c.done_at.is_(None), jobs.c.claimed_by == worker)
    db.execute(update(jobs).where(*is_held).values(claimed_by="", claimed_until=again_at))


def done(db: Db, job: str, slot: str, *, now: datetime) -> None:
    """Remember that a job is done for its slot, claimed or not; belongs into the transaction with its effect."""
    row = {"job": job, "slot": slot, "claimed_by": "", "claimed_until": now, "attempts": 1, "done_at": now}
    db.insert_new(jobs, [row])
    is_open = (jobs.c.job == job, jobs.c.slot == slot, jobs.c.done_at.is_(None))
    db.execute(update(jobs).where(*is_open).values(done_at=now))


def is_done(db: Db, job: str, slot: str) -> bool:
    """Whether a job is done for its slot."""
    return slot in done_slots(db, job, [slot])


def done_at(db: Db, job: str, slot: str) -> datetime | None:
    """When a job was done for its slot, None when it was not."""
    found: datetime | None = db.execute(
        select(jobs.c.done_at).where(jobs.c.job == job, jobs.c.slot == slot)
    ).scalar_one_or_none()
    return found


def done_slots(db: Db, job: str, slots: Iterable[str]) -> frozenset[str]:
    """Those of ``slots`` for which ``job`` is done."""
    found: set[str] = set()
    for part in in_parts(slots):
        rows = select(jobs.c.slot).where(jobs.c.job == job, jobs.c.slot.in_(part), jobs.c.done_at.is_not(None))
        found.update(db.execute(rows).scalars())
    return frozenset(found)
