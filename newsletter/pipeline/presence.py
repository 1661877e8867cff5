"""Who is at which card: an editor's page says every half minute that it is still open."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from newsletter.pipeline.app import Newsletter
from newsletter.store import cards

LEASE = timedelta(seconds=90)
"""So long a card stays somebody's after their page was last heard of."""


@dataclass(frozen=True, slots=True)
class AtCard:
    """Who is at a card, and since when."""

    editor: str
    opened_at: datetime


def open_card(
    app: Newsletter, number: int, entry_id: str, *, editor: str, page: str = "", take_over: bool = False
) -> AtCard:
    """Sit down at a card, or stay there; whoever is there already stays, unless ``take_over``.

    The answer says whose the card is: yours only if it names you. ``page`` names the page it is open in.
    """
    now = app.now()
    with app.database.transaction() as db:
        guest, lease = cards.Guest(editor, page), (now, now + LEASE)
        return AtCard(*cards.hold(db, number, entry_id, guest=guest, lease=lease, take_over=take_over))


def leave_card(app: Newsletter, number: int, entry_id: str, *, editor: str, page: str = "") -> None:
    """Get up; nothing happens when the card is not ``editor``'s, or is open in another page of theirs."""
    with app.database.transaction() as db:
        cards.release(db, number, entry_id, guest=cards.Guest(editor, page), now=app.now())


def at_cards(app: Newsletter, number: int) -> dict[str, AtCard]:
    """Who is at the cards of an issue now, by the ids of entries."""
    with app.database.reading() as db:
        return {entry_id: AtCard(*row) for entry_id, row in cards.held(db, number, now=app.now()).items()}
