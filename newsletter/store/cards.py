"""Who is at which card of a draft, under a lease."""

from datetime import datetime

from sqlalchemy import delete, or_, select, update

from newsletter.store.database import Db
from newsletter.store.tables import cards

Held = tuple[str, datetime]
"""The editor, and since when."""


def hold(db: Db, number: int, entry_id: str, *, editor: str, lease: tuple[datetime, datetime], take_over: bool) -> Held:
    """Take a card if it is free, run out, one's own or to be taken over; who has it now, and since when.

    ``lease`` is the time now and the time until which it is held.
    """
    now, until = lease
    row = {"issue_number": number, "entry_id": entry_id, "editor": editor, "opened_at": now, "until": until}
    db.insert_new(cards, [row])
    here = (cards.c.issue_number == number, cards.c.entry_id == entry_id)
    mine = update(cards).where(*here, cards.c.editor == editor, cards.c.until > now).values(until=until)
    if db.execute(mine).rowcount == 0:
        free = here if take_over else (*here, or_(cards.c.until <= now, cards.c.editor == editor))
        db.execute(update(cards).where(*free).values(editor=editor, opened_at=now, until=until))
    found = db.execute(select(cards.c.editor, cards.c.opened_at).where(*here)).one()
    return found.editor, found.opened_at


def release(db: Db, number: int, entry_id: str, *, editor: str) -> None:
    """Give a card back that ``editor`` has."""
    db.execute(
        delete(cards).where(cards.c.issue_number == number, cards.c.entry_id == entry_id, cards.c.editor == editor)
    )


def held(db: Db, number: int, *, now: datetime) -> dict[str, Held]:
    """Who is at the cards of an issue, by the ids of entries."""
    rows = db.execute(select(cards).where(cards.c.issue_number == number, cards.c.until > now))
    return {row.entry_id: (row.editor, row.opened_at) for row in rows}
