"""What editors were told of sources in trouble: notices that are kept, so that each editor gets each once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from newsletter.store.database import Db
from newsletter.store.trouble_tables import trouble_notices


@dataclass(frozen=True, slots=True)
class KeptNotice:
    """A notice as it was made."""

    key: str
    subject: str
    paragraphs: tuple[str, ...]
    made_at: datetime


def keep_notice(db: Db, notice: KeptNotice) -> None:
    """Keep a notice under its key; one that is there stays as it is."""
    row = {"key": notice.key, "subject": notice.subject, "paragraphs": list(notice.paragraphs)}
    db.insert_new(trouble_notices, [{**row, "made_at": notice.made_at}])


def notices_since(db: Db, at: datetime) -> tuple[KeptNotice, ...]:
    """The notices made since then, the oldest first."""
    rows = select(trouble_notices).where(trouble_notices.c.made_at >= at).order_by(trouble_notices.c.made_at)
    return tuple(KeptNotice(row.key, row.subject, tuple(row.paragraphs), row.made_at) for row in db.execute(rows))


def last_notice_at(db: Db) -> datetime | None:
    """When the newest notice was made; None when none ever was."""
    found: datetime | None = db.execute(select(func.max(trouble_notices.c.made_at))).scalar_one()
    return found
