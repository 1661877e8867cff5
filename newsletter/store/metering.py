"""How much of everything there is, for whoever watches the program."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from newsletter.store.database import Db
from newsletter.store.mail_tables import deliveries, mailings
from newsletter.store.tables import aside, issues, items, sources


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
    mailings: dict[str, int]


def amounts(db: Db) -> Amounts:
    """Everything that is counted, by few questions."""
    newest = select(issues.c.state, issues.c.drafted_at).order_by(issues.c.number.desc()).limit(1)
    row = db.execute(newest).one_or_none()
    by_state = select(deliveries.c.state, func.count().label("count_of")).group_by(deliveries.c.state)
    mailed = select(mailings.c.state, func.count().label("count_of")).group_by(mailings.c.state)
    done = select(func.max(mailings.c.finished_at)).where(mailings.c.state == "done")
    return Amounts(
        items=int(db.execute(select(func.count()).select_from(items)).scalar_one()),
        aside=int(db.execute(select(func.count()).select_from(aside)).scalar_one()),
        deliveries={row.state: int(row.count_of) for row in db.execute(by_state)},
        drafted_at=row.drafted_at if row is not None and row.state == "draft" else None,
        sent_at=db.execute(done).scalar_one(),
        mailings={row.state: int(row.count_of) for row in db.execute(mailed)},
    )


def due_count(db: Db, ids: list[str], *, now: datetime) -> int:
    """How many of these sources should be read by now; one never read is due."""
    is_due = or_(sources.c.next_at.is_(None), sources.c.next_at <= now)
    rows = db.execute(select(sources.c.id).where(is_due, sources.c.state != "gone")).scalars()
    return len(set(rows) & set(ids))
