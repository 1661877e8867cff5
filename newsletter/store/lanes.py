"""How fast mail may go, to the mail server and to each domain of readers; it outlives a restart."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, or_, select

from newsletter.store.database import Db
from newsletter.store.mail_tables import mail_lanes


@dataclass(frozen=True, slots=True)
class LaneRow:
    """A way that mail goes: not before a time because a server said so, and so many a minute."""

    name: str
    not_before: datetime | None = None
    per_minute: int | None = None
    free_at: datetime | None = None
    reason: str = ""


def lanes(db: Db) -> dict[str, LaneRow]:
    """Every lane that is slowed or counted, by name."""
    return {row.name: LaneRow(**row._mapping) for row in db.execute(select(mail_lanes))}


def save_lanes(db: Db, rows: Sequence[LaneRow]) -> None:
    """Remember how fast mail may go on each of these lanes."""
    db.upsert(mail_lanes, [asdict(row) for row in rows])


def forget_old_lanes(db: Db, *, before: datetime) -> None:
    """Let go of domains that no server slowed since ``before``: they are as fast as all others again."""
    is_domain = mail_lanes.c.name.like("domain %")
    is_old = or_(mail_lanes.c.not_before.is_(None), mail_lanes.c.not_before < before)
    db.execute(delete(mail_lanes).where(is_domain, is_old))
