"""card_view: what a card of the desk shows, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass

from newsletter.edit.desk import Card, Desk
from newsletter.pipeline.app import Newsletter
from newsletter.pipeline.presence import AtCard
from newsletter.render.press import safe_url
from newsletter.text import one_line


@dataclass(frozen=True, slots=True)
class CardView:
    """A card, and what its forms carry."""

    id: str
    issue: int
    seen: int
    state: str
    title: str
    text: str
    why: str
    original_url: str | None
    is_read_only: bool


def card_view(app: Newsletter, desk: Desk, card: Card, at_cards: Mapping[str, AtCard], *, editor: str) -> CardView:
    """The card of an entry for ``editor``."""
    entry, at = card.entry, at_cards.get(card.entry.id)
    return CardView(
        id=entry.id,
        issue=desk.issue.number,
        seen=desk.last_number,
        state=card.state,
        title=one_line(entry.title),
        text=entry.summary,
        why=entry.why,
        original_url=safe_url(entry.url),
        is_read_only=desk.issue.state != "draft" or bool(at and at.editor != editor),
    )
