"""How much of everything there is, for whoever watches the program."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select, update

from newsletter.store.database import Db
from newsletter.store.mail_tables import deliveries, mailings
from newsletter.store.queue_tables import reading_seconds
from newsletter.store.tables import aside, issues, items, jobs

SPANS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)
"""Seconds up to which a reading falls in a span. The numbers of the spans are stored: other ones need a migration."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """Counts, and moments that matter; None where there was none."""

    items: int
    aside: int
    deliveries: dict[str, int]
    drafted_at: datetime | None
    """When the newest issue was drafted, as long as it waits for its approval."""
    sent_at: datetime | None
    """When a mailing went out whole the last time."""


def amounts(db: Db) -> Amounts:
    """Everything that is counted, by few questions."""
    newest = select(issues.c.state, issues.c.drafted_at).order_by(issues.c.number.desc()).limit(1)
    row = db.execute(newest).one_or_none()
    by_state = select(deliveries.c.state, func.count().label("count_of")).group_by(deliveries.c.state)
    done = select(func.max(mailings.c.finished_at)).where(mailings.c.state == "done")
    return Amounts(
        items=int(db.execute(select(func.count()).select_from(items)).scalar_one()),
        aside=int(db.execute(select(func.count()).select_from(aside)).scalar_one()),
        deliveries={row.state: int(row.count_of) for row in db.execute(by_state)},
        drafted_at=row.drafted_at if row is not None and row.state == "draft" else None,
        sent_at=db.execute(done).scalar_one(),
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """That one source was read: its kind, what came of it, and how long it took."""

    kind: str
    outcome: str
    seconds: float


@dataclass(slots=True)
class Readings:
    """All readings of one kind with one outcome: how many fell in each span, the last beyond all; seconds in sum."""

    counts: list[int]
    seconds: float = 0.0


def count_readings(db: Db, found: Iterable[Reading]) -> None:
    """Add these readings to those of all processes; to be written last in a transaction."""
    added: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for each in found:
        added[each.kind, each.outcome, bisect_left(SPANS, each.seconds)].append(each.seconds)
    # Always in the same order: two that write the same rows wait for each other, and never crosswise.
    for kind, outcome, place in sorted(added):
        seconds = added[kind, outcome, place]
        table, key = reading_seconds.c, {"kind": kind, "outcome": outcome, "place": place}
        db.insert_new(reading_seconds, [key | {"count": 0, "seconds": 0.0}])
        values = {"count": table.count + len(seconds), "seconds": table.seconds + sum(seconds)}
        is_it = [table[name] == value for name, value in key.items()]
        db.execute(update(reading_seconds).where(*is_it).values(**values))


def readings(db: Db) -> dict[tuple[str, str], Readings]:
    """Every reading there was since the database was made, by kind and outcome."""
    found: dict[tuple[str, str], Readings] = {}
    for row in db.execute(select(reading_seconds).order_by(reading_seconds.c.kind, reading_seconds.c.outcome)):
        kept = found.setdefault((row.kind, row.outcome), Readings([0] * (len(SPANS) + 1)))
        kept.counts[row.place] += row._mapping["count"]
        kept.seconds += row.seconds
    return found


@dataclass(frozen=True, slots=True)
class Depth:
    """How many jobs wait, run and are set aside, by (name, state); since when the first could have been begun."""

    counts: dict[tuple[str, str], int]
    ready_since: datetime | None


def queue_depth(db: Db, *, now: datetime, names: Collection[str] | None = None) -> Depth:
    """What was asked for and is not done; ``names`` are the jobs that matter, where not all do."""
    is_asked = [jobs.c.args.is_not(None), jobs.c.done_at.is_(None)]
    if names is not None:
        is_asked.append(jobs.c.job.in_(names))
    is_running = and_(jobs.c.claimed_by != "", jobs.c.claimed_until > now)
    state = case((jobs.c.aside_at.is_not(None), "aside"), (is_running, "running"), else_="waiting").label("state_of")
    counted = select(jobs.c.job, state, func.count().label("count_of")).where(*is_asked).group_by(jobs.c.job, state)
    ready = select(func.min(jobs.c.claimed_until)).where(
        *is_asked, jobs.c.aside_at.is_(None), jobs.c.claimed_until <= now
    )
    return Depth(
        {(row.job, row.state_of): int(row.count_of) for row in db.execute(counted)}, db.execute(ready).scalar_one()
    )
