"""Who gets the newsletter."""

from sqlalchemy import select

from newsletter.model.subscriber import Choice
from newsletter.store.database import Db
from newsletter.store.mail_tables import subscribers as rows


def choices_of_active(db: Db) -> tuple[Choice, ...]:
    """Every distinct choice of readers, for each of whom an edition is made."""
    found = select(rows.c.rhythm, rows.c.sections).where(rows.c.state == "active").distinct()
    made = {Choice(row.rhythm, tuple(row.sections) if row.sections is not None else None) for row in db.execute(found)}
    return tuple(sorted(made, key=lambda each: (each.rhythm, each.sections or ())))
