"""How much of everything there is, for whoever watches the program."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from newsletter.store.database import Db
from newsletter.store.mail_tables import deliveries, mailings
from newsletter.store.tables import aside, issues, items


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
