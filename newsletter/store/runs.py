"""Each time a process worked on a mailing: from where on, until when, and what it left uncertain."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from newsletter.store.database import Db
from newsletter.store.mail_tables import send_runs

CRASHED = "crashed"


@dataclass(frozen=True, slots=True)
class Run:
    """A process at a mailing. ``began_count`` readers were dealt with before; ``outcome`` is empty while it runs."""

    id: int
    mailing_id: int
    holder: str
    began_at: datetime
    ended_at: datetime | None
    seen_at: datetime
    outcome: str
    began_count: int
    unknown_count: int
    """How many mails the run before it left uncertain."""


def begin_run(db: Db, mailing_id: int, holder: str, *, now: datetime, done_count: int, unknown_count: int) -> int:
    """A new run, whose number is returned; one before it that has no end died where it was last seen."""
    is_open = (send_runs.c.mailing_id == mailing_id, send_runs.c.ended_at.is_(None))
    db.execute(update(send_runs).where(*is_open).values(outcome=CRASHED, ended_at=send_runs.c.seen_at))
    row = {"mailing_id": mailing_id, "holder": holder, "began_at": now, "seen_at": now, "ended_at": None}
    counts = {"began_count": done_count, "unknown_count": unknown_count, "outcome": ""}
    made = db.execute(send_runs.insert().returning(send_runs.c.id), [{**row, **counts}])
    return int(made.scalar_one())


def see_run(db: Db, run_id: int, *, now: datetime) -> None:
    """The run is alive."""
    db.execute(update(send_runs).where(send_runs.c.id == run_id).values(seen_at=now))


def end_run(db: Db, run_id: int, outcome: str, *, now: datetime) -> None:
    """The run ended as ``outcome`` says."""
    values = {"outcome": outcome, "ended_at": now, "seen_at": now}
    db.execute(update(send_runs).where(send_runs.c.id == run_id).values(**values))


def runs_of(db: Db, mailing_id: int) -> tuple[Run, ...]:
    """Every run of a mailing, the oldest first."""
    rows = db.execute(select(send_runs).where(send_runs.c.mailing_id == mailing_id).order_by(send_runs.c.id))
    return tuple(Run(**row._mapping) for row in rows)
