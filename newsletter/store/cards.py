"""Who is at which card of a draft, under a lease."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, not_, select, update

from newsletter.store.database import Db
from newsletter.store.tables import cards

Lease = tuple[datetime, datetime]
Held = tuple[str, datetime]
"""The editor, and since when."""


@dataclass(frozen=True, slots=True)
class Guest:
    """An editor at a card, and the page they have it open in; "" for a page that gave itself no name."""

    editor: str
    page: str = ""


def hold(
    db: Db, number: int, entry_id: str, *, guest: Guest, lease: tuple[datetime, datetime], take_over: bool
) -> Held:
    """Take a card if it is free, run out, one's own or to be taken over; who has it now, and since when.

    ``lease`` is the time now and the time until which it is held. A page that gave the card back does not get it
    again: what it said last may arrive late.
    """
    now, until = lease
    seat = {"editor": guest.editor, "page": guest.page, "opened_at": now, "until": until}
    db.insert_new(cards, [{"issue_number": number, "entry_id": entry_id, **seat}])
    here = (cards.c.issue_number == number, cards.c.entry_id == entry_id)
    mine = (*here, cards.c.editor == guest.editor, cards.c.until > now)
    if db.execute(update(cards).where(*mine).values(until=until, page=guest.page)).rowcount == 0:
        is_left = and_(cards.c.page != "", cards.c.page == guest.page, cards.c.editor == guest.editor)
        free = here if take_over else (*here, cards.c.until <= now, not_(is_left))
        db.execute(update(cards).where(*free).values(**seat))
    found = db.execute(select(cards.c.editor, cards.c.opened_at).where(*here)).one()
    return found.editor, found.opened_at


def release(db: Db, number: int, entry_id: str, *, guest: Guest, now: datetime) -> None:
    """Give a card back that ``guest`` has; not when the same editor has it open in another page."""
    own = (cards.c.issue_number == number, cards.c.entry_id == entry_id, cards.c.editor == guest.editor)
    pages = own if not guest.page else (*own, cards.c.page.in_(("", guest.page)))
    db.execute(update(cards).where(*pages).values(until=now, page=guest.page))


def held(db: Db, number: int, *, now: datetime) -> dict[str, Held]:
    """Who is at the cards of an issue, by the ids of entries."""
    rows = db.execute(select(cards).where(cards.c.issue_number == number, cards.c.until > now))
    return {row.entry_id: (row.editor, row.opened_at) for row in rows}
