"""What a source held before it was added: its posts without a date of their own are no news of today. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from newsletter.model.item import Item

NEWEST = 5
"""So many of a new source's undated posts count as said when they are first seen: the newest."""
LONG_BEFORE = timedelta(days=70)
_FORMS = ("post", "release")
_ONE_MOMENT = timedelta(minutes=1)
_A_FEED = 10


def back_catalogue(found: Sequence[Item], now: datetime) -> dict[str, datetime]:
    """When the posts of a first reading count as said that name no day, by their ids; ``found`` is oldest first.

    A feed that gives one moment, just now, as the date of everything names no day either.
    """
    posts = [item for item in found if item.form in _FORMS]
    undated = posts if _are_of_one_moment(posts, now) else [item for item in posts if item.published_at is None]
    return {item.id: now - LONG_BEFORE for item in undated[:-NEWEST]}


def _are_of_one_moment(posts: Sequence[Item], now: datetime) -> bool:
    dates = [item.published_at for item in posts if item.published_at]
    if len(dates) < _A_FEED or len(dates) < len(posts):
        return False
    return max(dates) - min(dates) <= _ONE_MOMENT and abs(now - max(dates)) <= timedelta(days=1)
